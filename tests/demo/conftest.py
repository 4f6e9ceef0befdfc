"""Properties of the demo are not races: a busy machine fails none."""

from hypothesis import settings

settings.register_profile("demo", deadline=None)
settings.load_profile("demo")
