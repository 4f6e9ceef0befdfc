"""Where a meter finds the broker, and the text of the QR."""

from typing import Any

import pytest
from pydantic import SecretStr

from enertrack.settings import Settings
from enertrack.stores.broker.accounts import Credential
from enertrack.stores.broker.gate import Gate, card, gate

HOME = "casa.duckdns.org"


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"dominio": HOME}, Gate(HOME, 8883, tls=True)),
        ({"dominio": HOME, "puerto_mqtts": 9883}, Gate(HOME, 9883, tls=True)),
        ({"dominio": HOME, "enertrack_mqtt_host": "127.0.0.1"}, Gate(HOME, 8883, tls=True)),
        ({"dominio": HOME, "enertrack_mqtt_host": HOME, "enertrack_mqtt_tls": True}, Gate(HOME, 8883, tls=True)),
        (
            {"dominio": HOME, "enertrack_mqtt_host": "mqtt.example", "enertrack_mqtt_tls": True},
            Gate("mqtt.example", 8883, tls=True),
        ),
        ({"enertrack_mqtt_host": "127.0.0.1", "enertrack_mqtt_puerto": 1884}, Gate("127.0.0.1", 1884, tls=False)),
        ({}, Gate("127.0.0.1", 1883, tls=False)),
    ],
)
def test_a_meter_finds_the_broker_by_the_name_that_is_seen_from_outside(given: dict[str, Any], found: Gate) -> None:
    assert gate(Settings.model_construct(**given)) == found


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Gate(HOME, 8883, tls=True), f"mqtts://A0B76512C4D0:abcd-2345@{HOME}:8883"),
        (Gate("2001:db8::1", 8883, tls=True), "mqtts://A0B76512C4D0:abcd-2345@[2001:db8::1]:8883"),
        (Gate("127.0.0.1", 1883, tls=False), "mqtt://A0B76512C4D0:abcd-2345@127.0.0.1:1883"),
    ],
)
def test_the_qr_holds_all_that_a_meter_needs(place: Gate, text: str) -> None:
    credential = Credential("A0B76512C4D0", SecretStr("abcd-2345"), "enertrack-A0B76512C4D0")
    assert card(place, credential) == text
