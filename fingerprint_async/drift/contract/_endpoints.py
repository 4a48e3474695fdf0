"""The comparison of operations and webhooks: what is called, and what is called on us."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from fingerprint_async.drift.contract._bodies import compare_body, compare_responses
from fingerprint_async.drift.contract._parameters import compare_deprecation, compare_parameters
from fingerprint_async.drift.contract._surroundings import compare_security, compare_servers
from fingerprint_async.drift.contract.changes import REQUEST, RESPONSE
from fingerprint_async.drift.contract.endpoints import Endpoint, endpoints, template

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fingerprint_async.drift.contract._walk import Walk

__all__ = ["compare_endpoints"]


def compare_endpoints(walk: Walk) -> None:
    """Compare all operations.

    Webhooks and callbacks of two documents, their servers and security.
    """
    matched: list[tuple[Endpoint, Endpoint]] = []
    for old, new in _matched(endpoints(walk.old), endpoints(walk.new)):
        if old is not None and new is not None:
            matched.append((old, new))
            _endpoint(walk, old, new)
        elif old is not None:
            deprecated = walk.old.flag(old.raw.get("deprecated"), old.pointer)
            note = " (it was deprecated)" if deprecated else ""
            walk.add(
                "WEBHOOK-REMOVED" if old.received else "OP-REMOVED", "removed", old.pointer,
                f"was removed{note}", name=old.id, subject=old.words,
                mask=walk.label(old) | _whole(old),
            )  # fmt: skip
        elif new is not None:
            walk.add(
                "WEBHOOK-ADDED" if new.received else "OP-ADDED", "added", new.pointer,
                "was added", name=new.id, subject=new.words,
                mask=walk.label(new) | _whole(new),
            )  # fmt: skip
    compare_servers(walk, matched)
    compare_security(walk, matched)


def _endpoint(walk: Walk, old: Endpoint, new: Endpoint) -> None:
    bit = walk.label(new)
    sent, received = (RESPONSE, REQUEST) if new.received else (REQUEST, RESPONSE)
    both = bit | _whole(new)
    at: dict[str, Any] = {"subject": new.words, "mask": both}
    if old.path != new.path or old.method != new.method:
        _moved(walk, old, new, both, bit | sent)
    if old.raw.get("operationId") != new.raw.get("operationId"):
        walk.add(
            "OPERATION-ID", "changed", _id_place(new),
            f"changed its operationId from {old.id} to {new.id}",
            old_location=_id_place(old), before=old.id, after=new.id, name=new.id, **at,
        )  # fmt: skip
    compare_deprecation(
        walk, (old.raw, old.pointer), (new.raw, new.pointer), stem="OP-DEPRECATED", **at
    )
    compare_parameters(walk, old, new, bit | sent)
    compare_body(walk, old, new, bit | sent)
    compare_responses(walk, old, new, bit | received)


def _moved(walk: Walk, old: Endpoint, new: Endpoint, whole: int, sent: int) -> None:
    if new.received:
        return  # the address is ours: another expression for it moves nothing
    if template(old.path) != template(new.path) or old.method != new.method:
        walk.add(
            "OP-MOVED", "changed", new.pointer, f"moved here from {old.address}",
            old_location=old.pointer, before=old.address, after=new.address,
            subject=new.words, mask=whole,
        )  # fmt: skip
        return
    for one, other in zip(old.template_names, new.template_names, strict=True):
        if one != other:
            walk.add(
                "PATH-PARAM-RENAMED", "changed", _parameter_at(new, other) or new.pointer,
                f"was called {one}", old_location=_parameter_at(old, one) or old.pointer,
                before=one, after=other, name=other,
                subject=f"path parameter {other} of {new.words}", mask=sent,
            )  # fmt: skip


def _whole(endpoint: Endpoint) -> int:
    """The directions of an operation as a whole; a webhook is something that we receive."""
    return RESPONSE if endpoint.received else REQUEST | RESPONSE


def _id_place(endpoint: Endpoint) -> str:
    stated = "operationId" in endpoint.raw
    return f"{endpoint.pointer}/operationId" if stated else endpoint.pointer


def _parameter_at(endpoint: Endpoint, name: str) -> str | None:
    found = endpoint.parameters.get(("path", name))
    return found[1] if found else None


def _matched(
    old: Sequence[Endpoint], new: Sequence[Endpoint]
) -> Iterator[tuple[Endpoint | None, Endpoint | None]]:
    """Operations that stand for each other: by address, by address but for names in it, by id."""
    lost, come = list(old), list(new)

    def by(key: Callable[[Endpoint], Any]) -> Iterator[tuple[Endpoint, Endpoint]]:
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

    partners: dict[str, str] = {}
    for key in _KEYS:
        for one, other in by(key):
            partners[one.pointer] = other.pointer
            yield one, other

    def callback(each: Endpoint, *, whole: bool) -> Any:
        owner = partners.get(each.owner, "") if each in lost else each.owner
        path = each.path.rpartition(" at ")[2] if whole else ""
        return (owner, each.callback, path, each.method) if each.owner and owner else None

    yield from by(partial(callback, whole=True))
    yield from by(partial(callback, whole=False))
    yield from ((each, None) for each in lost)
    yield from ((None, each) for each in come)


def _named(each: Endpoint) -> Any:
    return (each.received, each.raw["operationId"]) if "operationId" in each.raw else None


_KEYS: tuple[Callable[[Endpoint], Any], ...] = (
    lambda each: None if each.owner else (each.received, each.path, each.method),
    lambda each: None if each.owner else (each.received, template(each.path), each.method),
    lambda each: None if each.owner else _named(each),
)
