"""What of an attack can be read afterwards, and what of it stands in no log."""

import logging

import pytest

from enertrack.log import Formatter
from enertrack.stores import nodes
from tests.web.access.people import person
from tests.web.conftest import OWN, PASSWORD, Site

SECRET = "una clave que nadie debe leer"


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """As the journal has them."""
    form = Formatter("web", journald=True)
    return [form.format(record) for record in caplog.records if record.name.startswith("enertrack")]


async def test_sign_ins_and_refusals_are_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await site.browser().enter("ana", SECRET)
    await site.browser().enter("ana", PASSWORD)
    for _ in range(6):
        await site.browser().enter("nadie", SECRET)
    found = lines(caplog)
    for words in ("ingreso rechazado direccion=", "ingreso usuario=1", "demasiados intentos de ingreso"):
        assert any(words in line for line in found), words
    assert not any(SECRET in line or PASSWORD in line for line in found)


async def test_attempts_to_pass_by_are_logged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """Forms of elsewhere, pages of administrators, meters of others: with who and where from."""
    caplog.set_level(logging.INFO)
    browser = await person(site, "bruno")
    await browser.post("/salir", {"csrf": "0" * 64})
    await browser.get("/admin")
    await browser.get(f"/nodos/{OWN}")
    found = [line for line in lines(caplog) if "pedido rechazado" in line]
    for words in ("codigo=403 metodo=POST ruta=/salir", "codigo=404 metodo=GET ruta=/admin", f"medidor={OWN}"):
        assert any(words in line and "usuario=2 direccion=" in line for line in found), words


@pytest.mark.parametrize("path", [f"/restablecer/{'s' * 43}", f"/invitaciones/{'s' * 43}", f"/correo/{'s' * 43}"])
async def test_links_are_not_in_the_log(site: Site, caplog: pytest.LogCaptureFixture, path: str) -> None:
    caplog.set_level(logging.DEBUG)
    await (await site.signed_in()).get(path)
    assert not any("s" * 43 in line for line in lines(caplog))


async def test_our_faults_are_logged_with_their_cause(
    site: Site, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        message = "se rompió"
        raise RuntimeError(message)

    browser = await site.signed_in()
    monkeypatch.setattr(nodes, "membership", broken)
    assert (await browser.get(f"/nodos/{OWN}")).status_code == 500
    [line] = [line for line in lines(caplog) if "error en una página" in line]
    assert "RuntimeError: se rompió" in line
    assert "usuario=1" in line


async def test_no_name_writes_a_line_of_its_own(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await site.browser().enter("ana\n<6>web: ingreso usuario=1", SECRET)
    await site.browser().get("/nodos/x%0a%3C6%3Eweb:%20ingreso%20usuario=1")
    await (await site.signed_in()).get("/nodos/x%0a%3C6%3Eweb:%20ingreso%20usuario=1")
    assert all("\n" not in line for line in lines(caplog))
    assert not any(line.endswith("ingreso usuario=1") for line in lines(caplog))
