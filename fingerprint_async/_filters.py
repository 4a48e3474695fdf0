"""Search filters that may be None, as optional parameters of a web page are."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from typing import Unpack

    from fingerprint_async.models import OptionalSearchEventsParams, SearchEventsParams

__all__ = ["drop_none"]


def drop_none(**filters: Unpack[OptionalSearchEventsParams]) -> SearchEventsParams:
    """Return the filters that are not None.

    A search refuses a filter that is None: left out silently, it would find everything. Where that
    is what you want, say so:

    ```python
    client.events.search(**drop_none(visitor_id=form.visitor_id, vpn=form.vpn))
    ```
    """
    kept = {name: value for name, value in filters.items() if value is not None}
    return cast("SearchEventsParams", kept)
