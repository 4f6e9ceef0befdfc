"""Files as a reader of spreadsheets and a program see them, against what the pages say of the same meters."""

import csv
import io
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from enertrack.domain.reading import Reading
from enertrack.stores import users
from enertrack.stores.nodes import add_node, all_nodes, link_user
from enertrack.web.export import rows as export_rows
from enertrack.web.export.columns import Rows
from enertrack.web.export.grain import Grain
from enertrack.web.export.rows import Part, Wanted, rows
from enertrack.web.export.sheet import Sheet
from enertrack.web.export.text import Text
from enertrack.web.magnitudes import ALL
from tests.web.conftest import BUENOS_AIRES, NOW, OWN, Browser, Site

DAY_S = 86_400
MAKERS = [Text, Sheet]


def readings(start: int, count: int, step_s: int = 300, watts: float = 600) -> list[Reading]:
    """Each five minutes a constant power, with its register."""
    return [
        Reading(
            t=start + (i + 1) * step_s,
            dt=step_s,
            seq=i,
            energia_wh=round((i + 1) * watts * step_s / 3600, 1),
            potencia=watts,
            potencia_max=watts + 50,
            tension=229.5,
            fp=0.9,
        )
        for i in range(count)
    ]


async def table(browser: Browser, path: str) -> list[dict[str, str]]:
    answer = await browser.get(path)
    assert answer.status_code == 200, path
    assert answer.content_type == "text/csv; charset=utf-8"
    text = (await answer.get_data(as_text=False)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def sheet(browser: Browser, path: str) -> list[tuple[Any, ...]]:
    answer = await browser.get(path)
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(await answer.get_data(as_text=False)))
    return [row for page in book for row in page.iter_rows(values_only=True)]


async def test_hours_of_a_meter(site: Site) -> None:
    await site.keep(site.own, readings(NOW - 7200, 24))
    found = await table(await site.signed_in(), f"/nodos/{OWN}/exportar?resolucion=hora")
    assert [r["Momento (hora local)"] for r in found] == ["2026-06-17T13:00:00-03:00", "2026-06-17T14:00:00-03:00"]
    assert [r["Momento (segundos UTC)"] for r in found] == [str(NOW - 7200), str(NOW - 3600)]
    last = found[-1]
    assert (last["Medidor"], last["Placa"]) == ("Casa de ana", OWN)
    assert float(last["Energía (kWh)"]) == pytest.approx(0.6)
    assert (last["Potencia media (W)"], last["Potencia máxima (W)"]) == ("600.0", "650.0")
    assert (last["Tensión mínima (V)"], last["Factor de potencia media"]) == ("229.5", "0.9")
    assert (last["Corriente media (A)"], last["Cubierto (s)"]) == ("", "3600")


@pytest.mark.parametrize("grain", ["15min", "hora", "dia", "mes"])
async def test_rows_add_up_to_the_register(site: Site, grain: str) -> None:
    await site.keep(site.own, readings(NOW - 40 * DAY_S, 40 * 24 * 12))
    found = await table(await site.signed_in(), f"/nodos/{OWN}/exportar?resolucion={grain}")
    known = readings(NOW - 40 * DAY_S, 40 * 24 * 12)
    energy = (known[-1].energia_wh or 0) - (known[0].energia_wh or 0)
    assert sum(float(r["Energía (kWh)"]) for r in found) == pytest.approx(energy / 1000)


async def test_readings_as_they_came(site: Site) -> None:
    await site.keep(site.own, readings(NOW - 900, 3))
    found = await table(await site.signed_in(), f"/nodos/{OWN}/exportar?resolucion=lectura&magnitud=potencia")
    assert list(found[0]) == [
        *("Momento (hora local)", "Momento (segundos UTC)", "Medidor", "Placa", "Registro (kWh)", "Duración (s)"),
        *("Potencia (W)", "Potencia máxima (W)"),
    ]
    assert [(r["Momento (segundos UTC)"], r["Registro (kWh)"]) for r in found] == [
        (str(NOW - 600), "0.05"),
        (str(NOW - 300), "0.1"),
        (str(NOW), "0.15"),
    ]


async def test_a_spreadsheet_has_numbers_and_dates(site: Site) -> None:
    await site.keep(site.own, readings(NOW - 7200, 24))
    browser = await site.signed_in()
    names, first, *_ = await sheet(browser, f"/nodos/{OWN}/exportar?formato=xlsx&resolucion=hora&magnitud=tension")
    row = dict(zip(names, first, strict=True))
    assert row["Momento (hora local)"] == datetime.fromisoformat("2026-06-17T13:00:00")  # a spreadsheet knows no zones
    assert row["Momento (segundos UTC)"] == NOW - 7200
    assert row["Energía (kWh)"] == pytest.approx(0.55)
    assert row["Tensión media (V)"] == 229.5
    assert row["Medidor"] == "Casa de ana"


async def test_only_the_seconds_that_were_asked_for(site: Site) -> None:
    await site.keep(site.own, readings(NOW - 7200, 24))
    path = f"/nodos/{OWN}/exportar?resolucion=lectura&desde={NOW - 600}&hasta={NOW - 300}"
    assert [r["Momento (segundos UTC)"] for r in await table(await site.signed_in(), path)] == [str(NOW - 300)]


async def test_days_are_those_of_the_place_and_the_last_is_whole(site: Site) -> None:
    await site.keep(site.own, readings(NOW - 4 * DAY_S, 4 * 24 * 12))
    path = "/consumo/exportar?resolucion=hora&desde=2026-06-15&hasta=2026-06-16"
    found = [r["Momento (hora local)"] for r in await table(await site.signed_in(), path)]
    assert (len(found), found[0], found[-1]) == (48, "2026-06-15T00:00:00-03:00", "2026-06-16T23:00:00-03:00")


async def test_several_meters_and_never_anothers(site: Site) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    second = await add_node(site.engine, esp_id="A0B76512C4D9", nombre="Taller", zona_horaria="Europe/Madrid")
    await link_user(site.engine, user_id=ana.id, node_id=second, rol="propietario")
    for node in (site.own, site.foreign, second):
        await site.keep(node, readings(NOW - 3600, 12))
    browser = await site.signed_in()
    everything = await table(browser, "/consumo/exportar?resolucion=hora")
    assert [(r["Medidor"], r["Momento (hora local)"]) for r in everything] == [
        ("Casa de ana", "2026-06-17T14:00:00-03:00"),
        ("Taller", "2026-06-17T19:00:00+02:00"),
    ]
    assert {r["Placa"] for r in await table(browser, f"/consumo/exportar?nodo={OWN}")} == {OWN}


async def test_nothing_from_before_the_meter_was_theirs(site: Site) -> None:
    await site.keep(site.own, readings(NOW - 7200, 24))
    bruno = await users.user_by_name(site.engine, "bruno")
    assert bruno
    since = datetime.fromtimestamp(NOW - 600, UTC)
    await link_user(site.engine, user_id=bruno.id, node_id=site.own, rol="lector", desde=since)
    browser = await site.signed_in("bruno")
    raw = await table(browser, f"/nodos/{OWN}/exportar?resolucion=lectura")
    assert [r["Momento (segundos UTC)"] for r in raw] == [str(NOW - 300), str(NOW)]
    [hour] = await table(browser, f"/nodos/{OWN}/exportar?resolucion=hora")
    assert hour["Cubierto (s)"] == "600"
    assert float(hour["Energía (kWh)"]) == pytest.approx(0.05)


@pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", '=HYPERLINK("http://x")', "\uff1d1+1"])
async def test_a_name_is_never_a_formula(site: Site, name: str) -> None:
    ana = await users.user_by_name(site.engine, "ana")
    assert ana
    node = await add_node(site.engine, esp_id="A0B76512C4D9", nombre=name, zona_horaria=BUENOS_AIRES)
    await link_user(site.engine, user_id=ana.id, node_id=node, rol="propietario")
    await site.keep(node, readings(NOW - 3600, 12))
    browser = await site.signed_in()
    [row] = await table(browser, "/nodos/A0B76512C4D9/exportar")
    assert row["Medidor"] == f"'{name}"
    _, cells = await sheet(browser, "/nodos/A0B76512C4D9/exportar?formato=xlsx")
    assert cells[2] == name  # a text: openpyxl would show a formula without its quotes as well
    answer = await browser.get("/nodos/A0B76512C4D9/exportar?formato=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(await answer.get_data(as_text=False)))
    assert book.worksheets[0]["C2"].data_type in {"s", "inlineStr"}


@pytest.mark.parametrize("name", ["A & B <b>", "</t></is></c><c><v>1</v></c>", "]]>", "&#61;1"])
async def test_a_name_is_no_markup_of_a_sheet(site: Site, name: str) -> None:
    async with site.engine.begin() as conn:
        await conn.exec_driver_sql("UPDATE Nodos SET nombre = ? WHERE id = ?", (name, site.own))
    await site.keep(site.own, readings(NOW - 3600, 12))
    _, cells = await sheet(await site.signed_in(), f"/nodos/{OWN}/exportar?formato=xlsx")
    assert cells[2] == name


@pytest.mark.parametrize("end", [";", "; ", "\t", "\n"])
def test_nor_what_follows_the_end_of_a_cell_elsewhere(end: str) -> None:
    """Spanish spreadsheets end cells with ";", wherever our quotes stand."""
    rows = Rows(f"Casa{end}=1+1", f"Casa{end}1", ZoneInfo(BUENOS_AIRES), [NOW], [[]])
    [row] = csv.reader(io.StringIO(Text().add(rows).decode(), newline=""))
    assert row[2:4] == [f"Casa{end[0]}'{end[1:]}=1+1", f"Casa{end}1"]


@pytest.mark.parametrize(
    "query",
    [
        *("formato=pdf", "resolucion=siglo", "desde=ayer", "hasta=2026-13-01", "desde=99999999999", "desde=-1"),
        *(
            "magnitud=color",
            "desde=1900-01-01",
            "hasta=2500-01-01",
            "desde=%D9%A3",
        ),
    ],
)
async def test_nonsense_is_refused(site: Site, query: str) -> None:
    assert (await (await site.signed_in()).get(f"/nodos/{OWN}/exportar?{query}")).status_code == 400


async def test_range_that_ends_before_it_begins_is_said_to_be(site: Site) -> None:
    browser = await site.signed_in()
    page = await browser.get(f"/nodos/{OWN}/exportar?desde=2026-02-01&hasta=2026-01-01")
    problem = await browser.call(f"/api/v1/medidores/{OWN}/exportar?desde=2000&hasta=1000")
    assert page.status_code == problem.status_code == 422
    assert "termina antes de empezar" in await page.get_data(as_text=True)
    assert "termina antes de empezar" in (await problem.get_json())["detail"]


async def test_range_that_begins_in_the_future_is_said_to(site: Site) -> None:
    page = await (await site.signed_in()).get(f"/nodos/{OWN}/exportar?desde=2190-02-01")
    assert page.status_code == 422
    assert "«Desde» todavía no llegó" in await page.get_data(as_text=True)


async def test_a_meter_without_readings_is_names_of_columns(site: Site) -> None:
    browser = await site.signed_in()
    assert await table(browser, f"/nodos/{OWN}/exportar") == []
    assert len(await sheet(browser, f"/nodos/{OWN}/exportar?formato=xlsx")) == 1


def test_a_long_table_goes_on_in_the_next_sheet() -> None:
    making = Sheet(most_rows=4)
    some = Rows("Casa", OWN, ZoneInfo("UTC"), [3600 * i for i in range(8)], [[i, None] for i in range(8)])
    pieces = [making.begin(["a", "b"]), making.add(some), making.end()]
    book = openpyxl.load_workbook(io.BytesIO(b"".join(pieces)))
    values = [[row[1] for row in page.iter_rows(values_only=True)] for page in book]
    assert values == [["b", 0, 3600, 7200], ["b", 10_800, 14_400, 18_000], ["b", 21_600, 25_200]]


@pytest.mark.parametrize("make", MAKERS)
async def test_memory_does_not_grow_with_the_range(
    site: Site, make: type[Text | Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is held at most for forty days is no more than for ten: slices, not ranges, are in memory."""
    monkeypatch.setattr(export_rows, "SLICE", 96)
    await site.keep(site.own, readings(NOW - 40 * DAY_S, 40 * 96, 900))
    node = (await all_nodes(site.engine))[0]
    short, long = [await _peak(site, make, [Part(node, NOW - days * DAY_S, NOW)]) for days in (10, 40)]
    assert long < short * 1.5  # a range in memory would be four times as much


async def _peak(site: Site, make: type[Text | Sheet], parts: Sequence[Part]) -> int:
    """Bytes held at most while a file is made and thrown away."""
    wanted = Wanted(parts=list(parts), grain=Grain.QUARTER, magnitudes=list(ALL))
    making = make()
    tracemalloc.start()
    try:
        making.begin(wanted.columns)
        async for some in rows(site.store, wanted, NOW):
            making.add(some)
        making.end()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
