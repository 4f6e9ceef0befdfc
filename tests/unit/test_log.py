"""A line is one event, whatever an outsider puts into it."""

import io
import logging
import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enertrack import log
from enertrack.log import MAX_VALUE, Formatter, escaped, event

LINE = re.compile(r'\S+ INFO prueba: mensaje leído( (\w+)=([A-Za-z0-9_.:/@+-]+|"([^"\\]|\\.)*"))*')
OUTSIDE = st.text(st.characters()) | st.binary() | st.integers() | st.floats() | st.none()
NASTY = ['"', "\\", "\n", "\r\n", "\x1b[2J", "\x00", "\x7f", "\x85", "\u2028", "\u202e", "\udc80", 'a" nodo="7', "ñ"]


def lines(name: str, level: int, message: str, **fields: object) -> str:
    """What a logger writes for one event."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(Formatter("prueba", journald=False))
    logger = logging.getLogger(name)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    logger.handlers = [handler]
    event(logger, level, message, **fields)
    return out.getvalue()


@given(st.dictionaries(st.sampled_from("abc"), OUTSIDE | st.sampled_from(NASTY)))
def test_a_value_of_outside_origin_stays_in_its_place(fields: dict[str, object]) -> None:
    line = lines("pruebas.valores", logging.INFO, "mensaje leído", **fields)
    assert line.endswith("\n")
    assert line[:-1].isprintable()
    assert LINE.fullmatch(line[:-1])


@given(OUTSIDE | st.sampled_from(NASTY))
def test_nothing_that_follows_a_value_can_be_taken_for_it(value: object) -> None:
    line = lines("pruebas.campos", logging.INFO, "mensaje leído", dato=value, nodo=3)
    told = shlex.split(line.partition("leído ")[2], posix=True)
    assert [t.partition("=")[0] for t in told] == ["dato", "nodo"]
    assert told[1] == "nodo=3"


@given(st.text(st.characters()))
def test_escaping_can_be_undone(text: str) -> None:
    assert escaped(text).isprintable()
    assert re.sub(
        r"\\(?:x(..)|u(....)|U(.{8})|(.))",
        lambda m: {"n": "\n", "r": "\r", "t": "\t", "\\": "\\"}[m[4]] if m[4] else chr(int(m[1] or m[2] or m[3], 16)),
        escaped(text),
    ) == (text)


def test_a_long_value_is_cut() -> None:
    assert len(lines("pruebas.largo", logging.INFO, "m", dato="x" * 16_384)) < MAX_VALUE + 100


def test_a_librarys_message_cannot_break_the_line() -> None:
    assert "\\x1b[31m\\nERROR" in lines("pruebas.ajeno", logging.WARNING, "cliente \x1b[31m\nERROR falso")


def test_a_traceback_is_in_the_line_of_its_event() -> None:
    record = logging.LogRecord("n", logging.ERROR, __file__, 1, "falló", None, None)
    try:
        int("\n")
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    line = Formatter("prueba", journald=False).format(record)
    assert line.isprintable()
    assert "ValueError" in line


@pytest.mark.parametrize(("level", "priority"), [(logging.INFO, 6), (logging.WARNING, 4), (logging.CRITICAL, 2)])
def test_journald_gets_the_priority(level: int, priority: int) -> None:
    record = logging.LogRecord("n", level, __file__, 1, "hola", None, None)
    assert Formatter("web", journald=True).format(record) == f"<{priority}>web: hola"


def test_libraries_are_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    try:
        log.setup("prueba")
        for name in ("httpx", "alembic", "enertrack.web"):
            logging.getLogger(name).info("de %s", name)
        logging.getLogger("amqtt.broker").warning("charla")
    finally:
        logging.captureWarnings(capture=False)
        root.handlers = before[1]
        root.setLevel(before[0])
    written = capfd.readouterr().err
    assert written.count("\n") == 1
    assert written.endswith("INFO prueba: de enertrack.web\n")
