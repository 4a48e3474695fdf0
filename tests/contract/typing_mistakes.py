"""A user's script with mistakes that both type checkers must find, and nothing else.

A line that is wrong ends in `# wrong: CODE OF MYPY, RULE OF PYRIGHT`.
"""

from __future__ import annotations

from typing import Literal, assert_never, assert_type

import attrs

from fingerprint_async import FingerprintClient, drop_none
from fingerprint_async.models import (
    BotResult,
    Confidence,
    Event,
    EventRuleActionAllow,
    EventRuleActionBlock,
    EventUpdate,
    SearchEventsParams,
    UnknownVariant,
)


def reveal(value: object) -> None:
    """Take any value."""


def all_members_are_not_all_values(event: Event) -> str:
    """A new value of the service falls through, so the branch for it is missing."""
    match event.bot:
        case BotResult.BAD:
            return "block"
        case BotResult.GOOD | BotResult.NOT_DETECTED | None:
            return "allow"
        case _ as never:
            assert_never(never)  # wrong: arg-type, reportArgumentType


def all_members_and_the_rest(event: Event) -> str:
    """With it, the match is complete."""
    match event.bot:
        case BotResult.BAD:
            return "block"
        case BotResult.GOOD | BotResult.NOT_DETECTED | None:
            return "allow"
        case str():
            return "review"
        case _ as never:
            assert_never(never)


def misspelt(event: Event) -> None:
    """A field, one of an object within, a keyword of the constructor, one of `evolve`."""
    reveal(event.visitor_id)  # wrong: attr-defined, reportAttributeAccessIssue
    if event.identification:
        reveal(event.identification.vistor_id)  # wrong: attr-defined, reportAttributeAccessIssue
    EventUpdate(suspekt=True)  # wrong: call-arg, reportCallIssue
    EventUpdate(suspect="yes")  # wrong: arg-type, reportArgumentType
    Event(event_id="1")  # wrong: call-arg, reportCallIssue
    event.vpn = True  # wrong: misc, reportAttributeAccessIssue


def absent(event: Event) -> None:
    """What can be absent must be asked for first."""
    reveal(event.identification.visitor_id)  # wrong: union-attr, reportOptionalMemberAccess
    reveal(event.suspect_score + 1)  # wrong: operator, reportOptionalOperand
    if event.suspect_score is not None:
        assert_type(event.suspect_score, int)


async def filters(client: FingerprintClient, event: Event, mail: str | None) -> None:
    """Filters are strict; what an event holds is a value of its filter."""
    client.events.search(bot="bda")  # wrong: arg-type, reportArgumentType
    client.events.search(vpn_confidence="hihg")  # wrong: arg-type, reportArgumentType
    client.events.search(linked_id=mail)  # wrong: arg-type, reportArgumentType
    client.events.search(linkedid="a")  # wrong: call-arg, reportCallIssue
    client.events.search(**drop_none(linked_id=mail, vpn=event.vpn))
    drop_none(linkedid=mail)  # wrong: call-arg, reportCallIssue
    drop_none(bot="bda")  # wrong: arg-type, reportArgumentType
    assert_type(drop_none(linked_id=None), SearchEventsParams)
    if isinstance(event.vpn_confidence, Confidence):
        client.events.search(vpn_confidence=event.vpn_confidence)
    client.events.search(bot="bad", vpn_confidence="high", limit=5)


def actions(event: Event) -> str | None:
    """The discriminator narrows, and what is new stays to be dealt with."""
    action = event.rule_action
    if action and action.type == "block":
        assert_type(action, EventRuleActionBlock)
        return action.body
    if isinstance(action, UnknownVariant) and action["type"] == "challenge":
        return "review"
    match action:
        case EventRuleActionAllow():
            assert_type(action.type, Literal["allow"])
        case None:
            return None
        case _ as never:
            assert_never(never)  # wrong: arg-type, reportArgumentType
    return None


def kinds(action: EventRuleActionAllow | EventRuleActionBlock | UnknownVariant) -> str:
    """So it is by the discriminator."""
    match action.type:
        case "allow" | "block" as kind:
            return kind
        case _ as never:
            assert_never(never)  # wrong: arg-type, reportArgumentType


def known_actions(action: EventRuleActionAllow | EventRuleActionBlock) -> str | None:
    """Between the known ones the choice is complete."""
    if action.type == "block":
        assert_type(action, EventRuleActionBlock)
        return action.body
    assert_type(action, EventRuleActionAllow)
    reveal(action.body)  # wrong: attr-defined, reportAttributeAccessIssue
    reveal(action.type == "blok")  # wrong: comparison-overlap, reportUnnecessaryComparison
    return None


def kept(event: Event) -> Event:
    """`evolve` keeps the type."""
    return attrs.evolve(event, suspect=True)
