"""Each promise of docs/promises.md has tests, and they exist."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "promises.md"
ROWS = [
    line.strip().strip("|").rsplit("|", 1)
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and "---" not in line and "promise |" not in line
]


@cache
def functions_of(path: Path) -> frozenset[str]:
    """The names of the test functions of a file."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


@pytest.mark.parametrize(("promise", "tests"), ROWS, ids=[row[0].strip() for row in ROWS])
def test_each_promise_has_tests_that_exist(promise: str, tests: str) -> None:
    """By file and name."""
    named = re.findall(r"`([^`]+)`", tests)
    assert named, promise
    for test in named:
        file, _, name = test.partition("::")
        assert name in functions_of(ROOT / file), test


def test_the_table_is_not_empty() -> None:
    """Else nothing above would be checked."""
    assert len(ROWS) > 30
