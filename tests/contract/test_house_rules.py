"""What holds for the whole tree, so that nobody has to remember it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
SOURCES = sorted((ROOT / "fingerprint_async").rglob("*.py"))
TEXTS = (
    sorted(
        path
        for path in map(
            ROOT.joinpath,
            subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines(),
        )
        if path.is_file()
        and path.suffix in {".py", ".md", ".toml", ".yaml", ".yml", ".jinja", ".json", ""}
    )
    if (ROOT / ".git").exists()
    else SOURCES
)


def name(path: Path) -> str:
    """The path as a test id."""
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TESTS, ids=name)
def test_every_test_says_what_is_true(path: Path) -> None:
    """Every test function has a docstring."""
    silent = [
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert silent == []


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_every_room_says_what_it_is_for(path: Path) -> None:
    """Every module of the package has a docstring."""
    assert ast.get_docstring(ast.parse(path.read_text()))


def test_no_object_closes_itself_when_it_is_collected() -> None:
    """There is no `__del__`: what is opened is closed by its owner."""
    assert [name(path) for path in SOURCES if "def __del__" in path.read_text()] == []


@pytest.mark.parametrize(
    "script", ["demo", "test", "check", "generate", "sync", "bench", "lock", "lowest", "trace"]
)
def test_scripts_can_be_run(script: str) -> None:
    """Every script is executable and has an interpreter line."""
    path = ROOT / "scripts" / script
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/usr/bin/env python3\n")


def test_the_project_stands_alone() -> None:
    """Nothing points outside the checkout or at one machine's folders."""
    outside = re.compile(r"\.\./shared|/work/|/tmp/v/|shared/published")
    here = Path(__file__)
    assert [
        name(path)
        for path in TEXTS
        if path != here and outside.search(path.read_text(errors="replace"))
    ] == []


def test_the_readme_has_two_commands() -> None:
    """The README's first block of commands is the demo and the tests."""
    block = re.search(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert block is not None
    assert [line.split()[0] for line in block[1].splitlines()] == ["scripts/demo", "scripts/test"]
