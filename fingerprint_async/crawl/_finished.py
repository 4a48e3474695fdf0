"""Waiting for what must not be left half done."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["finished", "in_thread"]

_T = TypeVar("_T")


async def finished(work: asyncio.Future[_T]) -> _T:
    """Return the result of a piece of work, which goes on when the caller is cancelled.

    A cancellation is raised once the work is over, however often it came.
    """
    cancellation: asyncio.CancelledError | None = None
    while not work.done():
        try:
            await asyncio.wait([work])
        except asyncio.CancelledError as error:
            cancellation = error
    if cancellation is not None:
        if not work.cancelled():
            # Read, or asyncio reports it as never retrieved.
            work.exception()
        raise cancellation
    return work.result()


async def in_thread(work: Callable[[], _T], *, undo: Callable[[_T], None] | None = None) -> _T:
    """Run a function in a thread, to its end.

    Args:
        work: The function.
        undo: Called with its result where the caller was cancelled meanwhile.
    """
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await finished(running)
    except asyncio.CancelledError:
        if undo is not None and not running.cancelled() and running.exception() is None:
            undo(running.result())
        raise
