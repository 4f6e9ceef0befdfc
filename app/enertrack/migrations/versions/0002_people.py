"""Second factor, forgotten passwords, invitations to an account, sub-meters, boards, and from when on a person sees."""

from contextlib import AbstractContextManager
from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.dialects import mysql
from sqlalchemy.engine.interfaces import ReflectedColumn

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNSIGNED = sa.Integer().with_variant(mysql.INTEGER(display_width=10, unsigned=True), "mysql")
SMALL = sa.SmallInteger().with_variant(mysql.SMALLINT(unsigned=True), "mysql")
ROLE = sa.Enum("propietario", "gestor", "lector", name="rol", create_constraint=True)
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
        "ClavesOlvidadas",
        sa.Column("token_sha256", _code(64), nullable=False),
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("vence", sa.DateTime, nullable=False),
        sa.Column("usada", sa.DateTime),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_ClavesOlvidadas_usuario_id"),
        sa.PrimaryKeyConstraint("token_sha256"),
        **TABLE,
    )
    op.create_table(
        "SegundosFactores",
        sa.Column("usuario_id", UNSIGNED, nullable=False, autoincrement=False),
        sa.Column("secreto", _code(255), nullable=False),
        sa.Column("confirmado", sa.DateTime),
        sa.Column("ultimo_paso", sa.BigInteger),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_SegundosFactores_usuario_id"),
        sa.PrimaryKeyConstraint("usuario_id"),
        **TABLE,
    )
    op.create_table(
        "CodigosRecuperacion",
        sa.Column("usuario_id", UNSIGNED, nullable=False),
        sa.Column("codigo_sha256", _code(64), nullable=False),
        sa.Column("usado", sa.DateTime),
        sa.ForeignKeyConstraint(["usuario_id"], ["Usuarios.id"], name="fk_CodigosRecuperacion_usuario_id"),
        sa.PrimaryKeyConstraint("usuario_id", "codigo_sha256"),
        **TABLE,
    )
    op.add_column("UsuariosNodos", sa.Column("desde", sa.DateTime))
    with _nodes() as table:
        table.add_column(sa.Column("padre_id", UNSIGNED))
        table.add_column(sa.Column("placa", SMALL, server_default=sa.text("0"), nullable=False))
        table.create_foreign_key("fk_Nodos_padre_id", "Nodos", ["padre_id"], ["id"])
    op.drop_table("Invitaciones")  # nothing has written into it before
    _invitations(sa.Column("con_historia", sa.Boolean, server_default=sa.text("1"), nullable=False), needs_node=False)


def downgrade() -> None:
    op.drop_table("Invitaciones")
    _invitations(needs_node=True)
    with _nodes() as table:
        table.drop_constraint("fk_Nodos_padre_id", type_="foreignkey")
        table.drop_column("padre_id")
        table.drop_column("placa")
    op.drop_column("UsuariosNodos", "desde")
    for name in ("CodigosRecuperacion", "SegundosFactores", "ClavesOlvidadas"):
        op.drop_table(name)


def _nodes() -> AbstractContextManager[BatchOperations]:
    """SQLite makes the table anew from what it reads of it, which leaves the collation out."""

    def keep(_inspector: object, _table: object, column: ReflectedColumn) -> None:
        if column["name"] == "nombre":
            column["type"] = _name(100)

    return op.batch_alter_table("Nodos", reflect_kwargs={"listeners": [("column_reflect", keep)]})


def _invitations(*more: sa.Column[Any], needs_node: bool) -> None:
    op.create_table(
        "Invitaciones",
        sa.Column("id", UNSIGNED, autoincrement=True, nullable=False),
        sa.Column("codigo_sha256", _code(64), nullable=False),
        sa.Column("nodo_id", UNSIGNED, nullable=not needs_node),
        sa.Column("invitado_por", UNSIGNED, nullable=False),
        sa.Column("rol", ROLE, nullable=False),
        sa.Column("correo", _name(254)),
        sa.Column("creada", sa.DateTime, server_default=sa.func.current_timestamp(), nullable=False),
        sa.Column("vence", sa.DateTime, nullable=False),
        sa.Column("aceptada_por", UNSIGNED),
        sa.Column("aceptada", sa.DateTime),
        sa.Column("revocada", sa.DateTime),
        *more,
        sa.ForeignKeyConstraint(["aceptada_por"], ["Usuarios.id"], name="fk_Invitaciones_aceptada_por"),
        sa.ForeignKeyConstraint(["invitado_por"], ["Usuarios.id"], name="fk_Invitaciones_invitado_por"),
        sa.ForeignKeyConstraint(["nodo_id"], ["Nodos.id"], name="fk_Invitaciones_nodo_id"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("codigo_sha256", name="uq_Invitaciones_codigo_sha256"),
        **TABLE,
    )
