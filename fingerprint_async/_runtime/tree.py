"""How an object within another is read: at once, with all objects in it, by one decoding.

Who reads one of its values mostly reads most of them. The objects in it get no text of their own:
what asks for one (`to_json()`, `in`, `additional_properties`) has it cut out of the text around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
from msgspec.structs import astuple

from fingerprint_async._runtime.fields import Anything, ListOf, OpenEnum
from fingerprint_async._runtime.plan import Nested, plan_of
from fingerprint_async._runtime.rows import UNREADABLE, Setters, are_found, make_row
from fingerprint_async._runtime.source import Part, new, put_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import msgspec

    from fingerprint_async._runtime.fields import Kind
    from fingerprint_async._runtime.plan import Field
    from fingerprint_async._runtime.source import JsonSource, Source

__all__ = ["Tree", "tree_of"]


@attrs.frozen(kw_only=True, eq=False)
class Child:
    """A field that holds an object of a model, or an array of them.

    Attributes:
        key: Its name in the JSON.
        column: Its attribute in the row.
        put: Sets its slot in a model.
        tree: How the object is read.
        is_list: Whether it is an array of them.
    """

    key: str
    column: str
    put: Callable[[Any, Any], None]
    tree: Tree
    is_list: bool

    @property
    def column_type(self) -> Any:
        """What the decoder makes of it."""
        row: Any = self.tree.row
        return list[row] | None if self.is_list else row | None


@attrs.frozen(kw_only=True, eq=False)
class Tree:
    """How the objects of one model are read, together with the objects in them.

    Attributes:
        model: The model.
        row: What the decoder makes of an object.
        setters: Sets the fields that are values and enums.
        children: The fields that hold objects, each with the index of its value.
        others: The fields whose text is left to their kinds, in the same way.
    """

    model: type[Source]
    row: type[msgspec.Struct]
    setters: Setters
    children: tuple[tuple[int, Child], ...]
    others: tuple[tuple[int, Field], ...]
    _decode: Callable[[Any], msgspec.Struct] = attrs.field(alias="decode")

    def read(self, model: Source, text: msgspec.Raw) -> bool:
        """Read an object, and set every slot of its model and of the models in it.

        Returns:
            Whether all of it is of the schema's types: else nothing is set.
        """
        try:
            row = self._decode(text)
        except UNREADABLE:
            return False
        self.fill(model, row, text)
        return True

    def fill(self, model: Source, row: msgspec.Struct, source: JsonSource) -> None:
        """Set every slot of a model, and of the models in it."""
        values = astuple(row)
        for index, put in self.setters.plain:
            put(model, values[index])
        if self.setters.enums:
            self.setters.put_enums(model, values)
        for index, child in self.children:
            value, put = values[index], child.put
            if value is None:
                put(model, None)
            elif child.is_list:
                put(model, child.tree.make_list(value, Part(source, child.key)))
            else:
                put(model, child.tree.make(value, Part(source, child.key)))
        for index, field in self.others:
            value = values[index]
            field.put(model, None if value is None else field.decode(value))

    def make(self, row: msgspec.Struct, source: Part) -> Source:
        """Make a model, and the models in it."""
        model = new(self.model)
        put_json(model, source)
        self.fill(model, row, source)
        return model

    def make_list(self, rows: Iterable[msgspec.Struct], source: Part) -> list[Source]:
        """Make the models of an array."""
        return [self.make(row, Part(source, index)) for index, row in enumerate(rows)]


def tree_of(cls: type[Source], around: tuple[type[Source], ...] = ()) -> Tree:
    """Give the tree of a model; made when it is first needed.

    Args:
        cls: The model.
        around: The models whose trees are being made: an object of one of them is read when it is
            needed, as there may be no end to such.
    """
    tree = _trees.get(cls)
    if tree is None:
        tree = _trees[cls] = _make_tree(cls, (*around, cls))
    return tree


_trees: Final[dict[type[Source], Tree]] = {}


def _make_tree(cls: type[Source], around: tuple[type[Source], ...]) -> Tree:
    plan = plan_of(cls)
    values: list[Field] = []
    children: list[Child] = []
    others: list[Field] = []
    for field in plan.fields:
        kind = field.kind
        item = kind.item if isinstance(kind, ListOf) else kind
        if isinstance(kind, OpenEnum) or _is_value(kind):
            values.append(field)
        elif (
            isinstance(item, Nested)
            and item.model not in around
            and are_found(plan_of(item.model).fields)
        ):
            tree = tree_of(item.model, around)
            children.append(
                Child(
                    key=field.wire,
                    column=field.column,
                    put=field.put,
                    tree=tree,
                    is_list=item is not kind,
                )
            )
        else:
            others.append(field)
    columns: list[tuple[str, Any, None]] = [
        *((field.column, Any, None) for field in values),
        *((child.column, child.column_type, None) for child in children),
        *((field.column, field.kind.wire, None) for field in others),
    ]
    row, decode = make_row(plan.model, columns, plan.fields)
    return Tree(
        model=cls,
        row=row,
        setters=Setters.of(values),
        children=tuple(enumerate(children, len(values))),
        others=tuple(enumerate(others, len(values) + len(children))),
        decode=decode,
    )


def _is_value(kind: Kind) -> bool:
    """Whether the decoded JSON is the value."""
    if isinstance(kind, ListOf):
        return _is_value(kind.item)
    return kind.is_plain or isinstance(kind, Anything)
