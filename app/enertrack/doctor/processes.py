"""EnerTrack's own processes say that they work."""

import json
from typing import Final

import aiohttp

from enertrack.doctor.finding import Place, failure, not_here, warning, well
from enertrack.domain.examination import Finding

LIMIT: Final = aiohttp.ClientTimeout(total=4)
OK: Final = 200
ANSWERS: Final = "responde, y los servidores de que depende también"
DAY_S: Final = 86_400
DEAD: Final = "enertrack_rechazados_archivados_total"


async def pages(place: Place) -> list[Finding]:
    """The pages' process answers on its socket, and so do the servers behind it."""
    unit = "enertrack-web"
    if not place.has(f"{unit}.service"):
        return [not_here("las páginas no están en este equipo")]
    return [await _ready(unit, aiohttp.UnixConnector(str(place.run / "enertrack/web.sock")), "http://localhost")]


async def ingest(place: Place) -> list[Finding]:
    """The process that takes readings works; how many messages it could not read."""
    unit, address = "enertrack-ingest", place.settings.enertrack_metricas
    if not place.has(f"{unit}.service") or not address:
        return [not_here("la ingesta no está en este equipo")]
    found = await _ready(unit, aiohttp.TCPConnector(), f"http://{address}")
    if found != well(ANSWERS):
        return [found]
    _, text = await _ask(aiohttp.TCPConnector(), f"http://{address}/metrics")
    dead = sum(float(line.split()[1]) for line in text.splitlines() if line.startswith(DEAD))
    told = f"{dead:.0f} mensajes rechazados desde que arrancó"
    return [_refused_lately(place, told) or well(f"{ANSWERS}; {told}")]


def _refused_lately(place: Place, told: str) -> Finding | None:
    """Whether what could not be stored was kept, for a person to look at, within a day."""
    for file in (place.state / "enertrack-ingest").glob("rechazados*.jsonl"):
        status = file.stat()
        if status.st_size and place.now.timestamp() - status.st_mtime < DAY_S:
            means = "lo que no se entiende no se guarda como lectura; el programa del medidor puede estar mal"
            return warning(f"{told}, alguno en el último día", means, f"`tail {file}` dice cuáles y por qué")
    return None


async def _ready(unit: str, connector: aiohttp.BaseConnector, base: str) -> Finding:
    mend = f"`systemctl restart {unit}`; si sigue, `journalctl -u {unit} -n 50`"
    try:
        status, body = await _ask(connector, f"{base}/readyz")
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        means = "su trabajo no se hace" if unit == "enertrack-ingest" else "nadie ve las páginas"
        return failure(f"{unit} no contesta ({_why(error)})", means, mend)
    if status == OK:
        return well(ANSWERS)
    return failure(f"{unit}: {_wrong(body)}", "trabaja a medias hasta que vuelva lo que le falta", mend)


def _why(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorError | FileNotFoundError):
        return "nadie escucha"
    return "sin respuesta a tiempo" if isinstance(error, TimeoutError) else str(error)


def _wrong(body: str) -> str:
    """What its answer says that is not well: a server is ``false``, or a list names what is away."""
    try:
        told = json.loads(body)
    except ValueError:
        return "no está listo"
    wrong = {name: value for name, value in told.items() if value is False or (value and value is not True)}
    return "; ".join(f"{n} no responde" if v is False else f"{n}: {v}" for n, v in wrong.items()) or "no está listo"


async def _ask(connector: aiohttp.BaseConnector, url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession(connector=connector, timeout=LIMIT) as session, session.get(url) as answer:
        return answer.status, await answer.text()
