"""Every shell block of README and docs runs as it is printed, against the emulated service."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.docs.run_blocks import blocks_of
from tests.docs.shell_blocks import shell_blocks_of
from tests.docs.test_blocks import PAGES
from tests.examples.conftest import ROOT, environment, service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["environment", "service"]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bash") is None, reason="the blocks are for a POSIX shell"),
]

INSTALLS = "takes the package from an index; CI's job `wheel` installs the wheel with this extra"
ASKS_THE_VENDOR = "asks the vendor's site; tests/cli/test_schema.py gives an address instead"
NOT_RUN: Final[dict[str, str]] = {
    "pip install 'fingerprint-async[cli]'": INSTALLS,
    "scripts/demo": "CI runs it by itself: it installs, and takes a minute",
    "scripts/test": "is what runs this test",
    "fingerprint-async schema check": ASKS_THE_VENDOR,
    "fingerprint-async schema check --used-by src/": ASKS_THE_VENDOR,
    "fingerprint-async schema check --stubs stubs/": ASKS_THE_VENDOR,
    "fingerprint-async schema sync": "asks the vendor's site, and changes this checkout",
    "fingerprint-async crawl out --start … --rate 50 --engine dask"
    " --scheduler tcp://host:8786 --redis redis://host:6379/0": (
        "needs a Dask scheduler and a Redis of the reader; tests/crawl/test_dask.py has them"
    ),
}
"""Commands that cannot run here, each with the reason."""

EXIT_CODES: Final = {
    "fingerprint-async schema diff old.yaml new.yaml --format markdown": 1,
    "fingerprint-async schema diff OLD NEW": 1,
}
"""What commands end with that have something to report."""

SERVERS: Final = {"fingerprint-async serve": "Try it:"}
"""Commands that run until they are stopped, and what they print when they are there."""

OLD = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {}}}}
NEW = {**OLD, "paths": {}}


def written(command: str, environment: Mapping[str, str]) -> str:
    """Put in what a reader has of their own: the key, the address, days within the retention."""
    until = datetime.now(UTC) - timedelta(days=1)
    own = {
        "http://127.0.0.1:8700/v4": environment["FINGERPRINT_BASE_URL"],
        "API_KEY=…": f"API_KEY={environment['FINGERPRINT_SECRET_API_KEY']}",
        "2026-11-01T00:00:00Z": (until - timedelta(hours=8)).isoformat(),
        "2026-11-08T00:00:00Z": until.isoformat(),
    }
    for printed, ours in own.items():
        command = command.replace(printed, ours)
    return command


def prepare(page: Path, folder: Path, shell: Shell) -> None:
    """Make the files of the reader that the page speaks of."""
    if page.name in {"README.md", "drift.md"}:
        import json

        for names in (("old.yaml", "new.yaml"), ("OLD", "NEW")):
            for name, document in zip(names, (OLD, NEW), strict=True):
                (folder / name).write_text(json.dumps(document))
    if page.name == "drift.md":
        assert shell.run("fingerprint-async crawl export/").returncode == 0


class Shell:
    """A shell that keeps what is exported from one command to the next."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {**os.environ, **environment, "PATH": path, "PYTHONWARNINGS": "error"}

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        kept = self._folder / ".environment"
        done = subprocess.run(
            ["bash", "-uc", f"{command}\ncode=$?; env -0 > '{kept}'; exit $code"],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        lines = kept.read_text().split("\0")
        self._environment = dict(line.split("=", 1) for line in lines if line)
        return done

    def serve(self, command: str, there: str) -> str:
        """Run a server until it says that it is there, and stop it; return what it printed."""
        process = subprocess.Popen(
            ["bash", "-uc", f"exec {command} --port 0"],
            cwd=self._folder,
            env={**self._environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        try:
            printed = "".join(until(process.stdout, there))
        finally:
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=30)
        assert "Traceback" not in rest
        assert process.returncode == 0, printed + rest
        return printed


def until(lines: Any, last: str) -> Iterator[str]:
    """Give lines up to one that begins so."""
    for line in lines:
        yield line
        if line.startswith(last):
            return


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if shell_blocks_of(page)],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_command_runs(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    """In order, in one shell; each ends with the code that the page lets one expect."""
    shell = Shell(tmp_path, environment)
    prepare(page, tmp_path, shell)
    for printed in (command for block in shell_blocks_of(page) for command in block):
        if printed in NOT_RUN:
            continue
        command = written(printed, environment)
        if printed in SERVERS:
            assert SERVERS[printed] in shell.serve(command, SERVERS[printed])
            continue
        done = shell.run(command)
        told = f"{command}\n{done.stdout}{done.stderr}"
        assert done.returncode == EXIT_CODES.get(printed, 0), told
        assert "Traceback" not in done.stderr, told


def test_the_tables_name_what_is_printed() -> None:
    """No reason stands for a command that is gone, and each has one."""
    printed = {command for page in PAGES for block in shell_blocks_of(page) for command in block}
    assert not {*NOT_RUN, *EXIT_CODES, *SERVERS} - printed
    assert all(NOT_RUN.values())


def test_how_many_blocks_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The numbers are printed, and most of what stands there is run."""
    python = sum(len(blocks_of(page)) for page in PAGES)
    blocks = [block for page in PAGES for block in shell_blocks_of(page)]
    commands = [command for block in blocks for command in block]
    run = [command for command in commands if command not in NOT_RUN]
    blocks_run = [block for block in blocks if set(block) - NOT_RUN.keys()]
    with capsys.disabled():
        print(  # noqa: T201 - it is what this test is for
            f"\n{python} Python blocks run; {len(blocks_run)} of {len(blocks)} shell blocks, with"
            f" {len(run)} of {len(commands)} commands",
            file=sys.stderr,
        )
    assert python >= 19
    assert len(blocks_run) >= 5
    assert len(run) >= 8
