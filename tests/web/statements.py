"""What the tables are asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from tests.web.conftest import Site


@contextmanager
def statements(site: Site) -> Iterator[list[str]]:
    """Each statement that is sent meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    event.listen(site.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(site.engine.sync_engine, "before_cursor_execute", note)
