"""What the roles write is looked at by its own program before it takes the place of what works."""

from collections.abc import Iterator
from typing import Any, Final

import yaml

from tests.support.rendering import REPOSITORY

TEMPLATE: Final = "ansible.builtin.template"
UNCHECKED: Final = {
    "base/journald.conf.j2": "journald has no check, and leaves out a line that it does not know",
    "backup/repository.conf.j2": "systemd checks whole units only; what is put in is checked with the inventory",
    "influxdb/influxdata.sources.j2": "apt reads this form by a file's ending only, which a checked copy has not",
    "mosquitto/mosquitto.conf.j2": "Mosquitto 2.0 has no check; test_mosquitto.py runs it on this file",
}


def tasks(found: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Tasks, those in blocks too."""
    for task in found:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks(task.get(part, []))


def test_every_template_is_checked_by_what_will_read_it() -> None:
    written = {
        f"{file.parts[-3]}/{task[TEMPLATE]['src']}": task[TEMPLATE].get("validate")
        for file in REPOSITORY.glob("roles/*/tasks/*.yml")
        for task in tasks(yaml.safe_load(file.read_text()) or [])
        if TEMPLATE in task
    }
    assert {"base/nftables.conf.j2", "web/nginx.conf.j2"} <= written.keys()
    assert {name for name, check in written.items() if not check} == UNCHECKED.keys()
