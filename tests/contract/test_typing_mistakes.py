"""mypy and pyright, both strict, find a user's mistakes with models, and no others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("typing_mistakes.py")
MISTAKE = re.compile(r"# wrong: (?P<mypy>\S+), (?P<pyright>\S+)$")


def expected(checker: str) -> dict[int, str]:
    """Give the lines that are wrong, with the checker's name of the mistake."""
    lines = enumerate(SCRIPT.read_text().splitlines(), start=1)
    found = {number: MISTAKE.search(line) for number, line in lines}
    return {number: match[checker] for number, match in found.items() if match}


@pytest.mark.slow
def test_mypy_finds_the_mistakes(tmp_path: Path) -> None:
    """Each line that is wrong has its error, and no other line has one."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--output=json"]
    command.append(f"--cache-dir={tmp_path}")
    done = subprocess.run(
        [*command, SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    errors = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    found = {each["line"]: each["code"] for each in errors if each["severity"] == "error"}
    assert found == expected("mypy"), done.stderr


@pytest.mark.slow
def test_pyright_finds_the_mistakes(tmp_path: Path) -> None:
    """Each line that is wrong has its error, perhaps with others, and no other line has one."""
    (tmp_path / SCRIPT.name).write_text(SCRIPT.read_text())
    settings = {"include": [SCRIPT.name], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found: dict[int, set[str]] = {}
    for each in json.loads(done.stdout)["generalDiagnostics"]:
        found.setdefault(each["range"]["start"]["line"] + 1, set()).add(each["rule"])
    wanted = expected("pyright")
    assert found.keys() == wanted.keys()
    assert [line for line, rule in wanted.items() if rule not in found[line]] == []
