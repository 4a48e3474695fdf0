"""Read a keyword of a schema: what is of the wrong kind is noted, and compared as it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from fingerprint_async.drift.contract.model import Effective, Node, Part, kind_of, value_key
from fingerprint_async.drift.contract.pointer import escape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fingerprint_async.drift.contract.document import Document

__all__ = ["Reader"]

_T = TypeVar("_T")
_WANTED: Final[Mapping[type, str]] = {
    list: "a list",
    str: "a string",
    bool: "true or false",
    float: "a number",
}


class Reader:
    """Reads keywords of one document.

    Args:
        document: The document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    @overload
    def read(
        self, part: Part, name: str, kind: type[list[Any]], merged: Effective | None
    ) -> list[Any] | None: ...

    @overload
    def read(
        self, part: Part, name: str, kind: type[dict[str, Any]], merged: Effective | None
    ) -> dict[str, Any] | None: ...

    @overload
    def read(
        self, part: Part, name: str, kind: type[_T], merged: Effective | None
    ) -> _T | None: ...

    def read(self, part: Part, name: str, kind: type[_T], merged: Effective | None) -> _T | None:
        """Return the value of a keyword, None when it is absent or of the wrong kind."""
        value = part.raw.get(name)
        if value is None and not (name in part.raw and merged is not None):
            return None
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        if value is None and self._document.legacy:
            return None
        wanted = _WANTED.get(kind, "an object")
        self._document.note(f"{part.pointer}/{name}", f"expected {wanted}, found {kind_of(value)}")
        if merged is not None:
            self.state(merged, f"invalid {name}", value, part, name)
        return None

    def state(self, merged: Effective, fact: str, value: Any, part: Part, name: str) -> None:
        """Note a fact that is compared as a whole."""
        known = merged.facts.setdefault(fact, {})
        known.setdefault(value_key(value), (value, f"{part.pointer}/{name}", part))

    def number(self, part: Part, name: str, merged: Effective) -> float | None:
        """Return a finite number, None when it is absent or none."""
        value = part.raw.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value if math.isfinite(value) else None
        return self.read(part, name, float, merged)

    def schemas(self, part: Part, name: str, merged: Effective) -> list[tuple[str, Part]]:
        """Return the schemas of a keyword that holds several by name."""
        found: list[tuple[str, Part]] = []
        for key, sub in (self.read(part, name, dict, merged) or {}).items():
            place = f"{part.pointer}/{name}/{escape(key)}"
            found.append((key, Part(place, self._document.schema(sub, place))))
        return found

    def node(self, part: Part, name: str) -> Node:
        """Return the schema of a keyword that holds one."""
        place = f"{part.pointer}/{name}"
        return Node(place, (Part(place, self._document.schema(part.raw[name], place)),))
