"""The text of the line protocol."""

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import EMPTY, Window, summarize
from enertrack.stores.measurements.lines import load, reading_line, window_line
from enertrack.stores.measurements.protocol import NodeWindow


def test_every_field_is_a_float_under_its_spanish_name() -> None:
    whole = Reading(
        t=1_760_000_400, dt=60, seq=7, energia_wh=1234.0, consumo_wh=0.1 + 0.2, potencia=-1e-7, potencia_max=1e22,
        tension=230.5, corriente=0.5, fp=0.97, frecuencia=50.0, calidad=3,
    )  # fmt: skip
    assert reading_line(12, whole) == (
        "medicion,nodo=12 dt=60,seq=7,energia_wh=1234.0,consumo_wh=0.30000000000000004,potencia=-1e-07,"
        "potencia_max=1e+22,tension=230.5,corriente=0.5,fp=0.97,frecuencia=50.0,calidad=3 1760000400"
    )


def test_what_was_not_measured_is_left_out() -> None:
    assert reading_line(1, Reading(t=5, dt=0)) == "medicion,nodo=1 dt=0,calidad=0 5"


def test_a_window_is_one_text_at_its_start() -> None:
    window = Window(900, 1800, summarize([Reading(t=960, dt=60, energia_wh=5.0, fp=0.5)], 26_500.0))
    line = window_line(Resolution.QUARTER, NodeWindow(4, window))
    head, tail = 'medicion_15m,nodo=4 registro=1,resumen="', '" 900'
    assert line.startswith(head)
    assert line.endswith(tail)
    text = line.removeprefix(head).removesuffix(tail)
    assert load(text.replace('\\"', '"')) == window


def test_a_window_says_whether_it_has_a_register() -> None:
    line = window_line(Resolution.DAY, NodeWindow(4, Window(0, 86_400, EMPTY)))
    assert line.startswith("medicion_1d,nodo=4 registro=0,resumen=")
