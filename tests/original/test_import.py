"""A person of the original signs in with the old password and finds what was there, on real servers."""

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from enertrack.domain.resolution import Resolution
from tests.original.source import HOUSE, PASSWORDS, SHOP, Sent, Tables, day_wh, export, sent, shown_wh, write
from tests.support.appliance import ENERTRACK, Appliance, on_servers
from tests.support.influxd import Influxd
from tests.support.mariadb import Database, MariaDB
from tests.support.mosquitto import Mosquitto
from tests.support.processes import eventually, running, wait_until
from tests.support.stored import Stored

HARM = """
USE mysql; DROP TABLE user; DROP DATABASE IF EXISTS mysql; DELETE FROM mysql.user;
GRANT ALL ON *.* TO intruso@'%' IDENTIFIED BY 'x'; SET GLOBAL general_log = 1;
LOAD DATA LOCAL INFILE '{secret}' INTO TABLE Usuarios; SELECT 1 INTO OUTFILE '{secret}2';
\\! touch salida
;
/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 TRIGGER t BEFORE INSERT ON Usuarios FOR EACH ROW
BEGIN SET NEW.password_hash = 'x'; END */;
DELIMITER ;;
CREATE DEFINER=`root`@`localhost` PROCEDURE p() BEGIN INSERT INTO Usuarios VALUES (9); END ;;
DELIMITER ;
"""
NOISE = [
    "raro,esp_id=1265B7A0 valor=1 1700000000000000000",
    "tension,esp_id=FFFFFFFF valor=220 1700000000000000000",
    "tension,esp_id=1265B7A0 valor=99999 1700000000000000000",
]


@dataclass
class Moved:
    """An installation of ours beside the copies of an original."""

    appliance: Appliance
    database: Database
    tables: Path
    measurements: Path
    house: list[Sent]
    shop: list[Sent]

    def run(self, *options: str) -> str:
        return self.appliance.run(
            "import-original", str(self.tables), "--measurements", str(self.measurements), *options
        )

    def contents(self) -> dict[str, list[tuple[object, ...]]]:
        tables = ("Usuarios", "Nodos", "UsuariosNodos", "UmbralesNodo", "Auditoria", "EstadoSistema")
        return {name: self.database.query(f"SELECT * FROM {name} ORDER BY 1, 2") for name in tables}


@pytest.fixture(scope="module")
def influxd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Influxd]:
    with Influxd(tmp_path_factory.mktemp("influxd")) as server:
        yield server


@dataclass(frozen=True)
class Copies:
    """What was copied from an original, and what was in it."""

    tables: Path
    measurements: Path
    house: list[Sent]
    shop: list[Sent]


@pytest.fixture(scope="module")
def copies(mariadb_server: MariaDB, influxd: Influxd, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    folder = tmp_path_factory.mktemp("copias")
    mariadb_server.create("original")
    tables = Tables(mariadb_server, "original")
    three_years_ago = int(time.time()) - 3 * 365 * 86_400
    house = sent(three_years_ago, 9_998_000.0)
    house += sent(int(time.time()) - 7 * 86_400, house[-1].register_wh)
    shop = sent(three_years_ago, 0.0)[:720]
    lines = [line for board, found in ((HOUSE, house), (SHOP, shop)) for s in found for line in s.lines(board)]
    bucket = influxd.new_bucket()
    write(influxd, bucket, [*lines, *NOISE])
    copy = tables.dump(folder / "original.sql")
    mariadb_server.drop("original")
    return Copies(copy, export(influxd, bucket, folder / "mediciones.lp.gz"), house, shop)


@pytest.fixture
def moved(
    mariadb_database: Database, influxd: Influxd, mosquitto_server: Mosquitto, tmp_path: Path, copies: Copies
) -> Moved:
    appliance = on_servers(tmp_path, mariadb_database, influxd, mosquitto_server)
    appliance.run("db", "upgrade")
    tables, measurements = (Path(shutil.copy(file, tmp_path)) for file in (copies.tables, copies.measurements))
    return Moved(appliance, mariadb_database, tables, measurements, copies.house, copies.shop)


def entered(moved: Moved, client: httpx.Client) -> None:
    """Ana sees what the house used, day by day and of each of both times, but not the shop."""
    for found in (moved.house[:4319], moved.house[4319:]):
        expected = day_wh(found)
        assert shown_wh(client, HOUSE, expected) == pytest.approx(expected, abs=1)
    assert client.get(f"/nodos/{HOUSE}").status_code == httpx.codes.OK
    assert client.get(f"/nodos/{SHOP}").status_code == httpx.codes.NOT_FOUND


async def stored(moved: Moved) -> dict[str, object]:
    async with Stored.of(moved.appliance) as found:
        kinds = (Resolution.QUARTER, Resolution.HOUR, Resolution.DAY)
        return {f"{board} {kind}": await found.windows(board, kind) for board in (HOUSE, SHOP) for kind in kinds} | {
            board: await found.count(board) for board in (HOUSE, SHOP)
        }


async def test_people_find_their_meters_and_their_consumption(moved: Moved) -> None:
    told = moved.run()
    assert "8638 lecturas (8638 nuevas)" in told
    assert "líneas de otras mediciones, que no son de medidores: 1" in told
    assert "mediciones de FFFFFFFF, que no es un medidor de la copia: 1" in told
    assert "(rango_tension): 1" in told
    assert "quien lo puso (usuario 3) no tiene ese medidor" in told
    with moved.appliance.web() as web, web.signed_in("ana", PASSWORDS["ana"]) as client:
        entered(moved, client)
    with moved.appliance.web() as web, web.signed_in("bruno nuñez", PASSWORDS["Bruno Núñez"]) as client:
        assert client.get(f"/nodos/{SHOP}").status_code == httpx.codes.OK
    before, measured = moved.contents(), await stored(moved)
    assert moved.run().rstrip().endswith("Sin cambios.")
    assert (moved.contents(), await stored(moved)) == (before, measured)


def test_roles_places_limits_and_chats_come_over(moved: Moved) -> None:
    moved.run()
    links = moved.database.query(
        "SELECT u.nombre_usuario, n.esp_id, l.rol, l.ubicacion FROM UsuariosNodos l"
        " JOIN Usuarios u ON u.id = l.usuario_id JOIN Nodos n ON n.id = l.nodo_id ORDER BY n.id, u.id"
    )
    assert links == (
        [
            ("ana", HOUSE, "propietario", "Casa"),
            ("Bruno Núñez", HOUSE, "lector", "Lo de Ana"),
            ("Bruno Núñez", SHOP, "propietario", "Almacén"),
            ("carla", SHOP, "lector", None),
        ]
    )
    assert moved.database.query("SELECT usuario_id, nodo_id, umbral_kw FROM UmbralesNodo") == [
        (1, 1, Decimal("3.500")),
        (2, 2, Decimal("0.750")),
    ]
    assert moved.database.query("SELECT telegram_chat_id FROM Usuarios ORDER BY id") == [(123456789,), (None,), (None,)]
    nodes = "SELECT nombre, descripcion, protocolo, intervalo_s, ultima_lectura FROM Nodos ORDER BY id"
    newest = datetime.fromtimestamp(moved.house[-1].t, UTC).replace(tzinfo=None)
    house, shop = moved.database.query(nodes)
    assert house == ("Tablero; 'principal'", "Tablero; 'principal'", 1, 120, newest)
    assert shop[:2] == (SHOP, None)


async def test_a_dry_run_tells_and_changes_nothing(moved: Moved) -> None:
    before = moved.contents()
    told = moved.run("--dry-run")
    assert "Usuarios: 3 vendrían, 0 ya estaban." in told
    assert f"Mediciones de {HOUSE}: 60467 valores" in told
    assert "no se cambió nada" in told
    assert moved.contents() == before
    moved.run()
    assert "Usuarios: 0 vendrían, 3 ya estaban." in moved.run("--dry-run")


async def test_a_killed_import_is_finished_by_the_next(moved: Moved) -> None:
    command: list[str | Path] = [ENERTRACK, "import-original", moved.tables, "--measurements", moved.measurements]
    begun = "SELECT count(*) FROM Auditoria WHERE accion = 'importacion_original'"
    with running(command, moved.appliance.folder / "import.log", moved.appliance.env) as process:
        wait_until(lambda: moved.database.query(begun) == [(1,)], "people are there", process)
        async with Stored.of(moved.appliance) as found:
            await eventually(lambda: some(found), "some readings are there")
        process.kill()
    async with Stored.of(moved.appliance) as found:
        assert await found.count(HOUSE) < len(moved.house)
    moved.run()
    with moved.appliance.web() as web, web.signed_in("ana", PASSWORDS["ana"]) as client:
        entered(moved, client)


async def some(found: Stored) -> bool:
    return await found.count(HOUSE) > 0


def test_a_copy_that_wants_harm_does_none(moved: Moved) -> None:
    server = moved.database.server
    before = server.query("SELECT user, host, authentication_string FROM mysql.user ORDER BY 1, 2")
    databases = server.query("SHOW DATABASES")
    secret = moved.appliance.folder / "secreto"
    secret.write_text("1\tintruso\tx\n")
    moved.tables.write_text(HARM.format(secret=secret) + moved.tables.read_text() + HARM.format(secret=secret))
    told = moved.run()
    assert "órdenes de la copia que no se ejecutan" in told
    assert server.query("SELECT user, host, authentication_string FROM mysql.user ORDER BY 1, 2") == before
    assert server.query("SHOW DATABASES") == databases
    names = moved.database.query("SELECT nombre_usuario FROM Usuarios ORDER BY id")
    assert names == [("ana",), ("Bruno Núñez",), ("carla",)]
    assert moved.database.query("SHOW TRIGGERS") == []
    assert not (moved.appliance.folder / "salida").exists()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda m: m.tables.write_bytes(m.tables.read_bytes()[:2500]), "la copia"),
        (lambda m: m.tables.write_text("Esto no es SQL."), "la copia no tiene la tabla"),
        (lambda m: m.tables.write_bytes(b"\x1f\x8b" + bytes(100)), "está cortado o dañado"),
        (lambda m: m.tables.unlink(), "no se puede leer"),
        (lambda m: m.measurements.write_bytes(m.measurements.read_bytes()[:-500]), "está cortado o dañado"),
    ],
    ids=["cut", "other", "damaged", "missing", "cut-measurements"],
)
def test_an_unreadable_copy_changes_nothing(moved: Moved, spoil: Callable[[Moved], object], told: str) -> None:
    spoil(moved)
    before = moved.contents()
    with pytest.raises(AssertionError, match=told) as failure:
        moved.run()
    assert "Traceback" not in str(failure.value)
    assert moved.contents() == before
