"""What a run wrote before it was broken off the next one tells the services: each role marks what it begins."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.roles.test_templates import tasks
from tests.support.rendering import REPOSITORY

OTHERWISE: Final = {"app"}
"""A role whose handlers only note what is to be done; it has a mark of its own (its begin.yml)."""
ROLES: Final = sorted(file.parts[-3] for file in REPOSITORY.glob("roles/*/handlers/main.yml"))


def given(role: Path, variable: str) -> Iterator[Any]:
    """What a role's tasks give to begin or finish."""
    for file in sorted(role.glob("tasks/*.yml")):
        for task in tasks(yaml.safe_load(file.read_text()) or []):
            if variable in task.get("vars", {}):
                yield task["vars"][variable]


@pytest.mark.parametrize("name", [role for role in ROLES if role not in OTHERWISE])
def test_a_role_that_has_something_to_tell_marks_what_it_begins(name: str) -> None:
    role = REPOSITORY / "roles" / name
    assert list(given(role, "base_begin")) == [name]
    assert list(given(role, "base_finish")) == [name]
    (told,) = given(role, "base_begin_notify")
    handlers = [handler["name"] for handler in yaml.safe_load((role / "handlers/main.yml").read_text())]
    assert set(told) <= set(handlers)
    untold = set(handlers) - set(told)
    assert all(handler.replace("Reload", "Restart") in told for handler in untold - {"Tell DuckDNS the address"})
