"""``enertrack backup``: a copy of all that EnerTrack keeps, into the repository."""

import logging
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec

from enertrack.backup import accounts, manifest
from enertrack.backup.bucket import Server
from enertrack.backup.failure import Failed
from enertrack.backup.manifest import Manifest, Months
from enertrack.backup.programs import disk, private_folder
from enertrack.backup.relational import Tables
from enertrack.backup.report import now, reported, stage
from enertrack.backup.repository import Repository
from enertrack.domain.text import text as _
from enertrack.log import event
from enertrack.settings import Settings

TABLES: Final = "mariadb.sql"
BUCKET: Final = "influxdb"
_log: Final = logging.getLogger(__name__)


def needs_servers(settings: Settings) -> None:
    """Raises Failed where EnerTrack keeps all in files of its own."""
    if settings.embedded:
        raise Failed(
            _(
                "aquí todo corre embebido: copie la carpeta %(folder)s con enertrack detenido",
                folder=settings.enertrack_datos,
            )
        )


async def back_up(settings: Settings) -> None:
    """Make a copy, put it into the repository and let go of the oldest ones. Raises Failed."""
    needs_servers(settings)
    folder = settings.enertrack_datos
    with reported(folder, "backup") as done, private_folder() as private:
        repository = Repository(settings, private)
        repository.prepare()
        with stage(folder, "copia") as copy:
            made = await _collect(settings, Tables(settings, private), copy)
            event(_log, logging.INFO, "copia reunida", tablas=len(made.tablas), lecturas=made.readings)
            done["instantanea"] = snapshot = repository.save(copy)
        repository.forget()
        rows = sum(table.filas for table in made.tablas.values())
        done |= {"tablas": len(made.tablas), "filas": rows, "lecturas": made.readings}
        told = _(
            "copia %(snapshot)s: %(rows)s filas y %(readings)s lecturas en %(address)s",
            snapshot=snapshot,
            rows=rows,
            readings=made.readings,
            address=repository.address,
        )
        whole = made.broker or settings.enertrack_cuentas_broker == "ninguna"
        done["texto"] = told if whole else _("%(told)s, sin las cuentas del broker", told=told)


def prepare(settings: Settings) -> bool:
    """Open the repository; whether it was made now. Raises Failed."""
    with private_folder() as private:
        return Repository(settings, private).prepare()


async def _collect(settings: Settings, tables: Tables, copy: Path) -> Manifest:
    # The tables first: what they know of the summaries is then never newer than the summaries of the copy.
    revision, server = (
        tables.ask("SELECT version_num FROM alembic_version", tables.database),
        tables.ask("SELECT VERSION()"),
    )
    rows = tables.dump(copy / TABLES)
    if broker := settings.enertrack_respaldo_broker:
        accounts.copy(broker, copy / accounts.NAME)
    before, after = await _measurements(settings, copy) if settings.enertrack_respaldo_influx else (None, None)
    made = Manifest(
        momento=now(),
        enertrack=version("enertrack"),
        revision=revision,
        mariadb=server,
        tablas=rows,
        antes=before,
        despues=after,
        broker=broker is not None,
    )
    with disk():
        (copy / manifest.NAME).write_bytes(msgspec.json.encode(made))
    return made


async def _measurements(settings: Settings, copy: Path) -> tuple[Months, Months]:
    place = copy / BUCKET
    with disk():
        place.mkdir()
    async with Server.of(settings) as server:
        before = await server.months(server.bucket)
        await server.save(place)
        return before, await server.months(server.bucket)
