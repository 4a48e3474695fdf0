"""One environment for every script: `.venv`, made from the lock file, made again when that changes.

Standard library only, because it runs before anything is installed. uv is used where it is on PATH,
else venv and pip.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
OLDEST = (3, 11)


def python_of(venv: Path = VENV) -> Path:
    """The interpreter of a virtual environment."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def enter(script: str) -> None:
    """Go on inside `.venv`, which is made or brought up to date first.

    Returns at once when the running interpreter is already that of an environment in step with the
    lock file, or when `FINGERPRINT_ASYNC_ENV=current` says that the caller chose the interpreter.
    """
    if os.environ.get("FINGERPRINT_ASYNC_ENV") == "current":
        return
    ready = ensure()
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    command = [str(ready), script, *sys.argv[1:]]
    if os.name == "nt":
        raise SystemExit(subprocess.call(command))
    os.execv(ready, command)


def ensure() -> Path:
    """Make `.venv` agree with the lock file and return its interpreter."""
    python = python_of()
    stamp = VENV / ".in-step"
    parts = (LOCK, ROOT / "pyproject.toml", ROOT / "fingerprint_async" / "_version.py")
    wanted = hashlib.sha256(b"".join(part.read_bytes() for part in parts)).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print("Installing what the project needs into .venv …", file=sys.stderr, flush=True)
    make(
        VENV,
        ["--require-hashes", "-r", str(LOCK)],
        ["--no-deps", "--no-build-isolation", "-e", str(ROOT)],
        uv=shutil.which("uv"),
    )
    stamp.write_text(wanted)
    return python


def make(venv: Path, *installs: list[str], uv: str | None, base: str | None = None) -> Path:
    """Make an environment where there is none, and run installs in it, with uv where there is one.

    Args:
        venv: Its folder.
        installs: What to give to `pip install`, one call a list.
        uv: The uv to use.
        base: The Python to make it from; a new enough one when left out.
    """
    python = python_of(venv)
    if not python.exists():
        _run(
            [uv, "venv", "--quiet", "--python", base or ">=3.11", str(venv)]
            if uv
            else [base or _newest(), "-m", "venv", str(venv)]
        )
    pip = (
        [uv, "pip", "install", "--python", str(python)]
        if uv
        else [str(python), "-m", "pip", "install"]
    )
    for words in installs:
        _run([*pip, "--quiet", *words])
    return python


def _newest() -> str:
    """This interpreter, or a newer one on PATH where this one is too old."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for minor in range(14, OLDEST[1] - 1, -1):
        if found := shutil.which(f"python3.{minor}"):
            return found
    raise SystemExit("Python 3.11 or newer is needed: none was found on PATH.")


def _run(words: list[str]) -> None:
    if subprocess.run(words, cwd=ROOT, check=False).returncode:
        raise SystemExit(f"This step failed, so nothing more was done: {' '.join(words)}")
