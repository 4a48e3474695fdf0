"""What the service counted in a window, once the window was cut into several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._window import Claim, SharedClaim

if TYPE_CHECKING:
    from ._window import Window

__all__ = ["drop_claims", "finish_claims", "give", "share_claims"]


def share_claims(window: Window, part: Window) -> None:
    """Have what was counted in a window hold for a part that is cut off it, too."""
    for claim in window.shared:
        claim.windows.append(part)
        part.shared.append(claim)
    own = window.claim
    if own is not None and window.taken < own.total:
        came = window.taken - own.taken
        claim = SharedClaim(part.number, own.start, own.end, own.hits, came, [window, part])
        window.shared.append(claim)
        part.shared.append(claim)


def give(window: Window, events: int) -> set[Window]:
    """Count events that came from a window. Return the windows whose claims changed."""
    changed: set[Window] = set()
    for claim in list(window.shared):
        claim.came += events
        changed.update(claim.windows)
        if claim.came >= claim.hits:
            _drop(claim)
    return changed


def finish_claims(window: Window) -> set[Window]:
    """Leave what others still have to give to them. Return the windows whose claims changed.

    The last window of a claim has to give all that is missing of it.
    """
    changed: set[Window] = set()
    for claim in window.shared:
        claim.windows.remove(window)
        changed.update(claim.windows)
        if len(claim.windows) == 1:
            (last,) = claim.windows
            last.shared.remove(claim)
            last.have_to_give(Claim(claim.start, claim.end, last.taken - claim.came, claim.hits))
    window.shared = []
    return changed


def drop_claims(window: Window) -> set[Window]:
    """Forget what was counted: the service no longer keeps it. Return the windows that changed."""
    changed: set[Window] = set()
    for claim in list(window.shared):
        changed.update(claim.windows)
        _drop(claim)
    return changed


def _drop(claim: SharedClaim) -> None:
    for window in claim.windows:
        window.shared.remove(claim)
