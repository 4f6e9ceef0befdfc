"""Templates, filled in one go: they await nothing, and what Quart does so that they could costs half of the time."""

from collections.abc import Callable
from typing import Any

from jinja2 import Template
from quart import Quart


class Page(Template):
    """A template that Quart may await."""

    async def render_async(self, *values: Any, **more: Any) -> str:  # noqa: ANN401 - what the page is filled with
        """The whole page."""
        return self.render(*values, **more)


def install(app: Quart) -> None:
    """Before any template is read."""
    app.jinja_env.is_async = False
    app.jinja_env.template_class = Page


def tell(app: Quart, known: Callable[[], dict[str, Any]]) -> None:
    """Have ``known`` be all that templates know of a request, after whatever else has its own for them.

    Quart asks each that is not asynchronous in a thread, which takes longer than what they tell.
    """

    async def told() -> dict[str, Any]:
        return known()

    app.template_context_processors[None] = [told]
