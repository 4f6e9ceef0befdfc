"""Where meters find the broker from outside, and the one text that holds all that a meter needs to be let in."""

import ipaddress
from typing import Final

import msgspec

from enertrack.stores.broker.accounts import Credential
from enertrack.stores.broker.client import BrokerSettings

PLAIN: Final = 1883


class Gate(msgspec.Struct, frozen=True):
    """The broker as a meter sees it."""

    host: str
    port: int
    tls: bool


def gate(settings: BrokerSettings) -> Gate:
    """The public name where the processes reach the broker on their own machine, else the place that they use too."""
    host = settings.enertrack_mqtt_host
    if settings.dominio and (host is None or host == settings.dominio or _is_loopback(host)):
        return Gate(settings.dominio, settings.puerto_mqtts, tls=True)
    tls = settings.enertrack_mqtt_tls
    return Gate(host or "127.0.0.1", settings.enertrack_mqtt_puerto or (settings.puerto_mqtts if tls else PLAIN), tls)


def card(place: Gate, credential: Credential) -> str:
    """What the QR holds: ``mqtts://user:password@host:port`` (docs/protocol.md); the client id follows from it."""
    host = f"[{place.host}]" if ":" in place.host else place.host
    scheme = "mqtts" if place.tls else "mqtt"
    return f"{scheme}://{credential.user}:{credential.password.get_secret_value()}@{host}:{place.port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
