"""What is known about one key at one host, whatever limits its clients were told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from ._cooldown import Cooldown
from ._window import Window

if TYPE_CHECKING:
    from ._settings import Budget

__all__ = ["Workspace"]


class Workspace:
    """The pauses and windows of one key at one host, shared by all of its limiters.

    Attributes:
        lock: Guards this and all limiters of the workspace.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self._cooldowns: dict[Budget, Cooldown] = {}
        self._windows: dict[Budget, tuple[Window, ...]] = {}

    def cooldown(self, budget: Budget) -> Cooldown:
        """Return the pause of a budget."""
        return self._cooldowns.setdefault(budget, Cooldown())

    def windows(self, budget: Budget) -> tuple[Window, ...]:
        """Return the windows of a budget."""
        if budget not in self._windows:
            self._windows[budget] = tuple(
                Window(quota.requests, quota.seconds) for quota in budget.quotas
            )
        return self._windows[budget]
