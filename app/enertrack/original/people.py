"""What the original's tables say, checked: accounts, meters, who sees which meter, and the limits of each."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import msgspec

from enertrack.log import escaped
from enertrack.original.dump import Dump, Row
from enertrack.original.files import CopyError
from enertrack.stores.broker.topics import V1_ID_LENGTH, is_meter_id

NEEDED: Final = {
    "Usuarios": {"usuario_id", "nombreusuario", "password_hash"},
    "Nodos": {"nodo_id", "esp_id"},
    "UsuariosNodos": {"usuario_id", "nodo_id"},
    "UmbralesNodo": {"usuario_id", "nodo_id", "umbral_kw"},
}
LONGEST_NAME: Final = 80
MOST_KW: Final = Decimal(9_999_999)
_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HASH: Final = re.compile(
    r"scrypt:32768:8:[1-4]\$[A-Za-z0-9./]{1,64}\$[0-9a-f]{128}|pbkdf2:sha256:[0-9]{1,7}\$[A-Za-z0-9./]{1,64}\$[0-9a-f]{64}"
)
"""What Werkzeug wrote, and no more work than it asked for: a hash that nobody could afford to check is no password."""


class Account(msgspec.Struct, frozen=True):
    """A person of the original."""

    number: int
    name: str
    password_hash: str
    chat_id: int | None
    since: datetime


class Meter(msgspec.Struct, frozen=True):
    """A meter of the original."""

    number: int
    esp_id: str
    name: str | None
    description: str | None
    since: datetime


class Link(msgspec.Struct, frozen=True):
    """Who sees a meter since when, and what they call it."""

    user: int
    meter: int
    place: str | None
    name: str | None
    since: datetime


class Limit(msgspec.Struct, frozen=True):
    """From which mean power on a person is warned."""

    user: int
    meter: int
    kw: Decimal
    active: bool


class Original(msgspec.Struct):
    """All of it; ``links`` in the order in which they were made. ``told`` says what cannot be brought, and why."""

    accounts: list[Account] = []
    meters: list[Meter] = []
    links: list[Link] = []
    limits: dict[tuple[int, int], Limit] = {}
    told: list[str] = []


def understand(dump: Dump) -> Original:
    """What a copy holds. Raises CopyError where it is of something else."""
    _check(dump)
    found = Original()
    if dump.ignored:
        what = ", ".join(f"{n} {escaped(name)}" for name, n in dump.ignored.most_common(8))
        found.told.append(f"órdenes de la copia que no se ejecutan: {what}")
    for row in dump.tables["Usuarios"]:
        _account(row, found)
    for row in dump.tables["Nodos"]:
        _meter(row, found)
    for row in dump.tables["UsuariosNodos"]:
        _link(row, found)
    found.links.sort(key=lambda link: (link.since, link.user))
    for row in dump.tables.get("UmbralesNodo", []):
        _limit(row, found)
    return found


def _check(dump: Dump) -> None:
    for table, needed in NEEDED.items():
        rows = dump.tables.get(table)
        if rows is None and table != "UmbralesNodo":
            message = f"la copia no tiene la tabla {table}: ¿es de la base de datos del EnerTrack original?"
            raise CopyError(message)
        for missing in sorted(needed - rows[0].keys()) if rows else ():
            message = f"a la tabla {table} de la copia le falta la columna {missing}: no es del EnerTrack original"
            raise CopyError(message)


def _account(row: Row, found: Original) -> None:
    number, name, hashed = _number(row["usuario_id"]), row["nombreusuario"] or "", row["password_hash"] or ""
    shown = f"el usuario {escaped(name)[:LONGEST_NAME]!r}"
    if number is None or not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        found.told.append(f"{shown}: su nombre está vacío, es demasiado largo o no se puede escribir")
    elif not _HASH.fullmatch(hashed):
        found.told.append(f"{shown}: su contraseña no tiene la forma del original; créelo con enertrack user add")
    else:
        chat = _number(row.get("telegram_chat_id"))
        if chat is None and row.get("telegram_chat_id"):
            found.told.append(f"{shown}: su chat de Telegram no es un número; que lo vincule de nuevo")
        found.accounts.append(Account(number, name, hashed, chat, _moment(row.get("fecha_registro"))))


def _meter(row: Row, found: Original) -> None:
    number, esp_id = _number(row["nodo_id"]), (row["esp_id"] or "").strip().upper()
    if number is None or len(esp_id) != V1_ID_LENGTH or not is_meter_id(esp_id):
        told = escaped(row["esp_id"] or "")[:LONGEST_NAME]
        found.told.append(f"el medidor {told!r}: no es el identificador de una placa original (8 cifras hexadecimales)")
        return
    text = _text(row.get("descripcion"), 255)
    found.meters.append(Meter(number, esp_id, _text(row.get("nombre"), 100), text, _moment(row.get("fecha_creacion"))))


def _link(row: Row, found: Original) -> None:
    user, meter = _number(row["usuario_id"]), _number(row["nodo_id"])
    if user is None or meter is None or row.get("activo") == "0":
        return
    place, name = _text(row.get("ubicacion"), 100), _text(row.get("descripcion"), 100)
    found.links.append(Link(user, meter, place, name, _moment(row.get("fecha_asignacion"))))


def _limit(row: Row, found: Original) -> None:
    user, meter = _number(row["usuario_id"]), _number(row["nodo_id"])
    try:
        kw = Decimal(row["umbral_kw"] or "nan")
    except InvalidOperation:
        kw = Decimal("nan")
    if user is None or meter is None:
        return
    if not (kw.is_finite() and 0 < kw <= MOST_KW):
        found.told.append(f"el umbral del usuario {user} en el medidor {meter}: no es una potencia mayor que cero")
        return
    found.limits[user, meter] = Limit(user, meter, round(kw, 3), row.get("alertas_activas") != "0")


def _number(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?[0-9]{1,18}", text) else None


def _text(text: str | None, longest: int) -> str | None:
    return "".join(c for c in text or "" if c.isprintable()).strip()[:longest] or None


def _moment(text: str | None) -> datetime:
    try:
        return datetime.fromisoformat(text or "").replace(tzinfo=UTC)
    except ValueError:
        return _LONG_AGO


def owners(links: Iterable[Link]) -> dict[int, int]:
    """Who owns each meter: the first who was linked to it."""
    found: dict[int, int] = {}
    for link in links:
        found.setdefault(link.meter, link.user)
    return found
