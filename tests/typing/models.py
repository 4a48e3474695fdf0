"""What mypy and pyright make of the models; an expected error that is none is an error itself."""

from __future__ import annotations

from typing import Any, assert_type

import attrs

from fingerprint_async.models import (
    UNSET,
    BotResult,
    Event,
    EventRuleActionAllow,
    EventRuleActionBlock,
    EventUpdate,
    Identification,
    RequestHeaderModifications,
    SearchEventsParams,
    UnknownVariant,
    Unset,
)


def fields_are_plain_attributes(event: Event) -> None:
    """Absent is told by truth, by `is`, or by `isinstance`."""
    assert_type(event.suspect, bool | Unset)
    assert_type(event.bot, BotResult | Unset)
    assert_type(event.additional_properties, dict[str, Any])
    if event.identification:
        assert_type(event.identification, Identification)
    if event.identification is not UNSET:
        assert_type(event.identification.visitor_id, str)
    if not isinstance(event.tags, Unset):
        assert_type(event.tags, dict[str, Any])
    event.suspect = True  # type: ignore[misc]


def unions_narrow(event: Event) -> None:
    """A rule action is one of its models, unknown, or absent."""
    assert_type(
        event.rule_action, EventRuleActionAllow | EventRuleActionBlock | UnknownVariant | Unset
    )
    if isinstance(event.rule_action, EventRuleActionAllow):
        assert_type(
            event.rule_action.request_header_modifications, RequestHeaderModifications | Unset
        )


def models_are_attrs_classes(event: Event) -> None:
    """Constructors and `evolve` are checked."""
    assert_type(attrs.evolve(event, suspect=True), Event)
    assert_type(Event.from_json(b"{}"), Event)
    EventUpdate(suspect=False)
    EventUpdate(suspekt=False)  # type: ignore[call-arg]
    Event(event_id="1")  # type: ignore[call-arg]


def filters_are_checked() -> None:
    """Enum filters take their members and their strings, and nothing else."""
    good: SearchEventsParams = {"bot": "bad", "bot_info_category": ["ai_agent"], "start": 5}
    wrong: SearchEventsParams = {"bot": "ugly"}  # type: ignore[typeddict-item]
    assert good != wrong
