"""The comparison of bodies and answers: media types, statuses, headers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract._parameters import compare_deprecation, schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fingerprint_async.drift.contract._parameters import Stands
    from fingerprint_async.drift.contract._walk import Walk
    from fingerprint_async.drift.contract.changes import Kind
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.endpoints import Endpoint

__all__ = ["compare_body", "compare_responses"]

HEADERS_READ = frozenset({"retry-after"})
"""Headers of answers that a client reads."""
# OpenAPI ignores a response header of this name: the media type says it.
_IGNORED = frozenset({"content-type"})
_ENCODED = ("application/x-www-form-urlencoded", "multipart/")


def compare_body(walk: Walk, old: Endpoint, new: Endpoint, mask: int) -> None:
    """Compare the request bodies of two operations.

    Args:
        walk: Takes what is found.
        old: The operation as it was.
        new: The operation as it is.
        mask: What reaches them.
    """
    before, was_at = walk.old.follow(old.raw.get("requestBody"), f"{old.pointer}/requestBody")
    after, now_at = walk.new.follow(new.raw.get("requestBody"), f"{new.pointer}/requestBody")
    subject = f"request body of {new.words}"
    required = walk.new.flag(after.get("required"), f"{now_at}/required")
    was = walk.old.flag(before.get("required"), f"{was_at}/required")
    word = "REQUIRED" if required else "OPTIONAL"
    if not before and not after:
        return
    if not before:
        said = f"was added ({word.lower()})"
        walk.add(f"BODY-ADDED-{word}", "added", now_at, said, subject=subject, mask=mask)
        return
    if not after:
        walk.add("BODY-REMOVED", "removed", was_at, "was removed", subject=subject, mask=mask)
        return
    if required != was:
        walk.add(
            f"BODY-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
            old_location=was_at, before=was, after=required, subject=subject, mask=mask,
        )  # fmt: skip
    _content(walk, (before, was_at), (after, now_at), subject=subject, mask=mask)


def compare_responses(walk: Walk, old: Endpoint, new: Endpoint, mask: int) -> None:
    """Compare the answers of two operations, status by status.

    A status stands for those that its range holds: `200` becomes `2XX` without anybody noticing.

    Args:
        walk: Takes what is found.
        old: The operation as it was.
        new: The operation as it is.
        mask: What reaches them.
    """
    before, after = _responses(walk.old, old), _responses(walk.new, new)
    for status in sorted(before.keys() | after.keys()):
        was, now = _answer(before, status), _answer(after, status)
        if was is not None and now is not None:
            _answers(walk, before[was], after[now], new, status=status, mask=mask)
            if (status in before) == (status in after):
                continue
        _came_or_went(walk, old, new, status, responses=(before, after), mask=mask)


def _came_or_went(
    walk: Walk,
    old: Endpoint,
    new: Endpoint,
    status: str,
    *,
    responses: tuple[dict[str, Stands], dict[str, Stands]],
    mask: int,
) -> None:
    before, after = responses
    gone = status in before
    found, endpoint = (before[status], old) if gone else (after[status], new)
    # The other document has a range that holds this status, or only statuses that this range holds.
    held = _answer(after if gone else before, status) is not None or (
        status.endswith("XX")
        and any(each[:1] == status[:1] for each in (after if gone else before))
    )
    kind: Kind = "removed" if gone else "added"
    word = "SUCCESS" if status.startswith("2") else "ERROR"
    if held and gone:
        stem = "RESP-STATUS-RANGE"
    elif new.received:
        stem = f"WEBHOOK-STATUS-{kind.upper()}"
    else:
        stem = f"RESP-STATUS-{kind.upper()}-{word}"
    walk.add(
        stem, kind, found[1], f"was {kind}",
        name=status, subject=f"status {status.lower()} of {endpoint.words}", mask=mask,
    )  # fmt: skip


def _responses(document: Document, endpoint: Endpoint) -> dict[str, Stands]:
    return {
        name.upper(): (raw, at)
        for name, raw, at in document.entries(endpoint.raw, "responses", endpoint.pointer)
    }


def _answer(responses: Mapping[str, Any], status: str) -> str | None:
    """The entry that speaks about a status: its own, or that of its range."""
    if status in responses:
        return status
    ranged = f"{status[:1]}XX"
    return ranged if ranged in responses else None


def _answers(
    walk: Walk, one: Stands, two: Stands, new: Endpoint, *, status: str, mask: int
) -> None:
    """Compare two answers of one status."""
    subject = f"status {status.lower()} of {new.words}"
    was, was_at = walk.old.follow(*one)
    now, now_at = walk.new.follow(*two)
    # A response by reference may be marked where it is referenced.
    marked = {**was, **walk.old.mapping(*one)}, one[1]
    marked_now = {**now, **walk.new.mapping(*two)}, two[1]
    compare_deprecation(
        walk, marked, marked_now, stem="RESP-STATUS-DEPRECATED", subject=subject, mask=mask
    )
    has, had = bool(now.get("content")), bool(was.get("content"))
    if had and not has:
        at, said = f"{was_at}/content", "has no body any more"
        walk.add("BODY-REMOVED", "removed", at, said, subject=subject, mask=mask)
    elif has and not had:
        at, said = f"{now_at}/content", "has a body now"
        walk.add("BODY-ADDED-OPTIONAL", "added", at, said, subject=subject, mask=mask)
    else:
        body = f"body of {subject}"
        _content(walk, (was, was_at), (now, now_at), subject=body, mask=mask)
    _headers(walk, (was, was_at), (now, now_at), subject=subject, mask=mask)


def _content(walk: Walk, old: Stands, new: Stands, *, subject: str, mask: int) -> None:
    """Compare what a body holds, media type by media type."""
    before, after = _media(walk.old, old), _media(walk.new, new)
    for name in sorted(before.keys() | after.keys()):
        was, now = _covering(before, name), _covering(after, name)
        if was is not None and now is not None:
            (one, one_at), (two, two_at) = before[was], after[now]
            walk.root(
                walk.old.node(one.get("schema"), f"{one_at}/schema"),
                walk.new.node(two.get("schema"), f"{two_at}/schema"),
                mask,
            )
            _encodings(walk, name, before[was], after[now], subject=subject, mask=mask)
        if name in before and now is None:
            walk.add(
                "MEDIA-REMOVED", "removed", before[name][1], f"is no longer {name}",
                name=name, subject=subject, mask=mask,
            )  # fmt: skip
        elif name not in before and name in after:
            walk.add(
                "MEDIA-ADDED", "added", after[name][1], f"can also be {name}",
                name=name, subject=subject, mask=mask,
            )  # fmt: skip


def _media(document: Document, body: Stands) -> dict[str, Stands]:
    found: dict[str, Stands] = {}
    for name, raw, at in document.entries(body[0], "content", body[1]):
        found.setdefault(_media_key(name), (document.mapping(raw, at), at))
    return found


def _media_key(name: str) -> str:
    """A media type in one spelling, without the charset: every answer names its own."""
    kind, *parameters = (each.strip() for each in name.lower().split(";"))
    kept = sorted(each.replace(" ", "") for each in parameters if not each.startswith("charset"))
    return ";".join([kind.replace(" ", ""), *filter(None, kept)])


def _covering(content: Mapping[str, Any], name: str) -> str | None:
    """The entry that speaks about a media type: its own, or that of its range."""
    kind = name.partition(";")[0]
    for each in (name, kind, f"{kind.partition('/')[0]}/*", "*/*"):
        if each in content:
            return each
    return None


def _encodings(
    walk: Walk, media: str, old: Stands, new: Stands, *, subject: str, mask: int
) -> None:
    """Compare how the properties of a form are written."""
    if not media.startswith(_ENCODED):
        return
    before, after = _written(walk.old, old), _written(walk.new, new)
    for name in sorted(before.keys() | after.keys()):
        (was, was_at), (now, now_at) = (
            each.get(name, ({}, stands[1])) for each, stands in ((before, old), (after, new))
        )
        keys = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
        if keys:
            walk.add(
                "BODY-SERIALIZATION", "changed", now_at,
                f"writes {name} otherwise ({', '.join(keys)})",
                old_location=was_at, before=was, after=now, name=name,
                subject=subject, mask=mask,
            )  # fmt: skip


def _written(document: Document, media: Stands) -> dict[str, tuple[dict[str, Any], str]]:
    """How properties are written, defaults left out."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for name, raw, at in document.entries(media[0], "encoding", media[1]):
        encoding = document.mapping(raw, at)
        said: dict[str, Any] = {
            key: encoding[key] for key in ("contentType", "allowReserved") if encoding.get(key)
        }
        style = encoding.get("style", "form")
        explode = encoding.get("explode", style == "form")
        if (style, explode) != ("form", True):
            said |= {"style": style, "explode": explode}
        headers = sorted(
            header.lower() for header, _, _ in document.entries(encoding, "headers", at)
        )
        if set(headers) - _IGNORED:
            said["headers"] = headers
        if said:
            found[name] = said, at
    return found


def _headers(walk: Walk, old: Stands, new: Stands, *, subject: str, mask: int) -> None:
    before, after = dict(_named(walk.old, old)), dict(_named(walk.new, new))
    for key in sorted(before.keys() - after.keys()):
        name, _, at = before[key]
        stem = "RESP-HEADER-REMOVED-READ" if key in HEADERS_READ else "RESP-HEADER-REMOVED"
        words = f"header {name} of {subject}"
        walk.add(stem, "removed", at, "was removed", name=name, subject=words, mask=mask)
    for key in sorted(after.keys() - before.keys()):
        name, _, at = after[key]
        words = f"header {name} of {subject}"
        walk.add("RESP-HEADER-ADDED", "added", at, "was added", name=name, subject=words, mask=mask)
    for key in sorted(before.keys() & after.keys()):
        was = walk.old.follow(*before[key][1:])
        now = walk.new.follow(*after[key][1:])
        words = f"header {after[key][0]} of {subject}"
        one = walk.old.flag(was[0].get("required"), f"{was[1]}/required")
        two = walk.new.flag(now[0].get("required"), f"{now[1]}/required")
        if one != two:
            word = "REQUIRED" if two else "OPTIONAL"
            walk.add(
                f"RESP-HEADER-BECAME-{word}", "changed", now[1], f"became {word.lower()}",
                old_location=was[1], before=one, after=two, name=key, subject=words, mask=mask,
            )  # fmt: skip
        compare_deprecation(walk, was, now, stem="PARAM-DEPRECATED", subject=words, mask=mask)
        walk.root(schema_of(walk.old, *was)[0], schema_of(walk.new, *now)[0], mask)


def _named(document: Document, response: Stands) -> Iterator[tuple[str, tuple[str, Any, str]]]:
    for name, raw, at in document.entries(response[0], "headers", response[1]):
        if name.lower() not in _IGNORED:
            yield name.lower(), (name, raw, at)
