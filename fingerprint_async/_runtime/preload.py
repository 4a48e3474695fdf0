"""Make ready to read models before the first of their objects comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fingerprint_async._runtime.fields import Either, ListOf, Nullable
from fingerprint_async._runtime.plan import Nested, Tagged, plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async._runtime.fields import Kind
    from fingerprint_async._runtime.source import Source

__all__ = ["preload"]


def preload(*models: type[Source]) -> None:
    """Make ready to read these models and all that they lead to.

    For programs whose event loop must not stop for some milliseconds once it serves.

    Args:
        models: The models that will be read; `EventSearch` leads to every model of an event.
    """
    waiting, seen = list(models), set[type[Any]]()
    while waiting:
        model = waiting.pop()
        if model not in seen:
            seen.add(model)
            for field in plan_of(model).fields:
                waiting.extend(_models_in(field.kind))


def _models_in(kind: Kind) -> Iterator[type[Source]]:
    match kind:
        case Nested(model=model):
            yield model
        case Tagged(variants=variants):
            yield from variants.values()
        case ListOf():
            yield from _models_in(kind.item)
        case Nullable(inner=inner):
            yield from _models_in(inner)
        case Either(choices=choices):
            for choice in choices:
                yield from _models_in(choice)
        case _:
            pass
