from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .edge_request_headers_item import EdgeRequestHeadersItem

__all__ = ["EdgeRequest"]


@model(kw_only=True)
class EdgeRequest(Model):
    """A request that reached your edge, to be judged. At least one address is needed."""

    headers: list[EdgeRequestHeadersItem]
    """The headers in the order they came, at least one. Those that carry credentials go with an
    empty value."""
    method: str
    """The HTTP method."""
    url: str
    """The full URL."""
    ipv4_address: str | Unset = UNSET
    """The address it came from, IPv4."""
    ipv6_address: str | Unset = UNSET
    """The address it came from, IPv6."""
    linked_id: str | Unset = UNSET
    """Your own id for the event."""
    tags: dict[str, Any] | Unset = UNSET
    """Your own data to attach."""

    _fields_: ClassVar[Fields] = {
        "headers": (
            "headers",
            ("list", ("model", "EdgeRequestHeadersItem", "edge_request_headers_item")),
            True,
        ),
        "method": ("method", "str", True),
        "url": ("url", "str", True),
        "ipv4_address": ("ipv4_address", "str", False),
        "ipv6_address": ("ipv6_address", "str", False),
        "linked_id": ("linked_id", "str", False),
        "tags": ("tags", "object", False),
    }
