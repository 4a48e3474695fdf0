"""Estimates: how many pages a window has left, and where in it its events lie.

Nothing exact rests on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._window import PAGE_SIZE

if TYPE_CHECKING:
    from ._window import Window

__all__ = ["HOT_MILLISECOND_EVENTS", "density_at", "estimate_pages", "halving_point", "profile"]

HOT_MILLISECOND_EVENTS = 600
"""Events seen in one millisecond beyond which it becomes a window of its own."""

Profile = list[tuple[float, float]]
"""Densities from the lower to the upper end, as ``(milliseconds, events per millisecond)``."""


def estimate_pages(window: Window, background: float) -> float:
    """Estimate the pages of a window, requests in flight included; never less than one.

    Args:
        window: The window.
        background: Events per millisecond over all that has been fetched.
    """
    if window.exact and window.hits is not None:
        return max(1.0, (window.hits - window.taken) / PAGE_SIZE)
    # No density tells what is left of a millisecond; as much as has been seen is a fair guess.
    seen = len(window.lower.seen) + len(window.upper.seen)
    if window.length == 1:
        return max(1.0, seen / PAGE_SIZE)
    counted = 0.0 if window.hits is None else float(window.hits - window.taken)
    expected = sum(ms * density for ms, density in profile(window, background))
    hot = seen if seen >= HOT_MILLISECOND_EVENTS else 0
    return max(1.0, counted / PAGE_SIZE, expected / PAGE_SIZE, hot / PAGE_SIZE)


def profile(window: Window, background: float) -> Profile:
    """Return the densities expected in a window, from its lower to its upper end."""
    length = float(window.length)
    low, high = window.lower, window.upper
    low_density = low.density if low.span else background
    high_density = high.density if high.span else background
    low_reach = low.reach if low.started else length / 2
    high_reach = high.reach if high.started else length / 2
    reach = low_reach + high_reach
    # Each end speaks for as far as it has seen; between them their densities are blended by how far
    # that is.
    if reach >= length:
        near = length * low_reach / reach
        return [(near, low_density), (length - near, high_density)]
    weight = low_reach / reach
    middle = low_density**weight * high_density ** (1 - weight)
    return [(low_reach, low_density), (length - reach, middle), (high_reach, high_density)]


def halving_point(densities: Profile) -> float:
    """Return how far into a profile half of its events lie, in milliseconds."""
    events = sum(ms * density for ms, density in densities) / 2
    at = 0.0
    for ms, density in densities:
        if density and events <= ms * density:
            return at + events / density
        events -= ms * density
        at += ms
    return at


def density_at(densities: Profile, at: float) -> float:
    """Return the density so many milliseconds into a profile."""
    for ms, density in densities:
        if at <= ms:
            return density
        at -= ms
    return densities[-1][1]
