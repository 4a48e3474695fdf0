"""Failures as JSON, for commands that were asked for it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["print_failure", "wants_json"]


def wants_json(argv: Sequence[str]) -> bool:
    """Return whether a command prints its failures as JSON."""
    return list(argv[:1]) == ["crawl"] and "--json" in argv


def print_failure(kind: str, message: str) -> None:
    """Print what went wrong as JSON on stdout."""
    failure = {"complete": False, "error": {"type": kind, "message": message}}
    sys.stdout.write(json.dumps(failure) + "\n")
    sys.stdout.flush()
