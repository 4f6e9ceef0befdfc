"""The first tables."""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UNSIGNED = sa.Integer().with_variant(mysql.INTEGER(display_width=10, unsigned=True), "mysql")
SMALL = sa.SmallInteger().with_variant(mysql.SMALLINT(unsigned=True), "mysql")
LONG_ID = sa.BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(sa.Integer(), "sqlite")
ROLE = sa.Enum("propietario", "gestor", "lector", name="rol", create_constraint=True)
NOW = sa.func.current_timestamp()
TABLE: Final[dict[str, Any]] = {
    "mysql_engine": "InnoDB",
    "mysql_default_charset": "utf8mb4",
    "mysql_collate": "utf8mb4_uca1400_ai_ci",
}


def _code(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def _name(length: int) -> sa.types.TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="NOCASE"), "sqlite")


def upgrade() -> None:
    op.create_table(
        "EstadoSistema",
        sa.Column("clave", _code(64), nullable=False),
        sa.Column("valor", sa.Text, nullable=False),
        sa.Column("actualizado", sa.DateTime, server_default=NOW, nullable=False),
        sa.PrimaryKeyConstraint("clave"),
        **TABLE,
    )
    op.create_table(
        "Firmwares",
        sa.Column("id", UNSIGNED, autoincrement=True, nullable=False),
        sa.Column("placa", _code(16), nullable=False),
        sa.Column("version", _code(32), nullable=False),
        sa.Column("tamano", UNSIGNED, nullable=False),
        sa.Column("sha256", _code(64), nullable=False),
        sa.Column("manifiesto", sa.Text, nullable=False),
        sa.Column("porcentaje", SMALL, server_default=sa.text("0"), nullable=False),
        sa.Column("publicado", sa.DateTime, server_default=NOW, nullable=False),
        sa.Column("activo", sa.Boolean, server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("placa", "version", name="uq_Firmwares_placa_version"),
        **TABLE,
    )
    op.create_table(
        "Nodos",
        sa.Column("id", UNSIGNED, autoincrement=True, nullable=False),
        sa.Column("esp_id", _code(12), nullable=False),
        sa.Column("nombre", _name(100), nullable=False),
        sa.Column("descripcion", sa.String(255)),
        sa.Column("zona_horaria", _code(64), nullable=False),
        sa.Column("activo", sa.Boolean, server_default=sa.text("1"), nullable=False),
        sa.Column("fecha_creacion", sa.DateTime, server_default=NOW, nullable=False),
        sa.Column("protocolo", SMALL, server_default=sa.text("2"), nullable=False),
        sa.Column("potencia_max_w", sa.Double, server_default=sa.text("26500"), nullable=False),
        sa.Column("intervalo_s", UNSIGNED, server_default=sa.text("60"), nullable=False),
        sa.Column("ultima_lectura", sa.DateTime),
        sa.Column("en_linea", sa.Boolean),
        sa.Column("firmware", sa.String(32)),
        sa.Column("senal_dbm", sa.SmallInteger),
        sa.Column("momento_estado", sa.DateTime),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("esp_id", name="uq_Nodos_esp_id"),
        **TABLE,
    )
    op.create_table(
        "Usuarios",
        sa.Column("id", UNSIGNED, autoincrement=True, nullable=False),
        sa.Column("nombre_usuario", _name(80), nullable=False),
        sa.Column("correo", _name(254)),
        sa.Column("password_hash", _code(255), nullable=False),
        sa.Column("idioma", _code(5), server_default="es", nullable=False),
        sa.Column("tema", _code(10), server_default="auto", nullable=False),
        sa.Column("zona_horaria", _code(64), server_default="America/Argentina/Buenos_Aires", nullable=False),
        sa.Column("es_admin", sa.Boolean, server_default=sa.text("0"), nullable=False),
        sa.Column("activo", sa.Boolean, server_default=sa.text("1"), nullable=False),
        sa.Column("fecha_registro", sa.DateTime, server_default=NOW, nullable=False),
        sa.Column("telegram_chat_id", sa.BigInteger),
        sa.Column("telegram_vinculado", sa.DateTime),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("correo", name="uq_Usuarios_correo"),
        sa.UniqueConstraint("nombre_usuario", name="uq_Usuarios_nombre_usuario"),
        sa.UniqueConstraint("telegram_chat_id", name="uq_Usuarios_telegram_chat_id"),
        **TABLE,
    )
    op.create_table(
        "Auditoria",
        sa.Column("id", LONG_ID, autoincrement=True, nullable=False),
        sa.Column("momento", sa.DateTime, nullable=False),
        sa.Column("accion", _code(64), nullable=False),
        sa.Column("usuario_id", UNSIGNED),
        sa.Column("nodo_id", UNSIGNED),
        sa.Column("direccion", sa.String(45)),
        sa.Column("detalle", sa.JSON),
        sa.ForeignKeyConstraint(["nodo_id"], ["Nodos.id"], name="fk_Auditoria_nodo_id"),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_Auditoria_usuario_id"),
        sa.PrimaryKeyConstraint("id"),
        **TABLE,
    )
    op.create_index("ix_Auditoria_nodo_id_momento", "Auditoria", ["nodo_id", "momento"], unique=False)
    op.create_index("ix_Auditoria_usuario_id_momento", "Auditoria", ["usuario_id", "momento"], unique=False)
    op.create_table(
        "Avisos",
        sa.Column("id", LONG_ID, autoincrement=True, nullable=False),
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("nodo_id", UNSIGNED),
        sa.Column("canal", _code(16), nullable=False),
        sa.Column("clave", _code(191), nullable=False),
        sa.Column("tipo", _code(32), nullable=False),
        sa.Column("texto", sa.Text, nullable=False),
        sa.Column("creado", sa.DateTime, server_default=NOW, nullable=False),
        sa.Column("proximo_intento", sa.DateTime),
        sa.Column("intentos", SMALL, server_default=sa.text("0"), nullable=False),
        sa.Column("entregado", sa.DateTime),
        sa.Column("error", sa.String(255)),
        sa.ForeignKeyConstraint(["nodo_id"], ["Nodos.id"], name="fk_Avisos_nodo_id"),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_Avisos_usuario_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clave", name="uq_Avisos_clave"),
        **TABLE,
    )
    op.create_index(
        "ix_Avisos_canal_entregado_proximo_intento", "Avisos", ["canal", "entregado", "proximo_intento"], unique=False
    )
    op.create_table(
        "CodigosVinculacion",
        sa.Column("codigo_sha256", _code(64), nullable=False),
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("vence", sa.DateTime, nullable=False),
        sa.Column("usado", sa.DateTime),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_CodigosVinculacion_usuario_id"),
        sa.PrimaryKeyConstraint("codigo_sha256"),
        **TABLE,
    )
    op.create_table(
        "Invitaciones",
        sa.Column("id", UNSIGNED, autoincrement=True, nullable=False),
        sa.Column("codigo_sha256", _code(64), nullable=False),
        sa.Column("nodo_id", UNSIGNED, nullable=False),
        sa.Column("invitado_por", UNSIGNED, nullable=False),
        sa.Column("rol", ROLE, nullable=False),
        sa.Column("correo", _name(254)),
        sa.Column("creada", sa.DateTime, server_default=NOW, nullable=False),
        sa.Column("vence", sa.DateTime, nullable=False),
        sa.Column("aceptada_por", UNSIGNED),
        sa.Column("aceptada", sa.DateTime),
        sa.Column("revocada", sa.DateTime),
        sa.ForeignKeyConstraint(["aceptada_por"], ["Usuarios.id"], name="fk_Invitaciones_aceptada_por"),
        sa.ForeignKeyConstraint(["invitado_por"], ["Usuarios.id"], name="fk_Invitaciones_invitado_por"),
        sa.ForeignKeyConstraint(["nodo_id"], ["Nodos.id"], name="fk_Invitaciones_nodo_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("codigo_sha256", name="uq_Invitaciones_codigo_sha256"),
        **TABLE,
    )
    op.create_table(
        "Sesiones",
        sa.Column("token_sha256", _code(64), nullable=False),
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("creada", sa.DateTime, nullable=False),
        sa.Column("ultimo_uso", sa.DateTime, nullable=False),
        sa.Column("vence", sa.DateTime, nullable=False),
        sa.Column("direccion", sa.String(45)),
        sa.Column("agente", sa.String(255)),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_Sesiones_usuario_id"),
        sa.PrimaryKeyConstraint("token_sha256"),
        **TABLE,
    )
    op.create_table(
        "TokensApi",
        sa.Column("id", UNSIGNED, autoincrement=True, nullable=False),
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("nombre", sa.String(100), nullable=False),
        sa.Column("token_sha256", _code(64), nullable=False),
        sa.Column("alcances", _code(255), nullable=False),
        sa.Column("creado", sa.DateTime, server_default=NOW, nullable=False),
        sa.Column("vence", sa.DateTime),
        sa.Column("ultimo_uso", sa.DateTime),
        sa.Column("revocado", sa.DateTime),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_TokensApi_usuario_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_sha256", name="uq_TokensApi_token_sha256"),
        **TABLE,
    )
    op.create_table(
        "UsuariosNodos",
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("nodo_id", UNSIGNED, nullable=False),
        sa.Column("activo", sa.Boolean, server_default=sa.text("1"), nullable=False),
        sa.Column("ubicacion", sa.String(100)),
        sa.Column("fecha_asignacion", sa.DateTime, server_default=NOW),
        sa.Column("ultimo_acceso", sa.DateTime),
        sa.Column("rol", ROLE, server_default="lector", nullable=False),
        sa.ForeignKeyConstraint(["nodo_id"], ["Nodos.id"], name="fk_UsuariosNodos_nodo_id"),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_UsuariosNodos_usuario_id"),
        sa.PrimaryKeyConstraint("usuario_id", "nodo_id"),
        **TABLE,
    )
    op.create_table(
        "UmbralesNodo",
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("nodo_id", UNSIGNED, nullable=False),
        sa.Column("umbral_kw", sa.Numeric(precision=10, scale=3), nullable=False),
        sa.Column("alertas_activas", sa.Boolean, server_default=sa.text("1"), nullable=False),
        sa.Column("estado_alerta", _code(16), server_default="normal", nullable=False),
        sa.Column("ultima_alerta", sa.DateTime),
        sa.Column("fecha_actualizacion", sa.DateTime, server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(
            ["usuario_id", "nodo_id"],
            ["UsuariosNodos.usuario_id", "UsuariosNodos.nodo_id"],
            name="fk_UmbralesNodo_usuario_id_nodo_id",
        ),
        sa.PrimaryKeyConstraint("usuario_id", "nodo_id"),
        **TABLE,
    )
