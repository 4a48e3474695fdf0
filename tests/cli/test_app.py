"""The root of the command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from fingerprint_async.cli import main

COMMANDS = ["demo", "crawl", "serve", "schema"]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` lists the commands, each with what it is for."""
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert [word for word in COMMANDS if word not in out] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`COMMAND --help` says how it is used."""
    assert main([command, "--help"]) == 0
    assert command in capsys.readouterr().out


def test_help_loads_no_command() -> None:
    """The list of commands costs none of what the commands need."""
    code = (
        "import sys; from fingerprint_async.cli import main; main(['--help']); "
        "print(sorted({'httpx', 'msgspec', 'pyarrow', 'duckdb'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_the_package_runs_as_the_command() -> None:
    """`python -m fingerprint_async` is `fingerprint-async`, exit codes too."""
    command = [sys.executable, "-m", "fingerprint_async"]
    shown = subprocess.run(
        [*command, "crawl", "--help"], check=True, capture_output=True, text=True
    )
    assert "fingerprint-async crawl" in shown.stdout
    assert (
        subprocess.run([*command, "no-such-command"], check=False, capture_output=True).returncode
        == 2
    )


def test_a_wrong_word_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """An unknown command or option ends with 2 and says what is wrong."""
    assert main(["crowl"]) == 2
    assert main(["serve", "--no-such-option"]) == 2
    said = capsys.readouterr()
    assert "no-such-option" in said.err + said.out


def test_a_missing_extra_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the cli extra the command says how to install it."""
    monkeypatch.setitem(sys.modules, "cyclopts", None)
    monkeypatch.delitem(sys.modules, "fingerprint_async.cli._app", raising=False)
    assert main([]) == 2
    assert "pip install 'fingerprint-async[cli]'" in capsys.readouterr().err
