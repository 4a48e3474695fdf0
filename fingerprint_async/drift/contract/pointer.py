"""JSON pointers (RFC 6901), written and read in one place."""

from __future__ import annotations

__all__ = ["escape", "steps", "unescape"]


def escape(token: object) -> str:
    """Write one step of a pointer."""
    return str(token).replace("~", "~0").replace("/", "~1")


def unescape(step: str) -> str:
    """Read one step of a pointer."""
    return step.replace("~1", "/").replace("~0", "~")


def steps(pointer: str) -> list[str]:
    """Read the steps of a pointer, or of the fragment of a local reference."""
    return [unescape(step) for step in pointer.split("/")[1:]]
