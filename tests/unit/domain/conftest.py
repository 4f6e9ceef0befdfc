"""Properties are about what holds, not about how long a busy machine takes."""

from hypothesis import settings

settings.register_profile("domain", deadline=None)
settings.load_profile("domain")
