"""The rows, one list for each area of the pages."""

from typing import Final

from tests.web.access.table import DONE, Needs, Row

PUBLIC: Final = [
    Row("assets.serve", "/static/x/css/enertrack.css", Needs.NOBODY),
    Row("health.alive", "/healthz", Needs.NOBODY),
    Row("health.ready", "/readyz", Needs.NOBODY, ok=frozenset({200, 503})),
    Row("pwa.manifest", "/manifest.webmanifest", Needs.NOBODY),
    Row("pwa.worker", "/sw.js", Needs.NOBODY),
    Row("pwa.offline", "/sin-conexion", Needs.NOBODY),
    Row("auth.login", "/ingresar", Needs.NOBODY, ok=frozenset({200, 303})),
    Row("auth.enter", "/ingresar", Needs.NOBODY, "POST", ok=frozenset({401, 429})),
    Row("auth.leave", "/salir", Needs.NOBODY, "POST", ok=frozenset({303})),
    Row("second_step.page", "/ingresar/codigo", Needs.NOBODY, ok=frozenset({303})),
    Row("second_step.enter", "/ingresar/codigo", Needs.NOBODY, "POST", ok=frozenset({303})),
    Row("registration.page", "/registro", Needs.NOBODY, ok=frozenset({200, 303})),
    Row("registration.register", "/registro", Needs.NOBODY, "POST", ok=frozenset({403})),
    Row("recovery.page", "/olvide", Needs.NOBODY),
    Row("recovery.ask", "/olvide", Needs.NOBODY, "POST", ok=frozenset({403})),
    Row("recovery.choose", "/restablecer/x", Needs.NOBODY, ok=frozenset({404})),
    Row("recovery.reset", "/restablecer/x", Needs.NOBODY, "POST", ok=frozenset({404})),
    Row("addresses.page", "/correo/x", Needs.NOBODY, ok=frozenset({404})),
    Row("addresses.confirm", "/correo/x", Needs.NOBODY, "POST", ok=frozenset({404})),
]
ACCOUNT: Final = [
    Row("profile.page", "/perfil", Needs.USER),
    Row("profile.save", "/perfil", Needs.USER, "POST", ok=DONE),
    Row("profile.theme", "/perfil/tema", Needs.USER, "POST", ok=DONE),
    Row("profile.identity", "/perfil/cuenta", Needs.USER, "POST", ok=DONE),
    Row("profile.password", "/perfil/clave", Needs.USER, "POST", ok=DONE),
    Row("profile.end_session", "/perfil/sesiones/0123456789abcdef/cerrar", Needs.USER, "POST", ok=frozenset({404})),
    Row("profile.end_others", "/perfil/sesiones/cerrar", Needs.USER, "POST", ok=DONE),
    Row("profile.remove", "/perfil/eliminar", Needs.USER, "POST", ok=DONE),
    Row("second_factor.page", "/perfil/segundo-factor", Needs.USER),
    Row("second_factor.switch_on", "/perfil/segundo-factor", Needs.USER, "POST", ok=DONE),
    Row("second_factor.renew_codes", "/perfil/segundo-factor/codigos", Needs.USER, "POST", ok=DONE),
    Row("second_factor.switch_off", "/perfil/segundo-factor/quitar", Needs.USER, "POST", ok=DONE),
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
METERS: Final = [
    Row("fleet.page", "/nodos", Needs.USER),
    Row("fleet.new", "/nodos/nuevo", Needs.USER),
    Row("fleet.add", "/nodos/nuevo", Needs.USER, "POST", ok=DONE),
    Row("care.page", "/nodos/{meter}/ajustes", Needs.LECTOR),
    Row("care.save", "/nodos/{meter}/ajustes", Needs.GESTOR, "POST", ok=DONE),
    Row("care.renew", "/nodos/{meter}/credencial", Needs.GESTOR, "POST", ok=DONE),
    Row("care.board", "/nodos/{meter}/placa", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("care.retire", "/nodos/{meter}/baja", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("care.bring_back", "/nodos/{meter}/reactivar", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("care.leave", "/nodos/{meter}/dejar", Needs.LECTOR, "POST", ok=DONE),
    Row("people.page", "/nodos/{meter}/personas", Needs.PROPIETARIO),
    Row("people.invite", "/nodos/{meter}/invitaciones", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("people.hand_over", "/nodos/{meter}/transferir", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("people.withdraw", "/nodos/{meter}/invitaciones/1/anular", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("people.remove", "/nodos/{meter}/personas/1/quitar", Needs.PROPIETARIO, "POST", ok=DONE),
    Row("invitations.page", "/invitaciones/x", Needs.NOBODY, ok=frozenset({404})),
    Row("invitations.accept", "/invitaciones/x/aceptar", Needs.USER, "POST", ok=frozenset({404})),
]
CONSUMPTION: Final = [
    Row("consumption.page", "/consumo", Needs.USER),
    Row("consumption.heat_page", "/consumo/calor", Needs.USER),
    Row("consumption.heat_data", "/consumo/calor/datos", Needs.USER, data=True),
]
EXPORT: Final = [
    Row("export.meter", "/nodos/{meter}/exportar", Needs.LECTOR, data=True),
    Row("export.consumption", "/consumo/exportar", Needs.USER, data=True),
]
ADMIN: Final = [
    Row("admin.page", "/admin", Needs.ADMIN),
    Row("admin_people.page", "/admin/usuarios", Needs.ADMIN),
    Row("admin_people.person", "/admin/usuarios/1", Needs.ADMIN),
    Row("admin_people.activate", "/admin/usuarios/1/activa", Needs.ADMIN, "POST", ok=DONE),
    Row("admin_people.promote", "/admin/usuarios/1/administra", Needs.ADMIN, "POST", ok=DONE),
    Row("admin_people.reset", "/admin/usuarios/1/clave", Needs.ADMIN, "POST", ok=DONE),
    Row("admin_people.forget_factor", "/admin/usuarios/1/segundo-factor", Needs.ADMIN, "POST", ok=DONE),
    Row("admin_invitations.page", "/admin/invitaciones", Needs.ADMIN),
    Row("admin_invitations.invite", "/admin/invitaciones", Needs.ADMIN, "POST", ok=DONE),
    Row("admin_invitations.revoke", "/admin/invitaciones/1/anular", Needs.ADMIN, "POST", ok=DONE),
    Row("admin_meters.page", "/admin/medidores", Needs.ADMIN),
    Row("admin_log.page", "/admin/auditoria", Needs.ADMIN),
]
TOKENS: Final = [
    Row("tokens.create", "/perfil/tokens", Needs.USER, "POST", ok=DONE, form={"token-nombre": "Planilla"}),
    Row("tokens.revoke", "/perfil/tokens/1/anular", Needs.USER, "POST", ok=frozenset({404})),
]


def api(  # noqa: PLR0913 - a row's
    endpoint: str,
    path: str,
    needs: Needs,
    method: str = "GET",
    ok: int = 200,
    *,
    stream: bool = False,
    **form: object,
) -> Row:
    return Row(f"api_{endpoint}", f"/api/v1{path}", needs, method, True, stream, True, frozenset({ok}), form)


METER: Final = "/medidores/{meter}"
API: Final = [
    api("documento.openapi", "/openapi.json", Needs.NOBODY),
    api("documento.docs", "/docs", Needs.NOBODY),
    api("sesion.begin", "/sesion", Needs.NOBODY, "POST", 401, usuario="nadie", clave="nada"),
    api("sesion.renew", "/sesion", Needs.NOBODY, "PUT", 401, renovacion="nada"),
    api("sesion_propia.end", "/sesion", Needs.USER, "DELETE", 204),
    api("yo.me", "/yo", Needs.USER),
    api("tokens.all_tokens", "/tokens", Needs.USER),
    api("tokens.create", "/tokens", Needs.USER, "POST", 201, nombre="Planilla", alcances=["leer"]),
    api("tokens.revoke", "/tokens/1", Needs.USER, "DELETE", 404),
    api("medidores.every", "/medidores", Needs.USER),
    api("medidores.add", "/medidores", Needs.USER, "POST", 201, esp_id="A0B76512C4DE", nombre="x", zona_horaria="UTC"),
    api("medidores.one", METER, Needs.LECTOR),
    api("medidores.change", METER, Needs.GESTOR, "PATCH", nombre="Otro"),
    api("medidores.retire", METER, Needs.PROPIETARIO, "DELETE", 204),
    api("medidores.bring_back", f"{METER}/reactivar", Needs.PROPIETARIO, "POST"),
    api("medidores.renew", f"{METER}/credencial", Needs.GESTOR, "POST"),
    api("medidores.board", f"{METER}/placa", Needs.PROPIETARIO, "PUT", esp_id="A0B76512C4DE"),
    api("historia.readings", f"{METER}/lecturas", Needs.LECTOR),
    api("historia.windows", f"{METER}/ventanas", Needs.LECTOR),
    api("historia.course", f"{METER}/historia/tension", Needs.LECTOR),
    api("historia.export_meter", f"{METER}/exportar", Needs.LECTOR),
    api("historia.export_consumption", "/consumo/exportar", Needs.USER),
    api("historia.live", f"{METER}/vivo", Needs.LECTOR, stream=True),
    api("historia.live_all", "/vivo", Needs.USER, stream=True),
    api("consumo.bars", "/consumo", Needs.USER),
    api("compartir.persons", f"{METER}/personas", Needs.PROPIETARIO),
    api("compartir.remove", f"{METER}/personas/99", Needs.PROPIETARIO, "DELETE", 404),
    api("compartir.invited", f"{METER}/invitaciones", Needs.PROPIETARIO),
    api("compartir.invite", f"{METER}/invitaciones", Needs.PROPIETARIO, "POST", 201, rol="lector"),
    api("compartir.withdraw", f"{METER}/invitaciones/99", Needs.PROPIETARIO, "DELETE", 404),
    api("compartir.offer", "/invitaciones/x", Needs.USER, ok=404),
    api("compartir.accept", "/invitaciones/x", Needs.USER, "POST", 404),
]
AREAS: Final = [PUBLIC, ACCOUNT, PANEL, NODES, METERS, CONSUMPTION, EXPORT, ADMIN, TOKENS, API]
ROWS: Final = [row for area in AREAS for row in area]
__all__ = ["DONE", "ROWS"]
