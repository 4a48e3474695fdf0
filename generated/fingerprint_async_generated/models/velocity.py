from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .velocity_data import VelocityData

__all__ = ["Velocity"]


@model(kw_only=True)
class Velocity(Model):
    """Velocity."""

    distinct_country: VelocityData | Unset = UNSET
    """Distinct country."""
    distinct_ip: VelocityData | Unset = UNSET
    """Distinct ip."""
    distinct_ip_by_linked_id: VelocityData | Unset = UNSET
    """Distinct ip by linked id."""
    distinct_linked_id: VelocityData | Unset = UNSET
    """Distinct linked id."""
    distinct_visitor_id_by_linked_id: VelocityData | Unset = UNSET
    """Distinct visitor id by linked id."""
    events: VelocityData | Unset = UNSET
    """Events."""
    ip_events: VelocityData | Unset = UNSET
    """Ip events."""

    _fields_: ClassVar[Fields] = {
        "distinct_country": ("distinct_country", ("model", "VelocityData", "velocity_data"), False),
        "distinct_ip": ("distinct_ip", ("model", "VelocityData", "velocity_data"), False),
        "distinct_ip_by_linked_id": (
            "distinct_ip_by_linked_id",
            ("model", "VelocityData", "velocity_data"),
            False,
        ),
        "distinct_linked_id": ("distinct_linked_id", ("model", "VelocityData", "velocity_data"), False),
        "distinct_visitor_id_by_linked_id": (
            "distinct_visitor_id_by_linked_id",
            ("model", "VelocityData", "velocity_data"),
            False,
        ),
        "events": ("events", ("model", "VelocityData", "velocity_data"), False),
        "ip_events": ("ip_events", ("model", "VelocityData", "velocity_data"), False),
    }
