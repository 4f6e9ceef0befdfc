"""What the pages do while a server behind them is away."""

from dataclasses import replace

import pytest

from enertrack.domain.reading import Reading
from enertrack.stores.database import engine_of
from enertrack.stores.measurements.influx import Influx
from tests.support.processes import free_port
from tests.web.conftest import NOW, OWN, Site


@pytest.mark.parametrize(
    ("path", "code"), [("/", 200), (f"/nodos/{OWN}", 200), ("/consumo", 503), ("/consumo/exportar", 503)]
)
async def test_measurements_are_away(site: Site, path: str, code: int) -> None:
    await site.keep(site.own, [Reading(t=NOW - 60, dt=60, seq=1, energia_wh=5, potencia=100)])
    browser = await site.signed_in()
    nowhere = Influx(f"http://127.0.0.1:{free_port()}", "token", "org", "bucket")
    site.app.extensions["enertrack"] = replace(site.services, measurements=nowhere)
    answer = await browser.get(path)
    await nowhere.close()
    assert answer.status_code == code
    assert "no responde" in await answer.get_data(as_text=True)


async def test_database_is_away(site: Site) -> None:
    browser = await site.signed_in()
    nowhere = engine_of(f"mysql+aiomysql://nadie:nada@127.0.0.1:{free_port()}/nada")
    site.app.extensions["enertrack"] = replace(site.services, engine=nowhere)
    for path in ("/", "/consumo", f"/nodos/{OWN}"):
        assert (await browser.get(path)).status_code == 503
    ready = await browser.get("/readyz")
    await nowhere.dispose()
    assert (await ready.get_json())["tablas"] is False
    assert (await browser.get("/healthz")).status_code == 200
