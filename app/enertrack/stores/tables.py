"""The tables of MariaDB (and SQLite where embedded): people, nodes, what links them, and what is kept about both.

A moment is an aware datetime in UTC here and a naive DATETIME of UTC in the table. Secrets are kept as SHA-256 only.
"""

from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from enertrack.stores.columns import (
    NAME_COLLATION,
    Moment,
    choice,
    code,
    figure,
    flag,
    long_id,
    name,
    now,
    number,
    unsigned,
    unsigned_small,
)

SHA256 = 64
"""Hexadecimal digits of a hash."""

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
"""Every constraint has a name, so that a migration can change it on both databases."""

ENGINE: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": NAME_COLLATION,
}

metadata = MetaData(naming_convention=NAMING)


class Role(StrEnum):
    """What a person may do with a node: all, change its settings, or look."""

    PROPIETARIO = "propietario"
    GESTOR = "gestor"
    LECTOR = "lector"

    def allows(self, needed: "Role") -> bool:
        """Whether who has this role may do what ``needed`` may."""
        order = list(Role)
        return order.index(self) <= order.index(needed)


usuarios = Table(
    "Usuarios",
    metadata,
    number(),
    Column("nombre_usuario", name(80), nullable=False, unique=True),
    Column("correo", name(254), unique=True),
    Column("password_hash", code(255), nullable=False),
    Column("idioma", code(5), nullable=False, server_default="es"),
    Column("tema", code(10), nullable=False, server_default="auto"),
    Column("zona_horaria", code(64), nullable=False, server_default="America/Argentina/Buenos_Aires"),
    flag("es_admin", default=False),
    flag("activo", default=True),
    now("fecha_registro"),
    Column("telegram_chat_id", BigInteger, unique=True),
    Column("telegram_vinculado", Moment),
    **ENGINE,
)

nodos = Table(
    "Nodos",
    metadata,
    number(),
    Column("esp_id", code(12), nullable=False, unique=True),
    Column("nombre", name(100), nullable=False),
    Column("descripcion", String(255)),
    Column("zona_horaria", code(64), nullable=False),
    flag("activo", default=True),
    now("fecha_creacion"),
    Column("protocolo", unsigned_small(), nullable=False, server_default=text("2")),
    figure("potencia_max_w", 26500),
    Column("intervalo_s", unsigned(), nullable=False, server_default=text("60")),
    Column("ultima_lectura", Moment),
    Column("en_linea", Boolean),
    Column("firmware", String(32)),
    Column("senal_dbm", SmallInteger),
    Column("momento_estado", Moment),
    Column("padre_id", unsigned(), ForeignKey("Nodos.id")),
    Column("placa", unsigned_small(), nullable=False, server_default=text("0")),
    **ENGINE,
)
"""``padre_id``: the main meter that measures this one's energy too, so that a sum counts it once. ``placa`` counts the
boards that the node had before the present one."""

usuarios_nodos = Table(
    "UsuariosNodos",
    metadata,
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), primary_key=True),
    Column("nodo_id", unsigned(), ForeignKey("Nodos.id"), primary_key=True),
    flag("activo", default=True),
    Column("ubicacion", String(100)),
    now("fecha_asignacion", nullable=True),
    Column("ultimo_acceso", Moment),
    Column("rol", choice(Role, "rol"), nullable=False, server_default=Role.LECTOR),
    Column("desde", Moment),
    **ENGINE,
)
"""``desde``: the person sees nothing that was measured before it (none: all)."""

umbrales_nodo = Table(
    "UmbralesNodo",
    metadata,
    Column("usuario_id", unsigned(), primary_key=True),
    Column("nodo_id", unsigned(), primary_key=True),
    Column("umbral_kw", Numeric(10, 3), nullable=False),
    flag("alertas_activas", default=True),
    Column("estado_alerta", code(16), nullable=False, server_default="normal"),
    Column("ultima_alerta", Moment),
    now("fecha_actualizacion"),
    ForeignKeyConstraint(["usuario_id", "nodo_id"], ["UsuariosNodos.usuario_id", "UsuariosNodos.nodo_id"]),
    **ENGINE,
)

avisos = Table(
    "Avisos",
    metadata,
    number(kind=long_id()),
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), nullable=False),
    Column("nodo_id", unsigned(), ForeignKey("Nodos.id")),
    Column("canal", code(16), nullable=False),
    Column("clave", code(191), nullable=False, unique=True),
    Column("tipo", code(32), nullable=False),
    Column("texto", Text, nullable=False),
    now("creado"),
    Column("proximo_intento", Moment),
    Column("intentos", unsigned_small(), nullable=False, server_default=text("0")),
    Column("entregado", Moment),
    Column("error", String(255)),
    Index(None, "canal", "entregado", "proximo_intento"),
    **ENGINE,
)

sesiones = Table(
    "Sesiones",
    metadata,
    Column("token_sha256", code(SHA256), primary_key=True),
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), nullable=False),
    Column("creada", Moment, nullable=False),
    Column("ultimo_uso", Moment, nullable=False),
    Column("vence", Moment, nullable=False),
    Column("direccion", String(45)),
    Column("agente", String(255)),
    **ENGINE,
)

tokens_api = Table(
    "TokensApi",
    metadata,
    number(),
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), nullable=False),
    Column("nombre", String(100), nullable=False),
    Column("token_sha256", code(SHA256), nullable=False, unique=True),
    Column("alcances", code(255), nullable=False),
    now("creado"),
    Column("vence", Moment),
    Column("ultimo_uso", Moment),
    Column("revocado", Moment),
    **ENGINE,
)

codigos_vinculacion = Table(
    "CodigosVinculacion",
    metadata,
    Column("codigo_sha256", code(SHA256), primary_key=True),
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), nullable=False),
    Column("vence", Moment, nullable=False),
    Column("usado", Moment),
    **ENGINE,
)

invitaciones = Table(
    "Invitaciones",
    metadata,
    number(),
    Column("codigo_sha256", code(SHA256), nullable=False, unique=True),
    Column("nodo_id", unsigned(), ForeignKey("Nodos.id")),
    Column("invitado_por", unsigned(), ForeignKey("Usuarios.id"), nullable=False),
    Column("rol", choice(Role, "rol"), nullable=False),
    Column("correo", name(254)),
    now("creada"),
    Column("vence", Moment, nullable=False),
    Column("aceptada_por", unsigned(), ForeignKey("Usuarios.id")),
    Column("aceptada", Moment),
    Column("revocada", Moment),
    flag("con_historia", default=True),
    **ENGINE,
)
"""To share a node, or with ``rol`` propietario to hand it over; without ``nodo_id`` to make an account."""

claves_olvidadas = Table(
    "ClavesOlvidadas",
    metadata,
    Column("token_sha256", code(SHA256), primary_key=True),
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), nullable=False),
    Column("vence", Moment, nullable=False),
    Column("usada", Moment),
    **ENGINE,
)
"""Links that let a person choose another password once."""

segundos_factores = Table(
    "SegundosFactores",
    metadata,
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), primary_key=True),
    Column("secreto", code(255), nullable=False),
    Column("confirmado", Moment),
    Column("ultimo_paso", BigInteger),
    **ENGINE,
)
"""TOTP: the secret encrypted, when its person proved to have it, and the last step of time whose code was used."""

codigos_recuperacion = Table(
    "CodigosRecuperacion",
    metadata,
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id"), primary_key=True),
    Column("codigo_sha256", code(SHA256), primary_key=True),
    Column("usado", Moment),
    **ENGINE,
)

auditoria = Table(
    "Auditoria",
    metadata,
    number(kind=long_id()),
    Column("momento", Moment, nullable=False),
    Column("accion", code(64), nullable=False),
    Column("usuario_id", unsigned(), ForeignKey("Usuarios.id")),
    Column("nodo_id", unsigned(), ForeignKey("Nodos.id")),
    Column("direccion", String(45)),
    Column("detalle", JSON),
    Index(None, "nodo_id", "momento"),
    Index(None, "usuario_id", "momento"),
    **ENGINE,
)

firmwares = Table(
    "Firmwares",
    metadata,
    number(),
    Column("placa", code(16), nullable=False),
    Column("version", code(32), nullable=False),
    Column("tamano", unsigned(), nullable=False),
    Column("sha256", code(SHA256), nullable=False),
    Column("manifiesto", Text, nullable=False),
    Column("porcentaje", unsigned_small(), nullable=False, server_default=text("0")),
    now("publicado"),
    flag("activo", default=True),
    UniqueConstraint("placa", "version"),
    **ENGINE,
)

estado_sistema = Table(
    "EstadoSistema",
    metadata,
    Column("clave", code(64), primary_key=True),
    Column("valor", Text, nullable=False),
    now("actualizado"),
    **ENGINE,
)
"""What EnerTrack itself remembers between runs, as how far summaries have been reconciled."""
