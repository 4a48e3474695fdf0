"""One request of an operation as a value, and the answer to it.

Generated functions build a `Request`. What sends it, with which key, limits and retries, is not
known here; `send` is the plain way, over an `httpx.AsyncClient` of the caller's.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar, cast

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx

__all__ = ["Decodable", "Request", "Response", "query_items", "send"]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Decodable(Protocol[T_co]):
    """A model class: what the body of a success is read with."""

    def from_json(self, data: bytes, /, *, strict: bool = False) -> T_co:
        """Read the body."""
        ...


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Request(Generic[T]):
    """One request of an operation: relative to a base URL, without a key.

    Attributes:
        operation_id: The operation's id in the API's document.
        method: The HTTP method.
        path: The path below the base URL, percent-encoded, with a slash first.
        query: Query parameters in the order in which they are sent, decoded.
        content: The body, JSON in UTF-8; None without one.
        result: The model that a success holds; None where the operation promises no body.
        reads_alone: Whether nothing but ``result`` reads the body of a success.
    """

    operation_id: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    content: bytes | None = None
    result: Decodable[T] | None = None
    reads_alone: bool = False

    def __repr__(self) -> str:
        # Paths, parameters and bodies are about people.
        return f"Request({self.operation_id})"


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Response(Generic[T]):
    """The answer to one request: the status, the headers and the bytes, decoded when asked.

    Attributes:
        status_code: The HTTP status.
        headers: The response's headers.
        content: The body, decompressed.
        result: The model that a success holds; None where the operation promises no body.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    result: Decodable[T] | None

    def __repr__(self) -> str:
        # Headers and bodies are about people.
        return f"Response(status_code={self.status_code})"

    def parse(self, *, strict: bool = False) -> T | None:
        """Decode the body of a success.

        Returns:
            The model; None where the operation promises no body, or the status is no success.

        Args:
            strict: Raise for every difference from the schema, except for unknown fields.

        Raises:
            DecodeError: The body is not the promised JSON.
        """
        if self.result is None or not 200 <= self.status_code < 300:  # noqa: PLR2004
            return None
        return self.result.from_json(self.content, strict=strict)

    @property
    def parsed(self) -> T | None:
        """The decoded body: `parse()`, leniently."""
        return self.parse()


def query_items(params: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Write parameters as the API reads them: lists as repeated keys, times as RFC 3339.

    Args:
        params: The parameters by keyword.
        names: Every keyword there is, with the name of its query parameter.

    Raises:
        TypeError: There is no such parameter, or its value is None.
        ValueError: A datetime without a time zone.
    """
    items: list[tuple[str, str]] = []
    for keyword, value in params.items():
        name = names.get(keyword)
        if name is None:
            raise TypeError(f"no such query parameter: {keyword!r}")
        if isinstance(value, list | tuple | set | frozenset):
            members = cast("Iterable[object]", value)
            items.extend((name, _text(keyword, item)) for item in members)
        else:
            items.append((name, _text(keyword, value)))
    return tuple(items)


def _text(keyword: str, value: object) -> str:
    if value is None:
        # Left out silently, a filter that is None would find everything.
        raise TypeError(f"{keyword} is None: leave it out to send nothing")
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        if value.utcoffset() is None:
            raise ValueError(f"{keyword} has no time zone: use an aware datetime")
        return value.isoformat()
    return str(value)


async def send(client: httpx.AsyncClient, request: Request[T]) -> Response[T]:
    """Send a request over a plain HTTP client.

    Args:
        client: Its `base_url` is the API's, and it adds the `Authorization` header.
        request: What to send.
    """
    headers: dict[str, Any] = {}
    if request.content is not None:
        headers["Content-Type"] = "application/json"
    response = await client.request(
        request.method,
        request.path,
        params=list(request.query),
        content=request.content,
        headers=headers,
    )
    return Response(
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
        result=request.result,
    )
