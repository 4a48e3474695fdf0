"""Python names for what the API's document names: one function for fields, parameters and members.

Generation writes these names and the drift report names them.
"""

from __future__ import annotations

import keyword
import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["FIELD_NAMES_TAKEN", "PARAMETER_NAMES_TAKEN", "Style", "python_names"]

Style: TypeAlias = Literal["field", "parameter", "member"]

_ANNOTATIONS: Final = frozenset(
    {"Any", "Literal", "UnknownVariant", "attrs", "bool", "dict", "float", "int", "list", "str"}
)
FIELD_NAMES_TAKEN: Final = _ANNOTATIONS | {
    "additional_properties",
    "cursor",
    "factory_reset_time",
    "findings",
    "first_seen_time",
    "from_dict",
    "from_json",
    "json_field",
    "last_seen_time",
    "self",
    "time",
    "to_dict",
    "to_json",
}
"""What a field of a model cannot be called: what the bases have, and what annotations use."""
PARAMETER_NAMES_TAKEN: Final = _ANNOTATIONS | {
    "body",
    "build_request",
    "client",
    "options",
    "params",
    "query_items",
    "quote",
    "request",
    "self",
    "send",
}
"""What a parameter of an operation cannot be called."""

_TAKEN: Final[Mapping[Style, frozenset[str]]] = {
    "field": frozenset(FIELD_NAMES_TAKEN),
    "parameter": frozenset(PARAMETER_NAMES_TAKEN),
    # What an enum keeps for itself is in lower case, and members are not.
    "member": frozenset(),
}


def python_names(
    names: Iterable[str], style: Style, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Give each name of one namespace a valid Python name of its own.

    The result depends on the names alone, not on their order. Where several would become the same
    name, the one that is written so already keeps it, else the first in alphabetical order; the
    others get a number.

    Args:
        names: All names of a namespace: the fields of a model, the values of an enum.
        style: `field` and `parameter` give snake_case, `member` gives UPPER_CASE.
        given: Names that were chosen by hand.
    """
    given = given or {}
    wanted = {name: given.get(name) or _plain_name(name, style) for name in names}

    def rank(name: str) -> tuple[bool, bool, bool, str]:
        plain = wanted[name]
        return name not in given, plain != name, plain.lower() != name.lower(), name

    order = sorted(wanted, key=rank)
    found: dict[str, str] = {}
    used: set[str] = set()
    for name in order:
        python_name, number = wanted[name], 1
        while python_name in used:
            number += 1
            python_name = f"{wanted[name]}_{number}"
        used.add(python_name)
        found[name] = python_name
    return {name: found[name] for name in wanted}


def _plain_name(name: str, style: Style) -> str:
    words = unicodedata.normalize("NFKC", name)
    # Some characters are of words to `re`, and of no identifier.
    words = "".join(char if f"_{char}".isidentifier() else " " for char in words)
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", words)
    words = re.sub(r"\W+", "_", words).strip("_")
    if style == "member":
        python_name = _normal(words.upper())
        if not python_name.isidentifier():
            python_name = f"VALUE_{python_name}" if python_name else "EMPTY"
        return python_name
    python_name = _normal(words.lower())
    if not python_name.isidentifier():
        python_name = f"field_{python_name}" if python_name else "field"
    if keyword.iskeyword(python_name) or python_name in _TAKEN[style]:
        python_name += "_"
    return python_name


def _normal(name: str) -> str:
    """Normalise an identifier as Python's parser does: changing the case can undo it."""
    return unicodedata.normalize("NFKC", name)
