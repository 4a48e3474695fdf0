"""`scripts/sync`, as it is called."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen import command
from codegen.errors import GenerationError, PublishedError
from codegen.regenerate import Layout, SyncReport
from fingerprint_async.cli import main as cli

ROOT = Path(__file__).resolve().parents[2]
EMPTY = "openapi: 3.1.0\npaths: {}\n"
ONE = "openapi: 3.1.0\npaths: {/a: {get: {operationId: a, responses: {}}}}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a small pinned document, and another document beside it."""
    (tmp_path / "openapi").mkdir()
    Layout.of(tmp_path).pinned.write_text(ONE)
    (tmp_path / "new.yaml").write_text(EMPTY)
    return tmp_path


@pytest.mark.parametrize(
    ("outcome", "code", "says"),
    [
        (SyncReport(changed=True, notes=["look here"]), 0, "Took in another schema.\n  look here"),
        (SyncReport(changed=False, notes=[]), 0, "The same facts as before.\n"),
        (GenerationError("the generator warned"), 2, "sync: the generator warned\n"),
        (PublishedError("no document"), 2, "sync: no document\n"),
    ],
)
def test_sync_says_what_it_did(
    *,
    outcome: Any,
    code: int,
    says: str,
    checkout: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The drift report comes first, also where what follows fails; then the outcome."""

    def sync(*_: Any, **__: Any) -> Any:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(command, "sync", sync)
    assert command.main(checkout, [str(checkout / "new.yaml")]) == code
    captured = capsys.readouterr()
    assert captured.out.index("OP-REMOVED") >= 0
    assert says in captured.out + captured.err


def test_an_address_that_is_not_there_is_unreachable(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Taking in a schema that can't be fetched is 3, as it is for a check."""
    monkeypatch.setattr("fingerprint_async.drift.fetch.time.sleep", lambda _: None)
    assert command.main(checkout, ["http://127.0.0.1:9/x.yaml"]) == 3
    assert "can't be reached" in capsys.readouterr().err


def test_the_command_and_the_script_are_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """`schema sync --root CHECKOUT` prints what the checkout's `scripts/sync` prints."""
    for name in ("openapi", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    script = [sys.executable, str(tmp_path / "scripts" / "sync")]
    (tmp_path / "bad.yaml").write_text("openapi: 3.2.0\npaths: {}\n")
    source = str(tmp_path / "bad.yaml")
    by_script = subprocess.run(
        [*script, source],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "FINGERPRINT_ASYNC_ENV": "current"},
    )
    assert cli(["schema", "sync", source, "--root", str(tmp_path)]) == by_script.returncode == 2
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == (by_script.stdout, by_script.stderr)
    assert "OpenAPI 3.0 or 3.1 is needed" in captured.err
