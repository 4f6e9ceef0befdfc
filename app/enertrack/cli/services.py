"""The service accounts that an installation wants, and how it is told that they are there."""

import sys
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from enertrack.manage import Refused
from enertrack.settings import Settings
from enertrack.stores.broker.accounts import ServiceAccount
from enertrack.stores.broker.byhand import instructions
from enertrack.stores.broker.open import open_accounts
from enertrack.stores.broker.rights import ORIGINAL_BOARDS, SERVICES, SHARED
from enertrack.stores.broker.topics import is_meter_id

FILE: Final = "enertrack_mqtt_clave"
PREFIX: Final = "enertrack-"


async def set_up(settings: Settings, credentials: Path) -> None:
    """Have the accounts, and write what was changed. Raises Refused, BrokerAway, AccountsFailed."""
    wanted = _wanted(settings, credentials)
    changes = await open_accounts(settings).set_up(wanted)
    sys.stdout.writelines(f"{change[0].upper()}{change[1:]}\n" for change in changes or ["sin cambios"])
    if settings.enertrack_cuentas_broker == "ninguna":
        sys.stdout.writelines(
            f"EnerTrack no maneja las cuentas de este broker: {instructions(account.user, account.rights)}\n"
            for account in wanted
        )


def _wanted(settings: Settings, credentials: Path) -> list[ServiceAccount]:
    """The processes whose password is there, and the account of original boards where it is asked for."""
    found = []
    for user, rights in SERVICES.items():
        password = _password(credentials / user.removeprefix(PREFIX) / FILE)
        if password:
            found.append(ServiceAccount(user, user, rights, SecretStr(password)))
    if not found:
        message = f"--credentials: en {credentials} no hay ninguna clave, como ingest/{FILE}: corrija la carpeta"
        raise Refused(message)
    if settings.mqtt_usr and settings.mqtt_pass:
        if is_meter_id(settings.mqtt_usr) or settings.mqtt_usr.startswith(PREFIX):
            message = "MQTT_USR: ese nombre es de otra cuenta de EnerTrack: elija otro"
            raise Refused(message)
        found.append(ServiceAccount(settings.mqtt_usr, ORIGINAL_BOARDS, SHARED, settings.mqtt_pass))
    return found


def _password(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""
    except OSError as error:
        message = f"no se puede leer {file} ({error.strerror}): ejecútelo como root"
        raise Refused(message) from error
