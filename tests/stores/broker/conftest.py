"""The broker with accounts, filled once for each file of tests."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.support.accounts import Town
from tests.support.mosquitto import Mosquitto


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A broker of dynamic security with an account of each kind."""
    folder = tmp_path_factory.mktemp("cuentas")
    with Mosquitto.with_accounts(folder) as broker:
        made = Town(broker, folder)
        asyncio.run(made.fill())
        yield made
