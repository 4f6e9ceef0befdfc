"""The broker accounts that the settings choose."""

from typing import Protocol

from enertrack.stores.broker.accounts import Accounts
from enertrack.stores.broker.byhand import ByHand
from enertrack.stores.broker.client import BrokerSettings
from enertrack.stores.broker.dynsec import Dynsec


class AccountSettings(BrokerSettings, Protocol):
    """The part of the settings that chooses the adapter."""

    @property
    def enertrack_cuentas_broker(self) -> str: ...  # noqa: D102


def open_accounts(settings: AccountSettings) -> Accounts:
    """The adapter that the settings name; it connects when it is asked for something."""
    return Dynsec(settings) if settings.enertrack_cuentas_broker == "dynsec" else ByHand()
