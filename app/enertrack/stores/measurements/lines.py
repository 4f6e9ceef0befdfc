"""Readings and windows as they are stored: lines of InfluxDB's line protocol and a window's JSON."""

from typing import Final

import msgspec
from msgspec.structs import astuple

from enertrack.domain.reading import Reading
from enertrack.domain.resolution import Resolution
from enertrack.domain.summary import Window
from enertrack.stores.measurements.protocol import NodeWindow

READINGS: Final = "medicion"
"""Measurement (InfluxDB) and table (SQLite) of the readings."""


def windows_of(resolution: Resolution) -> str:
    """Measurement (InfluxDB) and table (SQLite) of the windows of ``resolution``."""
    return f"{READINGS}_{resolution}"


def reading_line(node_id: int, reading: Reading) -> str:
    """The line of a reading, its time in seconds; every field is a float (``repr``, no ``i``), as types are for ever.

    One f-string, because ingest builds each line that arrives: 2.5 us.
    """
    t, dt, seq, wh, used, p, p_max, u, i, fp, f, quality = astuple(reading)
    return (
        f"{READINGS},nodo={node_id:d} dt={dt}"
        f"{'' if seq is None else f',seq={seq}'}"
        f"{'' if wh is None else f',energia_wh={wh!r}'}"
        f"{'' if used is None else f',consumo_wh={used!r}'}"
        f"{'' if p is None else f',potencia={p!r}'}"
        f"{'' if p_max is None else f',potencia_max={p_max!r}'}"
        f"{'' if u is None else f',tension={u!r}'}"
        f"{'' if i is None else f',corriente={i!r}'}"
        f"{'' if fp is None else f',fp={fp!r}'}"
        f"{'' if f is None else f',frecuencia={f!r}'}"
        f",calidad={quality} {t}"
    )


def window_line(resolution: Resolution, of: NodeWindow) -> str:
    """The line of a window at its start: ``resumen`` is the whole of it, ``registro`` 1 where it has a register.

    One text holds the summary: it is overwritten as a whole, comes back exactly, and a year of days
    is read four times faster than as thirty float fields (measured on influxd 2.9.1).
    """
    text = dump(of.window).replace("\\", "\\\\").replace('"', '\\"')
    name = windows_of(resolution)
    return f'{name},nodo={of.node_id:d} registro={has_register(of.window):d},resumen="{text}" {of.window.start}'


def has_register(window: Window) -> bool:
    """Whether a reading of the window told its register."""
    return window.summary.first is not None


def dump(window: Window) -> str:
    """A window as JSON, exactly: floats in their shortest form that reads back the same.

    Structs are arrays there, half as long as with names: a new field may only come last, with a default.
    """
    return msgspec.json.encode(window).decode()


_windows: Final = msgspec.json.Decoder(Window)


def load(text: str) -> Window:
    """The window that ``dump`` wrote."""
    return _windows.decode(text)
