"""What listens, and to whom."""

import asyncio
import contextlib
import ipaddress
from typing import Final

from enertrack.doctor.finding import LOOPBACK, Finding, Place, failure, not_here, well

LIMIT_S: Final = 3.0
INSIDE: Final = {1883: "mosquitto", 8006: "enertrack-web", 8080: "nginx", 9464: "enertrack-ingest"}
"""Ports that only this host may reach, and the unit that listens."""
LISTENING: Final = "0A"


async def check(place: Place) -> list[Finding]:
    """The public ports answer, and what is not public listens on loopback only."""
    wanted = place.public
    if not wanted:
        return [not_here("ni las páginas ni el broker están en este equipo")]
    answers = await asyncio.gather(*(_answers(port) for port in wanted))
    found = [
        failure(
            f"nadie responde en el puerto {port}",
            "desde afuera no se llega",
            f"`systemctl restart {unit}`; si no arranca, `journalctl -u {unit} -n 50`",
        )
        for (port, unit), answered in zip(wanted.items(), answers, strict=True)
        if not answered
    ]
    found += [_exposed(port) for port in sorted(_open_to_all(place) & INSIDE.keys())]
    return found or [well(f"responden {', '.join(map(str, wanted))}")]


def _exposed(port: int) -> Finding:
    return failure(
        f"el puerto {port} ({INSIDE[port]}) escucha en todas las direcciones",
        "solo el cortafuegos lo separa de la red",
        "quite el cambio hecho a mano y repita `ansible-playbook playbooks/site.yml`",
    )


async def _answers(port: int) -> bool:
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(LIMIT_S):
            _, writer = await asyncio.open_connection(LOOPBACK, port)
        writer.transport.abort()
        return True
    return False


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
