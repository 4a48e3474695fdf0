"""Whether the hand-written client still fits the code that was generated."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["import_error", "type_errors"]

_SHOWN: Final = 20
_SECONDS: Final = 600
_IMPORT: Final = """
import sys
sys.path[:0] = sys.argv[1:]
import fingerprint_async, fingerprint_async.models, fingerprint_async.resources
for name in fingerprint_async.__all__:
    getattr(fingerprint_async, name)
"""


def type_errors(root: Path) -> list[str]:
    """Type-check the client of a checkout against its generated package.

    Returns:
        A line for each error, and one if there is nothing that can check; empty where the types
        fit, or where the checkout holds no client.
    """
    if not (root / "fingerprint_async").is_dir():
        return []
    if not (root / "pyproject.toml").is_file():
        return ["the types were not checked: the checkout has no pyproject.toml"]
    command = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty"]
    try:
        done = subprocess.run(
            [*command, "fingerprint_async"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return [f"the types were not checked: mypy took longer than {_SECONDS} s"]
    if done.returncode == 0:
        return []
    if "No module named mypy" in done.stderr:
        return ["the types were not checked: mypy is not installed; run scripts/check"]
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    if not errors:
        said = (done.stderr or done.stdout).strip().splitlines()
        return [f"the types were not checked: mypy ended with {done.returncode}: {said[-1:]}"]
    lines = [f"the client does not fit the generated code: {line}" for line in errors[:_SHOWN]]
    more = len(errors) - _SHOWN
    return [*lines, f"… and {more} more; run mypy"] if more > 0 else lines


def import_error(client: Path, package: Path) -> str | None:
    """Import the client with a generated package; return what went wrong.

    Args:
        client: The folder of the package `fingerprint_async`.
        package: The generated package, wherever it stands.
    """
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT, str(client.parent), str(package.parent)],
        cwd=package.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode == 0:
        return None
    return next(iter(done.stderr.strip().splitlines()[-1:]), f"exit code {done.returncode}")
