"""Copies of tables, as the real mariadb-dump writes them and as nobody should."""

from pathlib import Path

import pytest

from enertrack.original import dump
from enertrack.original.files import CopyError
from enertrack.original.people import Original, understand
from tests.original.source import ADDED_BY_HAND, HASHES, HOUSE, SHOP, UNUSED, Tables
from tests.support.mariadb import Database

NASTY = [
    "comillas ' \" ` y \\ al final \\",
    "'); DROP TABLE Usuarios; -- ",
    "varias\nlíneas\r\ty\0nada\x1a",
    "/* comentario */ # otro",
    "ñandú € 你好 🙂",
    "%_\\%\\_",
    "",
    "a" * 60_000,
]
OPTIONS = [
    ("--single-transaction",),
    ("--complete-insert", "--skip-extended-insert"),
    ("--hex-blob", "--compact", "--replace"),
    ("--insert-ignore", "--skip-quote-names", "--no-tablespaces"),
    ("--routines", "--triggers", "--events", "--add-drop-database", "--databases"),
    ("--compatible=ansi", "--default-character-set=utf8mb4"),
]


@pytest.fixture
def tables(mariadb_database: Database) -> Tables:
    return Tables(mariadb_database.server, mariadb_database.name)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: o[0])
def test_what_mariadb_dump_writes_is_read_back(tables: Tables, tmp_path: Path, options: tuple[str, ...]) -> None:
    tables.run("CREATE TABLE otra (a LONGBLOB)")
    tables.run("CREATE TRIGGER t BEFORE INSERT ON Usuarios FOR EACH ROW BEGIN SET NEW.password_hash = 'x'; END")
    tables.run("CREATE PROCEDURE p() BEGIN INSERT INTO Usuarios VALUES (1, 'a'); DELETE FROM Nodos; END")
    for i, text in enumerate(NASTY):
        tables.server.query("INSERT INTO otra VALUES (%s)", text, database=tables.name)
        new = "INSERT INTO Nodos (esp_id, descripcion) VALUES (%s, %s)"
        tables.server.query(new, f"nodo {i}", text, database=tables.name)
    found = dump.read(tables.dump(tmp_path / "copia.sql", *options))
    asked = tables.server.query("SELECT esp_id, descripcion FROM Nodos ORDER BY nodo_id", database=tables.name)
    assert [(row["esp_id"], row["descripcion"]) for row in found.tables["Nodos"]] == asked
    assert [row["nombreusuario"] for row in found.tables["Usuarios"]] == list(HASHES)


@pytest.mark.parametrize("change", ["", ADDED_BY_HAND, UNUSED], ids=["schema", "added-by-hand", "unused-columns-gone"])
def test_all_forms_of_the_schema_are_understood(tables: Tables, tmp_path: Path, change: str) -> None:
    if change:
        tables.run(change)
    found = understand(dump.read(tables.dump(tmp_path / "copia.sql")))
    assert [(a.name, a.password_hash) for a in found.accounts] == list(HASHES.items())
    assert [m.esp_id for m in found.meters] == [HOUSE, SHOP]
    assert {(x.user, x.meter, x.place) for x in found.links} == {
        (1, 1, "Casa"),
        (2, 1, "Lo de Ana"),
        (2, 2, "Almacén"),
        (3, 2, None),
    }
    assert {key: str(limit.kw) for key, limit in found.limits.items()} == {
        (1, 1): "3.500",
        (2, 2): "0.750",
        (3, 1): "9.000",
    }


def test_names_in_latin1_keep_their_accents(tables: Tables, tmp_path: Path) -> None:
    copy = tables.dump(tmp_path / "copia.sql", "--default-character-set=latin1")
    assert "Bruno Núñez".encode("cp1252") in copy.read_bytes()
    assert [a.name for a in understand(dump.read(copy)).accounts] == list(HASHES)


PHPMYADMIN = """-- phpMyAdmin SQL Dump
SET SQL_MODE = "NO_AUTO_VALUE_ON_ZERO";
START TRANSACTION;
/*!40101 SET NAMES utf8mb4 */;
CREATE TABLE `Usuarios` (
  `usuario_id` int(11) NOT NULL, `nombreUsuario` varchar(50) NOT NULL, `password_hash` varchar(255)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='a;b';
INSERT INTO `Usuarios` (`usuario_id`, `password_hash`, `nombreUsuario`) VALUES
(1, 'h', 'O''Higgins'),
(2, 'h', 'Peña');
CREATE TABLE `Nodos` (`nodo_id` int, `esp_id` varchar(50));
CREATE TABLE `UsuariosNodos` (`usuario_id` int, `nodo_id` int, PRIMARY KEY (`usuario_id`,`nodo_id`));
ALTER TABLE `Usuarios` ADD PRIMARY KEY (`usuario_id`);
COMMIT"""


def read(tmp_path: Path, text: str | bytes) -> dump.Dump:
    file = tmp_path / "copia.sql"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return dump.read(file)


def test_a_copy_by_phpmyadmin_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, PHPMYADMIN)
    names = [(row["usuario_id"], row["nombreusuario"]) for row in found.tables["Usuarios"]]
    assert names == [("1", "O'Higgins"), ("2", "Peña")]
    assert found.ignored == {}
    assert isinstance(understand(found), Original)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("INSERT INTO Usuarios VALUES (LOAD_FILE('/etc/passwd'));", "donde debía haber"),
        ("CREATE TABLE Usuarios (usuario_id int); INSERT INTO Usuarios VALUES (1, 2);", "2 valores para 1 columnas"),
        ("CREATE TABLE Usuarios (usuario_id int); INSERT INTO Usuarios VALUES (SELECT 1);", "donde debía haber"),
        ("CREATE TABLE Usuarios (usuario_id int); INSERT INTO Usuarios VALUES (1", "cortada"),
        ("CREATE TABLE Usuarios (usuario_id int); INSERT INTO Usuarios VALUES ('abc", "donde debía haber"),
        ("CREATE TABLE Usuarios (a int); CREATE TABLE x.usuarios (a int);", "dos tablas Usuarios"),
        ("CREATE TABLE Usuarios (a int", "cortada"),
        ("/*!40101 SET NAMES gbk */;", "GBK"),
        ("SET NAMES 'sjis';", "SJIS"),
        (b"CREATE TABLE Nodos (esp_id int); INSERT INTO Nodos VALUES ('\xf1');", "default-character-set"),
    ],
)
def test_what_is_no_copy_is_refused(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(CopyError, match=told):
        read(tmp_path, text)


def test_no_end_of_rows_nor_of_words_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump, "MOST_ROWS", 10)
    monkeypatch.setattr("enertrack.original.lexer.LONGEST", 1 << 21)
    with pytest.raises(CopyError, match="más de 10 filas"):
        read(tmp_path, "CREATE TABLE Nodos (esp_id int); INSERT INTO Nodos VALUES " + ",".join(["(1)"] * 11) + ";")
    with pytest.raises(CopyError, match="64 MB"):
        read(tmp_path, "INSERT INTO otra VALUES ('" + "a" * (4 << 20))
