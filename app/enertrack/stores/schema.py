"""The tables as one SQL text for MariaDB: ``python -m enertrack.stores.schema > schema.sql``."""

import sys
from typing import Final

from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateIndex, CreateTable

from enertrack.stores.migration import head
from enertrack.stores.tables import metadata

HEADER: Final = """\
-- Las tablas de EnerTrack para MariaDB 10.11 o posterior, generadas desde app/enertrack/stores/tables.py
-- por `python -m enertrack.stores.schema`: no se editan a mano. `enertrack db upgrade` hace lo mismo.
-- Uso, en una base vacía creada con
--   CREATE DATABASE enertrack CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;
-- es:
--   mariadb enertrack < schema.sql
"""

VERSION: Final = """\
CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO alembic_version (version_num) VALUES ('{head}');
"""


def schema() -> str:
    """Statements that make an empty database what the migrations make of it."""
    texts = []
    for table in metadata.sorted_tables:
        texts.append(_text(CreateTable(table)))
        texts += [_text(CreateIndex(index)) for index in sorted(table.indexes, key=lambda i: str(i.name))]
    return "\n".join([HEADER, *texts, VERSION.format(head=head())])


def _text(statement: CreateTable | CreateIndex) -> str:
    compiled = str(statement.compile(dialect=mysql.dialect(is_mariadb=True)))
    lines = [line.rstrip().replace("\t", "  ") for line in compiled.strip().splitlines()]
    return "\n".join(lines).replace("\n)ENGINE", "\n) ENGINE") + ";\n"


if __name__ == "__main__":
    sys.stdout.write(schema())
