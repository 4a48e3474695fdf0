"""Differences between what the service sent and the schema."""

from __future__ import annotations

from typing import Literal, TypeAlias

import attrs

__all__ = ["Finding", "FindingKind", "Path"]

FindingKind: TypeAlias = Literal[
    "missing_field", "unknown_enum_value", "unknown_field", "unknown_variant", "wrong_type"
]
Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen
class Finding:
    """One difference between a decoded object and the schema. It holds no value: log it freely.

    Attributes:
        path: Keys and indices that lead to the place, from the object that was asked.
        kind: `unknown_field`, `unknown_enum_value`, `unknown_variant`, `wrong_type` or
            `missing_field`.
        expected: What the schema says stands there, in a few words; empty for an unknown field.
        found: The JSON type that stands there: `object`, `array`, `string`, `integer`, `number`,
            `boolean`, `null`; or `nothing`.
    """

    path: Path
    kind: FindingKind
    expected: str
    found: str

    @property
    def pointer(self) -> str:
        """The path as a JSON pointer (RFC 6901)."""
        return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in self.path)

    def __str__(self) -> str:
        where = self.pointer or "(the whole object)"
        if self.kind == "unknown_field":
            return f"{where}: unknown field, {self.found}"
        if self.kind == "missing_field":
            return f"{where}: missing, expected {self.expected}"
        what = self.kind.replace("_", " ")
        return f"{where}: {what}, {self.found} where {self.expected} was expected"
