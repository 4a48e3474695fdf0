"""Where a model was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import msgspec

from fingerprint_async._runtime.json_text import items_of, keys_of

if TYPE_CHECKING:
    from fingerprint_async._runtime.json_text import JsonText
    from fingerprint_async._runtime.rows import Later

__all__ = ["JsonSource", "Part", "Source", "new", "over", "put_json", "put_later", "text_of"]

JsonSource: TypeAlias = "JsonText | dict[str, Any] | Part"


class Part(msgspec.Struct, gc=False):
    """An object or an array within another, out of whose text it is cut when asked for.

    Attributes:
        whole: What it stands in.
        key: Its key there, or its index.
    """

    whole: Any
    key: str | int


class Source:
    """The slots behind the fields of a model. They are no attrs fields: attrs does not see them.

    Attributes:
        _json: The JSON text of the object: bytes of its own, or a part of its parent's; a dict
            for text that msgspec cannot read; None for a model made by its constructor.
        _later: What the fields are made from that are not set yet; None before the first read.
    """

    __slots__ = ("__weakref__", "_json", "_later")

    # Seen by type checkers only: `typing.get_type_hints` of a model gives its fields.
    if TYPE_CHECKING:
        _json: JsonSource | None
        _later: Later | None

        def to_dict(self) -> dict[str, Any]: ...


_S = TypeVar("_S", bound=Source)

new: Final = object.__new__
put_json: Final = Source.__dict__["_json"].__set__
put_later: Final = Source.__dict__["_later"].__set__


def over(cls: type[_S], source: JsonSource | None) -> _S:
    """Make a model of the text of a JSON object, without reading it."""
    self: _S = new(cls)
    put_json(self, source)
    put_later(self, None)
    return self


def text_of(source: JsonSource) -> JsonText | dict[str, Any]:
    """Give the text of an object; a dict for text that msgspec cannot read."""
    return _cut(source) if isinstance(source, Part) else source


def _cut(part: Part) -> JsonText:
    """Cut a part out of its whole, which msgspec has read: it is text."""
    whole = _cut(part.whole) if isinstance(part.whole, Part) else part.whole
    found = keys_of(whole) if isinstance(part.key, str) else items_of(whole)
    text: JsonText = found[part.key]
    return text
