"""The document is true to the routes: schemathesis asks a real server what it promises, rightly and wrongly."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from enertrack.domain.reading import Reading
from enertrack.stores import users
from enertrack.stores.nodes import add_node, link_user
from enertrack.web.process import serve
from tests.support.processes import free_port
from tests.web.conftest import BUENOS_AIRES, NOW, OWN, Site

PROGRAM = Path(sys.executable).parent / "schemathesis"
LEAVES, CHANGES = "A0B76512C4D7", "A0B76512C4D8"
WITHOUT_END = ["historia.live", "historia.live_all"]
"""Their answers go on for minutes; tests/web/test_live.py holds them."""
ENDS_THE_SESSION = ["sesion_propia.end"]
CONFIG = f"""
[parameters]
"path.esp_id" = "{OWN}"
"path.magnitud" = "potencia"

[checks.positive_data_acceptance]
# 409 and 422: well-formed, but such a meter exists, such a zone does not.
expected-statuses = ["2xx", "401", "403", "404", "409", "422", "429"]

[[operations]]
include-operation-id = "medidores.retire"
parameters = {{ "path.esp_id" = "{LEAVES}" }}

[[operations]]
include-operation-id = "compartir.withdraw"
parameters = {{ "path.number" = 4000000000 }}

[[operations]]
include-operation-id = "medidores.board"
parameters = {{ "path.esp_id" = "{CHANGES}" }}
"""


@pytest.fixture
async def address(site: Site) -> AsyncIterator[str]:
    """A server with ana's meters and a day of readings."""
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    for esp_id in (LEAVES, CHANGES):
        node = await add_node(site.engine, esp_id=esp_id, nombre=esp_id, zona_horaria=BUENOS_AIRES)
        await link_user(site.engine, user_id=ana.id, node_id=node, rol="propietario")
    readings = [Reading(t=NOW - t, dt=600, energia_wh=9000.0 - t / 10, potencia=360) for t in range(0, 86_400, 600)]
    await site.keep(site.own, readings)
    port = free_port()
    serving = asyncio.create_task(serve(site.app, site.services.live, f"127.0.0.1:{port}"))
    yield f"http://127.0.0.1:{port}"
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


async def test_what_the_document_says_is_so(site: Site, address: str, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    bearer = (await site.signed_in("ana")).bearer
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *("--config-file", str(tmp_path / "schemathesis.toml"), "--no-color"),
        *("run", f"{address}/api/v1/openapi.json", "--header", f"Authorization: Bearer {bearer}"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", "10", "--seed", "1"),
        *(part for name in (*WITHOUT_END, *ENDS_THE_SESSION) for part in ("--exclude-operation-id", name)),
        *("--wait-for-schema", "20", "--request-timeout", "20", "--continue-on-failure"),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()
