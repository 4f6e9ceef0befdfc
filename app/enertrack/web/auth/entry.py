"""Into the application: a session begins, after the second step where there is one."""

import hashlib
import logging
from typing import Final

from quart import g, redirect, request, url_for
from quart.typing import ResponseReturnValue, ResponseTypes
from quart_auth import AuthUser, login_user

from enertrack import log
from enertrack.stores import second_factors, sessions, users
from enertrack.stores.users import User
from enertrack.web import audit, signed
from enertrack.web.auth import guesses
from enertrack.web.security import visit
from enertrack.web.services import services

PATIENCE_S: Final = 300
"""Seconds between the password and the code."""
STEP: Final = "segundo-paso"
MAX_AGENT: Final = 255

_log = logging.getLogger(__name__)


async def let_in(user: User, target: str) -> ResponseReturnValue:
    """Go on to ``target`` in a new session, or to the second step: until then there is no session."""
    if await second_factors.find(services().engine, user.id) is None:
        await start(user)
        return redirect(target, 303)
    answer = redirect(url_for("second_step.page"), 303)
    proof = signed.sign(STEP, [user.id, _bound(user), target])
    secure = services().settings.enertrack_proxy
    answer.set_cookie(_cookie(), proof, max_age=PATIENCE_S, secure=secure, httponly=True, samesite="Lax")
    return answer


async def half_way() -> tuple[User, str] | None:
    """Who has given their password in this visit and still has it, and where they want to go."""
    proof = signed.read(STEP, request.cookies.get(_cookie(), ""), PATIENCE_S)
    if not proof:
        return None
    user_id, bound, target = proof
    user = await users.user_by_id(services().engine, user_id)
    return (user, target) if user and user.activo and bound == _bound(user) else None


def forget_step(answer: ResponseTypes) -> None:
    """The second step is done."""
    answer.delete_cookie(_cookie(), secure=services().settings.enertrack_proxy, httponly=True, samesite="Lax")


async def start(user: User) -> None:
    """Begin a session, never going on with one that the browser brought."""
    if g.token:
        await sessions.end(services().engine, g.token)
    login_user(AuthUser(await new_session(user)), remember=True)
    guesses.remember(user, await second_factors.find(services().engine, user.id))


async def new_session(user: User) -> str:
    """The token of a session that begins now."""
    engine = services().engine
    await sessions.forget_ended(engine, audit.present())
    agent = request.headers.get("User-Agent", "")[:MAX_AGENT]
    token = await sessions.create(engine, user.id, now=audit.present(), address=audit.address(), agent=agent)
    await audit.record("ingreso", usuario_id=user.id)
    log.event(_log, logging.INFO, "ingreso", usuario=user.id)
    return token


def _bound(user: User) -> str:
    """The visit and the password that the first step was taken with."""
    return hashlib.sha256(f"{visit()} {user.password_hash}".encode()).hexdigest()


def _cookie() -> str:
    return "__Host-enertrack-paso" if services().settings.enertrack_proxy else "enertrack_paso"
