"""The accounts of Mosquitto's dynamic-security plugin: one role for each, as patterns by user name came with 2.1."""

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import SecretStr

from enertrack.stores.broker import topics
from enertrack.stores.broker.accounts import Credential, ServiceAccount, new_password
from enertrack.stores.broker.client import Account, BrokerAway, BrokerSettings, NotLetIn, connect
from enertrack.stores.broker.control import EXISTS, MISSING, Command, Control, control
from enertrack.stores.broker.rights import ORIGINAL_BOARDS, Meter, Rights
from enertrack.stores.broker.topics import is_meter_id

CLOSED: Final = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
"""What nobody has a right to is refused; ending one's own subscription harms nobody."""
OFF_LINE: Final = b'{"en_linea":false}'


class Dynsec:
    """The adapter; the settings' account is the one that may use ``$CONTROL``."""

    def __init__(self, settings: BrokerSettings) -> None:
        self._settings = settings

    async def grant(self, meter: Meter) -> Credential:
        """Make or renew a meter's account; the plugin itself cuts off who used the one before."""
        password = new_password()
        role = {"rolename": _role_of(meter), "acls": _acls(meter.rights)}
        account = {
            "username": meter.esp_id,
            "password": password.get_secret_value(),
            "clientid": meter.client_id,
            "roles": _roles(_role_of(meter)),
        }
        async with control(self._settings) as plugin:
            await _made(plugin, "Role", role)
            anew = await _made(plugin, "Client", account)
        if not anew:
            await self._quieten(meter, password, forget=False)
        return Credential(meter.esp_id, password, meter.client_id)

    async def revoke(self, meter: Meter) -> bool:
        """Cut a meter off, with what the broker keeps for it and of it, and remove account and role."""
        password = new_password()
        lock_out = {"username": meter.esp_id, "password": password.get_secret_value()}
        gone = {"command": "deleteClient", "username": meter.esp_id}
        role = {"command": "deleteRole", "rolename": _role_of(meter)}
        async with control(self._settings) as plugin:
            known = await plugin.one({"command": "setClientPassword", **lock_out}, MISSING)
            if known.error is None:
                await self._quieten(meter, password, forget=True)
            await plugin.ask(gone, role, expected=MISSING)
        return True

    async def _quieten(self, meter: Meter, password: SecretStr, *, forget: bool) -> None:
        """End the meter's session and say in its name that it is off line, as no last will speaks for who is cut off.

        Only the meter's own account may say so, and a session belongs to its client id. Nothing depends on this: the
        old password is worth nothing any more.
        """
        account = Account(meter.esp_id, password.get_secret_value())
        with contextlib.suppress(BrokerAway):
            async with connect(self._settings, client_id=meter.client_id, account=account) as link:
                if meter.protocolo != topics.V1:
                    await link.publish(topics.estado(meter.esp_id), OFF_LINE, retain=True)
                    if forget:
                        await link.publish(topics.estado(meter.esp_id), b"", retain=True)

    async def meters(self) -> set[str]:
        """The boards that have an account."""
        async with control(self._settings) as plugin:
            answer = await plugin.one({"command": "listClients"})
        return {name for name in answer.data["clients"] if is_meter_id(name)}

    async def set_up(self, wanted: Sequence[ServiceAccount]) -> list[str]:
        """Bring the service accounts to what is wanted, and nothing where they are so."""
        async with control(self._settings) as plugin:
            changes = await _closed(plugin)
            for account in wanted:
                changes += await _role(plugin, account)
                changes += await self._account(plugin, account)
            changes += await _no_longer_shared(plugin, {account.user for account in wanted})
        return changes

    async def _account(self, plugin: Control, wanted: ServiceAccount) -> list[str]:
        user, password = {"username": wanted.user}, {"password": wanted.password.get_secret_value()}
        roles = {"roles": _roles(wanted.role)}
        found = await plugin.one({"command": "getClient", **user}, MISSING)
        if found.error is not None:
            await plugin.one({"command": "createClient", **user, **password, **roles})
            return [f"cuenta {wanted.user}: creada"]
        changes = []
        if [r["rolename"] for r in found.data["client"]["roles"]] != [wanted.role]:
            await plugin.one({"command": "modifyClient", **user, **roles})
            changes.append(f"cuenta {wanted.user}: rol corregido")
        if not await self._lets_in(Account(wanted.user, wanted.password.get_secret_value())):
            await plugin.ask({"command": "setClientPassword", **user, **password}, {"command": "enableClient", **user})
            changes.append(f"cuenta {wanted.user}: clave nueva")
        return changes

    async def _lets_in(self, account: Account) -> bool:
        """Whether that password is the account's: the plugin never shows one, but it can be tried."""
        try:
            async with connect(self._settings, client_id=f"enertrack-prueba-{secrets.token_hex(6)}", account=account):
                return True
        except NotLetIn:
            return False


async def _made(plugin: Control, kind: str, thing: Command) -> bool:
    """Create a role or a client, or bring the one that exists to this; whether it is new."""
    created = await plugin.one({"command": f"create{kind}", **thing}, EXISTS)
    if created.error is not None:
        await plugin.one({"command": f"modify{kind}", **thing})
        if kind == "Client":
            await plugin.one({"command": "enableClient", "username": thing["username"]})
    return created.error is None


async def _closed(plugin: Control) -> list[str]:
    found = (await plugin.one({"command": "getDefaultACLAccess"})).data["acls"]
    if {a["acltype"]: a["allow"] for a in found} == CLOSED:
        return []
    wanted = [{"acltype": kind, "allow": allow} for kind, allow in CLOSED.items()]
    await plugin.one({"command": "setDefaultACLAccess", "acls": wanted})
    return ["por defecto: nada se permite"]


async def _role(plugin: Control, account: ServiceAccount) -> list[str]:
    found = await plugin.one({"command": "getRole", "rolename": account.role}, MISSING)
    acls = _acls(account.rights)
    if found.error is None and _same(found.data["role"].get("acls", []), acls):
        return []
    await _made(plugin, "Role", {"rolename": account.role, "acls": acls})
    return [f"rol {account.role}: {'corregido' if found.error is None else 'creado'}"]


async def _no_longer_shared(plugin: Control, wanted: set[str]) -> list[str]:
    """Remove accounts of original boards that nobody asks for any more."""
    clients = (await plugin.one({"command": "listClients", "verbose": True})).data["clients"]
    gone = [
        c["username"]
        for c in clients
        if c["username"] not in wanted and ORIGINAL_BOARDS in {r["rolename"] for r in c["roles"]}
    ]
    for user in gone:
        await plugin.one({"command": "deleteClient", "username": user})
    return [f"cuenta {user}: quitada" for user in gone]


def _role_of(meter: Meter) -> str:
    return f"medidor-{meter.esp_id}"


def _roles(name: str) -> list[dict[str, Any]]:
    return [{"rolename": name, "priority": -1}]


def _acls(rights: Rights) -> list[dict[str, Any]]:
    return [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in _kinds(rights)]


def _kinds(rights: Rights) -> Iterator[tuple[str, str]]:
    for topic in rights.publish:
        yield "publishClientSend", topic
    for topic in rights.receive:
        yield "publishClientReceive", topic
    for topic in rights.subscribe:
        yield "subscribeLiteral", topic


def _same(found: Sequence[dict[str, Any]], wanted: Sequence[dict[str, Any]]) -> bool:
    def plain(acls: Sequence[dict[str, Any]]) -> set[tuple[Any, ...]]:
        return {(a["acltype"], a["topic"], a["allow"]) for a in acls}

    return plain(found) == plain(wanted)
