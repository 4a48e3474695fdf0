"""Reprs of structs that keep to themselves what is secret, about people, or no news."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

__all__ = ["Discreet"]


class Discreet:
    """Stands before `msgspec.Struct` among the bases of one. Shows its fields, less those named in `_unshown`."""

    __slots__ = ()

    _unshown: ClassVar[frozenset[str]] = frozenset()

    if TYPE_CHECKING:
        __struct_fields__: ClassVar[tuple[str, ...]]

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return [
            (name, getattr(self, name))
            for name in self.__struct_fields__
            if name not in self._unshown
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"
