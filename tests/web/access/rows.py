"""The rows, one list for each area of the pages."""

from typing import Final

from tests.web.access.table import DONE, Needs, Row

PUBLIC: Final = [
    Row("assets.serve", "/static/x/css/enertrack.css", Needs.NOBODY),
    Row("health.alive", "/healthz", Needs.NOBODY),
    Row("health.ready", "/readyz", Needs.NOBODY, ok=frozenset({200, 503})),
    Row("auth.login", "/ingresar", Needs.NOBODY, ok=frozenset({200, 303})),
    Row("auth.enter", "/ingresar", Needs.NOBODY, "POST", ok=frozenset({401, 429})),
    Row("auth.leave", "/salir", Needs.NOBODY, "POST", ok=frozenset({303})),
]
PANEL: Final = [
    Row("panel.page", "/", Needs.USER),
    Row("panel.data", "/panel/datos", Needs.USER, data=True),
    Row("panel.live", "/vivo", Needs.USER, data=True, stream=True),
]
NODES: Final = [
    Row("nodes.page", "/nodos/{meter}", Needs.LECTOR),
    Row("nodes.live", "/nodos/{meter}/vivo", Needs.LECTOR, data=True, stream=True),
    Row("nodes.magnitude_page", "/nodos/{meter}/tension", Needs.LECTOR),
    Row("nodes.magnitude_data", "/nodos/{meter}/tension/datos", Needs.LECTOR, data=True),
]
CONSUMPTION: Final = [
    Row("consumption.page", "/consumo", Needs.USER),
]
EXPORT: Final = [
    Row("export.meter", "/nodos/{meter}/exportar", Needs.LECTOR, data=True),
    Row("export.consumption", "/consumo/exportar", Needs.USER, data=True),
]
AREAS: Final = [PUBLIC, PANEL, NODES, CONSUMPTION, EXPORT]
ROWS: Final = [row for area in AREAS for row in area]
__all__ = ["DONE", "ROWS"]
