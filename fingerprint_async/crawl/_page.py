"""Pages of events, cut into the bytes of each event.

Whatever is not a page of events is refused.
"""

from __future__ import annotations

import contextlib
import re
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .plan import Position

__all__ = ["CutPage", "PageShapeError", "RawEvent", "event_position"]

RawEvent = bytes | msgspec.Raw
"""One event as the service sent it: a slice of its page."""

_HEAD = re.compile(rb'\{"event_id":"([^"\\]+)","timestamp":(-?\d{1,18})[,}]')
"""How events begin when the service writes them as it does today. Others are decoded."""

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{},]|[^"\[\]{},]+', re.DOTALL)


_DAY_MS = 86_400_000
"""How far from the bounds of a search an event may lie: what they include is not documented."""


class PageShapeError(Exception):
    """A successful answer that is no page of events."""


class _Page(msgspec.Struct):
    events: list[msgspec.Raw]
    pagination_key: str | None = None
    total_hits: int | None = None


class _Position(msgspec.Struct):
    event_id: str
    timestamp: int


_decode_page = msgspec.json.Decoder(_Page).decode
_decode_position = msgspec.json.Decoder(_Position).decode


class CutPage:
    """A page whose events are byte slices of the response.

    Args:
        content: The body of a search response.
        bounds: First and last millisecond that was searched; None checks no event against them.

    Raises:
        PageShapeError: The body is no page of events.

    Attributes:
        content: The body.
        events: The bytes of each event.
        positions: Timestamp and id of each event.
        pagination_key: The key of the next page.
        total_hits: The service's count of the search.
        is_odd: Whether the body is such that each event has to be looked at before it is written.
        strays: Indices of events whose own time has nothing to do with what was searched.
    """

    __slots__ = (
        "content",
        "events",
        "is_odd",
        "pagination_key",
        "positions",
        "strays",
        "total_hits",
    )

    def __init__(self, content: bytes, bounds: tuple[int, int] | None = None) -> None:
        self.content = content
        self.is_odd = False
        self.events: Sequence[RawEvent]
        try:
            page = _decode_page(content)
        except msgspec.ValidationError as error:
            raise PageShapeError(f"the answer is no page of events: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            page = _split_page(content)
            self.is_odd = True
        self.events = page.events
        self.pagination_key = page.pagination_key or None
        self.total_hits = page.total_hits
        positions = _positions_of(self.events)
        self.is_odd = self.is_odd or None in positions
        self.strays = frozenset[int]() if bounds is None else _strays(positions, bounds)
        for stray in self.strays:
            positions[stray] = None
        self.positions = [
            position or _stand_in(self.events[at], positions, at, is_stray=at in self.strays)
            for at, position in enumerate(positions)
        ]

    def __len__(self) -> int:
        return len(self.events)


def event_position(event: RawEvent) -> Position | None:
    """Return timestamp and id of an event, None where it has not both."""
    try:
        position = _decode_position(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return (position.timestamp, position.event_id) if position.event_id else None


def _positions_of(events: Sequence[RawEvent]) -> list[Position | None]:
    positions: list[Position | None] = []
    for event in events:
        head = _HEAD.match(event)
        position: Position | None = None
        if head is None:
            position = event_position(event)
        else:
            # Bytes that are no UTF-8 are no id: two such ids would become one.
            with contextlib.suppress(UnicodeDecodeError):
                position = int(head[2]), head[1].decode()
        positions.append(position)
    return positions


def _strays(positions: list[Position | None], bounds: tuple[int, int]) -> frozenset[int]:
    """Return which events are from another day than what was searched, if they are few.

    Where they are many, the service did not search what it was asked for.
    """
    first, last = bounds[0] - _DAY_MS, bounds[1] + _DAY_MS
    strays = [
        index
        for index, position in enumerate(positions)
        if position is not None and not first <= position[0] <= last
    ]
    are_few = len(strays) < len(positions) and len(strays) <= max(1, len(positions) // 10)
    return frozenset(strays if are_few else ())


def _stand_in(
    event: RawEvent, positions: list[Position | None], at: int, *, is_stray: bool
) -> Position:
    """Make the position of an event that has none, or a damaged one.

    That of its neighbour, and an id of its bytes.
    """
    content = bytes(event)
    head = None if is_stray else re.search(rb'"timestamp"\s*:\s*(-?\d{1,18})', content)
    near = [position for position in (*positions[at::-1], *positions[at:]) if position is not None]
    if head is None and not near:
        raise PageShapeError("the answer is no page of events: none of them has a timestamp")
    timestamp = int(head[1]) if head is not None else near[0][0]
    return timestamp, blake2b(content, digest_size=16).hexdigest()


def _split_page(content: bytes) -> _Page:
    """Cut a page that the decoder refuses for what an event in it holds, by its brackets alone."""
    members: dict[str, bytes] = {}
    for member in _items(content, b"{", b"}"):
        name, _, value = member.partition(b":")
        members[_text(name)] = value.strip()
    page: dict[str, Any] = {}
    try:
        page = {
            name: msgspec.json.decode(members[name])
            for name in ("pagination_key", "total_hits")
            if name in members
        }
        events = [msgspec.Raw(event) for event in _items(members["events"], b"[", b"]")]
        return msgspec.convert({**page, "events": []}, _Page).__class__(events=events, **page)
    except (KeyError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PageShapeError("the answer is no page of events") from error


def _text(name: bytes) -> str:
    return name.strip().strip(b'"').decode("ascii", "replace")


def _items(content: bytes, opening: bytes, closing: bytes) -> Iterator[bytes]:
    """Yield what stands between the commas of an object or an array.

    Raises:
        PageShapeError: It is none, or its brackets do not close.
    """
    content = content.strip()
    if content[:1] != opening or content[-1:] != closing:
        raise PageShapeError("the answer is no page of events, or was cut short")
    depth, begin = 0, 1
    for token in _TOKEN.finditer(content, 1, len(content) - 1):
        text = token[0]
        if text in {b"{", b"["}:
            depth += 1
        elif text in {b"}", b"]"}:
            depth -= 1
        elif text == b"," and depth == 0:
            yield content[begin : token.start()].strip()
            begin = token.end()
    if depth:
        raise PageShapeError("the answer is no page of events, or was cut short")
    if last := content[begin:-1].strip():
        yield last
