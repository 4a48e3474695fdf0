"""How the worker thread lets the event loop run."""

from __future__ import annotations

import time

__all__ = ["breathe"]


def breathe() -> None:
    """Let other threads run.

    A thread that waits for the interpreter asks for it only after 5 ms, at each system call it
    makes. So the worker thread offers it several times a millisecond.
    """
    time.sleep(0)
