from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .velocity_data import VelocityData

__all__ = ["Velocity"]


@model(kw_only=True)
class Velocity(Model):
    """How often something was seen in the last while before an event."""

    distinct_country: VelocityData | Unset = UNSET
    """Countries of the visitor."""
    distinct_ip: VelocityData | Unset = UNSET
    """Addresses of the visitor."""
    distinct_ip_by_linked_id: VelocityData | Unset = UNSET
    """Addresses of the linked id."""
    distinct_linked_id: VelocityData | Unset = UNSET
    """Linked ids of the visitor."""
    distinct_visitor_id_by_linked_id: VelocityData | Unset = UNSET
    """Visitors of the linked id."""
    events: VelocityData | Unset = UNSET
    """Events of the visitor."""
    ip_events: VelocityData | Unset = UNSET
    """Events of the address."""

    _fields_: ClassVar[Fields] = {
        "distinct_country": ("distinct_country", ("model", "VelocityData", "velocity_data"), False),
        "distinct_ip": ("distinct_ip", ("model", "VelocityData", "velocity_data"), False),
        "distinct_ip_by_linked_id": (
            "distinct_ip_by_linked_id",
            ("model", "VelocityData", "velocity_data"),
            False,
        ),
        "distinct_linked_id": (
            "distinct_linked_id",
            ("model", "VelocityData", "velocity_data"),
            False,
        ),
        "distinct_visitor_id_by_linked_id": (
            "distinct_visitor_id_by_linked_id",
            ("model", "VelocityData", "velocity_data"),
            False,
        ),
        "events": ("events", ("model", "VelocityData", "velocity_data"), False),
        "ip_events": ("ip_events", ("model", "VelocityData", "velocity_data"), False),
    }
