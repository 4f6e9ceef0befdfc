"""What listens, to whom, and whether it answers as it should."""

import asyncio
import contextlib
import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from enertrack.doctor.finding import HTTP, LOOPBACK, Place, failure, not_here, well
from enertrack.domain.examination import Finding
from enertrack.domain.text import Text
from enertrack.domain.text import text as _

LIMIT_S: Final = 4.0
INFLUX: Final = 8086
INSIDE: Final = {1883: "mosquitto", 8006: "enertrack-web", 8080: "nginx", 9464: "enertrack-ingest"}
"""Ports that only this host may reach, and the unit that listens."""
LISTENING: Final = "0A"
REDIRECT: Final = range(300, 400)
ANSWER: Final = range(200, 400)


async def check(place: Place) -> list[Finding]:
    """The public ports answer as they should, and what is not public listens on loopback only."""
    wanted = place.public
    if not wanted:
        return [not_here(_("ni las páginas ni el broker están en este equipo"))]
    wrong = await asyncio.gather(*(_wrong(place, port) for port in wanted))
    found = [
        failure(
            _("puerto %(port)s: %(told)s", port=port, told=told),
            _("desde afuera no se llega"),
            _("`systemctl restart %(unit)s`; si sigue igual, `journalctl -u %(unit)s -n 50`", unit=unit),
        )
        for (port, unit), told in zip(wanted.items(), wrong, strict=True)
        if told
    ]
    inside = _inside(place)
    found += [_exposed(port, inside[port]) for port in sorted(_open_to_all(place) & inside.keys())]
    return found or [well(_("responden %(ports)s", ports=", ".join(map(str, wanted))))]


def _inside(place: Place) -> Mapping[int, str]:
    """What listens on loopback; InfluxDB too, where its address says that it has no clients on other hosts."""
    url = urlsplit(place.settings.influx_url or "")
    alone = (url.scheme, url.hostname) == ("http", LOOPBACK)
    return INSIDE | ({url.port or INFLUX: "influxdb"} if alone else {})


def _exposed(port: int, unit: str) -> Finding:
    return failure(
        _("el puerto %(port)s (%(unit)s) escucha en todas las direcciones", port=port, unit=unit),
        _("solo el cortafuegos lo separa de la red"),
        _("quite el cambio hecho a mano y repita `ansible-playbook playbooks/site.yml`"),
    )


async def _wrong(place: Place, port: int) -> Text | None:
    """What is wrong with a public port; None where it is well."""
    try:
        async with asyncio.timeout(LIMIT_S):
            if port == HTTP:
                status = await _status(f"http://{LOOPBACK}:{port}/", place)
                return None if status in REDIRECT else _("no lleva a https (respondió %(status)s)", status=status)
            if port == place.settings.puerto:
                status = await _status(f"https://{LOOPBACK}:{port}/ingresar", place)
                return None if status in ANSWER else _("las páginas respondieron %(status)s", status=status)
            _reader, writer = await asyncio.open_connection(LOOPBACK, port)
            writer.transport.abort()
    except (aiohttp.ClientError, OSError, TimeoutError):
        return _("nadie responde")
    return None


async def _status(url: str, place: Place) -> int:
    """What a visitor of the public name gets; what the certificate is worth is another check's."""
    name = place.settings.dominio or LOOPBACK
    ask = {"headers": {"Host": name}, "server_hostname": name, "allow_redirects": False, "ssl": False}
    async with aiohttp.ClientSession() as session, session.get(url, **ask) as answer:  # type: ignore[arg-type]
        return answer.status


def _open_to_all(place: Place) -> set[int]:
    """TCP ports that listen on an address that is not loopback (proc(5), net/tcp)."""
    ports = set()
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):
            for line in (place.proc / "net" / name).read_text().splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                address, _, port = local.partition(":")
                if state == LISTENING and not _loopback(address):
                    ports.add(int(port, 16))
    return ports


def _loopback(address: str) -> bool:
    words = (bytes.fromhex(address[i : i + 8])[::-1] for i in range(0, len(address), 8))
    found = ipaddress.ip_address(b"".join(words))
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback
