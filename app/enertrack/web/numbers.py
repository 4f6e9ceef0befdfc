"""``<row:number>`` in an address: the number of a row, no more than a column holds. Any other is not found."""

from typing import Any, Final

from quart import Quart
from werkzeug.routing import IntegerConverter

MOST: Final = 2**32 - 1
"""What ``stores.columns.unsigned`` holds; a database refuses or fails on what is far beyond."""


class Row(IntegerConverter):
    """From 1 on."""

    def __init__(self, url_map: Any) -> None:  # noqa: ANN401 - the library's
        super().__init__(url_map, min=1, max=MOST)


def install(app: Quart) -> None:
    """Before any route is added."""
    app.url_map.converters["row"] = Row
