"""A window as JSON values, for the checkpoint.

The search at hand is left out: its key may be refused by then, and a search from the frontier
brings the same events.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from ._window import Chain, Claim, SharedClaim, Window

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["window_state", "windows_from_states"]


def window_state(window: Window) -> dict[str, Any]:
    """Return a window as JSON values, for the checkpoint."""
    return {
        "source": window.source,
        "taken": window.taken,
        "claim": None if window.claim is None else attrs.astuple(window.claim),
        "shared": [
            (claim.number, claim.start, claim.end, claim.hits, claim.came)
            for claim in window.shared
        ],
        "lower": _chain_state(window.lower),
        "upper": _chain_state(window.upper),
    }


def windows_from_states(states: Iterable[tuple[int, dict[str, Any]]]) -> list[Window]:
    """Make windows from their numbers and what :func:`window_state` returned.

    Raises:
        ValueError: One of them is no such state.
    """
    shared: dict[int, SharedClaim] = {}
    return [_window(number, state, shared) for number, state in states]


def _window(number: int, state: dict[str, Any], shared: dict[int, SharedClaim]) -> Window:
    try:
        window = Window(int(state["source"]), number)
        window.lower = _chain(window, state["lower"], ascending=True)
        window.upper = _chain(window, state["upper"], ascending=False)
        window.taken = int(state.get("taken", 0))
        if (claim := state.get("claim")) is not None:
            window.claim = Claim(*(int(number) for number in claim))
        for claim in state.get("shared", []):
            key, start, end, hits, came = (int(number) for number in claim)
            known = shared.setdefault(key, SharedClaim(key, start, end, hits, came, []))
            known.windows.append(window)
            window.shared.append(known)
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
