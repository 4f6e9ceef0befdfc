"""Nobody fills the tables alone: what one person may keep has an end, by the pages and by the API."""

from collections.abc import Mapping

import pytest

from enertrack.web import room
from tests.web.access.people import person
from tests.web.conftest import OWN, Site

METER = {"esp_id": "A0B76512C4D9", "nombre": "Otro", "zona_horaria": "UTC", "potencia_max_w": "5000"}
PAGES = [
    ("METERS", "ana", "/nodos/nuevo", METER),
    ("INVITATIONS", "ana", f"/nodos/{OWN}/invitaciones", {"rol": "lector"}),
    ("INVITATIONS", "ana", f"/nodos/{OWN}/transferir", {}),
    ("INVITATIONS", "alba", "/admin/invitaciones", {}),
    ("TOKENS", "ana", "/perfil/tokens", {"token__nombre": "Planilla", "token__alcance": "leer", "token__dias": "30"}),
]
PROGRAMS = [
    ("METERS", "medidores", {k: v for k, v in METER.items() if k != "potencia_max_w"}),
    ("INVITATIONS", f"medidores/{OWN}/invitaciones", {"rol": "lector"}),
    ("TOKENS", "tokens", {"nombre": "Planilla", "alcances": ["leer"]}),
]


@pytest.mark.parametrize("case", PAGES, ids=lambda case: case[2])
async def test_no_more_than_there_is_room_for(
    site: Site, monkeypatch: pytest.MonkeyPatch, case: tuple[str, str, str, dict[str, str]]
) -> None:
    limit, name, path, form = case
    monkeypatch.setattr(room, limit, 2)
    browser = await person(site, name)
    ids = iter(("A0B76512C4E1", "A0B76512C4E2"))
    codes = []
    for _ in range(3):
        board = {"esp_id": next(ids, "A0B76512C4E3")} if "esp_id" in form else {}
        codes.append((await browser.send(path, **form | board)).status_code)
    assert sorted(set(codes)) == [200, 409]
    assert codes[-1] == 409


@pytest.mark.parametrize(("limit", "path", "body"), PROGRAMS)
async def test_no_more_by_the_api(
    site: Site, monkeypatch: pytest.MonkeyPatch, limit: str, path: str, body: Mapping[str, object]
) -> None:
    monkeypatch.setattr(room, limit, 0)
    ana = await site.signed_in("ana")
    answer = await ana.call(f"/api/v1/{path}", "POST", dict(body))
    assert answer.status_code == 409
    assert "máximo" in (await answer.get_json())["detail"]
