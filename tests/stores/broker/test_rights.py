"""Who gets what through a real Mosquitto, seen by another client: a denied message of MQTT 3.1.1 is confirmed too."""

import contextlib
import socket
from collections.abc import Iterable
from pathlib import Path

import pytest
from aiomqtt import MqttError, ProtocolVersion

from enertrack.stores.broker.control import control
from enertrack.stores.broker.dynsec import Dynsec
from enertrack.stores.broker.rights import Meter
from tests.support.accounts import BOARDS, MINE, OLD, OTHER, VERSIONS, Town

KINDS = ("medicion", "ack", "estado", "vivo", "orden", "config", "config/actual", "ota", "ota/estado")
LEAVES = ("tension", "corriente", "fp", "frecuencia", "potencia_prom", "consumo", "energy_raw")
IDS = (MINE, OTHER, OLD)
TEST = "enertrack-doctor/prueba"
ANSWERS = "$CONTROL/dynamic-security/v1/response"


def every(kinds: Iterable[str], ids: Iterable[str] = IDS) -> set[str]:
    return {f"enertrack/{i}/{kind}" for i in ids for kind in kinds}


TOPICS = {*every((*KINDS, *LEAVES)), TEST, "enertrack/otro", "otro", "enertrack-doctor"}

PUBLISHES = {
    MINE: every(("medicion", "estado", "vivo", "config/actual", "ota/estado"), [MINE]),
    OLD: every(LEAVES, [OLD]),
    BOARDS: every(LEAVES),
    "enertrack-ingest": every(["ack"]),
    "enertrack-web": every(["orden"]),
    "enertrack-doctor": {TEST},
    "enertrack-admin": set(),
}
HEARS = {
    MINE: every(("ack", "orden", "config", "ota"), [MINE]),
    OLD: set(),
    BOARDS: set(),
    "enertrack-ingest": every(("medicion", "estado", "ack", *LEAVES)),
    "enertrack-web": every(("medicion", "estado", "vivo", *LEAVES)),
    "enertrack-doctor": {TEST},
}
ASKS = {
    **{who: HEARS[who] for who in (MINE, OLD, BOARDS, "enertrack-doctor")},
    "enertrack-ingest": every(("medicion", "estado", "ack", *LEAVES), "+") | {"$share/ingest/enertrack/+/medicion"},
    "enertrack-web": every(("medicion", "estado", "vivo", *LEAVES), "+") | {ANSWERS},
}
WILDCARDS = {
    *("#", "+/+/+", "+/#", "enertrack/#", "enertrack/+/+", f"enertrack/{MINE}/#", f"enertrack/{MINE}/+"),
    *every((*KINDS, *LEAVES), "+"),
    *("$share/ingest/enertrack/+/medicion", "$share/otra/enertrack/+/medicion", f"$share/a/enertrack/{OTHER}/medicion"),
    *("$share/a/#", "$SYS/#", "$SYS/broker/uptime", "$CONTROL/#", ANSWERS),
}
AS = pytest.mark.parametrize("version", VERSIONS, ids=["3.1.1", "5"])


@AS
@pytest.mark.parametrize("who", PUBLISHES)
async def test_what_an_account_publishes_is_heard_and_kept_where_it_has_the_right(
    who: str, version: ProtocolVersion, town: Town
) -> None:
    async with town.witness() as hearing:
        await hearing.heard()
        async with town.client(who, version) as client:
            for topic in TOPICS:
                await client.publish(topic, who, 1, retain=True)
            assert {m.topic.value for m in await hearing.heard()} == PUBLISHES[who]
    async with town.witness() as late:
        assert {m.topic.value for m in await late.heard() if m.retain} == PUBLISHES[who]
        await late.forget(PUBLISHES[who])


@AS
@pytest.mark.parametrize("who", ASKS)
async def test_an_account_subscribes_to_its_own_topics_and_to_no_other(
    who: str, version: ProtocolVersion, town: Town
) -> None:
    granted, heard = set(), set()
    async with town.witness() as saying, town.client(who, version) as client:
        for name in TOPICS:
            await saying.client.publish(name, b"retained", 1, retain=True)
        for name in TOPICS | WILDCARDS:
            (code,) = await client.subscribe(name)
            if getattr(code, "value", code) < 128:
                granted.add(name)
        assert granted == ASKS[who]
        for name in TOPICS:
            await saying.client.publish(name, b"", 1)
        await client.subscribe(MINE)  # its answer comes after all that was sent before
        for _ in range(len(client.messages)):
            heard.add((await anext(client.messages)).topic.value)
        assert heard == HEARS[who]
        await saying.forget(TOPICS)


@AS
@pytest.mark.parametrize(("of", "said"), [(MINE, [b"will"]), (OTHER, [])])
async def test_a_last_will_speaks_for_its_own_meter_only(
    of: str, said: list[bytes], version: ProtocolVersion, town: Town
) -> None:
    topic = f"enertrack/{of}/estado"
    async with town.witness() as hearing:
        with contextlib.suppress(MqttError):
            async with town.client(MINE, version, will=topic) as client:
                client._client.socket().shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
                await anext(client.messages)
        async with town.client(MINE, version):  # once it is let in again, the one before is over
            assert [m.payload for m in await hearing.heard()] == said
    async with town.witness() as late:
        assert [m.payload for m in await late.heard()] == said
        await late.forget([topic])


@pytest.mark.parametrize("who", [who for who in ASKS if who != "enertrack-web"])
async def test_nobody_but_the_administrator_and_the_web_changes_accounts(who: str, town: Town) -> None:
    order = b'{"commands":[{"command":"createRole","rolename":"robado"}]}'
    for version in VERSIONS:
        with contextlib.suppress(MqttError):
            async with town.client(who, version) as client:
                await client.publish("$CONTROL/dynamic-security/v1", order, 1)
                await client.publish("$SYS/broker/uptime", b"0", 1)
    async with control(town.settings) as plugin:
        assert "robado" not in (await plugin.one({"command": "listRoles"})).data["roles"]


async def test_the_web_makes_and_removes_the_accounts_of_meters(town: Town, tmp_path: Path) -> None:
    web, new = Dynsec(town.settings_of("enertrack-web", tmp_path)), Meter("A0B7650000AB")
    town.passwords[new.esp_id] = (await web.grant(new)).password
    async with town.witness() as hearing, town.client(new.esp_id) as client:
        await hearing.heard()
        for topic in (f"enertrack/{new.esp_id}/medicion", f"enertrack/{MINE}/medicion"):
            await client.publish(topic, b"1", 1)
        assert [m.topic.value for m in await hearing.heard()] == [f"enertrack/{new.esp_id}/medicion"]
    await web.revoke(new)
    with pytest.raises(MqttError, match="uthori"):
        async with town.client(new.esp_id):
            pass


@pytest.mark.parametrize("who", [MINE, OLD])
async def test_a_meter_takes_no_other_name(who: str, town: Town) -> None:
    async with town.client("enertrack-ingest", name="ingesta") as ingest:
        for name in ("ingesta", f"enertrack-{OTHER}", "otro"):
            with pytest.raises(MqttError, match="uthori"):
                async with town.client(who, name=name):
                    pass
        await ingest.publish(f"enertrack/{MINE}/ack", b"", 1)


async def test_nobody_enters_without_an_account(town: Town) -> None:
    town.passwords["nadie"] = town.passwords[MINE]
    with pytest.raises(MqttError, match="uthori"):
        async with town.client("nadie"):
            pass
