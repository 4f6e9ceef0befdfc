"""Releases that do not exist yet: copies of this checkout with another version and what a test changes in them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from enertrack.stores.migration import head
from tests.support.machine import REPOSITORY

ASSETS: Final = "app/enertrack/web/static/vendor"
REVISION: Final = "9001"
MIGRATION: Final = f'''"""One more column and one more table."""

import sqlalchemy as sa
from alembic import op

revision = "{REVISION}"
down_revision = "{head()}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("Nodos", sa.Column("color", sa.String(16), nullable=True))
    op.create_table("Colores", sa.Column("id", sa.Integer, primary_key=True))


def downgrade() -> None:
    op.drop_table("Colores")
    op.drop_column("Nodos", "color")
'''
BROKEN_PAGES: Final = {
    "app/enertrack/web/panel/routes.py": """

@blueprint.before_app_request
async def broken() -> None:
    from quart import request

    if request.path not in {"/readyz", "/healthz"}:
        raise RuntimeError
"""
}
BROKEN_INGEST: Final = {
    "app/enertrack/ingest/process.py": "\n\nraise RuntimeError\n",
    "app/enertrack/stores/broker/rights.py": "\n\nSERVICES[INGEST] = Rights(())\n",
}
"""It does not start, and at the broker its account may do nothing any more."""
BROKEN_COMMAND: Final = {"app/enertrack/cli/__init__.py": "\n\nraise RuntimeError\n"}


def release(folder: Path, version: str, more: Mapping[str, str] | None = None, *, migrated: bool = True) -> Path:
    """Make one, with its wheel: its playbook ``upgrade``.

    It brings one more revision, unless it is not ``migrated``; ``more`` is appended to files, by their path.
    """
    files = subprocess.check_output(["git", "ls-files", "-z"], cwd=REPOSITORY).decode().split("\0")
    there = [name for name in files if name and (REPOSITORY / name).exists()]
    folder.mkdir(parents=True)
    subprocess.run(["cp", "--parents", "-t", folder, *there], cwd=REPOSITORY, check=True)
    shutil.copytree(REPOSITORY / ASSETS, folder / ASSETS, dirs_exist_ok=True)
    project = folder / "pyproject.toml"
    project.write_text(re.sub(r'^version = ".*"$', f'version = "{version}"', project.read_text(), flags=re.MULTILINE))
    if migrated:
        (folder / f"app/enertrack/migrations/versions/{REVISION}_colors.py").write_text(MIGRATION)
    for path, text in (more or {}).items():
        with (folder / path).open("a") as file:
            file.write(text)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    return folder / "playbooks/upgrade.yml"
