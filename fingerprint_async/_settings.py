"""Checks of settings: attrs validators whose errors name the setting and what would be right.

No check shows a value that could be a secret or be about a person: numbers are shown, of everything
else the type.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

import attrs

from fingerprint_async.errors import ConfigurationError

if TYPE_CHECKING:
    Validator = Callable[[Any, attrs.Attribute[Any], Any], None]

__all__ = [
    "a_count",
    "a_non_negative_number",
    "a_positive_number",
    "an_instance",
    "an_optional",
    "has_method",
    "header_pairs",
    "is_header_value",
    "kind_of",
    "repr_of",
    "shown",
]

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_OWN_HEADERS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding"}
_MOST_DIGITS = 40
_PAIR = 2


def kind_of(value: object) -> str:
    """Name a value's type, as an error shows it."""
    return "None" if value is None else type(value).__name__


def has_method(value: object, name: str) -> bool:
    """Tell whether an object has a method. A proxy may raise for whatever it is asked."""
    try:
        return callable(getattr(value, name, None))
    except Exception:  # noqa: BLE001 - a foreign object's: it gave no method
        return False


def shown(value: object) -> str:
    """Show a number; of anything else, and of a number of too many digits, the type."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return kind_of(value)
    if isinstance(value, int) and value.bit_length() > 3 * _MOST_DIGITS:
        return "a number of too many digits"
    return repr(value)


def is_number(value: object) -> bool:
    """Tell whether a value is a finite number that a float can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def a_positive_number(*, or_else: tuple[object, ...] = ()) -> Validator:
    """Make a validator for a finite number above 0, or one of the values that stand for others."""

    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if _stands_for_another(value, or_else):
            return
        if not is_number(value) or value <= 0:
            raise ConfigurationError(
                f"{attribute.name} must be a finite number above 0, not {shown(value)}"
            )

    return check


def a_non_negative_number(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Raise unless the value is a finite number, 0 or above."""
    if not is_number(value) or value < 0:
        raise ConfigurationError(
            f"{attribute.name} must be a finite number, 0 or above, not {shown(value)}"
        )


def a_count(*, least: int = 1, or_else: tuple[object, ...] = ()) -> Validator:
    """Make a validator for a whole number, or one of the values that stand for others."""

    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if _stands_for_another(value, or_else):
            return
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise ConfigurationError(
                f"{attribute.name} must be a whole number, {least} or above, not {shown(value)}"
            )
        if value.bit_length() > 3 * _MOST_DIGITS:
            raise ConfigurationError(f"{attribute.name} must be a number of at most 36 digits")

    return check


def an_instance(kind: Any, words: str, *, or_else: tuple[object, ...] = ()) -> Validator:
    """Make a validator for an object of a type, or one of the values that stand for others."""

    def check(_: object, attribute: attrs.Attribute[Any], value: Any) -> None:
        if not _stands_for_another(value, or_else) and not isinstance(value, kind):
            raise ConfigurationError(f"{attribute.name} must be {words}, not {shown(value)}")

    return check


def an_optional(kind: Any, words: str) -> Validator:
    """Make a validator for an object of a type, or None."""
    return an_instance(kind, f"{words} or None", or_else=(None,))


def repr_of(settings: attrs.AttrsInstance) -> str:
    """Show settings; while they are being made, for a traceback with locals, those that stand."""
    fields: tuple[attrs.Attribute[Any], ...] = attrs.fields(type(settings))
    names = [field.name for field in fields if field.repr and hasattr(settings, field.name)]
    parts = ", ".join(f"{name}={getattr(settings, name)!r}" for name in names)
    return f"{type(settings).__name__}({parts})"


def is_header_value(text: str) -> bool:
    """Tell whether a text can stand in a header: printable ASCII, on one line."""
    return text.isascii() and text.isprintable()


def is_header_name(text: str) -> bool:
    """Tell whether a text can name a header: a token, by RFC 9110."""
    return _TOKEN.fullmatch(text) is not None


def header_pairs(headers: Any) -> tuple[tuple[str, str], ...]:
    """Copy headers that a caller adds, so that a later change of the mapping changes nothing.

    Raises:
        ConfigurationError: It is no mapping of texts, or holds what the client writes itself.
    """
    if headers is None:
        return ()
    given: Any = headers
    if isinstance(headers, Mapping):
        given = tuple(cast("Mapping[Any, Any]", headers).items())
    elif not isinstance(headers, tuple):
        # A tuple is a copy that was made before, handed on by `attrs.evolve`.
        raise ConfigurationError(
            f"headers must be a mapping of names to values, not {kind_of(headers)}"
        )
    pairs: tuple[Any, ...] = given
    for pair in pairs:
        if not isinstance(pair, tuple) or len(cast("tuple[Any, ...]", pair)) != _PAIR:
            raise ConfigurationError("headers must be a mapping of names to values")
    for name, value in pairs:
        if not isinstance(name, str) or not isinstance(value, str):
            raise ConfigurationError("headers must be strings, names and values")
        if not is_header_name(name) or not is_header_value(value):
            raise ConfigurationError(
                f"headers: {name[:64]!r} or its value cannot stand in a header"
            )
        if name.lower() in _OWN_HEADERS:
            raise ConfigurationError(f"headers cannot hold {name}: the client writes it")
        if name.lower() == "authorization":
            raise ConfigurationError(
                "headers cannot hold Authorization: make another client for another key"
            )
    return pairs


def _stands_for_another(value: object, or_else: tuple[object, ...]) -> bool:
    return any(value is other for other in or_else)
