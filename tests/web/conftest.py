"""The pages on real stores: SQLite files, or MariaDB where a test asks for it; a fixed clock."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from quart import Quart, Response
from quart.typing import TestClientProtocol
from sqlalchemy.ext.asyncio import AsyncEngine
from werkzeug.security import generate_password_hash

from enertrack.domain import totp
from enertrack.domain.reading import Reading
from enertrack.domain.resolution import QUARTER_S, quarter_of
from enertrack.ingest.rollup import Group, recompute
from enertrack.settings import Settings
from enertrack.stores import passwords, second_factors, sessions, users
from enertrack.stores.database import engine_of
from enertrack.stores.measurements.protocol import Measurements, NodeReading
from enertrack.stores.measurements.sqlite import Sqlite
from enertrack.stores.migration import upgrade
from enertrack.stores.nodes import Delivery, add_node, all_nodes, link_user, record_deliveries
from enertrack.stores.sealing import Seal
from enertrack.web.app import create_app
from enertrack.web.auth import access
from enertrack.web.limiter import Limiter
from enertrack.web.live import Live
from enertrack.web.services import EXTENSION, Services

BUENOS_AIRES = "America/Argentina/Buenos_Aires"
NOW = int(datetime(2026, 6, 17, 15, 0, tzinfo=ZoneInfo(BUENOS_AIRES)).timestamp())
PASSWORD = "una clave larga"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OWN, FOREIGN = "A0B76512C4D0", "A0B76512C4D1"
HTML = {"Accept": "text/html"}


class Browser:
    """A client with its cookies, which sends what a browser sends."""

    def __init__(self, app: Quart) -> None:
        self.client: TestClientProtocol = app.test_client()
        self.bearer: str | None = None

    async def get(self, path: str, **headers: str) -> Response:
        return await self.client.get(path, headers=HTML | headers)

    async def text(self, path: str) -> str:
        answer = await self.get(path)
        assert answer.status_code == 200, await answer.get_data(as_text=True)
        return str(await answer.get_data(as_text=True))

    async def json(self, path: str) -> dict[str, Any]:
        answer = await self.get(path, Accept="application/json")
        assert answer.status_code == 200
        found: dict[str, Any] = await answer.get_json()
        return found

    async def post(self, path: str, form: dict[str, str], method: str = "POST", **headers: str) -> Response:
        sent = HTML | {"Origin": "http://localhost"} | {k.replace("_", "-"): v for k, v in headers.items()}
        send = getattr(self.client, method.lower())
        answer: Response = await send(path, form=form, headers=sent)
        return answer

    async def call(self, path: str, method: str = "GET", body: object = None, **headers: str) -> Response:
        """Ask the API as a program does that has a token."""
        sent = {"Authorization": f"Bearer {self.bearer}"} if self.bearer else {}
        send = getattr(self.client, method.lower())
        answer: Response = await send(path, headers=sent | headers, **{} if body is None else {"json": body})
        return answer

    async def status(self, path: str, **headers: str) -> int:
        """What a stream answers with, without waiting for its end."""
        connection: Any
        async with self.client.request(path, headers=HTML | headers) as connection:
            await connection.send_complete()
            await connection.receive()
            code: int | None = connection.status_code
            await connection.disconnect()
        assert code is not None
        return code

    async def token(self) -> str:
        """The token of the form that the browser has before it."""
        page = await (await self.get("/ingresar")).get_data(as_text=True)
        page = page if 'name="csrf"' in page else await self.text("/perfil/segundo-factor")
        found = re.search(r'name="csrf"\s+value="([0-9a-f]+)"', page)
        assert found
        return found[1]

    async def enter(self, name: str, password: str = PASSWORD, **more: str) -> Response:
        form = {"usuario": name, "clave": password, "csrf": await self.token()} | more
        return await self.post("/ingresar", form)

    async def send(self, path: str, **fields: str) -> Response:
        """Post a form of ours; ``__`` in a field's name is the dash after its form's prefix."""
        form = {name.replace("__", "-"): value for name, value in fields.items()}
        return await self.post(path, form | {"csrf": await self.token()})

    def cookie(self, name: str = "enertrack_sesion") -> str | None:
        assert self.client.cookie_jar is not None
        return next((c.value for c in self.client.cookie_jar if c.name == name), None)


@dataclass
class Site:
    """The application and the stores behind it."""

    app: Quart
    services: Services
    store: Measurements
    own: int
    foreign: int

    @property
    def engine(self) -> AsyncEngine:
        return self.services.engine

    def browser(self) -> Browser:
        return Browser(self.app)

    async def signed_in(self, name: str = "ana") -> Browser:
        """A browser with a session, without the cost of a password's hash; ``Browser.enter`` goes by the form."""
        browser = self.browser()
        user = await users.user_by_name(self.engine, name)
        assert user
        token = await sessions.create(
            self.engine, user.id, now=datetime.fromtimestamp(NOW, UTC), address="127.0.0.1", agent="pruebas"
        )
        cookie = self.app.extensions["QUART_AUTH"][0].dump_token(token, app=self.app)
        browser.client.set_cookie("localhost", "enertrack_sesion", cookie)
        async with self.app.app_context():
            browser.bearer, _ = access.issued(user.id, sessions.id_of(token))
        return browser

    def code(self, steps: int = 0) -> str:
        """What the authenticator shows, or will in so many steps."""
        return totp.code_at(SECRET, NOW // totp.STEP_S + steps)

    async def give_second_factor(self, user_id: int, codes: Sequence[str] = ("reserva",)) -> None:
        """Have the account ask for codes of SECRET, none of which has been used."""
        kept = Seal(None, str(self.app.secret_key)).closed(SECRET)
        now = datetime.fromtimestamp(NOW, UTC)
        await second_factors.switch_on(self.engine, user_id, secreto=kept, paso=0, codes=codes, now=now)

    async def keep(self, node_id: int, readings: list[Reading]) -> None:
        """Store readings as ingest does: with their summaries and the node's newest time."""
        await self.store.write([NodeReading(node_id, r) for r in readings])
        nodes = {n.id: n for n in await all_nodes(self.engine)}
        first, last = min(r.t for r in readings), max(r.t for r in readings)
        await recompute(self.store, nodes, Group(quarter_of(first), quarter_of(last) + QUARTER_S, [node_id]))
        at = datetime.fromtimestamp(last, UTC)
        await record_deliveries(self.engine, [Delivery(node_id, at, at)])


@pytest.fixture(scope="session")
def password_hash() -> str:
    return generate_password_hash(PASSWORD, passwords.METHOD)


@pytest.fixture(scope="session")
def empty_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("tablas") / "enertrack.db"
    asyncio.run(upgrade(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture
def database_url(tmp_path: Path, empty_tables: Path) -> str:
    return f"sqlite+aiosqlite:///{shutil.copy(empty_tables, tmp_path / 'enertrack.db')}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_construct(enertrack_datos=tmp_path, flask_secret_key=None)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Measurements]:
    kept = Sqlite(tmp_path / "mediciones.db")
    yield kept
    await kept.close()


@pytest.fixture(scope="session")
def applications() -> dict[bool, Quart]:
    return {}


@pytest.fixture
def make_app(applications: dict[bool, Quart]) -> Callable[[Services], Quart]:
    """One application for all tests, on the services of each: to make it takes longer than most of them."""

    def shared(services: Services) -> Quart:
        secure = services.settings.enertrack_proxy
        if secure not in applications:
            applications[secure] = create_app(services)
        app = applications[secure]
        app.extensions[EXTENSION] = services
        app.config["DEMO"], app.request_class = False, Quart.request_class
        return app

    return shared


@pytest.fixture
async def site(
    database_url: str,
    settings: Settings,
    store: Measurements,
    password_hash: str,
    make_app: Callable[[Services], Quart],
) -> AsyncIterator[Site]:
    engine = engine_of(database_url)
    live = Live(settings, lambda: NOW)
    services = Services(settings, engine, store, live, Limiter(), lambda: NOW)
    ids = []
    for name, esp_id in (("ana", OWN), ("bruno", FOREIGN)):
        user_id = await users.add_user(engine, nombre_usuario=name, password_hash=password_hash)
        ids.append(await add_node(engine, esp_id=esp_id, nombre=f"Casa de {name}", zona_horaria=BUENOS_AIRES))
        await link_user(engine, user_id=user_id, node_id=ids[-1], rol="propietario", ubicacion="Tablero principal")
    yield Site(make_app(services), services, store, *ids)
    await engine.dispose()
