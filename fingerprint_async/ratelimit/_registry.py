"""One limit for each key at each host in the process, whatever clients come and go."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
import time
import weakref
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

from fingerprint_async.errors import ArgumentError

from ._limiter import WorkspaceLimiter
from ._settings import Budget, RateLimit
from ._workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from ._protocols import RateLimiter

__all__ = ["limiter_for"]

_Clock: TypeAlias = "Callable[[], float]"
_WorkspaceKey: TypeAlias = "tuple[str, str, _Clock]"
_LimiterKey: TypeAlias = "tuple[_WorkspaceKey, RateLimit, frozenset[tuple[str, Budget]]]"

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
_SWEEP_AT: Final = 64
"""Limiters that are kept before those at rest are looked for."""


class _Registry:
    """The limiters of this process.

    All are kept, as what they know outlives the clients. When they have become twice as many,
    those go that nobody holds and that know nothing which a new one would not.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: in a forked process, what waits belongs to event loops that never run."""
        self._lock = threading.Lock()
        self._limiters: weakref.WeakValueDictionary[_LimiterKey, WorkspaceLimiter] = (
            weakref.WeakValueDictionary()
        )
        self._workspaces: weakref.WeakValueDictionary[_WorkspaceKey, Workspace] = (
            weakref.WeakValueDictionary()
        )
        self._kept: dict[_LimiterKey, WorkspaceLimiter] = {}
        self._sweep_at = _SWEEP_AT

    def get(
        self,
        workspace_key: _WorkspaceKey,
        limit: RateLimit,
        budgets: Mapping[str, Budget],
        sleep: Callable[[float], Awaitable[object]],
    ) -> WorkspaceLimiter:
        """Return the limiter of these, made if there is none."""
        host, key_id, clock = workspace_key
        key = workspace_key, limit, frozenset(budgets.items())
        with self._lock:
            limiter = self._limiters.get(key)
            if limiter is None:
                workspace = self._workspaces.setdefault(workspace_key, Workspace())
                name = hashlib.sha256(f"{host} {key_id}".encode()).hexdigest()
                limiter = WorkspaceLimiter(
                    limit,
                    budgets=budgets,
                    workspace=workspace,
                    name=name,
                    clock=clock,
                    sleep=sleep,
                )
                self._limiters[key] = limiter
            self._kept[key] = limiter
            if len(self._kept) >= self._sweep_at:
                self._sweep()
        return limiter

    def _sweep(self) -> None:
        for key in list(self._kept):
            if self._kept[key].at_rest():
                del self._kept[key]
        # What somebody holds is still there, and stays.
        self._kept.update(self._limiters)
        self._sweep_at = max(_SWEEP_AT, 2 * len(self._kept))


_registry: Final = _Registry()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_registry.forget)


def limiter_for(
    host: str,
    key_id: str,
    limit: RateLimit,
    *,
    budgets: Mapping[str, Budget],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> RateLimiter:
    """Return the limiter of a key at a host: the same one for the same settings in this process.

    It stays when the clients that use it are gone: what was sent counts for those that come after.
    Limiters of one key at one host share pauses and windows even where their settings differ.

    Args:
        host: The API's host, with a port if it is not the usual one; or an address with that host.
        key_id: Tells keys apart without holding one, such as a hash of the key.
        limit: What is allowed.
        budgets: What each operation counts against; operations left out count together.
        clock: Seconds that only go up; with `asyncio.sleep`, the same as the event loop's.
        sleep: Waits for that many seconds.

    Raises:
        ArgumentError: An argument is of another type, or no host.
        ConfigurationError: `shared` needs a package that is not installed.
    """
    if not isinstance(limit, RateLimit):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"limit must be a RateLimit, not {type(limit).__name__}")
    if not isinstance(key_id, str) or not key_id:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError("key_id must be a text that tells keys apart")
    if not _are_budgets(budgets):
        raise ArgumentError("budgets must be a mapping of operations to Budgets")
    if not callable(clock) or not callable(sleep):
        raise ArgumentError("clock and sleep must be functions")
    return _registry.get((_normalised(host), key_id, clock), limit, budgets, sleep)


def _are_budgets(budgets: object) -> bool:
    if not isinstance(budgets, Mapping):
        return False
    pairs: list[tuple[object, object]] = list(budgets.items())  # pyright: ignore[reportUnknownArgumentType,reportUnknownMemberType]
    return all(isinstance(name, str) and isinstance(budget, Budget) for name, budget in pairs)


def _normalised(host: str) -> str:
    """Return a host, and its port unless it is the usual one, in one spelling."""
    if not isinstance(host, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ArgumentError(f"host must be a text, not {type(host).__name__}")
    try:
        parts = urlsplit(host if "://" in host else f"https://{host}")
        name, port, scheme = (parts.hostname or "").rstrip("."), parts.port, parts.scheme
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except ValueError:
        name, port, scheme = "", None, ""
    if not name:
        raise ArgumentError("host must be a host like api.example.com, or an address with one")
    usual = port is None or port == _DEFAULT_PORTS.get(scheme)
    return name if usual else f"{name}:{port}"
