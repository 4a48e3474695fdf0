"""The base of a page of search results: it can tell where its search goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from fingerprint_async._runtime.errors import PaginationError
from fingerprint_async._runtime.model import Model

__all__ = ["CursorSource", "Page", "put_cursor_source"]


class CursorSource(Protocol):
    """Writes the cursors of a search."""

    def cursor_to(self, key: object) -> str | None:
        """Return the cursor of the page that a pagination key leads to; None if there is none."""
        ...


class Page(Model):
    """A page of a search."""

    # No field: it is not compared, pickled or written, and no repr shows it.
    __slots__ = ("_cursor_source",)

    if TYPE_CHECKING:
        pagination_key: str | None
        _cursor_source: CursorSource

    @property
    def cursor(self) -> str | None:
        """Where the search goes on after this page, for `events.search_from`; None after the last.

        It holds the pagination key, the filters and the window of the search. It is signed if the
        search got a `cursor_secret`.

        Raises:
            ArgumentError: The search has no `start` or no `end`: its window would move.
            PaginationError: The page comes from no search (but from JSON, a pickle, a copy or its
                constructor), or its pagination key is not one.
        """
        source: CursorSource | None = getattr(self, "_cursor_source", None)
        if source is None:
            raise PaginationError(
                "this page does not come from a search, so its filters are not known: read the"
                " cursor of the page that events.search() gave"
            )
        return source.cursor_to(self.pagination_key)


def put_cursor_source(page: Page, source: CursorSource) -> None:
    """Have a page tell its cursor."""
    object.__setattr__(page, "_cursor_source", source)  # pages are frozen
