"""What differs between two OpenAPI documents, and for whom it breaks. Pure: no input, no output.

Pairs of schemas are compared by their effective contracts, once each, and every difference is
reported at the definition
that states it. Who sends and who receives a difference follows from the operations and webhooks
that reach the pair.

```
diff ── _endpoints     operations, parameters, bodies, statuses, headers
     ├─ _surroundings  servers, security
     ├─ _schemas       a pair of schemas
     └─ _walk          the pairs, what was found in them, what reaches them
```
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from fingerprint_async.drift.contract._endpoints import compare_endpoints
from fingerprint_async.drift.contract._schemas import compare_pair
from fingerprint_async.drift.contract._walk import Walk
from fingerprint_async.drift.contract.changes import (
    REPORTED,
    REQUEST,
    RESPONSE,
    WORST,
    Change,
    Delta,
    Direction,
    RuleHit,
)
from fingerprint_async.drift.contract.errors import ComparisonError, ContractError
from fingerprint_async.drift.contract.model import SCHEMAS
from fingerprint_async.drift.contract.pointer import escape
from fingerprint_async.drift.contract.rules import Policy, Rule, rules_for
from fingerprint_async.drift.contract.words import describe

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.document import Document

__all__ = ["diff"]


def diff(
    old: Document,
    new: Document,
    *,
    policy: Policy | None = None,
    refactors: bool = False,
    exported: frozenset[str] = frozenset(),
) -> list[Change]:
    """Return every difference of meaning between two documents, breaking first, then by place.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
        policy: What the client does that decides some rules; the default is what this SDK does.
        refactors: Also list named schemas that came or went without a change of meaning, as docs-
            only.
        exported: Named schemas that code knows by name: that they go is a change.

    Raises:
        DocumentError: One of the documents is broken.
    """
    walk = Walk(old, new, refactors=refactors, exported=exported)
    compare_endpoints(walk)
    _compare_pairs(walk)
    _compare_unused(walk)
    walk.spread()
    walk.named_schemas()
    decided = policy or Policy()
    changes = [
        change
        for delta in walk.found.values()
        if (change := _change(walk, delta, decided)) is not None
    ]
    return sorted(
        changes, key=lambda each: (-WORST[each.cls], each.location, each.rule, str(each.name))
    )


def _compare_pairs(walk: Walk) -> None:
    """Compare the pairs that wait, and those that they bring, until none is left."""
    while walk.fresh:
        pair = walk.fresh.popleft()
        try:
            compare_pair(walk, pair)
        except (ContractError, RecursionError):
            raise
        except Exception as error:
            raise ComparisonError(pair.site or pair.new.site or pair.old.site, error) from error


def _compare_unused(walk: Walk) -> None:
    """Compare named schemas that no operation reaches."""
    for name in walk.old_schemas.keys() & walk.new_schemas.keys():
        pointer = f"{SCHEMAS}{escape(name)}"
        was, now = walk.old_schemas[name], walk.new_schemas[name]
        if pointer not in walk.covered_old and pointer not in walk.covered_new:
            walk.root(was, now, 0)
        elif pointer not in walk.covered_old or pointer not in walk.covered_new:
            # Written out where it was used, and compared there.
            walk.pair(was, now, None)
    _compare_pairs(walk)


def _change(walk: Walk, delta: Delta, policy: Policy) -> Change | None:
    if not delta.mask & REPORTED:
        return None
    sent, received = rules_for(delta.stem)
    hits: list[RuleHit] = []
    mask = delta.mask & delta.gate
    if sent is received and sent is not None:
        direction = _direction(mask)
        hit = _hit(direction, sent, policy)
        # Nobody can break by what nothing reaches; a named schema's class is a symbol all the same.
        unreached = (
            direction == "none" and not delta.stem.startswith("SCHEMA-") and hit.cls == "breaking"
        )
        hits.append(attrs.evolve(hit, cls="non-breaking") if unreached else hit)
    else:
        if received is not None and mask & RESPONSE:
            hits.append(_hit("response", received, policy))
        if sent is not None and mask & REQUEST:
            hits.append(_hit("request", sent, policy))
        if not hits and delta.mask & (REQUEST | RESPONSE):
            return None  # it concerns a direction that nobody uses
        if not hits:
            # Nothing reaches it, so nobody can break.
            either = next(rule for rule in (received, sent) if rule is not None)
            hits.append(RuleHit(direction="none", rule=either.id, cls="non-breaking"))
    worst = max(hits, key=lambda hit: WORST[hit.cls])
    document = walk.old if delta.document == "old" else walk.new
    subject = delta.subject or describe(document, delta.location)
    was = delta.location if delta.kind == "removed" else delta.old_location
    return Change(
        location=document.nearest(delta.location),
        document=delta.document,
        kind=delta.kind,
        cls=worst.cls,
        direction=hits[0].direction if len(hits) == 1 else "both",
        rule=worst.rule,
        rules=tuple(hits),
        operations=walk.labels_of(delta.mask),
        subject=subject,
        summary=f"{subject} {delta.said}",
        before=delta.before,
        after=delta.after,
        old_location=None if was is None else walk.old.nearest(was),
        schemas=tuple(sorted(delta.schemas)),
        stem=delta.stem,
        name=delta.name,
        place=delta.location,
    )


def _hit(direction: Direction, rule: Rule, policy: Policy) -> RuleHit:
    return RuleHit(direction=direction, rule=rule.id, cls=rule.classify(policy))


def _direction(mask: int) -> Direction:
    both = mask & (REQUEST | RESPONSE)
    names: dict[int, Direction] = {0: "none", REQUEST: "request", RESPONSE: "response"}
    return names.get(both, "both")
