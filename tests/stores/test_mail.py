"""Letters on their way to a server that speaks SMTP."""

import ssl

import pytest

from enertrack.settings import Settings, load
from enertrack.stores.mail import Letter, MailAway, send
from tests.support.authority import Authority
from tests.support.settings import INFLUX_AND_BROKER, MARIADB_AND_BROKER
from tests.support.smtp import Server, listening

LETTER = Letter("ana@ejemplo.example", "Confirme su correo: ñandú", "Hola, José:\n\n.punto\n\nhttps://casa.example/x")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("autoridad"))


def settings(server: Server, **more: str) -> Settings:
    env = {
        "DOMINIO": "casa.example",
        "ENERTRACK_SMTP_HOST": "127.0.0.1",
        "ENERTRACK_SMTP_PUERTO": str(server.port),
        "ENERTRACK_SMTP_REMITENTE": "enertrack@casa.example",
        "ENERTRACK_SMTP_SEGURIDAD": "ninguna",
    }
    return load(MARIADB_AND_BROKER | INFLUX_AND_BROKER | env | more)


def offering(authority: Authority) -> ssl.SSLContext:
    pair = authority.issue("IP:127.0.0.1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.certificate, pair.key)
    return context


async def test_a_letter_arrives_as_it_was_written() -> None:
    async with listening() as server:
        await send(settings(server), LETTER)
        taken = await server.letters.get()
    assert (taken.sender, taken.recipients) == ("enertrack@casa.example", ["ana@ejemplo.example"])
    assert taken.text.strip() == LETTER.text
    assert taken.message["Subject"] == LETTER.subject
    assert taken.message["From"] == "EnerTrack <enertrack@casa.example>"
    assert taken.message["Message-ID"].endswith("@casa.example>")


async def test_it_is_encrypted_to_a_server_that_proves_itself(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    account = {"ENERTRACK_SMTP_USUARIO": "casa", "ENERTRACK_SMTP_CLAVE": "secreta"}
    async with listening(Server(offering(authority), ("casa", "secreta"))) as server:
        await send(settings(server, ENERTRACK_SMTP_SEGURIDAD="starttls", **account), LETTER)
        taken = await server.letters.get()
    assert taken.encrypted
    assert taken.user == "casa"


@pytest.mark.parametrize("offers", [True, False], ids=["a stranger's certificate", "no encryption"])
async def test_nothing_goes_where_encryption_is_not_sure(authority: Authority, *, offers: bool) -> None:
    async with listening(Server(offering(authority) if offers else None)) as server:
        with pytest.raises(MailAway):
            await send(settings(server, ENERTRACK_SMTP_SEGURIDAD="starttls"), LETTER)
        assert server.letters.empty()


@pytest.mark.parametrize("server", [Server(refuses=True), Server(account=("a", "b"))], ids=["address", "account"])
async def test_a_letter_that_is_not_taken_is_told(server: Server) -> None:
    async with listening(server):
        with pytest.raises(MailAway):
            await send(settings(server), LETTER)


async def test_a_server_that_is_away_is_told() -> None:
    async with listening() as server:
        pass
    with pytest.raises(MailAway):
        await send(settings(server), LETTER)


async def test_an_address_adds_no_line() -> None:
    async with listening() as server:
        with pytest.raises(MailAway):
            await send(settings(server), Letter("ana@ejemplo.example\r\nBcc: otra@ejemplo.example", "x", "y"))
        assert server.letters.empty()
