"""What the API takes and gives: the words of the tables, times in Unix seconds, energies in Wh."""

from datetime import date, datetime
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

from enertrack.domain.calendar import Period
from enertrack.domain.state import NodeState
from enertrack.stores.personal_tokens import Scope
from enertrack.stores.tables import Role
from enertrack.web.export.grain import Grain
from enertrack.web.export.request import Format
from enertrack.web.values import Values

Second: TypeAlias = Annotated[int, Meta(ge=0, le=9_999_999_999, description="Unix seconds")]
Zone: TypeAlias = Annotated[str, Meta(max_length=64, description="IANA name")]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=100)]
Board: TypeAlias = Annotated[str, Meta(pattern="^([0-9A-F]{8}|[0-9A-F]{12})$")]
Watts: TypeAlias = Annotated[int, Meta(ge=100, le=1_000_000)]
Mail: TypeAlias = Annotated[
    str, Meta(max_length=254, pattern=r"^[A-Za-z0-9._+-]{1,64}@([A-Za-z0-9-]+\.)+[A-Za-z]{2,20}$")
]
LONGEST_DAYS: Final = 3650


class Taken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is sent has nothing in it that is not told of."""


class Credenciales(Taken, frozen=True, kw_only=True):
    """``codigo`` is of the second factor, where the person has one."""

    usuario: Annotated[str, Meta(max_length=1024)]
    clave: Annotated[str, Meta(max_length=1024)]
    codigo: Annotated[str, Meta(max_length=40)] = ""


class Renovacion(Taken, frozen=True, kw_only=True):
    """What the session was begun with."""

    renovacion: Annotated[str, Meta(max_length=100)]


class Sesion(msgspec.Struct, frozen=True, kw_only=True):
    """``acceso`` goes into Authorization: Bearer until ``vence``; ``renovacion`` gets another one."""

    acceso: str
    vence: int
    renovacion: str


class Persona(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what the token may."""

    usuario: str
    correo: str | None
    idioma: str
    tema: str
    zona_horaria: str
    es_admin: bool
    segundo_factor: bool
    alcances: list[Scope]


class TokenNuevo(Taken, frozen=True, kw_only=True):
    """``dias`` is how long it is good for; without, until it is revoked."""

    nombre: Name
    alcances: Annotated[list[Scope], Meta(min_length=1, max_length=2)]
    dias: Annotated[int, Meta(ge=1, le=LONGEST_DAYS)] | None = None


class TokenPersonal(msgspec.Struct, frozen=True, kw_only=True):
    """A personal token; ``ultimo_uso`` is as fine as a minute."""

    id: int
    nombre: str
    alcances: list[Scope]
    creado: datetime
    vence: datetime | None
    ultimo_uso: datetime | None


class TokenCreado(TokenPersonal, frozen=True, kw_only=True):
    """With the token itself, this once."""

    token: str


class Medidor(msgspec.Struct, frozen=True, kw_only=True):
    """A meter of the person's, as it is now; ``potencia_max_w`` is its rated power, ``es_parte_de`` its main meter."""

    esp_id: str
    nombre: str
    descripcion: str | None
    ubicacion: str | None
    zona_horaria: str
    activo: bool
    rol: Role
    estado: NodeState
    protocolo: int
    potencia_max_w: float
    intervalo_s: int
    es_parte_de: str | None
    firmware: str | None
    senal_dbm: int | None
    ultima_lectura: int | None
    valores: Values


class MedidorNuevo(Taken, frozen=True, kw_only=True):
    """A meter that is there from now on."""

    esp_id: Board
    nombre: Name
    zona_horaria: Zone
    descripcion: Annotated[str, Meta(max_length=255)] = ""
    ubicacion: Annotated[str, Meta(max_length=100)] = ""
    potencia_max_w: Watts = 26_500


class MedidorCambios(Taken, frozen=True, kw_only=True):
    """What shall be different; the rest stays. ``es_parte_de`` is another meter's id, or null for none."""

    nombre: Name | UnsetType = UNSET
    zona_horaria: Zone | UnsetType = UNSET
    descripcion: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET
    ubicacion: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    potencia_max_w: Watts | UnsetType = UNSET
    intervalo_s: Annotated[int, Meta(ge=5, le=3600)] | UnsetType = UNSET
    es_parte_de: Board | UnsetType | None = UNSET


class Placa(Taken, frozen=True, kw_only=True):
    """Another board."""

    esp_id: Board


class Cuenta(msgspec.Struct, frozen=True, kw_only=True):
    """What a meter needs at the broker, told this once; nulls where a person makes the accounts there."""

    esp_id: str
    usuario: str | None
    clave: str | None
    id_cliente: str | None


class Tramo(Taken, frozen=True, kw_only=True):
    """The seconds (desde, hasta]."""

    desde: Second | UnsetType = UNSET
    hasta: Second | UnsetType = UNSET


class TramoPorVentanas(Tramo, frozen=True, kw_only=True):
    """In windows of 15 minutes, hours, days or months of the place."""

    resolucion: Grain = Grain.HOUR


class Lectura(msgspec.Struct, frozen=True, kw_only=True):
    """Means and the register over the ``dt`` seconds to ``t``."""

    t: int
    dt: int
    energia_wh: float | None
    potencia: float | None
    potencia_max: float | None
    tension: float | None
    corriente: float | None
    fp: float | None
    frecuencia: float | None


class Rango(msgspec.Struct, frozen=True, kw_only=True):
    """A magnitude over a window."""

    media: float | None
    minimo: float
    maximo: float


class Ventana(msgspec.Struct, frozen=True, kw_only=True):
    """A window from ``inicio`` to ``fin``; of ``energia_wh`` the moment of ``estimada_wh`` is a guess."""

    inicio: int
    fin: int
    energia_wh: float
    estimada_wh: float
    cubierto_s: int
    magnitudes: dict[str, Rango]


class ConsumoPedido(Taken, frozen=True, kw_only=True):
    """The bars around ``fecha``, of some meters or of all."""

    periodo: Period = Period.DAY
    fecha: date | UnsetType = UNSET
    nodo: list[Board] = []


class Barra(msgspec.Struct, frozen=True, kw_only=True):
    """One bar; ``energia_wh`` is null where no meter said anything."""

    nombre: str
    inicio: int
    fin: int
    energia_wh: float | None
    estimada_wh: float


class Consumo(msgspec.Struct, frozen=True, kw_only=True):
    """The bars and what they come to; ``cambio`` against the same part of the period before (0.1: a tenth more)."""

    barras: list[Barra]
    total_wh: float
    estimada_wh: float
    media_w: float | None
    anterior_wh: float | None
    cambio: float | None


class Archivo(Taken, frozen=True, kw_only=True):
    """A file of a meter."""

    formato: Format = Format.CSV
    resolucion: Grain = Grain.HOUR
    desde: Second | UnsetType = UNSET
    hasta: Second | UnsetType = UNSET


class ArchivoDeVarios(Archivo, frozen=True, kw_only=True):
    """A file of several."""

    nodo: list[Board] = []


class ConAcceso(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has a meter."""

    id: int
    usuario: str
    rol: Role
    desde: datetime | None


class InvitacionNueva(Taken, frozen=True, kw_only=True):
    """``rol`` propietario hands the meter over, with what was measured before where ``con_historia``."""

    rol: Role
    correo: Mail | None = None
    con_historia: bool = True


class InvitacionAbierta(msgspec.Struct, frozen=True, kw_only=True):
    """One that can still be accepted."""

    id: int
    rol: Role
    con_historia: bool
    correo: str | None
    creada: datetime
    vence: datetime


class InvitacionEnviada(msgspec.Struct, frozen=True, kw_only=True):
    """The link, told this once, and whether it went by mail too."""

    enlace: str
    enviada: bool


class Oferta(msgspec.Struct, frozen=True, kw_only=True):
    """What is offered by whom."""

    medidor: str | None
    esp_id: str | None
    rol: Role
    con_historia: bool
    de: str
