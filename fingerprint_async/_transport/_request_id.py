"""What a server calls a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import httpx

__all__ = ["request_id_of"]

_NAMES: Final = ("x-request-id", "request-id", "x-amzn-requestid", "x-amz-cf-id")


def request_id_of(response: httpx.Response) -> str | None:
    """Read it from the headers, where the service or a proxy before it names one."""
    headers = response.headers
    for name in _NAMES:
        value = headers.get(name)
        if value:
            return str(value)[:200]
    return None
