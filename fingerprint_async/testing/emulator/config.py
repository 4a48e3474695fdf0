"""An emulator's arguments from a TOML or JSON file, or from texts as on a command line."""

from __future__ import annotations

import inspect
import json
import tomllib
from typing import TYPE_CHECKING, Any, cast

from fingerprint_async.testing.emulator.access import ApiKey
from fingerprint_async.testing.emulator.clock import Clock
from fingerprint_async.testing.emulator.emulator import Emulator
from fingerprint_async.testing.emulator.faults import Fault
from fingerprint_async.testing.emulator.hostile import Hostile
from fingerprint_async.testing.emulator.options import rulesets_of
from fingerprint_async.testing.emulator.search import to_ms
from fingerprint_async.testing.emulator.webhooks import Webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

__all__ = ["arguments_of", "read_config"]

_KNOWN = tuple(inspect.signature(Emulator).parameters)


def read_config(path: Path) -> dict[str, Any]:
    """Return the arguments of an emulator that a file holds, by their names.

    Args:
        path: A `.toml` or `.json` file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is no such file, or holds something that is no argument.
    """
    text = path.read_text(encoding="utf-8")
    try:
        value: object = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"{path} must hold an object")  # noqa: TRY004 - the file is wrong
    return arguments_of(cast("dict[str, Any]", value))


def arguments_of(given: Mapping[str, Any], *, prefix: str = "") -> dict[str, Any]:
    """Return the arguments of an emulator, made from plain values.

    Args:
        given: The values by the names of the arguments.
        prefix: What stands before a name in an error.

    Raises:
        ValueError: A name is unknown, or a value cannot be right; the message names it.
    """
    if unknown := sorted(given.keys() - set(_KNOWN)):
        raise ValueError(f"unknown {', '.join(unknown)}; there are {', '.join(_KNOWN)}")
    arguments: dict[str, Any] = {}
    for name, value in given.items():
        if name in ("start", "end"):
            arguments[name] = _moment(prefix + name, value)
            continue
        if name in ("latency", "late"):
            arguments[name] = _pair(prefix + name, value)
            continue
        make = _MAKERS.get(name)
        try:
            arguments[name] = value if make is None else make(value)
        except (TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"{prefix}{name} is wrong: {error}") from None
    return arguments


def _moment(name: str, value: object) -> int:
    moment = to_ms(str(value))
    if moment is None:
        raise ValueError(
            f"{name} is Unix ms or RFC 3339 with an offset (2026-01-31T00:00:00Z), not {value!r}"
        )
    return moment


def _pair(name: str, value: object) -> tuple[float, float]:
    parts: Any = value.split(":") if isinstance(value, str) else value
    listed: list[Any] = [*parts] if hasattr(parts, "__iter__") else [parts]
    try:
        low, high = (float(one) for one in (listed if len(listed) > 1 else listed * 2))
    except (TypeError, ValueError):
        raise ValueError(f"{name} is a number, or two as low:high, not {value!r}") from None
    return low, high


def _keys(value: Any) -> Any:
    if isinstance(value, list):
        return cast("list[str]", value)
    return {name: ApiKey(**settings) for name, settings in value.items()}


def _faults(value: Any) -> list[Fault]:
    return [Fault.parse(one) if isinstance(one, str) else Fault(**one) for one in value]


def _hostile(value: Any) -> list[Hostile]:
    return [Hostile.parse(one) for one in value]


def _webhooks(value: Any) -> list[Webhook]:
    return [Webhook(**one) for one in value]


def _clock(value: Any) -> Clock:
    return Clock(**value)


_MAKERS: dict[str, Callable[[Any], Any]] = {
    "keys": _keys,
    "rulesets": rulesets_of,
    "faults": _faults,
    "hostile": _hostile,
    "webhooks": _webhooks,
    "clock": _clock,
}
