"""Connections on a real broker."""

import asyncio
import socket
import subprocess
from pathlib import Path

import pytest

from enertrack.stores.broker import topics
from enertrack.stores.broker.client import Account, BrokerAway, Link, Will, connect
from tests.ingest.conftest import settings_for
from tests.support.mosquitto import Mosquitto

TOPIC = "enertrack/A0B765000001/medicion"


async def payloads(link: Link, n: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < n:
        got = await link.take_all(20)
        assert got
        found += [m.payload for m in got]
    return found


async def test_what_was_not_acknowledged_comes_again(mosquitto_server: Mosquitto, tmp_path: Path) -> None:
    settings = settings_for(mosquitto_server.port, tmp_path)
    async with connect(settings, client_id="emisor") as sender:
        async with connect(settings, client_id="manual", clean=False, manual_ack=True) as link:
            await link.subscribe(TOPIC)
            for n in range(3):
                await sender.publish(TOPIC, str(n))
            first = await link.take_all(20)
            link.ack(first[0])
            old = first[-1]
        async with connect(settings, client_id="manual", clean=False, manual_ack=True) as link:
            found = await payloads(link, 3 - 1)
            link.ack(old)
            assert found == [b"1", b"2"]
        async with connect(settings, client_id="manual", clean=False, manual_ack=True) as link:
            assert await payloads(link, 2) == [b"1", b"2"]
    async with connect(settings, client_id="manual"):
        pass  # a clean session forgets them


async def test_thousands_are_taken_and_acknowledged_at_once(mosquitto_server: Mosquitto, tmp_path: Path) -> None:
    settings = settings_for(mosquitto_server.port, tmp_path)
    async with (
        connect(settings, client_id="muchos", manual_ack=True) as link,
        connect(settings, client_id="emisor") as sender,
    ):
        await link.subscribe(TOPIC)
        for n in range(12_000):
            await sender.send(TOPIC, b"x" * 2000 + str(n).encode())
        seen = 0
        while seen < 12_000:
            got = await link.take_all(20)
            assert [int(m.payload[2000:]) for m in got] == list(range(seen, seen + len(got)))
            link.ack(*got)
            seen += len(got)


async def test_a_lost_broker_is_told_to_everybody_who_waits(tmp_path: Path) -> None:
    with Mosquitto(tmp_path / "propio") as broker:
        settings = settings_for(broker.port, tmp_path)
        async with connect(settings, client_id="uno") as link:
            await link.subscribe(TOPIC)
            waiting = asyncio.ensure_future(link.take_all())
            await asyncio.to_thread(broker.kill)
            with pytest.raises(BrokerAway):
                await waiting
            with pytest.raises(BrokerAway):
                await link.send(TOPIC, b"")
        with pytest.raises(BrokerAway):
            async with connect(settings, client_id="uno"):
                pass
        await asyncio.to_thread(broker.start)
        async with connect(settings, client_id="uno") as link:
            await link.publish(TOPIC, b"")


async def test_the_broker_publishes_our_last_will(mosquitto_server: Mosquitto, tmp_path: Path) -> None:
    settings = settings_for(mosquitto_server.port, tmp_path)
    will = Will(topics.estado("A0B765000002"), b'{"en_linea":false}', retain=False)
    async with connect(settings, client_id="oye") as hearing:
        await hearing.subscribe(will.topic)
        async with connect(settings, client_id="muere", will=will) as link:
            link._paho.socket()._inner.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        assert await payloads(hearing, 1) == [will.payload]


async def test_a_wrong_password_is_no_connection(tmp_path: Path) -> None:
    passwords = tmp_path / "claves"
    passwords.touch(mode=0o600)
    with (
        Mosquitto(tmp_path / "propio", extra=f"allow_anonymous false\npassword_file {passwords}\n") as broker,
        pytest.raises(BrokerAway, match="ENERTRACK_MQTT_USUARIO"),
    ):
        async with connect(settings_for(broker.port, tmp_path), client_id="x", account=Account("ana", "no")):
            pass


def _certificate(folder: Path) -> None:
    """A new key and a certificate that trusts itself, in the place of those before."""
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    files = f"-addext subjectAltName=IP:127.0.0.1 -keyout {folder}/key.pem -out {folder}/cert.pem"
    subprocess.run([*command.split(), *files.split()], check=True, capture_output=True)


async def test_a_fleet_shares_what_it_trusts_until_that_is_renewed(tmp_path: Path) -> None:
    ca = tmp_path / "cert.pem"
    _certificate(tmp_path)
    tls = f"allow_anonymous true\ncertfile {ca}\nkeyfile {tmp_path / 'key.pem'}\n"
    with Mosquitto(tmp_path / "propio", extra=tls) as broker:
        settings = settings_for(broker.port, tmp_path, enertrack_mqtt_tls=True, enertrack_mqtt_ca=ca)
        async with connect(settings, client_id="uno") as one, connect(settings, client_id="dos") as two:
            assert one._paho._ssl_context is two._paho._ssl_context
            await two.publish(TOPIC, b"")
        _certificate(tmp_path)  # the broker still shows the one before
        with pytest.raises(BrokerAway, match="certificate"):
            async with connect(settings, client_id="uno"):
                pass
        await asyncio.to_thread(broker.stop)
        await asyncio.to_thread(broker.start)
        async with connect(settings, client_id="uno") as link:
            await link.publish(TOPIC, b"")


async def test_a_missing_ca_is_no_connection(mosquitto_server: Mosquitto, tmp_path: Path) -> None:
    ca = tmp_path / "falta.pem"
    settings = settings_for(mosquitto_server.port, tmp_path, enertrack_mqtt_tls=True, enertrack_mqtt_ca=ca)
    with pytest.raises(BrokerAway, match="falta"):
        async with connect(settings, client_id="x"):
            pass


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("enertrack/A0B765000001/medicion", ("A0B765000001", "medicion")),
        ("enertrack/1265B7A0/energy_raw", ("1265B7A0", "energy_raw")),
        ("enertrack/A0B765000001/config/actual", ("A0B765000001", "config/actual")),
        ("enertrack/a0b765000001/medicion", None),
        ("enertrack/A0B765000001/medicion\n", None),
        ("enertrack/A0B76500000/medicion", None),
        ("", None),
    ],
)
def test_topics_are_taken_apart(name: str, found: tuple[str, str] | None) -> None:
    assert topics.parse(name) == found
