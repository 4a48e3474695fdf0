"""What docs/testing.md promises."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from fingerprint_async import testing
from fingerprint_async.testing import Emulator, pytest_plugin
from fingerprint_async.testing.carriers import Request
from fingerprint_async.testing.emulator.hostile import BEHAVIOURS

TEXT = Path(__file__).parents[2].joinpath("docs", "testing.md").read_text(encoding="utf-8")


def table(first_heading: str) -> list[str]:
    """The first column of the table with this heading."""
    rows = TEXT.partition(f"| {first_heading} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip() for row in rows]


def test_every_behaviour_is_listed() -> None:
    """The table has all hostile behaviours, in the order of the code."""
    assert [name.strip("`") for name in table("behaviour")] == list(BEHAVIOURS)


def test_every_fixture_is_listed() -> None:
    """The table has all fixtures, and no other."""
    fixtures = {
        name
        for name in vars(pytest_plugin)
        if name.startswith("fingerprint_") and "_async" not in name
    }
    assert {name.strip("`") for name in table("fixture")} == fixtures


def test_every_control_answers() -> None:
    """No control that is listed is unknown."""
    emulator = Emulator(events=3)
    for cell in table("control"):
        for name in re.findall(r"/_emulator/(\w+)", cell):
            method = "POST" if "POST" in cell else "GET"
            reply = emulator.handle(Request(method, f"/_emulator/{name}", "", {}, b"{}"))
            assert b"no such emulator control" not in reply.body, name


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL))
def test_code_compiles_and_names_exist(block: str) -> None:
    """Code is Python, and what it imports from the kit is there."""
    for node in ast.walk(ast.parse(block)):
        if isinstance(node, ast.ImportFrom) and node.module == "fingerprint_async.testing":
            assert {alias.name for alias in node.names} <= set(testing.__all__)
