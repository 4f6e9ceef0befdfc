"""An installation of the original: its tables in a real MariaDB, its measurements in a real InfluxDB, and copies."""

import csv
import re
import subprocess
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from werkzeug.security import generate_password_hash

from enertrack.domain.leaves import DT_S
from tests.support.household import CSV
from tests.support.influxd import Influxd, find
from tests.support.mariadb import MariaDB

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
PASSWORDS = {"ana": "clave de ana", "Bruno Núñez": "clave de bruno", "carla": "clave de carla"}
HASHES = {name: generate_password_hash(password, "scrypt:32768:8:1") for name, password in PASSWORDS.items()}
HOUSE, SHOP = "1265B7A0", "1265B7A1"
SCHEMA = """
CREATE TABLE Usuarios (usuario_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, nombreUsuario VARCHAR(50) NOT NULL UNIQUE,
  password_hash VARCHAR(255) NOT NULL, telegram_chat_id BIGINT DEFAULT NULL, telegram_vinculado TINYINT(1) DEFAULT 0,
  codigo_vinculacion VARCHAR(10) DEFAULT NULL, fecha_registro TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE Nodos (nodo_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, esp_id VARCHAR(50) NOT NULL UNIQUE,
  nombre VARCHAR(100), descripcion TEXT, activo TINYINT(1) DEFAULT 1, fecha_creacion DATETIME DEFAULT NOW());
CREATE TABLE UsuariosNodos (usuario_id INT UNSIGNED NOT NULL, nodo_id INT UNSIGNED NOT NULL,
  activo TINYINT(1) NOT NULL DEFAULT 1, ubicacion VARCHAR(100), fecha_asignacion DATETIME DEFAULT NOW(),
  ultimo_acceso DATETIME, PRIMARY KEY (usuario_id, nodo_id), FOREIGN KEY (nodo_id) REFERENCES Nodos (nodo_id));
CREATE TABLE UmbralesNodo (id INT AUTO_INCREMENT PRIMARY KEY, usuario_id INT UNSIGNED NOT NULL,
  nodo_id INT UNSIGNED NOT NULL, umbral_kw DECIMAL(10,3) NOT NULL, alertas_activas TINYINT(1) DEFAULT 1,
  fecha_actualizacion DATETIME DEFAULT NOW())
"""
ADDED_BY_HAND = """
ALTER TABLE UsuariosNodos ADD COLUMN descripcion VARCHAR(255);
ALTER TABLE UmbralesNodo ADD COLUMN estado_alerta VARCHAR(20), ADD COLUMN ultima_alerta DATETIME;
UPDATE UsuariosNodos SET descripcion = 'La casa' WHERE usuario_id = 1 AND nodo_id = 1
"""
"""What its program needs and its schema lacks."""
UNUSED = """
ALTER TABLE Usuarios DROP COLUMN telegram_vinculado, DROP COLUMN codigo_vinculacion;
ALTER TABLE Nodos DROP COLUMN nombre, DROP COLUMN activo, DROP COLUMN fecha_creacion;
ALTER TABLE UsuariosNodos DROP COLUMN activo, DROP COLUMN fecha_asignacion, DROP COLUMN ultimo_acceso;
ALTER TABLE UmbralesNodo DROP COLUMN alertas_activas, DROP COLUMN fecha_actualizacion
"""


@dataclass(frozen=True)
class Tables:
    """The original's database ``name``, filled."""

    server: MariaDB
    name: str

    def __post_init__(self) -> None:
        self.run(SCHEMA)
        for name, hashed in HASHES.items():
            insert = "INSERT INTO Usuarios (nombreUsuario, password_hash) VALUES (%s, %s)"
            self.server.query(insert, name, hashed, database=self.name)
        self.run(
            f"""
            UPDATE Usuarios SET telegram_chat_id = 123456789 WHERE usuario_id = 1;
            INSERT INTO Nodos (esp_id, descripcion) VALUES ('{HOUSE}', 'Tablero; ''principal'''), ('{SHOP}', NULL);
            INSERT INTO UsuariosNodos (usuario_id, nodo_id, ubicacion, fecha_asignacion) VALUES
              (1, 1, 'Casa', '2025-02-01'), (2, 1, 'Lo de Ana', '2025-03-01'), (2, 2, 'Almacén', '2025-01-01'),
              (3, 2, NULL, '2025-04-01');
            INSERT INTO UmbralesNodo (usuario_id, nodo_id, umbral_kw) VALUES (1, 1, 3.5), (2, 2, 0.75);
            INSERT INTO UmbralesNodo (usuario_id, nodo_id, umbral_kw) VALUES (3, 1, 9)
            """
        )

    def run(self, statements: str) -> None:
        """Statements as the server's administrator."""
        for statement in statements.strip().split(";\n"):
            self.server.query(statement, database=self.name)

    def dump(self, to: Path, *options: str) -> Path:
        """A copy by the real mariadb-dump."""
        common = ["mariadb-dump", "--no-defaults", f"--socket={self.server.socket}", "-uroot"]
        with to.open("wb") as file:
            subprocess.run([*common, *(options or ("--single-transaction",)), self.name], stdout=file, check=True)
        return to


def household_w() -> list[float]:
    """Mean power of a real household, minute by minute."""
    with CSV.open() as table:
        return [float(row["active_power_w"]) for row in csv.DictReader(table)]


@dataclass(frozen=True)
class Sent:
    """What a board of the original published at ``t``: its register in whole Wh, and the energy of its window."""

    t: int
    used_wh: float
    register_wh: int

    @property
    def shown_kwh(self) -> float:
        """The register as the meter tells it; it begins again after 9,999.99 kWh."""
        return self.register_wh % 10_000_000 / 1000

    def lines(self, board: str) -> Iterator[str]:
        """As the original stored it: each leaf with the nanosecond at which it arrived."""
        watts = self.used_wh * 3600 / DT_S
        leaves = {"tension": 221.3, "corriente": round(watts / 221.3, 2), "fp": 0.9, "frecuencia": 50.02}
        leaves |= {"potencia_prom": round(watts, 1), "consumo": round(self.used_wh / 1000, 4)}
        leaves["energy_raw"] = self.shown_kwh
        for i, (leaf, value) in enumerate(leaves.items()):
            yield f"{leaf},esp_id={board} valor={value} {self.t * 10**9 + 700_123_456 + i * 91_234_567}"


def sent(start: int, register_wh: float) -> list[Sent]:
    """Some days of the household as a board would have published them, each 120 s from ``start`` on."""
    watts, found = household_w(), []
    for i in range(0, len(watts) - 1, 2):
        used = (watts[i] + watts[i + 1]) / 60
        register_wh += used
        found.append(Sent(start + (i // 2 + 1) * DT_S, used, int(register_wh)))
    return found


def day_wh(found: list[Sent]) -> dict[date, float]:
    """Energy of each local day by the register, counted second by second; none is used where nothing was sent."""
    days: dict[date, float] = defaultdict(float)
    for before, after in pairwise(found):
        used = after.register_wh - before.register_wh
        for t in range(after.t - DT_S, after.t) if used else ():
            days[datetime.fromtimestamp(t, ZONE).date()] += used / DT_S
    return dict(days)


def write(influxd: Influxd, bucket: str, lines: list[str]) -> None:
    """Points, as the original wrote them."""
    where = {"org": influxd.org, "bucket": bucket, "precision": "ns"}
    for i in range(0, len(lines), 20_000):
        influxd.request("POST", "/api/v2/write", params=where, content="\n".join(lines[i : i + 20_000]))


def export(influxd: Influxd, bucket: str, to: Path) -> Path:
    """Its line protocol by the real ``influxd inspect export-lp``, packed."""
    found = influxd.request("GET", "/api/v2/buckets", params={"name": bucket}).json()["buckets"][0]["id"]
    command = [find(), "inspect", "export-lp", "--bucket-id", found, "--engine-path", influxd.folder / "engine"]
    subprocess.run([*command, "--output-path", to, "--compress"], check=True, capture_output=True)
    return to


def shown_wh(client: httpx.Client, board: str, days: Collection[date]) -> dict[date, float]:
    """What ``/consumo`` shows for some days of a meter."""
    shown: dict[date, str] = {}
    for month in {day.replace(day=1) for day in days}:
        page = client.get("/consumo", params={"periodo": "dia", "fecha": month.isoformat(), "nodo": board}).text
        rows = re.findall(r'<tr data-bin="([\d-]+)".*?<td[^>]*>\s*([^<\s]+)', page, re.DOTALL)
        shown |= {date.fromisoformat(day): kwh.replace(".", "").replace(",", ".") for day, kwh in rows}
    return {day: float(shown[day]) * 1000 for day in days if re.search(r"\d", shown[day])}
