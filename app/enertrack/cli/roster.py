"""What an operator does to nodes and their meters' accounts, and how it is told."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from enertrack.domain.state import NodeState, node_state
from enertrack.manage import Refused, tables
from enertrack.settings import Settings
from enertrack.stores import meters, nodes, users
from enertrack.stores.broker.byhand import instructions
from enertrack.stores.broker.client import BrokerAway
from enertrack.stores.broker.gate import gate
from enertrack.stores.broker.open import open_accounts
from enertrack.stores.broker.rights import Meter
from enertrack.stores.broker.topics import V1, V1_ID_LENGTH, is_meter_id
from enertrack.stores.database import Taken
from enertrack.stores.nodes import Node

STATES: Final = {
    NodeState.ACTIVE: "activo",
    NodeState.CATCHING_UP: "poniéndose al día",
    NodeState.DISCONNECTED: "desconectado",
    NodeState.NO_DATA: "sin datos",
}


class Order(msgspec.Struct, frozen=True):
    """A node as it is told on the command line; ``owner`` is a person's name."""

    esp_id: str
    name: str
    zone: str
    owner: str | None = None
    protocol: int = 2
    max_w: float = 26500.0


class Output(msgspec.Struct, frozen=True):
    """Where it is told: to a person, or as JSON."""

    as_json: bool = False

    def tell(self, text: str, value: object) -> None:
        """Write one or the other."""
        sys.stdout.write(f"{msgspec.json.encode(value).decode() if self.as_json else text}\n")


def _author() -> meters.Author:
    return meters.Author(datetime.now(UTC))


async def add(settings: Settings, order: Order, output: Output) -> None:
    """Make a node, its owner's link and its meter's account. Raises Refused and what the stores raise."""
    _check_meter(order.esp_id, order.protocol)
    zone = _checked_zone(order.zone)
    async with tables(settings) as engine:
        user = await users.user_by_name(engine, order.owner) if order.owner else None
        if order.owner and user is None:
            message = f"--user: no existe {order.owner!a}: créelo con enertrack user add {order.owner}"
            raise Refused(message)
        wanted = meters.Wanted(
            meter=Meter(order.esp_id, order.protocol),
            nombre=order.name,
            zona_horaria=zone,
            potencia_max_w=order.max_w,
            owner_id=user.id if user else None,
        )
        try:
            done = await meters.enrol(engine, open_accounts(settings), wanted, _author())
        except Taken:
            message = (
                f"el medidor {order.esp_id} ya está dado de alta: vea enertrack node list;"
                f" otra clave se la da enertrack node renew {order.esp_id}"
            )
            raise Refused(message) from None
    first = f"Nodo {order.name} creado para el medidor {order.esp_id} (número {done.node_id})."
    _tell_credential(settings, output, first, done)


async def renew(settings: Settings, esp_id: str, output: Output) -> None:
    """Give a meter another password. Raises Refused and what the stores raise."""
    async with tables(settings) as engine:
        try:
            done = await meters.renew(engine, open_accounts(settings), esp_id, _author())
        except meters.Unknown:
            raise _unknown(esp_id) from None
    _tell_credential(settings, output, f"Medidor {esp_id}: en servicio, con clave nueva.", done)


async def revoke(settings: Settings, esp_id: str, output: Output) -> None:
    """Take a meter out of service. Raises Refused and what the stores raise."""
    async with tables(settings) as engine:
        try:
            done = await meters.retire(engine, open_accounts(settings), esp_id, _author())
        except meters.Unknown:
            raise _unknown(esp_id) from None
    text = f"Medidor {esp_id}: dado de baja; ya no puede conectarse."
    if not done:
        text = (
            f"Medidor {esp_id}: dado de baja. Quite en su broker la cuenta {esp_id}: hasta entonces se sigue guardando."
        )
    output.tell(text, {"esp_id": esp_id, "cuenta": False if done else None})


async def show(settings: Settings, output: Output) -> None:
    """Write the nodes, one a line. Raises Refused, DatabaseAway."""
    async with tables(settings) as engine:
        found = await nodes.all_nodes(engine)
        accesses = await nodes.last_accesses(engine)
    try:
        accounts = await open_accounts(settings).meters()
    except BrokerAway:
        accounts = None  # whoever asks for the list may do so because the broker is away
    listed = [_seen(node, accesses.get(node.id), accounts) for node in found]
    if output.as_json:
        output.tell("", listed)
        return
    for node in listed:
        sys.stdout.write(
            "{id:>5}  {esp_id:<12}  {newest:<25}  {zona_horaria}  {nombre}  ({state})\n".format(**_told(node))
        )


def _seen(node: Node, access: datetime | None, accounts: set[str] | None) -> dict[str, Any]:
    state = node_state(datetime.now(UTC), node.ultima_lectura, access, node.intervalo_s, node.en_linea)
    return {
        "id": node.id,
        "esp_id": node.esp_id,
        "nombre": node.nombre,
        "zona_horaria": node.zona_horaria,
        "protocolo": node.protocolo,
        "activo": node.activo,
        "estado": state.value,
        "ultima_lectura": node.ultima_lectura,
        "cuenta": None if accounts is None else node.esp_id in accounts,
    }


def _told(node: Mapping[str, Any]) -> dict[str, Any]:
    """What a person reads of a node: what is amiss between row and account is said."""
    state = STATES[NodeState(node["estado"])] if node["activo"] else "de baja"
    if node["cuenta"] is not None and node["cuenta"] != node["activo"]:
        amiss = "sin cuenta: enertrack node renew" if node["activo"] else "aún con cuenta: enertrack node revoke"
        state = f"{state}, {amiss} {node['esp_id']}"
    newest = node["ultima_lectura"]
    return {**node, "state": state, "newest": newest.isoformat(timespec="seconds") if newest else "sin datos"}


def _tell_credential(settings: Settings, output: Output, first: str, done: meters.Enrolled) -> None:
    """The one time that a meter's password is shown; it goes to standard output alone, never to the log."""
    meter, credential = done.meter, done.credential
    place = gate(settings)
    value: dict[str, Any] = {"nodo": done.node_id, "esp_id": meter.esp_id, "servidor": place.host, "puerto": place.port}
    if credential is None:
        by_hand = instructions(meter.esp_id, meter.rights, meter.client_id)
        text = first if settings.embedded else f"{first}\nEnerTrack no maneja las cuentas de este broker: {by_hand}"
        output.tell(text, {**value, "usuario": meter.esp_id, "clave": None, "indicaciones": by_hand})
        return
    password = credential.password.get_secret_value()
    lines = [
        first,
        "Escriba esto en el medidor; la clave no se puede volver a ver:",
        f"  servidor: {place.host}, puerto {place.port} (MQTT {'con' if place.tls else 'sin'} TLS)",
        f"  usuario: {credential.user}",
        f"  clave: {password}",
        f"  identificador de cliente: {credential.client_id}",
    ]
    shown = {"usuario": credential.user, "clave": password, "cliente": credential.client_id}
    output.tell("\n".join(lines), {**value, **shown})


def _unknown(esp_id: str) -> Refused:
    return Refused(f"no hay ningún nodo con el medidor {esp_id!a}: vea enertrack node list")


def _check_meter(esp_id: str, protocol: int) -> None:
    if not is_meter_id(esp_id):
        message = f"{esp_id!a} no es un medidor: son 12 (u 8) cifras hexadecimales en mayúsculas"
        raise Refused(message)
    if protocol == V1 and len(esp_id) != V1_ID_LENGTH:
        message = "--protocol 1 es de las placas originales, con 8 cifras hexadecimales"
        raise Refused(message)


def _checked_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"--zone: {name!a} no es una zona horaria de la IANA, como Europe/Madrid"
        raise Refused(message) from None
