"""The kinds of column that the tables are made of, the same in Python on MariaDB and SQLite."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    Enum,
    Integer,
    SmallInteger,
    String,
    TypeDecorator,
    func,
    text,
)
from sqlalchemy.dialects import mysql, sqlite
from sqlalchemy.types import TypeEngine

NAME_COLLATION: Final = "utf8mb4_uca1400_ai_ci"
"""Case and accents do not tell names apart: 'José' = 'JOSE' (MariaDB; on SQLite only the case of ASCII letters)."""

_SQLITE_MOMENT = sqlite.DATETIME(truncate_microseconds=True)  # type: ignore[no-untyped-call]


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC with whole seconds, kept as a naive DATETIME of UTC."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLite keeps text: without fractions it compares with CURRENT_TIMESTAMP."""
        return dialect.type_descriptor(_SQLITE_MOMENT if dialect.name == "sqlite" else DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Raises ValueError for a naive datetime, whose zone nobody knows."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = f"naive datetime: {value!r}"
            raise ValueError(message)
        return value.astimezone(UTC).replace(microsecond=0, tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The moment, aware."""
        return None if value is None else value.replace(tzinfo=UTC)


def unsigned(width: int = 10) -> TypeEngine[int]:
    """A number from 0 to 2^32 - 1."""
    return Integer().with_variant(mysql.INTEGER(display_width=width, unsigned=True), "mysql")


def unsigned_small() -> TypeEngine[int]:
    """A number from 0 to 65,535."""
    return SmallInteger().with_variant(mysql.SMALLINT(unsigned=True), "mysql")


def long_id() -> TypeEngine[int]:
    """A row number of a table that only grows; SQLite numbers rows of INTEGER alone."""
    return BigInteger().with_variant(mysql.BIGINT(unsigned=True), "mysql").with_variant(Integer(), "sqlite")


def code(length: int) -> TypeEngine[str]:
    """ASCII text compared byte by byte: ids, hashes, tokens, zones."""
    return String(length).with_variant(mysql.VARCHAR(length, charset="ascii", collation="ascii_bin"), "mysql")


def name(length: int) -> TypeEngine[str]:
    """Text of people, compared without regard to case."""
    return String(length).with_variant(String(length, collation="NOCASE"), "sqlite")


def choice(kind: type[StrEnum], label: str) -> Enum:
    """One of the values of ``kind``."""
    return Enum(kind, name=label, values_callable=lambda k: [str(one) for one in k], create_constraint=True)


def number(label: str = "id", kind: TypeEngine[int] | None = None) -> Column[int]:
    """The row's own number, which the server gives."""
    return Column(label, kind or unsigned(), primary_key=True, autoincrement=True)


def flag(label: str, *, default: bool) -> Column[bool]:
    """Yes or no."""
    return Column(label, Boolean, nullable=False, server_default=text(str(int(default))))


def now(label: str, *, nullable: bool = False) -> Column[datetime]:
    """When the row was made, which the server says (its connections' zone is UTC)."""
    return Column(label, Moment, nullable=nullable, server_default=func.current_timestamp())


def figure(label: str, default: float) -> Column[float]:
    """A measure."""
    return Column(label, Double, nullable=False, server_default=text(f"{default:g}"))
