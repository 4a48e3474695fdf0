"""What carriers and services exchange: one request, one reply, and how the reply is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DRIP_PIECES", "JSON_TYPE", "Delivery", "DeliveryKind", "Reply", "Request", "Service"]

DeliveryKind = Literal["whole", "closed", "reset", "cut", "drip"]
JSON_TYPE = "application/json; charset=utf-8"
#: In how many pieces a dripping body is sent.
DRIP_PIECES = 20


@frozen
class Request:
    """One HTTP request. `path` and `query` are percent-encoded; header names are lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: bytes = field(default=b"", repr=False)


@frozen
class Delivery:
    """How a reply reaches its caller.

    Attributes:
        kind: `whole`; `closed` before the first byte; `reset` or `cut` (closed) in the middle of
            the body; `drip`, slowly and in pieces.
        seconds: How long a `drip` takes.
    """

    kind: DeliveryKind = "whole"
    seconds: float = 0.0


WHOLE = Delivery()


@define
class Reply:
    """One HTTP response, to be delivered after `delay` seconds."""

    status: int
    body: bytes = field(default=b"", repr=False)
    content_type: str = JSON_TYPE
    headers: list[tuple[str, str]] = field(factory=list[tuple[str, str]], kw_only=True)
    delay: float = field(default=0.0, kw_only=True)
    delivery: Delivery = field(default=WHOLE, kw_only=True)

    def head(self) -> list[tuple[str, str]]:
        """Return all header fields, the length of the body included."""
        fields = [*self.headers, ("content-length", str(len(self.body)))]
        if self.body or self.content_type == "text/html":
            fields.insert(0, ("content-type", self.content_type))
        return fields

    def pieces(self) -> list[bytes]:
        """Return the body cut into the pieces of a `drip`."""
        step = max(1, -(-len(self.body) // DRIP_PIECES))
        return [self.body[at : at + step] for at in range(0, len(self.body), step)]


class Service(Protocol):
    """What a carrier asks. It answers at once: waiting and delivering are the carrier's."""

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        ...

    def request_finished(self) -> None:
        """Take note that a reply was delivered, or given up."""
        ...

    def connection_opened(self) -> None:
        """Take note of a new connection."""
        ...

    def connection_closed(self) -> None:
        """Take note of the end of a connection."""
        ...
