"""What mypy and pyright make of the models; an expected error that is none is an error itself."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal, assert_type

import attrs

from fingerprint_async import drop_none
from fingerprint_async.models import (
    BotResult,
    Confidence,
    EdgeResponse,
    Event,
    EventRuleActionAllow,
    EventRuleActionBlock,
    EventUpdate,
    Finding,
    Identification,
    LabelsItem,
    ProximityPrecisionRadius,
    RequestHeaderModifications,
    SearchEventsParams,
    UnknownVariant,
)


def fields_are_plain_attributes(event: Event) -> None:
    """What can be absent can be None, and enums are open."""
    assert_type(event.event_id, str)
    assert_type(event.suspect, bool | None)
    assert_type(event.bot, BotResult | str | None)
    assert_type(event.vpn_confidence, Confidence | str | None)
    assert_type(event.labels, list[LabelsItem] | None)
    assert_type(event.tags, dict[str, Any] | None)
    assert_type(event.additional_properties, dict[str, Any])
    if event.identification:
        assert_type(event.identification, Identification)
        assert_type(event.identification.visitor_id, str)
    if event.proximity:
        assert_type(event.proximity.precision_radius, ProximityPrecisionRadius | int)
    event.suspect = True  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def times_are_datetimes(event: Event, verdict: EdgeResponse) -> None:
    """Beside the fields that hold Unix milliseconds; only an event's own is always there."""
    assert_type(event.timestamp, int)
    assert_type(event.time, datetime)
    assert_type(verdict.time, datetime)
    assert_type(event.factory_reset_time, datetime | None)
    if event.identification and event.proxy_details and event.supplementary_id_high_recall:
        assert_type(event.identification.first_seen_time, datetime | None)
        assert_type(event.identification.last_seen_time, datetime | None)
        assert_type(event.supplementary_id_high_recall.first_seen_time, datetime | None)
        assert_type(event.proxy_details.last_seen_time, datetime | None)
    event.time = datetime.now(UTC)  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    _ = event.tiem  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


def methods_are_typed(event: Event) -> None:
    """Reading gives the class that was asked, writing gives plain values."""
    assert_type(Event.from_json(b"{}", strict=True), Event)
    assert_type(Event.from_dict({}), Event)
    assert_type(event.to_json(), bytes)
    assert_type(event.to_dict(), dict[str, Any])
    assert_type(event.findings(), tuple[Finding, ...])
    assert_type("vpn" in event, bool)


def unions_narrow(event: Event) -> None:
    """A rule action is one of its models, unknown, or absent."""
    action = event.rule_action
    assert_type(action, EventRuleActionAllow | EventRuleActionBlock | UnknownVariant | None)
    if isinstance(action, EventRuleActionAllow):
        assert_type(action.type, Literal["allow"])
        assert_type(action.request_header_modifications, RequestHeaderModifications | None)


def models_are_attrs_classes(event: Event) -> None:
    """Constructors and `evolve` are checked."""
    assert_type(attrs.evolve(event, suspect=True), Event)
    EventUpdate(suspect=False, linked_id=None)
    EventUpdate(suspekt=False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Event(event_id="1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def filters_are_checked(mail: str | None) -> None:
    """Enum filters take their members and their strings, and nothing else."""
    good: SearchEventsParams = {"bot": "bad", "bot_info_category": ["ai_agent"], "start": 5}
    wrong: SearchEventsParams = {"bot": "ugly"}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
    assert good != wrong
    assert_type(drop_none(linked_id=mail, vpn=None), SearchEventsParams)
    drop_none(linkedid=mail)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
