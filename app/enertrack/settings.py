"""The environment that every process reads: the original's names as they were, new ones beginning with ENERTRACK_."""

import base64
import binascii
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

MIN_RETENTION_DAYS = 430
FROZEN_DAYS = 8
MIN_SECRET_KEY = 16
HTTPS = 443
EMPTY_MEANS_OFF = {"enertrack_metricas"}

_MARIADB = ("mysql_user", "mysql_password", "mysql_db")
_INFLUX = ("influx_url", "influx_token", "influx_org", "influx_bucket")
_TELLS_MARIADB = {*_MARIADB, "mysql_host", "enertrack_mysql_puerto", "enertrack_mysql_socket", "enertrack_mysql_ca"}
_TELLS_INFLUX = {*_INFLUX, "enertrack_influx_ca"}
_TELLS_MQTT = {
    *("dominio", "mqtt_usr", "mqtt_pass", "enertrack_mqtt_host", "enertrack_mqtt_puerto"),
    *("enertrack_mqtt_tls", "enertrack_mqtt_ca", "enertrack_mqtt_usuario", "enertrack_mqtt_clave"),
}
_PAIRS = (
    ("mqtt_usr", "mqtt_pass"),
    ("enertrack_mqtt_usuario", "enertrack_mqtt_clave"),
    ("enertrack_smtp_usuario", "enertrack_smtp_clave"),
    ("enertrack_smtp_host", "enertrack_smtp_remitente"),
)
_NEEDS = (*_PAIRS, *(pair[::-1] for pair in _PAIRS), ("enertrack_smtp_host", "dominio"))
"""What is worth nothing without the other: mail holds links to the public name."""


class SettingsError(Exception):
    """What was configured or asked for cannot be used; its text lists each mistake, in Spanish, with its mend."""

    def __init__(self, mistakes: list[str]) -> None:
        self.mistakes = mistakes
        super().__init__("No se puede arrancar:\n" + "\n".join(f"  - {m}" for m in mistakes))


def env_name(field: str) -> str:
    """The environment variable of a field."""
    return "enertrackBotToken" if field == "enertrackbottoken" else field.upper()


def _spanish_flag(value: object) -> object:
    return True if isinstance(value, str) and value.strip().lower() in {"si", "sí"} else value


def _web_address(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in {"http", "https"} or not url.hostname:
        message = "debe ser una dirección como http://127.0.0.1:8086"
        raise ValueError(message)
    return value.rstrip("/")


def _existing_file(value: Path) -> Path:
    if not value.is_file():
        message = "el archivo no existe o no se puede leer: corrija la ruta"
        raise ValueError(message)
    return value


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "no es una zona horaria de la IANA: use, por ejemplo, America/Argentina/Buenos_Aires o Europe/Madrid"
        raise ValueError(message) from None
    return value


def _listening_address(value: str) -> str:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        message = "debe ser dirección:puerto, como 127.0.0.1:9464, o quedar vacía para no publicar métricas"
        raise ValueError(message)
    return value


def _secret_key(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < MIN_SECRET_KEY:
        message = "es demasiado corta: genere otra con `openssl rand -base64 32`"
        raise ValueError(message)
    return value


def _fernet_key(value: SecretStr) -> SecretStr:
    try:
        fits = len(base64.urlsafe_b64decode(value.get_secret_value())) == 32  # noqa: PLR2004 - Fernet's key size
    except (binascii.Error, ValueError):
        fits = False
    if not fits:
        message = "debe ser 32 bytes en base64: genere otra con `openssl rand -base64 32 | tr '+/' '-_'`"
        raise ValueError(message)
    return value


Flag = Annotated[bool, BeforeValidator(_spanish_flag)]
Port = Annotated[int, Field(ge=1, le=65535)]
File = Annotated[Path, AfterValidator(_existing_file)]


class Settings(BaseSettings):
    """What the environment says; each field is the lower case of its variable's name (``.env.example`` tells each)."""

    model_config = SettingsConfigDict(
        frozen=True, extra="ignore", env_file_encoding="utf-8", str_strip_whitespace=True, hide_input_in_errors=True
    )

    mysql_user: str | None = None
    mysql_password: SecretStr | None = None
    mysql_db: str | None = None
    mysql_host: str = "localhost"
    enertrack_mysql_puerto: Port = 3306
    enertrack_mysql_socket: Path | None = None
    enertrack_mysql_ca: File | None = None

    influx_url: Annotated[str, AfterValidator(_web_address)] | None = None
    influx_token: SecretStr | None = None
    influx_org: str | None = None
    influx_bucket: str | None = None
    enertrack_influx_ca: File | None = None

    dominio: str | None = None
    puerto: Port = HTTPS
    puerto_mqtts: Port = 8883
    mqtt_usr: str | None = None
    mqtt_pass: SecretStr | None = None
    enertrack_mqtt_host: str | None = None
    enertrack_mqtt_puerto: Port | None = None
    enertrack_mqtt_tls: Flag = False
    enertrack_mqtt_ca: File | None = None
    enertrack_mqtt_usuario: str | None = None
    enertrack_mqtt_clave: SecretStr | None = None
    enertrack_cuentas_broker: Literal["dynsec", "ninguna"] = "ninguna"

    flask_secret_key: Annotated[SecretStr, AfterValidator(_secret_key)] | None = None
    fernet_key: Annotated[SecretStr, AfterValidator(_fernet_key)] | None = None
    enertrackbottoken: SecretStr | None = None
    port: Port = 8006
    tz: Annotated[str, AfterValidator(_known_zone)] = "America/Argentina/Buenos_Aires"

    enertrack_modo: Literal["", "produccion"] = ""
    enertrack_datos: Path = Path("~/.local/share/enertrack")
    enertrack_edad_maxima_dias: Annotated[int, Field(ge=0)] = 400
    enertrack_retencion_dias: Annotated[int, Field(ge=0)] = 0
    enertrack_ingesta_compartida: Flag = False
    enertrack_ingesta_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")] = "ingesta"
    enertrack_metricas: Annotated[str, AfterValidator(_listening_address)] = "127.0.0.1:9464"
    enertrack_proxy: Flag = False

    enertrack_registro: Literal["abierto", "invitacion", "cerrado"] = "invitacion"
    enertrack_smtp_host: str | None = None
    enertrack_smtp_puerto: Port | None = None
    enertrack_smtp_seguridad: Literal["starttls", "tls", "ninguna"] = "starttls"
    enertrack_smtp_usuario: str | None = None
    enertrack_smtp_clave: SecretStr | None = None
    enertrack_smtp_remitente: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None = None

    enertrack_respaldo_repositorio: str | None = None
    enertrack_respaldo_clave: SecretStr | None = None
    enertrack_respaldo_entorno: SecretStr | None = None
    enertrack_respaldo_broker: Path | None = None
    enertrack_respaldo_influx: Flag = True

    @field_validator("enertrack_datos")
    @classmethod
    def _at_home(cls, value: Path) -> Path:
        return value.expanduser()

    @field_validator("enertrack_retencion_dias")
    @classmethod
    def _retention(cls, value: int, info: ValidationInfo) -> int:
        if 0 < value < MIN_RETENTION_DAYS:
            message = f"debe ser 0 (para siempre) o {MIN_RETENTION_DAYS} días como mínimo"
            raise ValueError(message)
        age = info.data.get("enertrack_edad_maxima_dias")
        if value and age is not None and not 0 < age <= value - FROZEN_DAYS:
            message = f"con {value} días, ENERTRACK_EDAD_MAXIMA_DIAS debe estar entre 1 y {value - FROZEN_DAYS}"
            raise ValueError(message)
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the library's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - load() passes the environment itself
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment, then credentials, then the file ``.env``."""
        return init_settings, file_secret_settings, dotenv_settings

    @model_validator(mode="wrap")
    @classmethod
    def _all_mistakes_at_once(cls, data: dict[str, Any], handler: ModelWrapValidatorHandler[Self]) -> Self:
        given = {name: v for name, v in data.items() if v != "" or name in EMPTY_MEANS_OFF}
        missing = _missing(given, production=given.get("enertrack_modo") == "produccion")
        try:
            settings = handler(given)
        except ValidationError as error:
            raise SettingsError([*_in_spanish(error, given), *missing]) from None
        if missing:
            raise SettingsError(missing)
        return settings

    @property
    def embedded(self) -> bool:
        """Whether neither MariaDB nor InfluxDB nor a broker is configured, so that all is kept in one process."""
        return self.mysql_user is None

    @property
    def database_url(self) -> str:
        """Where the tables are, for SQLAlchemy; it holds the password."""
        if self.embedded:
            return f"sqlite+aiosqlite:///{self.enertrack_datos / 'enertrack.db'}"
        password = f":{quote(self.mysql_password.get_secret_value(), safe='')}" if self.mysql_password else ""
        host = f"[{self.mysql_host}]" if ":" in self.mysql_host else self.mysql_host
        more = ""
        if self.enertrack_mysql_socket:
            more = f"&unix_socket={quote(str(self.enertrack_mysql_socket))}"
        elif self.enertrack_mysql_ca:
            more = f"&ssl_ca={quote(str(self.enertrack_mysql_ca))}"
        account = quote(self.mysql_user or "", safe="") + password
        database = quote(self.mysql_db or "", safe="")
        return f"mysql+aiomysql://{account}@{host}:{self.enertrack_mysql_puerto}/{database}?charset=utf8mb4{more}"

    @property
    def public_address(self) -> str | None:
        """Where the pages are for everybody, as https://casa.example; None where no name is configured."""
        if self.dominio is None:
            return None
        return f"https://{self.dominio}" + ("" if self.puerto == HTTPS else f":{self.puerto}")

    @property
    def sends_mail(self) -> bool:
        """Whether people can be written to."""
        return self.enertrack_smtp_host is not None and self.dominio is not None

    @property
    def zone(self) -> ZoneInfo:
        """The zone of what belongs to no node and no user."""
        return ZoneInfo(self.tz)


def _missing(given: Collection[str], *, production: bool) -> list[str]:
    """What must be set besides ``given``; nothing where no server at all is configured, but for production."""
    wanted = [*_MARIADB, *_INFLUX]
    if "enertrack_mysql_socket" in given:
        wanted.remove("mysql_password")
    told = any(name in given for name in (*_TELLS_MARIADB, *_TELLS_INFLUX, *_TELLS_MQTT))
    lacking = [env_name(name) for name in wanted if name not in given] if told or production else []
    if (told or production) and "enertrack_mqtt_host" not in given and "dominio" not in given:
        lacking.append("ENERTRACK_MQTT_HOST (o DOMINIO)")
    why = "ENERTRACK_MODO=produccion no tiene modo embebido" if production else "la configuración está a medias"
    mend = (
        "defínala" if production else "defínala, o quite las demás variables de servidores para usar el modo embebido"
    )
    halves = [(a, b) for a, b in _NEEDS if a in given and b not in given]
    return [
        *(f"{name}: falta, y {why}: {mend}" for name in lacking),
        *(f"{env_name(b)}: falta, y {env_name(a)} la necesita: defina las dos o ninguna" for a, b in halves),
    ]


_MENDS = {
    "int_parsing": "debe ser un número entero",
    "int_from_float": "debe ser un número entero",
    "bool_parsing": "debe ser 1 (sí) o 0 (no)",
    "greater_than_equal": "debe ser {ge} o más",
    "less_than_equal": "debe ser {le} o menos",
    "literal_error": "debe ser {expected}, o quedar vacía",
    "string_pattern_mismatch": "{mend}",
}


_PATTERNS = {
    "enertrack_ingesta_id": "debe tener de 1 a 60 letras sin tilde, cifras, guiones o guiones bajos",
    "enertrack_smtp_remitente": "debe ser una dirección de correo, como enertrack@ejemplo.com",
}


def _in_spanish(error: ValidationError, given: Mapping[str, Any]) -> list[str]:
    """Each mistake with its mend; what was read is shown but for secrets."""
    mistakes = []
    for one in error.errors(include_url=False, include_input=False):
        field, context = str(one["loc"][0]), one.get("ctx", {})
        context = {**context, "mend": _PATTERNS.get(field)}
        if "expected" in context:
            context = {"expected": context["expected"].replace("'' or ", "").replace(" or ", " o ").replace("'", "")}
        mend = str(context["error"]) if one["type"] == "value_error" else _MENDS.get(one["type"], one["msg"])
        secret = "SecretStr" in str(Settings.model_fields[field].annotation)
        read = "" if secret else f" (se leyó {str(given.get(field, ''))[:80]!a})"
        mistakes.append(f"{env_name(field)}: {mend.format(**context)}{read}")
    return mistakes


def load(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from ``env`` and its ``$CREDENTIALS_DIRECTORY``; without ``env``, from this process's and ``.env``.

    Raises SettingsError with all mistakes at once.
    """
    source = os.environ if env is None else env
    known = {env_name(field): field for field in Settings.model_fields}
    given: dict[str, Any] = {known[name]: value for name, value in source.items() if name in known}
    credentials = source.get("CREDENTIALS_DIRECTORY")
    if credentials is not None and not Path(credentials).is_dir():
        raise SettingsError(["CREDENTIALS_DIRECTORY: la carpeta no existe: la crea systemd con LoadCredential="])
    given |= {"_env_file": ".env" if env is None else None, "_secrets_dir": credentials}
    return Settings(**given)
