from pathlib import Path

from enertrack.stores.schema import schema

ROOT = Path(__file__).parents[3]


def test_schema_sql_is_what_the_tables_say_now() -> None:
    assert (ROOT / "schema.sql").read_text() == schema(), "run: python -m enertrack.stores.schema > schema.sql"
