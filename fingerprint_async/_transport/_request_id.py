"""What a server calls a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    class HasHeaders(Protocol):
        """An answer, of httpx or of generated code."""

        @property
        def headers(self) -> Mapping[str, str]:
            """Its headers, names in any case."""
            ...


__all__ = ["request_id_of"]

_NAMES: Final = ("x-request-id", "request-id", "x-amzn-requestid", "x-amz-cf-id")


def request_id_of(response: HasHeaders) -> str | None:
    """Read it from the headers, where the service or a proxy before it names one."""
    headers = response.headers
    for name in _NAMES:
        value = headers.get(name)
        if value:
            return "".join(char for char in str(value)[:200] if char.isprintable())
    return None
