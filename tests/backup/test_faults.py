"""What goes wrong is told with what to do, in the report too, and leaves nothing half-written."""

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from enertrack import settings
from enertrack.backup.bucket import Server
from enertrack.backup.failure import Failed
from tests.backup.conftest import BEGIN, PASSWORD, READINGS, STEP, House
from tests.stores.measurements.answering import answering, told
from tests.support.influxd import Influxd
from tests.support.processes import wait_until

FULL_KB = 400


def refused(house: House, command: str, report: str = "", **env: str) -> str:
    """What a command complains of, which its report says too."""
    done = house.run(*command.split(), **env)
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    complaint = done.stderr.strip().splitlines()[-1]
    if report:
        told = house.told(report)
        assert told["resultado"] == "falla"
        assert told["detalle"] in complaint
    assert house.left() == []
    return complaint


def untouched(house: House) -> tuple[object, ...]:
    """All that a command must leave as it is."""
    buckets = house.influxd.request("GET", "/api/v2/buckets", params={"name": house.bucket}).json()["buckets"]
    scratch = house.influxd.request("GET", "/api/v2/buckets?limit=100").json()["buckets"]
    assert not [b for b in scratch if b["name"].startswith(house.bucket + "_")]
    assert not house.database.query(f"SHOW DATABASES LIKE '{house.database.name}_ensayo'")
    return house.rows(), house.hours(), [b["id"] for b in buckets], house.accounts.read_bytes()


def snapshots(house: House) -> int:
    env = os.environ | {"RESTIC_REPOSITORY": str(house.repository), "RESTIC_PASSWORD": PASSWORD}
    done = subprocess.run(["restic", "snapshots", "--json"], env=env, capture_output=True, text=True, check=True)
    return done.stdout.count('"short_id"')


def test_data_is_replaced_only_where_that_is_asked_for(house: House) -> None:
    house.done("backup")
    rows, hours = house.rows(), house.hours()
    house.write(BEGIN + READINGS * STEP, 10)
    house.database.query("UPDATE Nodos SET nombre = 'otro'")
    assert "agregue --replace" in refused(house, "restore")
    assert house.hours() != hours
    house.done("restore", "--replace")
    assert (house.rows(), house.hours()) == (rows, hours)


@pytest.mark.parametrize("command", ["rehearse", "restore --replace"])
def test_another_password_opens_nothing(house: House, command: str) -> None:
    house.done("backup")
    before = untouched(house)
    report = "rehearsal" if command == "rehearse" else ""
    said = refused(house, command, report, ENERTRACK_RESPALDO_CLAVE="otra")
    assert "la clave no abre el repositorio" in said
    assert "la clave no abre" in refused(house, "backup", "backup", ENERTRACK_RESPALDO_CLAVE="otra")
    assert untouched(house) == before


def test_damage_to_the_repository_is_told_before_anything_is_touched(house: House) -> None:
    house.done("backup")
    before = untouched(house)
    for pack in (house.repository / "data").rglob("*"):
        if pack.is_file():
            pack.chmod(0o600)
            half = pack.read_bytes()[: pack.stat().st_size // 2]
            pack.write_bytes(half.ljust(pack.stat().st_size, b"\0"))  # restic asks again and again for a shorter one
    assert "dañado" in refused(house, "rehearse", "rehearsal")
    assert refused(house, "restore --replace")
    assert untouched(house) == before


def test_a_repository_that_lost_its_beginning_is_not_made_anew(house: House) -> None:
    house.done("backup")
    (house.repository / "config").unlink()
    assert "no hay ningún repositorio" in refused(house, "backup", "backup")
    assert not (house.repository / "config").exists()


def test_no_copies_and_unknown_ones(house: House) -> None:
    assert "no hay ningún repositorio" in refused(house, "rehearse", "rehearsal")
    house.done("backup")
    assert "no hay una copia 'ffff'" in refused(house, "restore --replace --snapshot ffff")


def test_a_repository_of_another_user_is_left_to_that_user(house: House) -> None:
    house.repository.mkdir()
    os.chown(house.repository, 12345, 12345)
    assert "systemctl start enertrack-backup.service" in refused(house, "backup", "backup")
    assert not list(house.repository.iterdir())


def test_servers_that_are_away(house: House) -> None:
    house.done("backup")
    assert "InfluxDB no responde" in refused(house, "backup", "backup", INFLUX_URL="http://127.0.0.1:1")
    assert "MYSQL_USER" in refused(house, "backup", "backup", ENERTRACK_MYSQL_PUERTO="1")
    reading = house.influxd.reading_token()
    assert "la de quien lo administra" in refused(house, "backup", "backup", INFLUX_TOKEN=reading)
    missing = str(house.folder / "nada.json")
    assert "ENERTRACK_RESPALDO_BROKER" in refused(house, "backup", "backup", ENERTRACK_RESPALDO_BROKER=missing)
    assert snapshots(house) == 1


@pytest.mark.parametrize("server", ["mariadb", "influxd"])
def test_a_server_that_dies_in_the_middle(server: str, house: House, new_house: House) -> None:
    """It dies when the restore has fetched the copy; what was there is as it was when it is back."""
    house.done("backup")
    new_house.database.query("INSERT INTO Usuarios (nombre_usuario, password_hash) VALUES ('eva', 'x')")
    before = untouched(new_house)
    maria, influxd = new_house.database.server, new_house.influxd
    victim = maria if server == "mariadb" else influxd
    fetched = new_house.folder / "datos/recuperacion/manifiesto.json"

    def kill() -> None:
        wait_until(fetched.exists, "the copy is fetched")
        victim.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    said = refused(new_house, "restore --replace")
    killer.join()
    victim.start()
    assert ("InfluxDB no responde" if server == "influxd" else "MariaDB") in said
    new_house.database.query(f"DROP DATABASE IF EXISTS {new_house.database.name}_ensayo")
    assert untouched(new_house) == before
    new_house.done("restore", "--replace")
    assert (new_house.rows(), new_house.hours()) == (house.rows(), house.hours())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with hardly any room."""
    place = tmp_path / "poco"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={FULL_KB}k", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("what", ["state", "repository"])
def test_a_full_disk_is_told_and_leaves_nothing_behind(what: str, house: House, small_disk: Path) -> None:
    house.done("backup")
    more = {"ENERTRACK_DATOS": str(small_disk)} if what == "state" else {}
    if what == "repository":
        shutil.move(house.repository, small_disk / "r")
        more["ENERTRACK_RESPALDO_REPOSITORIO"] = str(small_disk / "r")
    room = shutil.disk_usage(small_disk).free
    (small_disk / "lastre").write_bytes(os.urandom(max(0, room - 20_000)))
    house.database.query("UPDATE Nodos SET descripcion = MD5(nombre)")
    done = house.run("backup", **more)
    assert done.returncode == 1
    assert "no queda lugar" in done.stderr
    assert not (small_disk / "copia").exists()
    (small_disk / "lastre").unlink()
    if what == "repository":
        house.done("backup", **more)
        house.done("rehearse", **more)


def test_a_copy_taken_while_readings_arrive_is_whole(house: House, new_house: House) -> None:
    """What was stored before it began is in it; what comes later may be; each is as it was written."""
    stop, sent = threading.Event(), threading.Event()

    def write() -> None:
        at = READINGS
        while not stop.is_set():
            house.write(BEGIN + at * STEP, 20)
            house.database.query("UPDATE Nodos SET ultima_lectura = NOW(), senal_dbm = -1 - senal_dbm % 100")
            at += 20
            sent.set()

    writer = threading.Thread(target=write)
    writer.start()
    sent.wait(60)
    before = house.hours()
    house.done("backup")
    stop.set()
    writer.join()
    new_house.done("restore")
    after, came_back = house.hours(), new_house.hours()
    last = max(hour for _, hour in came_back)
    assert {k: v for k, v in came_back.items() if k[1] < last} == {k: v for k, v in after.items() if k[1] < last}
    assert all(came_back[key][0] >= count for key, (count, _, _) in before.items())


async def test_a_shard_that_gives_no_copy_just_now_is_asked_again(house: House, tmp_path: Path) -> None:
    refusals = iter([told(500, "internal error", "An internal error has occurred - check server logs")])

    def reply(path: str, _body: bytes) -> bytes:
        refused = next(refusals, None) if "/backup/shards/" in path else None
        return refused or relayed(house.influxd, path)

    async with answering(reply) as gate, Server.of(settings.load(house.env | {"INFLUX_URL": gate.url})) as server:
        await server.save(tmp_path)
        asked = [path for path, _ in gate.asked if "/backup/shards/" in path]
    assert len(asked) == len(set(asked)) + 1
    assert all((tmp_path / f"{path.rsplit('/', 1)[1]}.tar").stat().st_size for path in asked)


def relayed(server: Influxd, path: str) -> bytes:
    """What the real server answers."""
    given = server.request("GET", path)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {given.headers['content-type']}\r\nContent-Length: {len(given.content)}"
    return head.encode() + b"\r\n\r\n" + given.content


def test_two_at_a_time_follow_each_other(house: House) -> None:
    house.done("backup")
    first, second = house.start("backup"), house.start("backup")
    assert (first.wait(), second.wait()) == (0, 0)
    assert house.told("backup")["resultado"] == "bien"
    assert snapshots(house) == 3


def test_where_all_is_embedded_there_is_nothing_to_ask_for(house: House) -> None:
    env = {"PATH": house.env["PATH"], "ENERTRACK_DATOS": str(house.folder / "datos")}
    done = House.run(house, "backup", **dict.fromkeys(house.env, "") | env)
    assert done.returncode == 1
    assert "todo corre embebido" in done.stderr


def test_no_secret_is_in_the_arguments(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = subprocess.Popen.__init__

    def spy(self: object, command: list[str], *more: object, **named: object) -> None:
        seen.extend([*command, *dict(named.get("env") or {}).values()])  # type: ignore[call-overload]
        real(self, command, *more, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess.Popen, "__init__", spy)
    house.done("backup")
    secrets = (PASSWORD, house.env["MYSQL_PASSWORD"], house.influxd.token)
    assert seen
    assert not [word for word in seen for secret in secrets if secret in word]


def test_readings_stay_where_those_to_replace_them_have_gone(house: House) -> None:
    async def replace() -> None:
        async with Server.of(settings.load(house.env)) as server:
            await server.replace(f"{house.bucket}_ensayo")

    before = untouched(house)
    with pytest.raises(Failed, match="vuelva a intentarlo"):
        asyncio.run(replace())
    assert untouched(house) == before
