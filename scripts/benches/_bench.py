"""What every benchmark needs: peers in an environment of their own, a server in another process, a table of ratios."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import _env

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = _env.ROOT
PEERS = ROOT / ".envs" / "peers"
# niquests is kept out: its urllib3-future replaces urllib3 under the official SDK and dlt.
PACKAGES = (
    "fingerprint-server-sdk==9.9.0",
    "orjson",
    "aiohttp",
    "httpx-aiohttp",
    "pyreqwest",
    "dlt",
    "fastapi",
    "uvicorn",
    "rich",
)
KEY = "test-key"


def enter_peers(script: str, argv: list[str]) -> None:
    """Go on in the environment that holds the peers beside this project, made on first use."""
    if Path(sys.prefix).resolve() == PEERS.resolve():
        return
    python = _env.python_of(PEERS)
    stamp = PEERS / ".in-step"
    wanted = " ".join(PACKAGES) + (ROOT / "pyproject.toml").read_text()
    if not stamp.exists() or stamp.read_text() != wanted:
        print("Installing the peers into .envs/peers …", file=sys.stderr, flush=True)
        # The development environment brings a uv, which need not be on PATH.
        uv = shutil.which("uv") or shutil.which("uv", path=str(_env.python_of().parent))
        _env.make(PEERS, [*PACKAGES, "-e", f"{ROOT}[cli,testing,zstd]"], uv=uv, base=sys.executable)
        stamp.write_text(wanted)
    # All packages alike have their bytecode from the second run on, whatever installed them and whatever this shell says.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(PEERS / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execve(python, [str(python), script, *argv], environment)


@contextlib.contextmanager
def emulator(*options: str) -> Iterator[str]:
    """Run `fingerprint-async serve` in a process of its own and give its base URL."""
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready.json"
        words = ["serve", "--port", "0", "--ready-file", str(ready), *options]
        server = subprocess.Popen(
            [sys.executable, "-m", "fingerprint_async", *words], stdout=subprocess.DEVNULL
        )
        try:
            for _ in range(600):
                if ready.exists() and ready.read_text():
                    break
                if server.poll() is not None:
                    raise SystemExit(f"the emulator ended with {server.returncode}")
                time.sleep(0.05)
            yield json.loads(ready.read_text())["base_url"]
        finally:
            server.terminate()
            server.wait(10)


def alternate(cases: Mapping[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """Run the cases in turn, round after round, so that a slow minute of the machine meets all of them.

    Each case returns its own figure (seconds, bytes …).
    """
    figures: dict[str, list[float]] = {name: [] for name in cases}
    for case in cases.values():
        case()  # warm
    for _ in range(rounds):
        for name, case in cases.items():
            figures[name].append(case())
    return figures


def ratios(figures: Mapping[str, list[float]], ours: str, peer: str) -> list[float]:
    """Ours over the peer's, round by round."""
    return [a / b for a, b in zip(figures[ours], figures[peer], strict=True)]


def spread(values: list[float], unit: str = "", scale: float = 1.0) -> str:
    """`median (min - max)`, three figures each."""
    low, middle, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"{middle:.3g}{unit} ({low:.3g} - {high:.3g})"


def report(name: str, rows: list[dict[str, Any]]) -> int:
    """Print the rows as a table, write them as JSON, and return 0 when every goal is met.

    A row: `what`, `figure` (a printable spread), and where there is one `goal` and `met`.
    """
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=f"{name}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    )
    for column in ("what", "measured", "goal", ""):
        table.add_column(column)
    for row in rows:
        mark = {True: "met", False: "MISSED"}.get(row.get("met"), "")
        table.add_row(row["what"], row["figure"], row.get("goal", ""), mark)
    Console(width=150).print(table)
    target = ROOT / "bench-results"
    target.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    (target / f"{name}-{now:%Y%m%dT%H%M%S}.json").write_text(
        json.dumps(
            {
                "name": name,
                "at": now.isoformat(),
                "python": platform.python_version(),
                "rows": rows,
            },
            indent=1,
        )
    )
    return 0 if all(row.get("met", True) for row in rows) else 1
