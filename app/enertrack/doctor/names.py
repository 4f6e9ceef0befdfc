"""The public name leads here."""

import asyncio
import errno
import ipaddress
import socket

from enertrack.doctor.finding import HTTP, LOOPBACK, Place, failure, not_here, warning, well
from enertrack.doctor.served import certificate
from enertrack.domain.examination import Finding
from enertrack.domain.text import text as _

MEANS = _("desde afuera no se llega a las páginas ni al broker, y el certificado no se renueva")


async def check(place: Place) -> list[Finding]:
    """DOMINIO resolves to addresses of this host or, behind NAT, to where the same certificate is served."""
    name = place.settings.dominio
    if not name:
        return [not_here(_("sin DOMINIO"))]
    if not place.public:
        return [not_here(_("ni las páginas ni el broker están en este equipo"))]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return [_nowhere(name, error)]
    addresses = sorted({str(entry[4][0]) for entry in found})
    told = _("%(name)s es %(address)s", name=name, address=", ".join(addresses))
    if all(ipaddress.ip_address(a).is_loopback for a in addresses):
        return [well(_("%(told)s: lo dice /etc/hosts, y no se ve lo que dice el DNS", told=told))]
    strange = [a for a in addresses if not _local(a)]
    if not strange:
        return [well(told)]
    return [await _behind_nat(place, name, address) for address in strange]


def _nowhere(name: str, error: socket.gaierror) -> Finding:
    if error.errno == socket.EAI_AGAIN:
        mend = _("`cat /etc/resolv.conf` dice a qué servidor de DNS se pregunta; use uno que responda")
        told = _("no se sabe a dónde lleva %(name)s: el servidor de nombres no responde", name=name)
        return failure(told, MEANS, mend)
    mend = _("cree el nombre en su proveedor de DNS (o en DuckDNS) con la dirección de este servidor")
    return failure(_("%(name)s no existe", name=name), MEANS, mend)


def _local(address: str) -> bool:
    """Whether this host has the address: only then can it be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        try:
            s.bind((address, 0))
        except OSError as error:
            return error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}
    return True


async def _behind_nat(place: Place, name: str, address: str) -> Finding:
    port = next(p for p in place.public if p != HTTP)
    told = _("%(name)s es %(address)s", name=name, address=address)
    try:
        here = await certificate(LOOPBACK, port, name)
        there = await certificate(address, port, name)
    except OSError:
        return warning(
            _("%(told)s, que no es una dirección de este servidor, y desde aquí no se llega a ella", told=told),
            _("detrás de un router es normal; si no, el nombre lleva a otro lado"),
            _(
                "pruebe desde otra red https://%(name)s:%(port)s; si no abre, corrija su dirección",
                name=name,
                port=place.settings.puerto,
            ),
        )
    if here == there:
        return well(_("%(told)s, que lleva hasta aquí", told=told))
    mend = _("corrija la dirección del nombre en su proveedor de DNS")
    return failure(_("%(told)s: es otro servidor", told=told), MEANS, mend)
