"""The low-level client of the Fingerprint Server API, generated from `openapi.json`. Regenerated whole; never edited."""

from __future__ import annotations

__all__ = ["AuthenticatedClient"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import AuthenticatedClient
else:

    def __getattr__(name: str) -> object:
        if name == "AuthenticatedClient":
            from .client import AuthenticatedClient

            return AuthenticatedClient
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
