"""What the client's hand-written code stands on, read from its source.

The source is read, not imported: it may not be importable before a person decided.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["FILTERS", "OPERATIONS", "REGIONS", "Record", "Standing"]

OPERATIONS: Final = "_http/operations.py"
FILTERS: Final = "resources/_filters.py"
REGIONS: Final = "regions.py"
_GENERATED: Final = "fingerprint_async_generated"
_MODELS: Final = (f"{_GENERATED}.models", "fingerprint_async.models")


@attrs.frozen(kw_only=True)
class Record:
    """An operation's record, as its source says it.

    Attributes:
        method: The HTTP method.
        path: The path below the base URL.
        resource: The method that callers use: `events.get`.
        body: The properties of the body that it sends.
        query: The query parameters that it sends; None where callers choose among all.
        has_answer: Whether a success has a body.
    """

    method: str
    path: str
    resource: str
    body: tuple[str, ...]
    query: tuple[str, ...] | None
    has_answer: bool


@attrs.frozen(kw_only=True)
class Standing:
    """What the client stands on.

    Attributes:
        records: The records of operations, by id.
        methods: The methods of resources that are there: `events.get`.
        bounds: The search filters whose bounds are checked.
        filters: The search filters that are treated in a way of their own.
        servers: The constants of servers that regions are made of.
        models: The models that modules import by name, each with the first module that does.
    """

    records: dict[str, Record]
    methods: frozenset[str]
    bounds: frozenset[str]
    filters: frozenset[str]
    servers: frozenset[str]
    models: dict[str, str]

    @classmethod
    def of(cls, client: Path) -> Standing:
        """Read the package `fingerprint_async`, which need not be whole."""
        trees = {
            path.relative_to(client).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
            for path in sorted(client.rglob("*.py"))
        }
        nothing = ast.Module(body=[], type_ignores=[])
        filters = trees.get(FILTERS, nothing)
        bounds = frozenset(_texts(_assigned(filters, "_BOUNDS")))
        models: dict[str, str] = {}
        for name, tree in trees.items():
            for model in _imported(tree, _MODELS):
                models.setdefault(model, name)
        return cls(
            records=dict(_records(trees.get(OPERATIONS, nothing))),
            methods=frozenset(
                f"{name.removeprefix('resources/').removesuffix('.py')}.{node.name}"
                for name, tree in trees.items()
                if name.startswith("resources/")
                for node in ast.walk(tree)
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            ),
            bounds=bounds,
            filters=bounds | frozenset(_texts(_assigned(filters, "_TIMES"))) | _compared(filters),
            servers=frozenset(_imported(trees.get(REGIONS, nothing), (f"{_GENERATED}.servers",))),
            models=models,
        )


def _records(tree: ast.Module) -> Iterator[tuple[str, Record]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "Operation":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            said = {
                name: value.value
                for name, value in given.items()
                if isinstance(value, ast.Constant) and isinstance(value.value, str)
            }
            if "id" in said:
                query = given.get("query")
                yield (
                    said["id"],
                    Record(
                        method=said.get("method", ""),
                        path=said.get("path", ""),
                        resource=said.get("resource", ""),
                        body=tuple(_texts(given.get("body"))),
                        query=None if _is_none(query) else tuple(_texts(query)),
                        has_answer="shape" in given and not _is_none(given["shape"]),
                    ),
                )


def _is_none(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _texts(node: ast.expr | None) -> Iterator[str]:
    """Give the texts in an expression: the keys of a dict, the members of a tuple or set."""
    if isinstance(node, ast.Dict):
        node = ast.Tuple(elts=[key for key in node.keys if key is not None])
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _assigned(tree: ast.Module, constant: str) -> ast.expr | None:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == constant:
            return node.value
    return None


def _compared(tree: ast.Module) -> frozenset[str]:
    """Give the texts that a variable `name` is compared with."""
    return frozenset(
        text
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and ast.unparse(node.left) == "name"
        for other in node.comparators
        for text in _texts(other)
    )


def _imported(tree: ast.Module, modules: tuple[str, ...]) -> list[str]:
    """Give the names that a module imports from others, or from modules within them."""
    return [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if alias.name != "*"
        and any(node.module == module or node.module.startswith(f"{module}.") for module in modules)
    ]
