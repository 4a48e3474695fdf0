"""Where someone's Python code uses the names that changed.

Code is read, never run. There are no types to go by, so a name counts as used where it stands as
what it is: a property as an attribute, a string key or a keyword of its class; a parameter as a
keyword, or a key, of a call of its method; a class by its name; an enum's member after its class,
and its value where something is compared with it. Other names of a class or method count too, and
the keys of a mapping that is passed on with `**`.
"""

from __future__ import annotations

import ast
import re
import tokenize
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import attrs

from fingerprint_async.drift._bindings import Bindings, last_name, text_of
from fingerprint_async.drift.contract.assess import Use
from fingerprint_async.drift.contract.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Code"]

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})
_READ_BY: Final[Mapping[str, str]] = {
    "factory_reset_timestamp": "factory_reset_time",
    "first_seen_at": "first_seen_time",
    "last_seen_at": "last_seen_time",
    "pagination_key": "cursor",
    "timestamp": "time",
}
"""The fields that a property of a model reads: who uses the property uses the field."""
_PARAMETER = re.compile(r"(?P<call>[\w.]+)\((?P<name>\w+)=…\)")


@attrs.define(eq=False)
class Code:
    """Code that was read, by the names that it uses.

    Attributes:
        unread: Files that are no Python, with the reason.
    """

    _uses: dict[tuple[str, ...], list[Use]]
    unread: list[str] = attrs.field(factory=list[str])

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Code:
        """Read files, and folders with all that is in them.

        Raises:
            DocumentError: There is no such path.
        """
        uses: dict[tuple[str, ...], list[Use]] = defaultdict(list)
        unread: list[str] = []
        for root in paths:
            if not root.exists():
                raise DocumentError("no such file or folder", source=str(root))
            for path in _files(root):
                try:
                    with tokenize.open(path) as file:
                        tree = ast.parse(file.read(), filename=str(path))
                except (
                    SyntaxError,
                    UnicodeDecodeError,
                    ValueError,
                    RecursionError,
                    OSError,
                ) as error:
                    unread.append(f"{path}: {type(error).__name__}")
                    continue
                for name, line in _names(tree):
                    uses[name].append(Use(path=path.as_posix(), line=line))
        return cls(uses, unread)

    def find(self, symbols: Sequence[tuple[str, ...]]) -> list[tuple[Use, ...]]:
        """Where the names of each change are used, in the order of the changes."""
        return [self._of(names) for names in symbols]

    def _of(self, symbols: tuple[str, ...]) -> tuple[Use, ...]:
        found = {
            use for symbol in symbols for key in _keys(symbol) for use in self._uses.get(key, ())
        }
        return tuple(sorted(found, key=lambda use: (use.path, use.line)))


def _files(root: Path) -> Iterator[Path]:
    if root.is_file():
        yield root
        return
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root).parts
        if not any(part in _SKIPPED or part.startswith(".") for part in inside):
            yield path


def _keys(symbol: str) -> Iterator[tuple[str, ...]]:
    """What stands in code where a symbol is used."""
    parameter = _PARAMETER.fullmatch(symbol)
    if parameter is not None:
        yield "keyword", parameter["call"].rpartition(".")[2], parameter["name"]
        return
    steps = symbol.split(".")
    if steps[0] in {"models", "errors"}:
        if len(steps) == 2:  # noqa: PLR2004
            yield "name", steps[1]
        elif steps[2].isupper():
            yield "member", steps[1], steps[2]
            yield "value", steps[2].lower()
        else:
            yield "attribute", steps[2]
            if steps[2] in _READ_BY:
                yield "attribute", _READ_BY[steps[2]]
            yield "keyword", steps[1], steps[2]
    elif len(steps) == 2 and steps[0] in {"events", "visitors", "edge"}:  # noqa: PLR2004
        yield "call", steps[0], steps[1]


def _names(tree: ast.AST) -> Iterator[tuple[tuple[str, ...], int]]:
    bindings = Bindings.of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ("attribute", node.attr), node.lineno
            for holder in bindings.names(last_name(node.value)) - {""}:
                yield ("member", holder, node.attr), node.lineno
                yield ("call", holder, node.attr), node.lineno
            yield ("name", node.attr), node.lineno
        elif isinstance(node, ast.Name):
            yield ("name", node.id), node.lineno
        elif isinstance(node, ast.ImportFrom):
            if (node.module or "").startswith("fingerprint_async"):
                for alias in node.names:
                    yield ("name", alias.name), node.lineno
        elif isinstance(node, ast.Call):
            yield from _call(node, bindings)
        elif isinstance(node, ast.Subscript):
            key = text_of(node.slice)
            if key is not None:
                yield ("attribute", key), node.lineno
        elif isinstance(node, ast.MatchClass):
            for name in node.kwd_attrs:
                yield ("attribute", name), node.lineno
        elif isinstance(node, ast.Compare):
            for side in (node.left, *node.comparators):
                for value in _texts(side):
                    yield ("value", _member(value)), node.lineno
        elif isinstance(node, ast.MatchValue):
            matched = text_of(node.value)
            if matched is not None:
                yield ("value", _member(matched)), node.lineno


def _call(node: ast.Call, bindings: Bindings) -> Iterator[tuple[tuple[str, ...], int]]:
    called = last_name(node.func)
    if not called:
        return
    if called in {"getattr", "hasattr", "get", "attrgetter", "itemgetter"}:
        for argument in node.args:
            value = text_of(argument)
            if value is not None:
                yield ("attribute", value), node.lineno
    if called == "partial" and node.args:
        called = last_name(node.args[0])
    for name in bindings.names(called):
        for keyword in node.keywords:
            if keyword.arg is not None:
                yield ("keyword", name, keyword.arg), keyword.value.lineno
            else:
                for key, line in bindings.keys(keyword.value):
                    yield ("keyword", name, key), line


def _texts(node: ast.AST) -> Iterator[str]:
    for each in node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else (node,):
        value = text_of(each)
        if value is not None:
            yield value


def _member(value: str) -> str:
    return re.sub(r"\W+", "_", value).strip("_").lower()
