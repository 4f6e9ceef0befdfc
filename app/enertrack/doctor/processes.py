"""EnerTrack's own processes say that they work."""

import json
from collections.abc import Iterator
from typing import Final

import aiohttp

from enertrack.doctor.finding import Place, failure, not_here, unheard, warning, well
from enertrack.domain.examination import Finding
from enertrack.domain.text import Text, listed
from enertrack.domain.text import text as _

LIMIT: Final = aiohttp.ClientTimeout(total=4)
OK: Final = 200
ANSWERS: Final = _("responde, y los servidores de que depende también")
DAY_S: Final = 86_400
NAMES: Final = {
    "tablas": _("tablas"),
    "mediciones": _("mediciones"),
    "almacén de mediciones": _("almacén de mediciones"),
    "base de datos": _("base de datos"),
}
"""What the processes call the servers behind them."""
DEAD: Final = "enertrack_rechazados_archivados_total"


async def pages(place: Place) -> list[Finding]:
    """The pages' process answers on its socket, and so do the servers behind it."""
    unit = "enertrack-web"
    if not place.has(f"{unit}.service"):
        return [not_here(_("las páginas no están en este equipo"))]
    return [await _ready(unit, aiohttp.UnixConnector(str(place.run / "enertrack/web.sock")), "http://localhost")]


async def ingest(place: Place) -> list[Finding]:
    """The process that takes readings works; how many messages it could not read."""
    unit, address = "enertrack-ingest", place.settings.enertrack_metricas
    if not place.has(f"{unit}.service") or not address:
        return [not_here(_("la ingesta no está en este equipo"))]
    found = await _ready(unit, aiohttp.TCPConnector(), f"http://{address}")
    if found != well(ANSWERS):
        return [found]
    text = (await _ask(aiohttp.TCPConnector(), f"http://{address}/metrics"))[1]
    dead = sum(float(line.split()[1]) for line in text.splitlines() if line.startswith(DEAD))
    told = _("%(count)s mensajes rechazados desde que arrancó", count=f"{dead:.0f}")
    return [_refused_lately(place, told) or well(listed([ANSWERS, told]))]


def _refused_lately(place: Place, told: Text) -> Finding | None:
    """Whether what could not be stored was kept, for a person to look at, within a day."""
    for file in (place.state / "enertrack-ingest").glob("rechazados*.jsonl"):
        status = file.stat()
        if status.st_size and place.now.timestamp() - status.st_mtime < DAY_S:
            means = _("lo que no se entiende no se guarda como lectura; el programa del medidor puede estar mal")
            mend = _("`tail %(file)s` dice cuáles y por qué", file=file)
            return warning(_("%(told)s, alguno en el último día", told=told), means, mend)
    return None


async def _ready(unit: str, connector: aiohttp.BaseConnector, base: str) -> Finding:
    mend = _("`systemctl restart %(unit)s`; si sigue igual, `journalctl -u %(unit)s -n 50`", unit=unit)
    try:
        status, body = await _ask(connector, f"{base}/readyz")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        means = _("su trabajo no se hace") if unit == "enertrack-ingest" else _("nadie ve las páginas")
        return failure(_("%(unit)s no contesta (%(why)s)", unit=unit, why=unheard(error)), means, mend)
    if status == OK:
        return well(ANSWERS)
    told = _("%(unit)s: %(told)s", unit=unit, told=_wrong(body))
    return failure(told, _("trabaja a medias hasta que vuelva lo que le falta"), mend)


def _wrong(body: str) -> Text:
    """What its answer says that is not well."""
    try:
        told = json.loads(body)
    except ValueError:
        return _("no está listo")
    found = [ill for name, value in told.items() for ill in _ills(name, value)]
    return listed(found or [_("no está listo")])


def _ills(name: str, value: object) -> Iterator[Text]:
    """A server is ``false`` to the pages; ingest has lists of its parts, and what is away with the reason."""
    match name, value:
        case _, False:
            yield _("%(name)s no responde", name=NAMES.get(name, name))
        case "comienza", [_, *_]:
            yield _("todavía arranca")
        case "detenido", [_, *_] as parts:
            yield _("no avanza: %(parts)s", parts=", ".join(map(str, parts)))
        case "sin_respuesta", dict(away):
            yield from (_("%(name)s no responde", name=NAMES.get(thing, thing)) for thing in away)


async def _ask(connector: aiohttp.BaseConnector, url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession(connector=connector, timeout=LIMIT) as session, session.get(url) as answer:
        return answer.status, await answer.text()
