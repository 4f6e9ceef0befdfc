"""``enertrack rehearse`` and ``enertrack restore``: a copy is brought back beside what is there, and compared.

To restore is to rehearse and then to take its place: nothing is replaced before the whole copy has proved good.
"""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy.exc import DBAPIError

from enertrack.backup import accounts, manifest
from enertrack.backup.bucket import Server
from enertrack.backup.failure import Failed
from enertrack.backup.manifest import FORM, Manifest, other_months, other_tables, told
from enertrack.backup.programs import disk, private_folder
from enertrack.backup.relational import Tables
from enertrack.backup.report import only_one, reported, stage
from enertrack.backup.repository import Repository
from enertrack.backup.save import BUCKET, TABLES, needs_servers
from enertrack.domain.text import Text
from enertrack.domain.text import text as _
from enertrack.log import event
from enertrack.settings import Settings
from enertrack.stores import grants, migration

_log: Final = logging.getLogger(__name__)


async def rehearse(settings: Settings) -> None:
    """Bring the newest copy back into scratch places, compare, and take it away again. Raises Failed."""
    needs_servers(settings)
    folder = settings.enertrack_datos
    with reported(folder, "rehearsal") as done, private_folder() as private:
        repository, tables = Repository(settings, private), Tables(settings, private)
        repository.check()
        event(_log, logging.INFO, "repositorio entero", repositorio=repository.address)
        done["instantanea"] = snapshot = repository.find("latest")
        with _fetched(repository, snapshot, folder, "ensayo") as (copy, made), tables.scratch() as database:
            async with _proved(settings, copy, made, tables, database):
                pass
        done |= {"copia_de": made.momento, "lecturas": made.readings}
        done["texto"] = _(
            "la copia %(snapshot)s del %(moment)s se recupera entera: %(sum)s",
            snapshot=snapshot,
            moment=made.momento,
            sum=_sum(made),
        )


async def restore(settings: Settings, wanted: str, *, replace: bool) -> str:
    """Put a copy in the place of what is there; what was done. Raises Failed."""
    needs_servers(settings)
    folder = settings.enertrack_datos
    with disk():
        folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder), private_folder() as private:
        tables = Tables(settings, private)
        if not replace:
            await _refuse_data(settings, tables)
        repository = Repository(settings, private)
        snapshot = repository.find(wanted)
        with _fetched(repository, snapshot, folder, "recuperacion") as (copy, made), tables.scratch() as database:
            async with _proved(settings, copy, made, tables, database) as (server, bucket):
                await _take_place(settings, copy, made, tables)
                if server:
                    await server.replace(bucket)
                    event(_log, logging.INFO, "lecturas en su lugar", deposito=server.bucket)
    return f"Recuperada la copia {snapshot} del {made.momento}, igual a su manifiesto: {_sum(made)}."


def _sum(made: Manifest) -> Text:
    return _(
        "%(tables)s tablas, %(rows)s filas, %(readings)s lecturas",
        tables=len(made.tablas),
        rows=sum(table.filas for table in made.tablas.values()),
        readings=made.readings,
    )


async def _refuse_data(settings: Settings, tables: Tables) -> None:
    present = {"Usuarios", "Nodos"} & set(tables.names())
    used = sorted(name for name in present if tables.count(name))
    if settings.enertrack_respaldo_influx and not used:
        async with Server.of(settings) as server:
            used = ["lecturas"] if await server.has_readings() else []
    if used:
        raise Failed(
            _(
                "esta instalación ya tiene datos (%(used)s): para reemplazarlos agregue --replace"
                " (a restore.yml, -e reemplazar=true)",
                used=", ".join(used),
            )
        )


@contextmanager
def _fetched(repository: Repository, snapshot: str, folder: Path, name: str) -> Iterator[tuple[Path, Manifest]]:
    with stage(folder, name) as copy:
        event(_log, logging.INFO, "traigo la copia", instantanea=snapshot)
        repository.fetch(snapshot, copy)
        try:
            made = msgspec.json.decode((copy / manifest.NAME).read_bytes(), type=Manifest)
        except (OSError, msgspec.DecodeError) as error:
            raise Failed(
                _(
                    "la copia %(snapshot)s no es de EnerTrack o es de una versión más nueva: actualice EnerTrack",
                    snapshot=snapshot,
                )
            ) from error
        if made.forma != FORM or not migration.knows(made.revision):
            raise Failed(
                _(
                    "la copia %(snapshot)s es de EnerTrack %(version)s, que es más nuevo: instale esa versión",
                    snapshot=snapshot,
                    version=made.enertrack,
                )
            )
        yield copy, made


@asynccontextmanager
async def _proved(
    settings: Settings, copy: Path, made: Manifest, tables: Tables, database: str
) -> AsyncIterator[tuple[Server | None, str]]:
    """The copy in scratch places, where it was as its manifest says. Raises Failed."""
    tables.load(copy / TABLES, database)
    _compare(list(other_tables(made.tablas, tables.dump(Path("/dev/null"), database))))
    event(_log, logging.INFO, "tablas iguales a las copiadas", tablas=len(made.tablas))
    if made.antes is None or made.despues is None or not settings.enertrack_respaldo_influx:
        yield None, ""
        return
    async with Server.of(settings) as server, server.scratch() as bucket:
        await server.restore(copy / BUCKET, bucket)
        _compare(list(other_months(made.antes, made.despues, await server.months(bucket))))
        event(_log, logging.INFO, "lecturas iguales a las copiadas", lecturas=made.readings)
        yield server, bucket


def _compare(mistakes: list[Text]) -> None:
    if mistakes:
        raise Failed(
            _(
                "lo recuperado no es lo copiado: %(mistakes)s; pruebe con una copia anterior (--snapshot)",
                mistakes=told(mistakes),
            )
        )


async def _take_place(settings: Settings, copy: Path, made: Manifest, tables: Tables) -> None:
    tables.load(copy / TABLES)
    _compare(list(other_tables(made.tablas, tables.dump(Path("/dev/null")))))
    await migration.upgrade(settings.database_url)
    try:
        await grants.grant(settings.database_url)
    except DBAPIError as error:
        event(_log, logging.WARNING, "MYSQL_USER no puede dar permisos: quedan como estaban", error=error.orig)
    event(_log, logging.INFO, "tablas en su lugar", base=tables.database)
    if made.broker and settings.enertrack_respaldo_broker:
        accounts.place(copy / accounts.NAME, settings.enertrack_respaldo_broker)
        accounts.restart_broker()
        event(_log, logging.INFO, "cuentas del broker en su lugar", archivo=settings.enertrack_respaldo_broker)
