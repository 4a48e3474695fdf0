from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .edge_request_headers_item import EdgeRequestHeadersItem

__all__ = ["EdgeRequest"]


@model(kw_only=True)
class EdgeRequest(Model):
    """Edge Request."""

    headers: list[EdgeRequestHeadersItem]
    """Headers."""
    method: str
    """Method."""
    url: str
    """Url."""
    ipv4_address: str | Unset = UNSET
    """Ipv4 address."""
    ipv6_address: str | Unset = UNSET
    """Ipv6 address."""
    linked_id: str | Unset = UNSET
    """Linked id."""
    tags: dict[str, Any] | Unset = UNSET
    """Tags."""

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
