"""The comparison of servers and security: where each operation is, and who may call it.

What counts is what holds for an operation, wherever it is written: at the operation, its path or
the document.
"""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import attrs

from fingerprint_async.drift.contract.changes import REQUEST
from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fingerprint_async.drift.contract._walk import Walk
    from fingerprint_async.drift.contract.changes import Kind
    from fingerprint_async.drift.contract.document import Document
    from fingerprint_async.drift.contract.endpoints import Endpoint

__all__ = ["compare_security", "compare_servers"]

MAX_URLS = 64
"""Addresses that one server with variables is expanded to."""
_PORTS = {"http": 80, "https": 443}
_DEFAULT = {"url": "/"}

_Matched = list[tuple["Endpoint", "Endpoint"]]


def compare_servers(walk: Walk, matched: _Matched) -> None:
    """Compare the servers of operations that stand for each other.

    Args:
        walk: Takes what is found.
        matched: The operations.
    """
    groups: dict[tuple[str, str], int] = {}
    for old, new in matched:
        if not new.received:
            places = (old.servers or "", new.servers or "")
            groups[places] = groups.get(places, 0) | walk.label(new)
    only = len(groups) <= 1
    for (old_at, new_at), mask in (groups or {("", ""): 0}).items():
        before = _urls(walk.old, old_at)
        after = _urls(walk.new, new_at)
        _servers(walk, before, after, mask=REQUEST | (0 if only else mask))


def _servers(walk: Walk, before: dict[str, str], after: dict[str, str], *, mask: int) -> None:
    lost = [url for url in before if url not in after]
    come = [url for url in after if url not in before]
    if len(lost) == len(come) == 1:
        one, two = lost[0], come[0]
        walk.add(
            "SERVER-CHANGED", "changed", after[two], f"changed from {one} to {two}",
            old_location=before[one], before=one, after=two, subject="server", mask=mask,
        )  # fmt: skip
        return
    for url in lost:
        walk.add(
            "SERVER-REMOVED", "removed", before[url], "was removed",
            name=url, before=url, subject=f"server {url}", mask=mask,
        )  # fmt: skip
    for url in come:
        walk.add(
            "SERVER-ADDED", "added", after[url], "was added",
            name=url, after=url, subject=f"server {url}", mask=mask,
        )  # fmt: skip


def _urls(document: Document, at: str) -> dict[str, str]:
    """The addresses that an object names, each with its place."""
    holder = document.mapping(document.at(at), at)
    servers = document.sequence(holder.get("servers"), f"{at}/servers") or [_DEFAULT]
    urls: dict[str, str] = {}
    for index, server in enumerate(servers):
        pointer = f"{at}/servers/{index}"
        body = document.mapping(server, pointer)
        for url in _expanded(document, body, pointer):
            urls.setdefault(_canonical(url), pointer)
    return urls


def _expanded(document: Document, server: Mapping[str, Any], pointer: str) -> list[str]:
    """A server's addresses, with each value that its variables can have."""
    url = document.string(server.get("url"), f"{pointer}/url")
    names: list[str] = []
    values: list[list[str]] = []
    for name, raw, where in document.entries(server, "variables", pointer):
        variable = document.mapping(raw, where)
        listed = document.sequence(variable.get("enum"), f"{where}/enum")
        names.append(name)
        values.append([str(each) for each in listed] or [str(variable.get("default", ""))])
    found: list[str] = []
    for chosen in itertools.islice(itertools.product(*values), MAX_URLS):
        filled = url
        for name, value in zip(names, chosen, strict=True):
            filled = filled.replace(f"{{{name}}}", value)
        found.append(filled)
    return found


def _canonical(url: str) -> str:
    """An address in one spelling: host names have no case, and default ports go without saying."""
    try:
        split = urlsplit(url)
        scheme, host, port = split.scheme.lower(), split.hostname, split.port
    except ValueError:
        return url.rstrip("/")
    if host is None:
        return url.rstrip("/")
    if ":" in host:
        host = f"[{host}]"
    if port is not None and port != _PORTS.get(scheme):
        host = f"{host}:{port}"
    return urlunsplit((scheme, host, split.path, split.query, "")).rstrip("/")


@attrs.frozen
class _Asked:
    """What an operation asks callers to present.

    Attributes:
        at: Where that stands.
        options: The alternatives: sets of schemes and scopes, by the names of the schemes.
        meant: The alternatives, by what the schemes are.
    """

    at: str
    options: frozenset[frozenset[tuple[str, str]]]
    meant: frozenset[frozenset[tuple[str, str]]]


def compare_security(walk: Walk, matched: _Matched) -> None:
    """Compare what operations that stand for each other ask for.

    Args:
        walk: Takes what is found.
        matched: The operations.
    """
    old_schemes, new_schemes = _schemes(walk.old), _schemes(walk.new)
    groups: dict[tuple[_Asked, _Asked], list[Endpoint]] = {}
    pairs = [
        (_asked(walk.old, old, old_schemes), _asked(walk.new, new, new_schemes), new)
        for old, new in matched
    ]
    for before, after, endpoint in pairs:
        if before.meant != after.meant:
            groups.setdefault((before, after), []).append(endpoint)
    if not matched:
        before, after = _asked(walk.old, None, old_schemes), _asked(walk.new, None, new_schemes)
        if before.meant != after.meant:
            groups[before, after] = []
    renames = _renames(old_schemes, new_schemes)
    changed: set[str] = set()
    for (before, after), endpoints in groups.items():
        everywhere = len(endpoints) == len(matched)
        words = "every operation" if everywhere or len(endpoints) > 1 else endpoints[0].words
        mask = 0
        for endpoint in () if everywhere else endpoints:
            mask |= walk.label(endpoint)
        _options(walk, before, after, renames, subject=words, mask=mask | REQUEST)
        changed |= {name for option in before.options for name, _ in option}
    for name in sorted(changed & old_schemes.keys() & new_schemes.keys()):
        (was, was_at), (now, now_at) = old_schemes[name], new_schemes[name]
        if was != now:
            keys = sorted(key for key in was.keys() | now.keys() if was.get(key) != now.get(key))
            walk.add(
                "SECURITY-CHANGED", "changed", now_at, f"changed its {', '.join(keys)}",
                old_location=was_at, before=was, after=now, name=name,
                subject=f"security scheme {name}", mask=REQUEST,
            )  # fmt: skip


def _options(
    walk: Walk, before: _Asked, after: _Asked, renames: dict[str, str], *, subject: str, mask: int
) -> None:
    was = {
        frozenset((renames.get(name, name), scope) for name, scope in option)
        for option in before.options
    }
    now = set(after.options)
    if was == now:
        return
    more: dict[str, Any] = {
        "before": _say(before.options),
        "after": _say(after.options),
        "subject": f"security of {subject}",
        "mask": mask,
    }
    kind: Kind = "changed"
    if all(any(option <= one for option in now) for one in was):
        if was < now and frozenset() not in now - was:
            stem, kind, said, at = "ALTERNATIVE", "added", "has one more alternative", after.at
        else:
            stem, kind, said, at = "REMOVED", "removed", "asks for less", before.at
    else:
        kind = "changed" if any(was) else "added"
        stem, said, at = "ADDED", "asks for something else or more", after.at
    walk.add(f"SECURITY-{stem}", kind, at, said, old_location=before.at, **more)


def _asked(
    document: Document, endpoint: Endpoint | None, schemes: Mapping[str, tuple[Any, str]]
) -> _Asked:
    own = endpoint is not None and "security" in endpoint.raw
    raw = endpoint.raw["security"] if endpoint is not None and own else document.raw.get("security")
    at = f"{endpoint.pointer}/security" if endpoint is not None and own else "/security"
    options: list[frozenset[tuple[str, str]]] = []
    meant: list[frozenset[tuple[str, str]]] = []
    for index, option in enumerate(document.sequence(raw, at)):
        where = f"{at}/{index}"
        asked: set[tuple[str, str]] = set()
        for scheme, scopes in document.mapping(option, where).items():
            asked.add((scheme, ""))
            for scope in document.sequence(scopes, f"{where}/{escape(scheme)}"):
                asked.add((scheme, str(scope)))
        options.append(frozenset(asked))
        meant.append(
            frozenset(
                (json.dumps(schemes[name][0], sort_keys=True) if name in schemes else name, scope)
                for name, scope in asked
            )
        )
    nothing: list[frozenset[tuple[str, str]]] = [frozenset()]
    return _Asked(at, frozenset(options or nothing), frozenset(meant or nothing))


def _renames(
    old: Mapping[str, tuple[Any, str]], new: Mapping[str, tuple[Any, str]]
) -> dict[str, str]:
    """Schemes that are the same under another name."""
    return {
        name: other
        for name in old.keys() - new.keys()
        for other in sorted(new.keys() - old.keys())
        if old[name][0] == new[other][0]
    }


def _say(options: frozenset[frozenset[tuple[str, str]]]) -> Sequence[str]:
    return sorted(
        " and ".join(sorted(f"{name}:{scope}" if scope else name for name, scope in option))
        or "nothing"
        for option in options
    )


_KEPT = ("type", "name", "in", "scheme", "openIdConnectUrl")
_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl")


def _schemes(document: Document) -> dict[str, tuple[dict[str, Any], str]]:
    """The security schemes: what binds of each, and its place."""
    components = document.mapping(document.raw.get("components"), "/components")
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for name, raw, at in document.entries(components, "securitySchemes", "/components"):
        scheme, where = document.follow(raw, at)
        kept: dict[str, Any] = {key: scheme[key] for key in _KEPT if key in scheme}
        if isinstance(kept.get("scheme"), str):
            kept["scheme"] = kept["scheme"].lower()
        if kept.get("in") == "header" and isinstance(kept.get("name"), str):
            kept["name"] = kept["name"].lower()
        for flow, body, place in document.entries(scheme, "flows", where):
            urls = document.mapping(body, place)
            kept[f"flow {flow}"] = {key: urls[key] for key in _URLS if key in urls}
        found[name] = kept, where
    return found
