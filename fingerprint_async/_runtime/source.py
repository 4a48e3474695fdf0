"""Where a model was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    import msgspec

__all__ = ["Source", "over", "put_json", "put_row"]


class Source:
    """The slots behind the fields of a model. They are no attrs fields: attrs does not see them.

    Attributes:
        _json: The JSON text of the object; a dict for text that msgspec cannot read; None
            for a model that was made by its constructor.
        _row: What the decoder made of it; None before the first read.
    """

    __slots__ = ("__weakref__", "_json", "_row")

    # Seen by type checkers only: `typing.get_type_hints` of a model gives its fields.
    if TYPE_CHECKING:
        _json: bytes | dict[str, Any] | None
        _row: msgspec.Struct | None

        def to_dict(self) -> dict[str, Any]: ...


_S = TypeVar("_S", bound=Source)

put_json: Final = Source.__dict__["_json"].__set__
put_row: Final = Source.__dict__["_row"].__set__


def over(cls: type[_S], source: bytes | dict[str, Any] | None) -> _S:
    """Make a model of the text of a JSON object, without reading it."""
    self = object.__new__(cls)
    put_json(self, source)
    put_row(self, None)
    return self
