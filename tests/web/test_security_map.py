"""docs/security.md names each requirement of ASVS 5.0, levels 1 and 2, and only tests that are there."""

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/security.md"
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| [^|]+ \| ([^|]+) \| ([^|]*)\|$", re.MULTILINE)
REQUIREMENTS = {  # by section; level 3 and the chapters that are not ours as a whole (10, 17) left out
    "1.1": "1 2", "1.2": "1 2 3 4 5 6 7 8 9", "1.3": "1 2 3 4 5 6 7 8 9 10 11", "1.4": "1 2 3", "1.5": "1 2",
    "2.1": "1 2 3", "2.2": "1 2 3", "2.3": "1 2 3 4", "2.4": "1",
    "3.2": "1 2", "3.3": "1 2 3 4", "3.4": "1 2 3 4 5 6", "3.5": "1 2 3 4 5", "3.7": "1 2",
    "4.1": "1 2 3", "4.2": "1", "4.3": "1 2", "4.4": "1 2 3 4",
    "5.1": "1", "5.2": "1 2 3", "5.3": "1 2", "5.4": "1 2 3",
    "6.1": "1 2 3", "6.2": "1 2 3 4 5 6 7 8 9 10 11", "6.3": "1 2 3", "6.4": "1 2 3 4", "6.5": "1 2 3 4 5",
    "6.6": "1 2 3", "6.8": "1 2 3 4",
    "7.1": "1 2 3", "7.2": "1 2 3 4", "7.3": "1 2", "7.4": "1 2 3 4 5", "7.5": "1 2", "7.6": "1 2",
    "8.1": "1 2", "8.2": "1 2 3", "8.3": "1", "8.4": "1",
    "9.1": "1 2 3", "9.2": "1 2 3 4",
    "11.1": "1 2", "11.2": "1 2 3", "11.3": "1 2 3", "11.4": "1 2 3 4", "11.5": "1", "11.6": "1",
    "12.1": "1 2 3", "12.2": "1 2", "12.3": "1 2 3 4",
    "13.1": "1", "13.2": "1 2 3 4 5", "13.3": "1 2", "13.4": "1 2 3 4 5",
    "14.1": "1 2", "14.2": "1 2 3 4", "14.3": "1 2 3",
    "15.1": "1 2 3", "15.2": "1 2 3", "15.3": "1 2 3 4 5 6 7",
    "16.1": "1", "16.2": "1 2 3 4 5", "16.3": "1 2 3 4", "16.4": "1 2 3", "16.5": "1 2 3",
}  # fmt: skip
ANSWERS = ("Sí", "No aplica", "En parte", "No:")


def table() -> list[tuple[str, str, str]]:
    return [(number, answer.strip(), tests.strip()) for number, answer, tests in ROW.findall(PAGE.read_text())]


@cache
def named_in(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text())
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def test_each_requirement_is_answered_once() -> None:
    expected = [f"{section}.{n}" for section, numbers in REQUIREMENTS.items() for n in numbers.split()]
    assert [number for number, _, _ in table()] == expected
    assert [row for row in table() if not row[1].startswith(ANSWERS)] == []


def test_each_test_that_is_named_exists() -> None:
    gone = []
    for number, _, named in table():
        for name in filter(None, named.split(", ")):
            file, _, test = name.partition("::")
            if not (TESTS / file).is_file() or test not in named_in(file):
                gone.append((number, name))
    assert gone == []


def test_what_does_not_apply_or_is_not_met_says_why() -> None:
    for number, answer, _ in table():
        reason = answer.partition(":")[2]
        assert answer.startswith("Sí") or answer == "No aplica" or reason, number
