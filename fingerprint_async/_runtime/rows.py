"""What the decoder makes of an object: a row of columns, from which slots are set."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs
import msgspec

from fingerprint_async._runtime.fields import OpenEnum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fingerprint_async._runtime.plan import Field
    from fingerprint_async._runtime.source import Source

__all__ = ["UNREADABLE", "Later", "Setters", "are_found", "make_row"]

_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')
# TypeError is for an object that is no text but a dict.
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TypeError)


class Later(msgspec.Struct, gc=False):
    """What the fields of a model are made from that are not set yet: a column a field.

    Attributes:
        first: The first of them that was read.
    """

    first: Any  # A field; msgspec evaluates the annotations of a struct.


@attrs.frozen(kw_only=True, eq=False)
class Setters:
    """Sets the plain fields and the enums of a model, frozen as that is.

    Attributes:
        plain: The index of each plain field in the values, and what sets its slot.
        enums: The same of each enum, and its kind.
        count: How many there are; they come before all others.
    """

    plain: tuple[tuple[int, Callable[[Any, Any], None]], ...]
    enums: tuple[tuple[int, Callable[[Any, Any], None], OpenEnum], ...]
    count: int

    @classmethod
    def of(cls, fields: Sequence[Field]) -> Setters:
        """Make them of fields in the order of the values."""
        kinds = [(index, field.put, field.kind) for index, field in enumerate(fields)]
        enums = tuple((index, put, kind) for index, put, kind in kinds if type(kind) is OpenEnum)
        plain = tuple((index, put) for index, put, kind in kinds if type(kind) is not OpenEnum)
        return cls(plain=plain, enums=enums, count=len(kinds))

    def put_enums(self, model: Source, values: tuple[Any, ...]) -> None:
        """Set the slots of the enums."""
        for index, put, kind in self.enums:
            value = values[index]
            known = type(value) is kind.value_type
            put(model, kind.members.get(value, value) if known else value)


def make_row(
    model: str, columns: Sequence[tuple[str, Any, None]], fields: Iterable[Field]
) -> tuple[type[msgspec.Struct], Callable[[Any], msgspec.Struct]]:
    """Make what the objects of a model are decoded to, and the decoder."""
    # Rows hold no reference to what could lead back to them.
    if not are_found(fields):
        return msgspec.defstruct(model, columns, gc=False), _leave_to_keys_of
    names = {field.column: field.wire for field in fields}
    row = msgspec.defstruct(model, columns, rename=names, gc=False)
    return row, msgspec.json.Decoder(row).decode


def are_found(fields: Iterable[Field]) -> bool:
    """Whether msgspec finds them: no key that is written with a backslash in every JSON text."""
    return not any(_ESCAPED.search(field.wire) for field in fields)


def _leave_to_keys_of(_source: object) -> NoReturn:
    raise TypeError
