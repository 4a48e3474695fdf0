"""Pages of events: cut into slices (the raw lane) or decoded into models (the typed lane)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["EMPTY_PAGE", "CutPage", "RawEvent", "keep_page_memory"]

RawEvent = bytes | msgspec.Raw
"""One event as the service sent it: a slice of its page."""

_LARGER_THAN_A_PAGE = 4 * 1024 * 1024
"""Bytes. A page of full events has some 600,000, and several come and go together."""


class _Cut(msgspec.Struct):
    events: list[msgspec.Raw] = []
    pagination_key: str | None = None
    total_hits: int | None = None


class _Mark(msgspec.Struct):
    event_id: str
    timestamp: int


_decode_page = msgspec.json.Decoder(_Cut).decode
_decode_mark = msgspec.json.Decoder(_Mark).decode


class CutPage:
    """A page whose events are byte slices of the response: nothing of them is decoded but the marks asked for.

    Args:
        content: The body of a search response.

    Raises:
        msgspec.DecodeError: The body is not a page of events.
    """

    __slots__ = ("_marks", "events", "pagination_key", "total_hits")

    def __init__(self, content: bytes) -> None:
        cut = _decode_page(content)
        self.pagination_key = cut.pagination_key or None
        self.total_hits = cut.total_hits
        # Pretty-printed bodies would break one event a line; real ones have no newline at all.
        self.events: Sequence[RawEvent] = cut.events
        if b"\n" in content:
            self.events = [msgspec.json.format(bytes(event), indent=-1) for event in cut.events]
        self._marks: dict[int, tuple[int, str]] = {}

    def __len__(self) -> int:
        return len(self.events)

    def timestamp(self, index: int) -> int:
        """Unix milliseconds of an event."""
        return self.mark(index)[0]

    def event_id(self, index: int) -> str:
        """The id of an event."""
        return self.mark(index)[1]

    def mark(self, index: int) -> tuple[int, str]:
        """Timestamp and id of an event."""
        mark = self._marks.get(index)
        if mark is None:
            mark = self._marks[index] = self._read_mark(index)
        return mark

    def _read_mark(self, index: int) -> tuple[int, str]:
        event = self.events[index]
        try:
            mark = _decode_mark(event)
        except msgspec.ValidationError:
            return self._make_mark(index, bytes(event))
        return mark.timestamp, mark.event_id

    def _make_mark(self, index: int, event: bytes) -> tuple[int, str]:
        """The mark of an event whose own is missing or of a wrong type: it still belongs in the output, once."""
        fields: Any = msgspec.json.decode(event)
        fields = fields if isinstance(fields, dict) else {}
        timestamp, event_id = fields.get("timestamp"), fields.get("event_id")
        if not isinstance(timestamp, int):
            timestamp = self._neighbour(index)
        if not isinstance(event_id, str):
            event_id = blake2b(event, digest_size=16).hexdigest()
        return timestamp, event_id

    def _neighbour(self, index: int) -> int:
        """Pages are sorted: an event without a timestamp stands beside one of about the same."""
        for near in (*range(index - 1, -1, -1), *range(index + 1, len(self.events))):
            try:
                return _decode_mark(self.events[near]).timestamp
            except msgspec.ValidationError:
                continue
        raise msgspec.ValidationError("no event of the page has a timestamp")


def keep_page_memory() -> None:
    """Have the memory of pages that are done serve for the next ones.

    glibc gives the free end of its heap back to the system when it is twice as large as the largest block that was freed so far. With pages
    as the largest blocks that is after every few of them, and the next ones' memory has to be mapped and cleared anew: up to a tenth of a raw
    crawl's processor time. So a larger block is freed, which was never touched and costs nothing. Other allocators don't care.
    """
    bytes(_LARGER_THAN_A_PAGE)


EMPTY_PAGE = CutPage(b'{"events":[]}')
