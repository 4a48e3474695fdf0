"""The comparison of operations and webhooks: what is called, with what, and what answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async.schema._contracts import shape
from fingerprint_async.schema._operations_of import Endpoint, endpoints, template
from fingerprint_async.schema.changes import REQUEST, RESPONSE
from fingerprint_async.schema.words import say_schema

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fingerprint_async.schema._surroundings import Surroundings
    from fingerprint_async.schema._walk import Walk
    from fingerprint_async.schema.resolve import Document, Node

__all__ = ["EndpointComparison"]

HEADERS_READ = frozenset({"retry-after"})


class EndpointComparison:
    """The comparison of all operations and webhooks of two documents.

    Args:
        walk: Takes what is found, and the schemas to compare.
        surroundings: Compares the servers and the security of an operation.
    """

    def __init__(self, walk: Walk, surroundings: Surroundings) -> None:
        self.walk, self.surroundings = walk, surroundings
        self.old, self.new = walk.old, walk.new

    def run(self) -> None:
        before, after = endpoints(self.old), endpoints(self.new)
        for old, new in _matched(before, after):
            if old is not None and new is not None:
                self._endpoint(old, new)
            elif old is not None:
                mask = self.walk.label(old) | _whole(old)
                stem = "WEBHOOK-REMOVED" if old.received else "OP-REMOVED"
                note = (
                    " (it was deprecated)"
                    if self.old.flag(old.raw.get("deprecated"), old.pointer)
                    else ""
                )
                self.walk.add(
                    stem,
                    "removed",
                    old.pointer,
                    f"was removed{note}",
                    name=old.id,
                    subject=old.words,
                    mask=mask,
                )
            elif new is not None:
                mask = self.walk.label(new) | _whole(new)
                stem = "WEBHOOK-ADDED" if new.received else "OP-ADDED"
                self.walk.add(
                    stem,
                    "added",
                    new.pointer,
                    "was added",
                    name=new.id,
                    subject=new.words,
                    mask=mask,
                )

    def _endpoint(self, old: Endpoint, new: Endpoint) -> None:
        bit = self.walk.label(new)
        sent, received = (RESPONSE, REQUEST) if new.received else (REQUEST, RESPONSE)
        both = bit | _whole(new)
        at: dict[str, Any] = {"old_location": old.pointer, "subject": new.words, "mask": both}
        if old.path != new.path or old.method != new.method:
            if template(old.path) == template(new.path) and old.method == new.method:
                was, now = old.template_names, new.template_names
                for one, other in zip(was, now, strict=True):
                    if one != other:
                        self.walk.add(
                            "PATH-PARAM-RENAMED",
                            "changed",
                            _parameter_at(new, other) or new.pointer,
                            f"was called {one}",
                            old_location=_parameter_at(old, one) or old.pointer,
                            before=one,
                            after=other,
                            name=other,
                            subject=f"path parameter {other} of {new.words}",
                            mask=bit | sent,
                        )
            else:
                self.walk.add(
                    "OP-MOVED",
                    "changed",
                    new.pointer,
                    f"moved here from {old.address}",
                    before=old.address,
                    after=new.address,
                    **at,
                )
        if old.raw.get("operationId") != new.raw.get("operationId"):
            self.walk.add(
                "OPERATION-ID",
                "changed",
                f"{new.pointer}/operationId" if "operationId" in new.raw else new.pointer,
                f"changed its operationId from {old.id} to {new.id}",
                **{
                    **at,
                    "old_location": f"{old.pointer}/operationId"
                    if "operationId" in old.raw
                    else old.pointer,
                },
                before=old.id,
                after=new.id,
                name=new.id,
            )
        self._deprecation(
            old.raw,
            old.pointer,
            new.raw,
            new.pointer,
            stem="OP-DEPRECATED",
            subject=new.words,
            mask=both,
        )
        if old.servers is not None or new.servers is not None:
            self.surroundings.servers(
                self.old.mapping(self.old.at(old.servers or ""), old.servers or ""),
                self.new.mapping(self.new.at(new.servers or ""), new.servers or ""),
                new.servers or "",
                mask=bit | REQUEST,
                old_at=old.servers or "",
            )
        if "security" in old.raw or "security" in new.raw:
            self.surroundings.requirements(
                old.raw.get("security", self.old.raw.get("security")),
                new.raw.get("security", self.new.raw.get("security")),
                f"{new.pointer}/security" if "security" in new.raw else "/security",
                subject=new.words,
                mask=bit,
                old_at=f"{old.pointer}/security" if "security" in old.raw else "/security",
            )
        self._parameters(old, new, bit | sent)
        self._body(old, new, bit | sent)
        self._responses(old, new, bit | received)

    def _deprecation(
        self,
        old: Mapping[str, Any],
        old_at: str,
        new: Mapping[str, Any],
        new_at: str,
        *,
        stem: str,
        subject: str,
        mask: int,
    ) -> None:
        keys = ("deprecated", "x-deprecated-response")
        before = any(self.old.flag(old.get(key), f"{old_at}/{key}") for key in keys)
        after = any(self.new.flag(new.get(key), f"{new_at}/{key}") for key in keys)
        if before != after:
            said = "is deprecated" if after else "is no longer deprecated"
            self.walk.add(
                stem,
                "changed",
                new_at,
                said,
                old_location=old_at,
                before=before,
                after=after,
                subject=subject,
                mask=mask,
            )

    # Parameters.

    def _parameters(self, old: Endpoint, new: Endpoint, mask: int) -> None:
        names = (
            dict(zip(old.template_names, new.template_names, strict=True))
            if len(old.template_names) == len(new.template_names)
            else {}
        )
        was = {
            (place, names.get(name, name) if place == "path" else name): p
            for (place, name), p in old.parameters.items()
        }
        now = new.parameters
        lost = [key for key in was if key not in now]
        come = [key for key in now if key not in was]
        stem = "HEADER" if new.received else "REQ-PARAM"
        for key in list(lost):
            moved = [other for other in come if other[1] == key[1] and other[0] != key[0]]
            same = [
                other
                for other in come
                if other[0] == key[0] and self._same_parameter(was[key], now[other])
            ]
            twins = [
                other for other in lost if same and self._same_parameter(was[other], now[same[0]])
            ]
            if new.received or not (moved or (len(same) == 1 and len(twins) == 1)):
                continue
            other = moved[0] if moved else same[0]
            lost.remove(key)
            come.remove(other)
            raw, at = now[other]
            verb = f"moved from {key[0]} to {other[0]}" if moved else f"was called {key[1]}"
            self.walk.add(
                "REQ-PARAM-MOVED" if moved else "REQ-PARAM-RENAMED",
                "changed",
                at,
                verb,
                old_location=was[key][1],
                before=key[0] if moved else key[1],
                after=other[0] if moved else other[1],
                name=other[1],
                subject=_parameter_words(other, new),
                mask=mask,
            )
            self._parameter(
                was[key], now[other], key if moved else other, other, endpoint=new, mask=mask
            )
        for key in lost:
            raw, at = was[key]
            rule = f"RESP-{stem}-REMOVED" if new.received else "REQ-PARAM-REMOVED"
            self.walk.add(
                rule,
                "removed",
                at,
                "was removed",
                name=key[1],
                subject=_parameter_words(key, old),
                mask=mask,
            )
        for key in come:
            raw, at = now[key]
            required = key[0] == "path" or self.new.flag(raw.get("required"), f"{at}/required")
            said = f"was added ({'required' if required else 'optional'} {say_schema(self.new, self._schema_of(self.new, raw, at)[0])})"
            rule = (
                "RESP-HEADER-ADDED"
                if new.received
                else f"REQ-PARAM-ADDED-{'REQUIRED' if required else 'OPTIONAL'}"
            )
            self.walk.add(
                rule, "added", at, said, name=key[1], subject=_parameter_words(key, new), mask=mask
            )
        for key in was.keys() & now.keys():
            self._parameter(was[key], now[key], key, key, endpoint=new, mask=mask)

    def _same_parameter(
        self, old: tuple[Mapping[str, Any], str], new: tuple[Mapping[str, Any], str]
    ) -> bool:
        """Whether two parameters are evidently one under another name: the same words about the same thing."""
        (before, was_at), (after, now_at) = old, new
        said = before.get("description")
        if (
            not said
            or said != after.get("description")
            or bool(before.get("required")) != bool(after.get("required"))
        ):
            return False
        was, now = (
            self._schema_of(self.old, before, was_at)[0],
            self._schema_of(self.new, after, now_at)[0],
        )
        return bool(shape(self.old.effective(was)) == shape(self.new.effective(now)))

    def _parameter(
        self,
        old: tuple[Mapping[str, Any], str],
        new: tuple[Mapping[str, Any], str],
        old_key: tuple[str, str],
        key: tuple[str, str],
        *,
        endpoint: Endpoint,
        mask: int,
    ) -> None:
        (before, was_at), (after, now_at) = old, new
        subject = _parameter_words(key, endpoint)
        was = self.old.flag(before.get("required"), f"{was_at}/required") or old_key[0] == "path"
        now = self.new.flag(after.get("required"), f"{now_at}/required") or key[0] == "path"
        stem = "RESP-HEADER" if endpoint.received else "REQ-PARAM"
        if was != now and old_key[0] == key[0]:
            word = "REQUIRED" if now else "OPTIONAL"
            self.walk.add(
                f"{stem}-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
                old_location=was_at, before=was, after=now, name=key[1], subject=subject, mask=mask,
            )  # fmt: skip
        self._deprecation(
            before, was_at, after, now_at, stem="PARAM-DEPRECATED", subject=subject, mask=mask
        )
        node, media = self._schema_of(self.old, before, was_at)
        other, other_media = self._schema_of(self.new, after, now_at)
        widened = False
        if media is None and other_media is None:
            one, two = self.old.effective(node), self.new.effective(other)
            style, new_style = _style(before, old_key[0]), _style(after, key[0])
            widened = (
                not endpoint.received
                and one.scalar
                and two.types == frozenset({"array"})
                and new_style[:2] == ("form", True)
                and two.items is not None
                and self.new.effective(two.items).types == one.types
            )
            complex_now = not two.scalar and not one.scalar
            if (
                old_key[0] == key[0]
                and (style != new_style)
                and (complex_now or style[2:] != new_style[2:])
            ):
                self.walk.add(
                    "REQ-PARAM-SERIALIZATION", "changed", now_at,
                    f"is written otherwise ({_say_style(style)} before, {_say_style(new_style)} now)",
                    old_location=was_at, before=_say_style(style), after=_say_style(new_style), name=key[1], subject=subject, mask=mask,
                )  # fmt: skip
            if widened and two.items is not None:
                self.walk.add(
                    "REQ-TYPE-WIDENED", "changed", f"{now_at}/schema", "accepts several values",
                    old_location=f"{was_at}/schema", before=say_schema(self.old, node), after=say_schema(self.new, other),
                    name=key[1], subject=subject, mask=mask,
                )  # fmt: skip
                self.walk.covered_new.update(two.anchors)
                other = two.items
        elif media != other_media:
            self.walk.add(
                "REQ-PARAM-SERIALIZATION", "changed", now_at, f"is written otherwise ({media or 'plain'} before, {other_media or 'plain'} now)",
                old_location=was_at, before=media, after=other_media, name=key[1], subject=subject, mask=mask,
            )  # fmt: skip
        self.walk.root(node, other, mask)

    def _schema_of(
        self, document: Document, raw: Mapping[str, Any], at: str
    ) -> tuple[Node, str | None]:
        """The schema of a parameter or header, and its media type when it has one."""
        for media, sub, pointer in document.entries(raw, "content", at):
            body = document.mapping(sub, pointer)
            return document.node(body.get("schema"), f"{pointer}/schema"), media
        return document.node(raw.get("schema"), f"{at}/schema"), None

    # Bodies and responses.

    def _body(self, old: Endpoint, new: Endpoint, mask: int) -> None:
        before, was_at = self.old.follow(old.raw.get("requestBody"), f"{old.pointer}/requestBody")
        after, now_at = self.new.follow(new.raw.get("requestBody"), f"{new.pointer}/requestBody")
        subject = f"request body of {new.words}"
        required = self.new.flag(after.get("required"), f"{now_at}/required")
        was = self.old.flag(before.get("required"), f"{was_at}/required")
        if not before and not after:
            return
        if not before:
            word = "REQUIRED" if required else "OPTIONAL"
            self.walk.add(
                f"BODY-ADDED-{word}",
                "added",
                now_at,
                f"was added ({word.lower()})",
                subject=subject,
                mask=mask,
            )
            return
        if not after:
            self.walk.add(
                "BODY-REMOVED", "removed", was_at, "was removed", subject=subject, mask=mask
            )
            return
        if required != was:
            word = "REQUIRED" if required else "OPTIONAL"
            self.walk.add(
                f"BODY-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
                old_location=was_at, before=was, after=required, subject=subject, mask=mask,
            )  # fmt: skip
        self._media(before, was_at, after, now_at, subject=subject, mask=mask)

    def _media(
        self,
        old: Mapping[str, Any],
        old_at: str,
        new: Mapping[str, Any],
        new_at: str,
        *,
        subject: str,
        mask: int,
    ) -> None:
        before = {
            _media_key(name): (sub, at)
            for name, sub, at in self.old.entries(old, "content", old_at)
        }
        after = {
            _media_key(name): (sub, at)
            for name, sub, at in self.new.entries(new, "content", new_at)
        }
        for name in before.keys() - after.keys():
            self.walk.add(
                "MEDIA-REMOVED",
                "removed",
                before[name][1],
                f"no longer comes as {name}",
                name=name,
                subject=subject,
                mask=mask,
            )
        for name in after.keys() - before.keys():
            self.walk.add(
                "MEDIA-ADDED",
                "added",
                after[name][1],
                f"can also be {name}",
                name=name,
                subject=subject,
                mask=mask,
            )
        for name in before.keys() & after.keys():
            (one, one_at), (two, two_at) = before[name], after[name]
            was, now = self.old.mapping(one, one_at), self.new.mapping(two, two_at)
            self.walk.root(
                self.old.node(was.get("schema"), f"{one_at}/schema"),
                self.new.node(now.get("schema"), f"{two_at}/schema"),
                mask,
            )

    def _responses(self, old: Endpoint, new: Endpoint, mask: int) -> None:
        before = {
            name.upper(): (sub, at)
            for name, sub, at in self.old.entries(old.raw, "responses", old.pointer)
        }
        after = {
            name.upper(): (sub, at)
            for name, sub, at in self.new.entries(new.raw, "responses", new.pointer)
        }
        for names, found, kind, endpoint in (
            (before.keys() - after.keys(), before, "removed", old),
            (after.keys() - before.keys(), after, "added", new),
        ):
            for status in sorted(names):
                word = "SUCCESS" if status.startswith("2") else "ERROR"
                stem = (
                    f"WEBHOOK-STATUS-{kind.upper()}"
                    if new.received
                    else f"RESP-STATUS-{kind.upper()}-{word}"
                )
                self.walk.add(
                    stem, "added" if kind == "added" else "removed", found[status][1], f"was {kind}",
                    name=status, subject=f"status {status.lower()} of {endpoint.words}", mask=mask,
                )  # fmt: skip
        for status in before.keys() & after.keys():
            (one, one_at), (two, two_at) = before[status], after[status]
            subject = f"status {status.lower()} of {new.words}"
            was, was_at = self.old.follow(one, one_at)
            now, now_at = self.new.follow(two, two_at)
            # A response by reference may be marked where it is referenced.
            marked, marked_now = (
                {**was, **self.old.mapping(one, one_at)},
                {**now, **self.new.mapping(two, two_at)},
            )
            self._deprecation(
                marked,
                one_at,
                marked_now,
                two_at,
                stem="RESP-STATUS-DEPRECATED",
                subject=subject,
                mask=mask,
            )
            has, had = bool(now.get("content")), bool(was.get("content"))
            if had and not has:
                self.walk.add(
                    "BODY-REMOVED",
                    "removed",
                    f"{was_at}/content",
                    "has no body any more",
                    subject=subject,
                    mask=mask,
                )
            elif has and not had:
                self.walk.add(
                    "BODY-ADDED-OPTIONAL",
                    "added",
                    f"{now_at}/content",
                    "has a body now",
                    subject=subject,
                    mask=mask,
                )
            else:
                self._media(was, was_at, now, now_at, subject=f"body of {subject}", mask=mask)
            self._headers(was, was_at, now, now_at, subject=subject, mask=mask)

    def _headers(
        self,
        old: Mapping[str, Any],
        old_at: str,
        new: Mapping[str, Any],
        new_at: str,
        *,
        subject: str,
        mask: int,
    ) -> None:
        before = {
            name.lower(): (name, sub, at)
            for name, sub, at in self.old.entries(old, "headers", old_at)
        }
        after = {
            name.lower(): (name, sub, at)
            for name, sub, at in self.new.entries(new, "headers", new_at)
        }
        for key in before.keys() - after.keys() - {"content-type"}:
            name, _, at = before[key]
            stem = "RESP-HEADER-REMOVED-READ" if key in HEADERS_READ else "RESP-HEADER-REMOVED"
            self.walk.add(
                stem,
                "removed",
                at,
                "was removed",
                name=name,
                subject=f"header {name} of {subject}",
                mask=mask,
            )
        for key in after.keys() - before.keys() - {"content-type"}:
            name, _, at = after[key]
            self.walk.add(
                "RESP-HEADER-ADDED",
                "added",
                at,
                "was added",
                name=name,
                subject=f"header {name} of {subject}",
                mask=mask,
            )
        for key in before.keys() & after.keys():
            was, was_at = self.old.follow(*before[key][1:])
            now, now_at = self.new.follow(*after[key][1:])
            words = f"header {after[key][0]} of {subject}"
            one = self.old.flag(was.get("required"), f"{was_at}/required")
            two = self.new.flag(now.get("required"), f"{now_at}/required")
            if one != two:
                word = "REQUIRED" if two else "OPTIONAL"
                self.walk.add(
                    f"RESP-HEADER-BECAME-{word}", "changed", now_at, f"became {word.lower()}",
                    old_location=was_at, before=one, after=two, name=key, subject=words, mask=mask,
                )  # fmt: skip
            self._deprecation(
                was, was_at, now, now_at, stem="PARAM-DEPRECATED", subject=words, mask=mask
            )
            self.walk.root(
                self._schema_of(self.old, was, was_at)[0],
                self._schema_of(self.new, now, now_at)[0],
                mask,
            )


def _whole(endpoint: Endpoint) -> int:
    """The directions of an operation as a whole; a webhook is something that we receive."""
    return RESPONSE if endpoint.received else REQUEST | RESPONSE


def _matched(
    old: Sequence[Endpoint], new: Sequence[Endpoint]
) -> Iterator[tuple[Endpoint | None, Endpoint | None]]:
    """Operations that stand for each other: same address, same address but for names in it, same operationId."""
    lost, come = list(old), list(new)

    def by(key: Any) -> Iterator[tuple[Endpoint, Endpoint]]:
        index: dict[Any, list[Endpoint]] = {}
        for each in come:
            index.setdefault(key(each), []).append(each)
        for each in list(lost):
            wanted = key(each)
            if wanted is not None and len(index.get(wanted, ())) == 1:
                other = index[wanted].pop()
                lost.remove(each)
                come.remove(other)
                yield each, other

    yield from by(lambda each: (each.received, each.path, each.method))
    yield from by(lambda each: (each.received, template(each.path), each.method))
    yield from by(
        lambda each: (each.received, each.raw["operationId"]) if "operationId" in each.raw else None
    )
    yield from ((each, None) for each in lost)
    yield from ((None, each) for each in come)


def _parameter_at(endpoint: Endpoint, name: str) -> str | None:
    found = endpoint.parameters.get(("path", name))
    return found[1] if found else None


def _parameter_words(key: tuple[str, str], endpoint: Endpoint) -> str:
    return f"{key[0]} parameter {key[1]} of {endpoint.words}"


def _style(raw: Mapping[str, Any], place: str) -> tuple[str, bool, bool]:
    style = raw.get("style") or ("form" if place in {"query", "cookie"} else "simple")
    explode = raw.get("explode")
    return (
        str(style),
        bool(style == "form" if explode is None else explode),
        bool(raw.get("allowReserved")),
    )


def _say_style(style: tuple[str, bool, bool]) -> str:
    return f"{style[0]}{', exploded' if style[1] else ''}{', reserved characters kept' if style[2] else ''}"


def _media_key(name: str) -> str:
    return name.replace(" ", "").lower()
