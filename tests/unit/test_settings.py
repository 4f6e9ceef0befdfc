"""What the environment may say, and how each mistake is told."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from enertrack.settings import Settings, SettingsError, env_name, load

SERVERS = {
    "MYSQL_USER": "app",
    "MYSQL_PASSWORD": "clave-de-mariadb",
    "MYSQL_DB": "enertrack",
    "INFLUX_URL": "http://127.0.0.1:8086/",
    "INFLUX_TOKEN": "clave-de-influx",
    "INFLUX_ORG": "IoT",
    "INFLUX_BUCKET": "medidoresEnergia",
    "ENERTRACK_MQTT_HOST": "127.0.0.1",
}
EXAMPLE = Path(__file__).parents[2] / ".env.example"


def mistakes(env: Mapping[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(env)
    return caught.value.mistakes


def test_nothing_configured_is_embedded(tmp_path: Path) -> None:
    settings = load({"ENERTRACK_DATOS": str(tmp_path)})
    assert settings.embedded
    assert settings.database_url == f"sqlite+aiosqlite:///{tmp_path}/enertrack.db"
    assert settings.zone.key == "America/Argentina/Buenos_Aires"


def test_the_originals_names_are_read() -> None:
    original = {
        "DOMINIO": "casa.example",
        "PUERTO": "8443",
        "PUERTO_MQTTS": "8884",
        "MQTT_USR": "medidores",
        "MQTT_PASS": "compartida",
        "FLASK_SECRET_KEY": "0123456789abcdef",
        "FERNET_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        "enertrackBotToken": "bot",
        "PORT": "8007",
        "TZ": "Europe/Madrid",
        "MYSQL_HOST": "db",
    }
    settings = load(SERVERS | original)
    assert not settings.embedded
    assert settings.influx_url == "http://127.0.0.1:8086"
    for name, value in original.items():
        read = getattr(settings, name.lower())
        assert (read.get_secret_value() if isinstance(read, SecretStr) else str(read)) == value


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_partly_configured_names_the_missing_variable(name: str) -> None:
    told = mistakes({k: v for k, v in SERVERS.items() if k != name})
    assert len(told) == 1
    assert told[0].startswith(name)
    assert "a medias" in told[0]


@pytest.mark.parametrize("name", [*sorted(SERVERS), "DOMINIO", "MYSQL_HOST"])
def test_one_variable_of_a_server_is_no_demo(name: str) -> None:
    assert mistakes({name: SERVERS.get(name, "x")})


def test_production_has_no_embedded_mode() -> None:
    told = "\n".join(mistakes({"ENERTRACK_MODO": "produccion"}))
    for name in SERVERS:
        assert name in told
    assert "ENERTRACK_MODO=produccion" in told


def test_empty_is_not_set_but_for_the_metrics() -> None:
    settings = load({"MYSQL_USER": "", "PORT": "", "ENERTRACK_MODO": "", "ENERTRACK_METRICAS": ""})
    assert settings.embedded
    assert settings.port == 8006
    assert not settings.enertrack_metricas


def test_all_mistakes_are_told_at_once_and_in_spanish() -> None:
    wrong = {
        "PORT": "ochenta",
        "PUERTO": "70000",
        "TZ": "Marte/Olimpo",
        "INFLUX_URL": "127.0.0.1",
        "ENERTRACK_MODO": "prueba",
        "ENERTRACK_CUENTAS_BROKER": "emqx",
        "ENERTRACK_PROXY": "quizás",
        "ENERTRACK_METRICAS": "9464",
        "ENERTRACK_INGESTA_ID": "con espacio",
        "ENERTRACK_MQTT_CA": "/no/existe.pem",
        "ENERTRACK_EDAD_MAXIMA_DIAS": "-1",
        "FLASK_SECRET_KEY": "dev-secret",
        "FERNET_KEY": "corta",
        "MQTT_USR": "u",
    }
    told = mistakes(wrong)
    named = {t.split(":")[0].split()[0] for t in told}
    assert set(wrong) - {"MQTT_USR"} | {"MQTT_PASS", "MYSQL_USER", "INFLUX_TOKEN", "ENERTRACK_MQTT_HOST"} <= named
    assert not [t for t in told if re.search(r"\b(should|Input|must|valid)\b", t)]
    assert "dev-secret" not in "\n".join(told)
    assert [t for t in told if "debe ser dynsec o ninguna, o quedar vacía (se leyó 'emqx')" in t]
    assert [t for t in told if "debe ser produccion, o quedar vacía" in t]


def retention(days: str, age: str) -> dict[str, str]:
    return {"ENERTRACK_RETENCION_DIAS": days, "ENERTRACK_EDAD_MAXIMA_DIAS": age}


@pytest.mark.parametrize(("days", "age"), [("0", "0"), ("430", "400"), ("430", "422")])
def test_retention_that_keeps_the_oldest_reading(days: str, age: str) -> None:
    assert load(retention(days, age)).enertrack_retencion_dias == int(days)


@pytest.mark.parametrize(("days", "age"), [("429", "400"), ("430", "423"), ("500", "0")])
def test_retention_that_would_lose_an_accepted_reading(days: str, age: str) -> None:
    assert mistakes(retention(days, age))[0].startswith("ENERTRACK_RETENCION_DIAS")


def test_secrets_come_from_the_credentials_folder(tmp_path: Path) -> None:
    (tmp_path / "mysql_password").write_text("de-systemd\n")
    (tmp_path / "enertrackbottoken").write_text("bot")
    env = {k: v for k, v in SERVERS.items() if k != "MYSQL_PASSWORD"} | {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    settings = load(env)
    assert make_url(settings.database_url).password == "de-systemd"
    assert settings.enertrackbottoken is not None
    assert mistakes({"CREDENTIALS_DIRECTORY": str(tmp_path / "otra")})[0].startswith("CREDENTIALS_DIRECTORY")


def test_the_file_env_of_the_folder_is_read_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=9001\nTZ=Europe/Madrid\nOTRA=cosa\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.delenv("PORT", raising=False)
    settings = load()
    assert settings.port == 9001
    assert settings.tz == "Asia/Kathmandu"
    assert load({}).port == 8006


def test_a_socket_needs_no_password() -> None:
    env = {k: v for k, v in SERVERS.items() if k != "MYSQL_PASSWORD"}
    url = make_url(load(env | {"ENERTRACK_MYSQL_SOCKET": "/run/mysqld/mysqld.sock"}).database_url)
    assert url.query["unix_socket"] == "/run/mysqld/mysqld.sock"
    assert url.password is None


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(lambda s: s == s.strip()))
def test_any_password_reaches_the_database_as_it_is(password: str) -> None:
    url = make_url(load(SERVERS | {"MYSQL_PASSWORD": password}).database_url)
    assert (url.password, url.host, url.database, url.username) == (password, "localhost", "enertrack", "app")


def test_no_secret_is_ever_shown() -> None:
    secrets = {n: f"secreto{i:028}" for i, n in enumerate(secret_names())}
    secrets["FERNET_KEY"] = "c2VjcmV0b3NlY3JldG9zZWNyZXRvc2VjcmV0b3NlY3I="
    env = SERVERS | secrets | {"ENERTRACK_MQTT_USUARIO": "u", "MQTT_USR": "u", "ENERTRACK_SMTP_USUARIO": "u"}
    settings = load(env)
    shown = [repr(settings), str(settings), settings.model_dump_json()]
    shown.append("\n".join(mistakes(env | {"FERNET_KEY": "secreto-mal", "FLASK_SECRET_KEY": "secreto", "PORT": "x"})))
    assert "secreto" not in "".join(shown)
    assert "c2VjcmV0" not in "".join(shown)


def secret_names() -> list[str]:
    return [env_name(name) for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def test_the_secrets_are_these() -> None:
    assert set(secret_names()) == {
        *("MYSQL_PASSWORD", "INFLUX_TOKEN", "FLASK_SECRET_KEY", "FERNET_KEY", "enertrackBotToken"),
        *("MQTT_PASS", "ENERTRACK_MQTT_CLAVE", "ENERTRACK_RESPALDO_CLAVE", "ENERTRACK_RESPALDO_ENTORNO"),
        "ENERTRACK_SMTP_CLAVE",
    }


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({"ENERTRACK_SMTP_HOST": "correo"}, ["ENERTRACK_SMTP_REMITENTE", "DOMINIO"]),
        ({"ENERTRACK_SMTP_REMITENTE": "a@b.example"}, ["ENERTRACK_SMTP_HOST"]),
        ({"ENERTRACK_SMTP_CLAVE": "x"}, ["ENERTRACK_SMTP_USUARIO"]),
        ({"ENERTRACK_SMTP_SEGURIDAD": "ssl"}, ["ENERTRACK_SMTP_SEGURIDAD"]),
        ({"ENERTRACK_REGISTRO": "si"}, ["ENERTRACK_REGISTRO"]),
    ],
)
def test_mail_is_whole_or_not_at_all(env: dict[str, str], names: list[str]) -> None:
    without_name = {k: v for k, v in SERVERS.items() if k != "DOMINIO"} | {"ENERTRACK_MQTT_HOST": "127.0.0.1"}
    assert [m.partition(":")[0] for m in mistakes(without_name | env)] == names


def test_a_sender_is_an_address() -> None:
    env = SERVERS | {"ENERTRACK_SMTP_HOST": "correo", "DOMINIO": "casa.example", "ENERTRACK_SMTP_REMITENTE": "casa"}
    assert mistakes(env) == [
        "ENERTRACK_SMTP_REMITENTE: debe ser una dirección de correo, como enertrack@ejemplo.com (se leyó 'casa')"
    ]


def test_the_example_shows_each_variable_with_its_default() -> None:
    shown = dict(re.findall(r"^#(\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))
    assert shown == {env_name(name): plain(field.default) for name, field in Settings.model_fields.items()}


def plain(default: Any) -> str:  # noqa: ANN401 - whatever a field holds
    if default is None:
        return ""
    return str(int(default)) if isinstance(default, bool) else str(default)
