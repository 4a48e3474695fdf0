"""The rule table: what each kind of schema change means for a client of this SDK.

Requests are contravariant: we send, so what forbids what we send today breaks. Responses are
covariant: we receive, so
what we did not have to expect until today breaks. The body of a webhook or a callback is something
that we receive.

This table is the only place that says what breaks. `docs/drift.md` is written from it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

__all__ = ["RULES", "STEMS", "ChangeClass", "Policy", "Rule", "rules_for"]

ChangeClass: TypeAlias = Literal["breaking", "non-breaking", "docs-only"]
BREAKING: ChangeClass = "breaking"
SAFE: ChangeClass = "non-breaking"
DOCS: ChangeClass = "docs-only"


@attrs.frozen(kw_only=True)
class Policy:
    """What a client does that decides some rules. The defaults are what this SDK does.

    Args:
        open_enums: Unknown values of an enum are kept, not refused.
        lenient_decoding: An unknown member of a union is kept as it came, not refused.
        validate_responses: Responses are checked against the schema's bounds, formats and closed
            objects.
        stable_symbols: Names that code generators take from the schema count as a contract.
        stable_defaults: The server's defaults count as a contract.
    """

    open_enums: bool = True
    lenient_decoding: bool = True
    validate_responses: bool = False
    stable_symbols: bool = False
    stable_defaults: bool = False


@attrs.frozen
class Rule:
    """One rule.

    Attributes:
        id: Its name in reports and in the configuration.
        cls: The class of the change.
        doc: What changed, and why that is its class.
        switch: The policy switch that decides, with the setting under which the class is
            `otherwise`.
    """

    id: str
    cls: ChangeClass
    doc: str
    switch: tuple[str, bool] | None = None
    otherwise: ChangeClass | None = None

    def classify(self, policy: Policy) -> ChangeClass:
        """The class of the change for a client with this policy."""
        if self.switch is not None and self.otherwise is not None:
            name, setting = self.switch
            if getattr(policy, name) is setting:
                return self.otherwise
        return self.cls


CLOSED_ENUMS = ("open_enums", False)
STRICT = ("lenient_decoding", False)
VALIDATING = ("validate_responses", True)
SYMBOLS = ("stable_symbols", True)
DEFAULTS = ("stable_defaults", True)

_TABLE = (
    # Operations.
    Rule("OP-ADDED", SAFE, "An operation appeared."),
    Rule(
        "OP-REMOVED",
        BREAKING,
        "An operation is gone, deprecated before or not: pinned clients still call it.",
    ),
    Rule(
        "OP-MOVED", BREAKING, "An operation kept its id but answers under another path or method."
    ),
    Rule(
        "OPERATION-ID",
        SAFE,
        "The operationId changed: same wire, another name in code.",
        SYMBOLS,
        BREAKING,
    ),
    Rule(
        "PATH-PARAM-RENAMED",
        SAFE,
        "Only the name inside a path template changed: same URL.",
        SYMBOLS,
        BREAKING,
    ),
    Rule("OP-DEPRECATED", SAFE, "An operation was deprecated, or is no longer."),
    Rule("PARAM-DEPRECATED", SAFE, "A parameter was deprecated, or is no longer."),
    Rule("PROP-DEPRECATED", SAFE, "A property or schema was deprecated, or is no longer."),
    Rule("RESP-STATUS-DEPRECATED", SAFE, "A response status was deprecated, or is no longer."),
    # Servers and security.
    Rule("SERVER-ADDED", SAFE, "A server appeared."),
    Rule(
        "SERVER-REMOVED",
        BREAKING,
        "A server is gone: clients have its address built in as a region.",
    ),
    Rule(
        "SERVER-CHANGED",
        BREAKING,
        "A server's address changed: clients have it built in as a region.",
    ),
    Rule("SECURITY-ADDED", BREAKING, "Authentication is asked that the client does not send."),
    Rule(
        "SECURITY-CHANGED",
        BREAKING,
        "A scheme in use is another: its type, its name, or where it is sent.",
    ),
    Rule("SECURITY-ALTERNATIVE", SAFE, "One more way to authenticate."),
    Rule("SECURITY-REMOVED", SAFE, "Authentication is no longer asked."),
    # Parameters.
    Rule(
        "REQ-PARAM-ADDED-REQUIRED",
        BREAKING,
        "A required parameter appeared: calls without it are refused.",
    ),
    Rule("REQ-PARAM-ADDED-OPTIONAL", SAFE, "An optional parameter appeared."),
    Rule("REQ-PARAM-REMOVED", BREAKING, "A parameter is gone: it is ignored or refused."),
    Rule("REQ-PARAM-RENAMED", BREAKING, "A parameter has another name on the wire."),
    Rule(
        "REQ-PARAM-MOVED",
        BREAKING,
        "A parameter is sent in another place (query, header, cookie, path).",
    ),
    Rule("REQ-PARAM-BECAME-REQUIRED", BREAKING, "A parameter became required."),
    Rule("REQ-PARAM-BECAME-OPTIONAL", SAFE, "A parameter became optional."),
    Rule(
        "REQ-PARAM-SERIALIZATION",
        BREAKING,
        "A parameter is written otherwise: effective style, explode, media type.",
    ),
    # What we send.
    Rule("REQ-TYPE-WIDENED", SAFE, "More types are accepted."),
    Rule("REQ-TYPE-NARROWED", BREAKING, "Fewer types are accepted."),
    Rule("REQ-TYPE-CHANGED", BREAKING, "Another type is expected."),
    Rule("REQ-BECAME-NULLABLE", SAFE, "Null is accepted."),
    Rule("REQ-BECAME-NON-NULLABLE", BREAKING, "Null is no longer accepted."),
    Rule("REQ-FORMAT-WIDENED", SAFE, "A format was dropped, or widened (int32 to int64)."),
    Rule("REQ-FORMAT-NARROWED", BREAKING, "A format was added, narrowed or replaced."),
    Rule("REQ-ENUM-ADDED", SAFE, "One more value is accepted."),
    Rule("REQ-ENUM-REMOVED", BREAKING, "A value is no longer accepted."),
    Rule("REQ-BECAME-ENUM", BREAKING, "Only listed values are accepted from now on."),
    Rule("REQ-ENUM-DROPPED", SAFE, "Any value is accepted, not only listed ones."),
    Rule("REQ-CONSTRAINT-TIGHTENED", BREAKING, "A bound, length, count or pattern accepts less."),
    Rule("REQ-CONSTRAINT-LOOSENED", SAFE, "A bound, length, count or pattern accepts more."),
    Rule(
        "REQ-DEFAULT",
        SAFE,
        "The documented default changed: no call is refused.",
        DEFAULTS,
        BREAKING,
    ),
    Rule("REQ-PROP-ADDED-REQUIRED", BREAKING, "A required property appeared in what we send."),
    Rule("REQ-PROP-ADDED-OPTIONAL", SAFE, "An optional property appeared in what we send."),
    Rule(
        "REQ-PROP-REMOVED",
        BREAKING,
        "A property is gone from what we send: unknown fields are refused.",
    ),
    Rule("REQ-PROP-RENAMED", BREAKING, "A property that we send has another name."),
    Rule("REQ-PROP-BECAME-REQUIRED", BREAKING, "A property that we send became required."),
    Rule("REQ-PROP-BECAME-OPTIONAL", SAFE, "A property that we send became optional."),
    Rule("REQ-PROP-BECAME-READ-ONLY", BREAKING, "A property is no longer for us to send."),
    Rule("REQ-PROP-BECAME-WRITABLE", SAFE, "A property may now be sent."),
    Rule("REQ-OPEN-TO-CLOSED", BREAKING, "Properties that are not listed are refused from now on."),
    Rule("REQ-CLOSED-TO-OPEN", SAFE, "Properties that are not listed are accepted."),
    Rule("REQ-UNION-WIDENED", SAFE, "One more alternative is accepted."),
    Rule("REQ-UNION-NARROWED", BREAKING, "An alternative is no longer accepted."),
    Rule("REQ-BECAME-UNION", SAFE, "Another schema is accepted where there was one."),
    Rule(
        "REQ-KEYWORD-CHANGED",
        BREAKING,
        "A rare keyword changed; whether it accepts less can't be told.",
    ),
    Rule("REQ-BODY-ADDED-REQUIRED", BREAKING, "A body is required where there was none."),
    Rule("REQ-BODY-ADDED-OPTIONAL", SAFE, "A body may be sent where there was none."),
    Rule("REQ-BODY-REMOVED", BREAKING, "No body is accepted any more."),
    Rule("REQ-BODY-BECAME-REQUIRED", BREAKING, "The body became required."),
    Rule("REQ-BODY-BECAME-OPTIONAL", SAFE, "The body became optional."),
    Rule("REQ-MEDIA-ADDED", SAFE, "One more media type is accepted."),
    Rule("REQ-MEDIA-REMOVED", BREAKING, "A media type is no longer accepted."),
    # What we receive.
    Rule("RESP-TYPE-WIDENED", BREAKING, "More types can come than readers know."),
    Rule("RESP-TYPE-NARROWED", SAFE, "Fewer types can come."),
    Rule("RESP-TYPE-CHANGED", BREAKING, "Another type comes."),
    Rule("RESP-BECAME-NULLABLE", BREAKING, "Null can come."),
    Rule("RESP-BECAME-NON-NULLABLE", SAFE, "Null no longer comes."),
    Rule(
        "RESP-FORMAT", SAFE, "A format changed that changes no Python type.", VALIDATING, BREAKING
    ),
    Rule(
        "RESP-ENUM-ADDED",
        SAFE,
        "A value can come that was not listed; our enums keep it.",
        CLOSED_ENUMS,
        BREAKING,
    ),
    Rule(
        "RESP-ENUM-REMOVED",
        SAFE,
        "A listed value no longer comes; its member disappears.",
        SYMBOLS,
        BREAKING,
    ),
    Rule("RESP-BECAME-ENUM", SAFE, "Only listed values come from now on.", SYMBOLS, BREAKING),
    Rule(
        "RESP-ENUM-DROPPED",
        SAFE,
        "Any value can come, not only listed ones; our enums keep it.",
        CLOSED_ENUMS,
        BREAKING,
    ),
    Rule("RESP-CONSTRAINT-TIGHTENED", SAFE, "A bound, length, count or pattern promises more."),
    Rule(
        "RESP-CONSTRAINT-LOOSENED",
        SAFE,
        "A bound, length, count or pattern promises less.",
        VALIDATING,
        BREAKING,
    ),
    Rule("RESP-DEFAULT", SAFE, "A documented default of something that we receive changed."),
    Rule(
        "RESP-PROP-ADDED",
        SAFE,
        "A property appeared in what we receive, also in a closed object: we keep it.",
    ),
    Rule(
        "RESP-PROP-REMOVED",
        BREAKING,
        "A property is gone from what we receive, also an optional one.",
    ),
    Rule("RESP-PROP-RENAMED", BREAKING, "A property that we receive has another name."),
    Rule("RESP-PROP-BECAME-REQUIRED", SAFE, "A property always comes from now on."),
    Rule("RESP-PROP-BECAME-OPTIONAL", BREAKING, "A property no longer always comes."),
    Rule("RESP-PROP-BECAME-WRITE-ONLY", BREAKING, "A property no longer comes in responses."),
    Rule("RESP-PROP-BECAME-READABLE", SAFE, "A property comes in responses from now on."),
    Rule("RESP-OPEN-TO-CLOSED", SAFE, "Properties that are not listed no longer come."),
    Rule(
        "RESP-CLOSED-TO-OPEN",
        SAFE,
        "Properties that are not listed can come; we keep them.",
        VALIDATING,
        BREAKING,
    ),
    Rule(
        "RESP-UNION-WIDENED",
        SAFE,
        "One more alternative can come; we keep it as it came.",
        STRICT,
        BREAKING,
    ),
    Rule(
        "RESP-BECAME-UNION",
        BREAKING,
        "Another schema can come where there was one: old clients keep nothing of it.",
    ),
    Rule("RESP-UNION-NARROWED", SAFE, "An alternative no longer comes.", SYMBOLS, BREAKING),
    Rule(
        "RESP-KEYWORD-CHANGED",
        SAFE,
        "A rare keyword changed in what we receive.",
        VALIDATING,
        BREAKING,
    ),
    Rule(
        "DISCRIMINATOR-PROPERTY",
        BREAKING,
        "Another property tells alternatives apart, or none does.",
    ),
    Rule("DISCRIMINATOR-ADDED", SAFE, "A property tells alternatives apart that had none."),
    Rule(
        "DISCRIMINATOR-MAPPING",
        BREAKING,
        "A discriminator's value means another schema, or a schema is told by another value.",
    ),
    Rule(
        "REQ-BODY-SERIALIZATION",
        BREAKING,
        "A property of a form is written otherwise: content type, style, headers.",
    ),
    Rule("RESP-BODY-SERIALIZATION", BREAKING, "A property of a form comes written otherwise."),
    Rule("RESP-BODY-ADDED", SAFE, "A body comes where there was none."),
    Rule("RESP-BODY-REMOVED", BREAKING, "No body comes any more."),
    Rule("RESP-BODY-BECAME-REQUIRED", SAFE, "The body of a webhook always comes."),
    Rule("RESP-BODY-BECAME-OPTIONAL", BREAKING, "The body of a webhook no longer always comes."),
    Rule("RESP-MEDIA-ADDED", SAFE, "A body can come in one more media type, on request."),
    Rule("RESP-MEDIA-REMOVED", BREAKING, "A body no longer comes in a media type."),
    Rule(
        "RESP-STATUS-ADDED-ERROR",
        SAFE,
        "An error status is documented: clients map unknown statuses already.",
    ),
    Rule("RESP-STATUS-REMOVED-ERROR", SAFE, "An error status is no longer documented."),
    Rule("RESP-STATUS-ADDED-SUCCESS", SAFE, "One more success status."),
    Rule("RESP-STATUS-REMOVED-SUCCESS", BREAKING, "A success status is gone."),
    Rule("RESP-STATUS-RANGE", SAFE, "A status is documented by its range, or a range by statuses."),
    Rule("RESP-HEADER-ADDED", SAFE, "A header comes."),
    Rule("RESP-HEADER-REMOVED", SAFE, "A header that this SDK does not read is gone."),
    Rule(
        "RESP-HEADER-REMOVED-READ", BREAKING, "A header that this SDK reads is gone (Retry-After)."
    ),
    Rule("RESP-HEADER-BECAME-REQUIRED", SAFE, "A header always comes."),
    Rule(
        "RESP-HEADER-BECAME-OPTIONAL",
        SAFE,
        "A header no longer always comes.",
        VALIDATING,
        BREAKING,
    ),
    # Webhooks and callbacks.
    Rule("WEBHOOK-ADDED", SAFE, "A webhook or callback appeared."),
    Rule(
        "WEBHOOK-REMOVED", BREAKING, "A webhook or callback is gone: nothing is delivered any more."
    ),
    Rule("WEBHOOK-STATUS-ADDED", SAFE, "One more answer to a webhook is documented."),
    Rule("WEBHOOK-STATUS-REMOVED", BREAKING, "An answer to a webhook is no longer documented."),
    # Names.
    Rule("SCHEMA-ADDED", SAFE, "A named schema appeared that nothing else in the report brings."),
    Rule(
        "SCHEMA-REMOVED",
        SAFE,
        "A named schema is gone that nothing else in the report takes.",
        SYMBOLS,
        BREAKING,
    ),
    Rule(
        "SCHEMA-RENAMED",
        SAFE,
        "A named schema has another name: same wire, another class.",
        SYMBOLS,
        BREAKING,
    ),
    # What can't be judged.
    Rule(
        "NOT-COMPARED",
        BREAKING,
        "Something invalid or too complex to compare changed: whether it breaks can't be told.",
    ),
    # No change of meaning; listed on request.
    Rule("REF-REFACTOR", DOCS, "The same contract, written otherwise: inline or by reference."),
    Rule("DOCS", DOCS, "Prose, examples, tags, extensions, info."),
)

RULES: dict[str, Rule] = {rule.id: rule for rule in _TABLE}

# A discriminator's value that came or went beside others of its schema: as an alternative would.
_KEY_ADDED_SENT = Rule("DISCRIMINATOR-MAPPING", SAFE, RULES["DISCRIMINATOR-MAPPING"].doc)
_KEY_ADDED_RECEIVED = attrs.evolve(_KEY_ADDED_SENT, switch=STRICT, otherwise=BREAKING)
_KEY_REMOVED_SENT = RULES["DISCRIMINATOR-MAPPING"]
_KEY_REMOVED_RECEIVED = attrs.evolve(_KEY_ADDED_SENT, switch=SYMBOLS, otherwise=BREAKING)


def _rules(sent: str | None, received: str | None) -> tuple[Rule | None, Rule | None]:
    return RULES[sent] if sent else None, RULES[received] if received else None


# Differences whose rules differ by direction in more than the prefix: when we send, when we
# receive; None: no such change.
STEMS: dict[str, tuple[Rule | None, Rule | None]] = {
    "PROP-ADDED-REQUIRED": _rules("REQ-PROP-ADDED-REQUIRED", "RESP-PROP-ADDED"),
    "PROP-ADDED-OPTIONAL": _rules("REQ-PROP-ADDED-OPTIONAL", "RESP-PROP-ADDED"),
    "BODY-ADDED-REQUIRED": _rules("REQ-BODY-ADDED-REQUIRED", "RESP-BODY-ADDED"),
    "BODY-ADDED-OPTIONAL": _rules("REQ-BODY-ADDED-OPTIONAL", "RESP-BODY-ADDED"),
    "FORMAT-WIDENED": _rules("REQ-FORMAT-WIDENED", "RESP-FORMAT"),
    "FORMAT-NARROWED": _rules("REQ-FORMAT-NARROWED", "RESP-FORMAT"),
    # A replaced pattern may accept less and promise less.
    "CONSTRAINT-REPLACED": _rules("REQ-CONSTRAINT-TIGHTENED", "RESP-CONSTRAINT-LOOSENED"),
    "PROP-BECAME-READ-ONLY": _rules("REQ-PROP-BECAME-READ-ONLY", None),
    "PROP-BECAME-WRITABLE": _rules("REQ-PROP-BECAME-WRITABLE", None),
    "PROP-BECAME-WRITE-ONLY": _rules(None, "RESP-PROP-BECAME-WRITE-ONLY"),
    "PROP-BECAME-READABLE": _rules(None, "RESP-PROP-BECAME-READABLE"),
    "DISCRIMINATOR-KEY-ADDED": (_KEY_ADDED_SENT, _KEY_ADDED_RECEIVED),
    "DISCRIMINATOR-KEY-REMOVED": (_KEY_REMOVED_SENT, _KEY_REMOVED_RECEIVED),
}


def rules_for(stem: str) -> tuple[Rule | None, Rule | None]:
    """Return the rules of a difference: when we send it, when we receive it."""
    if stem in RULES:
        return RULES[stem], RULES[stem]
    return STEMS.get(stem) or _rules(f"REQ-{stem}", f"RESP-{stem}")
