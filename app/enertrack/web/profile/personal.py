"""A person's tokens for their own programs: what the page and the API do with them."""

from collections.abc import Iterable
from datetime import timedelta

from enertrack.stores import personal_tokens
from enertrack.stores.personal_tokens import Scope, Token
from enertrack.web import audit, room
from enertrack.web.auth.session import user
from enertrack.web.services import services


async def mine() -> list[Token]:
    """Those in force."""
    return await personal_tokens.of_person(services().engine, user().id, audit.present())


async def create(nombre: str, alcances: Iterable[Scope], dias: int | None) -> tuple[Token, str]:
    """A new one and its secret, good for ``dias`` or until it is revoked."""
    room.leave_room(await mine(), room.TOKENS)
    now, scopes = audit.present(), frozenset(alcances)
    vence = None if dias is None else now + timedelta(days=dias)
    number, secret = await personal_tokens.create(
        services().engine, user().id, nombre=nombre, alcances=scopes, vence=vence, now=now
    )
    await audit.record("token_creado", detalle={"token": number, "alcances": sorted(scopes)})
    made = Token(id=number, nombre=nombre, alcances=scopes, creado=now, vence=vence, ultimo_uso=None)
    return made, secret


async def revoke(number: int) -> bool:
    """It is worth nothing from now on; whether it was one of theirs in force."""
    done = await personal_tokens.revoke(services().engine, user().id, number, audit.present())
    if done:
        await audit.record("token_anulado", detalle={"token": number})
    return done
