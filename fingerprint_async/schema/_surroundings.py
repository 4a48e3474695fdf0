"""The comparison of servers and security: where the API is, and who may call it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async.schema._operations_of import endpoints
from fingerprint_async.schema._pointer import escape
from fingerprint_async.schema.changes import REQUEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fingerprint_async.schema._walk import Walk
    from fingerprint_async.schema.resolve import Document

__all__ = ["Surroundings"]


class Surroundings:
    """The comparison of servers and security of two documents.

    Args:
        walk: Takes what is found.
    """

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.old, self.new = walk.old, walk.new

    def servers(
        self,
        old: Mapping[str, Any],
        new: Mapping[str, Any],
        at: str,
        *,
        mask: int,
        old_at: str | None = None,
    ) -> None:
        """Compare the servers that two objects name.

        Args:
            old: The object that named them.
            new: The object that names them.
            at: Where that is.
            mask: What they reach.
            old_at: Where it was, when it was elsewhere.
        """
        before = _server_urls(self.old, old, at if old_at is None else old_at)
        after = _server_urls(self.new, new, at)
        lost = [url for url in before if url not in after]
        come = [url for url in after if url not in before]
        if len(lost) == len(come) == 1:
            self.walk.add(
                "SERVER-CHANGED",
                "changed",
                after[come[0]],
                f"changed from {lost[0]} to {come[0]}",
                old_location=before[lost[0]],
                before=lost[0],
                after=come[0],
                subject="server",
                mask=mask,
            )
            return
        for url in lost:
            self.walk.add(
                "SERVER-REMOVED",
                "removed",
                before[url],
                "was removed",
                name=url,
                before=url,
                subject=f"server {url}",
                mask=mask,
            )
        for url in come:
            self.walk.add(
                "SERVER-ADDED",
                "added",
                after[url],
                "was added",
                name=url,
                after=url,
                subject=f"server {url}",
                mask=mask,
            )

    def security(self) -> None:
        """Compare what every operation asks for, and the schemes in use."""
        old_used: set[str] = set()
        new_used: set[str] = set()
        old_global, new_global = self.old.raw.get("security"), self.new.raw.get("security")
        self.requirements(old_global, new_global, "/security", subject="every operation", mask=0)
        for document, used in ((self.old, old_used), (self.new, new_used)):
            used.update(_schemes_in(document, document.raw.get("security"), "/security"))
            for endpoint in endpoints(document):
                at = f"{endpoint.pointer}/security"
                used.update(_schemes_in(document, endpoint.raw.get("security"), at))
        old_schemes, new_schemes = _schemes(self.old), _schemes(self.new)
        for name in sorted(old_used & new_used & old_schemes.keys() & new_schemes.keys()):
            (before, was_at), (after, now_at) = old_schemes[name], new_schemes[name]
            if before != after:
                keys = sorted(
                    key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
                )
                self.walk.add(
                    "SECURITY-CHANGED",
                    "changed",
                    now_at,
                    f"changed its {', '.join(keys)}",
                    old_location=was_at,
                    before=before,
                    after=after,
                    name=name,
                    subject=f"security scheme {name}",
                    mask=REQUEST,
                )

    def requirements(
        self, old: Any, new: Any, at: str, *, subject: str, mask: int, old_at: str | None = None
    ) -> None:
        """Compare what callers must present.

        Args:
            old: The alternatives as they were.
            new: The alternatives as they are.
            at: Where they stand.
            subject: Whose they are, in words.
            mask: What they reach.
            old_at: Where they stood, when it was elsewhere.
        """
        old_at = old_at or at
        before, after = _alternatives(self.old, old, old_at), _alternatives(self.new, new, at)
        if set(before) == set(after):
            return
        mask |= REQUEST
        more: dict[str, Any] = {
            "before": [_say_alternative(each) for each in before],
            "after": [_say_alternative(each) for each in after],
            "old_location": old_at,
            "subject": f"security of {subject}",
            "mask": mask,
        }
        if all(any(option <= one for option in after) for one in before):
            if set(before) < set(after) and frozenset() not in set(after) - set(before):
                self.walk.add(
                    "SECURITY-ALTERNATIVE", "added", at, "has one more alternative", **more
                )
            else:
                self.walk.add("SECURITY-REMOVED", "removed", old_at, "asks for less", **more)
        else:
            self.walk.add(
                "SECURITY-ADDED",
                "changed" if old else "added",
                at,
                "asks for something else or more",
                **more,
            )


def _server_urls(document: Document, raw: Mapping[str, Any], at: str) -> dict[str, str]:
    urls: dict[str, str] = {}
    for index, server in enumerate(document.sequence(raw.get("servers"), f"{at}/servers")):
        pointer = f"{at}/servers/{index}"
        body = document.mapping(server, pointer)
        url = document.string(body.get("url"), f"{pointer}/url")
        for name, variable, where in document.entries(body, "variables", pointer):
            url = url.replace(
                f"{{{name}}}", str(document.mapping(variable, where).get("default", ""))
            )
        urls.setdefault(url.rstrip("/"), pointer)
    return urls


def _alternatives(document: Document, raw: Any, at: str) -> list[frozenset[str]]:
    """The ways to authenticate; each is the set of what it asks for."""
    options = []
    for index, option in enumerate(document.sequence(raw, at)):
        where = f"{at}/{index}"
        asked: set[str] = set()
        for scheme, scopes in document.mapping(option, where).items():
            asked.add(scheme)
            asked.update(
                f"{scheme}:{scope}"
                for scope in document.sequence(scopes, f"{where}/{escape(scheme)}")
            )
        options.append(frozenset(asked))
    return options or [frozenset()]


def _say_alternative(option: frozenset[str]) -> str:
    return " and ".join(sorted(option)) or "nothing"


def _schemes_in(document: Document, raw: Any, at: str) -> set[str]:
    return {name.split(":")[0] for option in _alternatives(document, raw, at) for name in option}


def _schemes(document: Document) -> dict[str, tuple[dict[str, Any], str]]:
    components = document.mapping(document.raw.get("components"), "/components")
    found = {}
    for name, raw, at in document.entries(components, "securitySchemes", "/components"):
        scheme, where = document.follow(raw, at)
        kept = {
            key: value
            for key, value in scheme.items()
            if key in {"type", "name", "in", "scheme", "flows", "openIdConnectUrl"}
        }
        if isinstance(kept.get("scheme"), str):
            kept["scheme"] = kept["scheme"].lower()
        found[name] = kept, where
    return found
