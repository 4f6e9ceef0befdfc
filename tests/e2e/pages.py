"""Every page of the demo, for tests and pictures that look at all of them."""

from collections.abc import Mapping
from typing import Final

from tests.e2e.browser import Visit

PUBLIC: Final[Mapping[str, str]] = {
    "ingresar": "/ingresar",
    "registro": "/registro",
    "olvide": "/olvide",
    "restablecer": "/restablecer/nada",
    "sin-conexion": "/sin-conexion",
    "api": "/api/v1/docs",
}
"""What one sees who has not signed in."""
OWN: Final[Mapping[str, str]] = {
    "panel": "/",
    "medidores": "/nodos",
    "medidor-nuevo": "/nodos/nuevo",
    "medidor": "{meter}",
    "medidor-ajustes": "{meter}/ajustes",
    "medidor-personas": "{meter}/personas",
    "potencia": "{meter}/potencia",
    "consumo-hora": "/consumo?periodo=hora",
    "consumo-dia": "/consumo",
    "consumo-mes": "/consumo?periodo=mes",
    "consumo-anio": "/consumo?periodo=anio",
    "consumo-mapa": "/consumo/calor",
    "perfil": "/perfil",
    "segundo-factor": "/perfil/segundo-factor",
    "invitacion": "/invitaciones/nada",
    "administracion": "/admin",
    "usuarios": "/admin/usuarios",
    "usuario": "/admin/usuarios/2",
    "invitaciones": "/admin/invitaciones",
    "todos-los-medidores": "/admin/medidores",
    "auditoria": "/admin/auditoria",
    "error": "/nada",
}
"""What the demo's user sees; {meter} is the address of one of theirs."""


async def own(seen: Visit) -> dict[str, str]:
    """The addresses of ``OWN``, from the panel, which is shown."""
    meter = await seen.page.locator("[data-meter] a").first.get_attribute("href")
    return {name: path.format(meter=meter) for name, path in OWN.items()}
