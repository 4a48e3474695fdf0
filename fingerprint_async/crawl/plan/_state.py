"""A window as JSON values, for the checkpoint.

The search at hand is left out: its key may be refused by then, and a search from the frontier
brings the same events.
"""

from __future__ import annotations

from typing import Any

import attrs

from ._window import Chain, Claim, Window

__all__ = ["window_from_state", "window_state"]


def window_state(window: Window) -> dict[str, Any]:
    """Return a window as JSON values, for the checkpoint."""
    return {
        "source": window.source,
        "taken": window.taken,
        "claim": None if window.claim is None else attrs.astuple(window.claim),
        "lower": _chain_state(window.lower),
        "upper": _chain_state(window.upper),
    }


def window_from_state(number: int, state: dict[str, Any]) -> Window:
    """Make a window from what :func:`window_state` returned.

    Raises:
        ValueError: It is no such state.
    """
    try:
        window = Window(int(state["source"]), number)
        window.lower = _chain(window, state["lower"], ascending=True)
        window.upper = _chain(window, state["upper"], ascending=False)
        window.taken = int(state.get("taken", 0))
        if (claim := state.get("claim")) is not None:
            window.claim = Claim(*(int(number) for number in claim))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ValueError(f"window {number} of the checkpoint is damaged") from error
    return window


def _chain_state(chain: Chain) -> dict[str, Any]:
    return {
        "frontier": chain.frontier,
        "seen": list(chain.seen),
        "events": chain.events,
        "span": chain.span,
        "reach": chain.reach,
        "started": chain.started,
    }


def _chain(window: Window, state: dict[str, Any], *, ascending: bool) -> Chain:
    return Chain(
        window,
        ascending,
        int(state["frontier"]),
        seen={str(event_id): place for place, event_id in enumerate(state["seen"])},
        events=float(state["events"]),
        span=float(state["span"]),
        reach=float(state["reach"]),
        started=bool(state["started"]),
    )
