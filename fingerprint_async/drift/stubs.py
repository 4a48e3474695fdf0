"""Stubs of the models as another document would have them.

A type checker that reads them in place of this package's models says what breaks in a user's code.
What the document does not change stays as this package declares it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

import fingerprint_async_generated
from fingerprint_async import models
from fingerprint_async._runtime.naming import python_names
from fingerprint_async._runtime.plan import plan_of
from fingerprint_async.drift.shapes import FieldShape, Shape, Shapes
from fingerprint_async.drift.symbols import FACADE, class_name
from fingerprint_async.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fingerprint_async.drift.contract.document import Document

__all__ = ["write_stubs"]

PACKAGE: Final = "fingerprint_async_generated"
# Parts of the package that lack what the new document lacks are no fault of the code checked.
_HEAD: Final = "# Written by `fingerprint-async schema check --stubs`.\n"
_QUIET: Final = "# mypy: ignore-errors\n"
_IMPORTS: Final = """\
import datetime as dt
from collections.abc import Sequence
from enum import IntEnum, StrEnum
from typing import Any, Literal

import attrs
"""
_RUNTIME: Final = "fingerprint_async._runtime."
# What new classes need; those of this package bring their own.
_OF_THE_RUNTIME: Final[tuple[str, ...]] = (
    "from fingerprint_async._runtime.fields import UnknownVariant",
    "from fingerprint_async._runtime.model import Model",
    "from fingerprint_async._runtime.plan import json_field",
)


def write_stubs(old: Document, new: Document, folder: Path) -> Path:
    """Write stubs of the generated package below a folder; return the folder of the package.

    Args:
        old: The document that this package was made from.
        new: The document to write stubs for.
        folder: What a type checker searches first: `MYPYPATH`, or `stubPath` of pyright.

    Raises:
        ArgumentError: The folder holds something else of that name.
    """
    target = folder / PACKAGE
    kept = [path for path in target.rglob("*") if path.is_file() and path.suffix != ".pyi"]
    if kept or (target.exists() and not target.is_dir()):
        raise ArgumentError(
            f"--stubs: {target} holds files that are no stubs; give a folder without them"
        )
    before, after = Shapes(old), Shapes(new)
    texts = dict(_Models(before, after).texts())
    texts |= _calls(before, after)
    for path in sorted(target.rglob("*.pyi")):
        path.unlink()
    for name, text in texts.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_HEAD + text, encoding="utf-8")
    return target


class _Used(ast.NodeTransformer):
    """Leave out the names that code imports and does not use.

    Args:
        used: The names that are used.
    """

    def __init__(self, used: set[str]) -> None:
        self._used = used

    def visit_Import(self, node: ast.Import) -> ast.Import | None:
        node.names = [each for each in node.names if _bound(each) in self._used]
        return node if node.names else None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        if node.module != "__future__":
            node.names = [each for each in node.names if _bound(each) in self._used]
        return node if node.names else None

    def visit_If(self, node: ast.If) -> ast.AST | None:
        self.generic_visit(node)
        return node if node.body else None


def _bound(name: ast.alias) -> str:
    return name.asname or name.name.partition(".")[0]


def _lean(text: str) -> str:
    """Return code without the names that it imports and does not use."""
    tree = ast.parse(text)
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    return ast.unparse(_Used(used).visit(tree)) + "\n"


def _installed() -> Path:
    return Path(next(iter(fingerprint_async_generated.__path__)))


@attrs.frozen
class _Models:
    """The models of this package, changed to those of another document."""

    before: Shapes
    after: Shapes

    def texts(self) -> Iterator[tuple[str, str]]:
        """Give the stubs by their paths."""
        classes: dict[str, str] = {}
        modules: dict[str, list[str]] = {}
        imports: set[str] = set(_OF_THE_RUNTIME)
        for path in sorted((_installed() / "models").glob("[!_]*.py")):
            names = modules.setdefault(path.stem, [])
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.ClassDef):
                    text = self._changed(node)
                    names.append(node.name)
                    if text is not None:
                        classes[node.name] = text
                elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    name = node.targets[0].id
                    if name != "__all__":
                        names.append(name)
                        classes[name] = self._other_values(name) or ast.unparse(node)
                elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_RUNTIME):
                    imports.add(ast.unparse(node))
        for name in sorted(self.after.classes.keys() - self.before.classes.keys()):
            classes.setdefault(name, _new_class(name, self.after.classes[name]))
        runtime = "\n".join(sorted(imports))
        head = f"{_IMPORTS}\n{runtime}\n\n__all__ = {sorted(classes)!r}\n\n"
        yield "models/__init__.pyi", _lean(head + "\n\n".join(classes.values()))
        for module, names in modules.items():
            lines = [
                f"from {PACKAGE}.models import {name} as {name}\n"
                for name in names
                if name in classes
            ]
            yield f"models/{module}.pyi", "".join(lines)

    def _changed(self, node: ast.ClassDef) -> str | None:
        """Return a class as the new document has it; None if it has none."""
        old, new = self.before.classes.get(node.name), self.after.classes.get(node.name)
        if old is not None and new is None:
            return None
        body = [each for each in node.body if not isinstance(each, ast.Expr)]
        if old is None or new is None or old == new:
            return _class(node, [ast.unparse(each) for each in body])
        if old.values or new.values:
            return self._other_values(node.name) or _class(node, list(map(ast.unparse, body)))
        wire = _wire_names(node.name)
        given = {python: name for name, python in wire.items()}
        names = python_names({*given.values(), *new.fields}, "field", wire)
        lines: dict[str, str] = {}
        for each in body:
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
                name = given.get(each.target.id, each.target.id)
                if name in old.fields and name not in new.fields:
                    continue
                if old.fields.get(name) == new.fields.get(name):
                    lines[name] = ast.unparse(each)
        for name, field in new.fields.items():
            if name not in lines:
                lines[name] = _field(names[name], field)
        return _class(node, list(lines.values()))

    def _other_values(self, name: str) -> str | None:
        """Return an enum whose values are others now."""
        old, new = self.before.classes.get(name), self.after.classes.get(name)
        if old is None or new is None or old.values == new.values or not new.values:
            return None
        return _new_class(name, new)


def _class(node: ast.ClassDef, lines: list[str]) -> str:
    bases = ", ".join(map(ast.unparse, node.bases))
    keywords = "".join(f", {ast.unparse(each)}" for each in node.keywords)
    head = [f"@{ast.unparse(each)}" for each in node.decorator_list]
    body = [f"    {line}".replace("\n", "\n    ") for line in lines or ["..."]]
    return "\n".join([*head, f"class {node.name}({bases}{keywords}):", *body]) + "\n"


def _new_class(name: str, shape: Shape) -> str:
    if shape.values:
        base = "StrEnum" if all(isinstance(each, str) for each in shape.values) else "IntEnum"
        known = getattr(models, name, None)
        given = {str(each.value): key for key, each in getattr(known, "__members__", {}).items()}
        members = python_names([str(each) for each in shape.values], "member", given)
        lines = [f"    {members[str(each)]} = {each!r}" for each in shape.values]
        return "\n".join([f"class {name}({base}):", *lines]) + "\n"
    names = python_names(shape.fields, "field")
    lines = [f"    {_field(names[each], field)}" for each, field in shape.fields.items()]
    head = ["@attrs.frozen(kw_only=True, eq=False, repr=False)", f"class {name}(Model):"]
    return "\n".join([*head, *lines]) + "\n"


def _field(name: str, field: FieldShape) -> str:
    if field.required:
        return f"{name}: {field.annotation}"
    optional = "" if "None" in field.annotation.split(" | ") else " | None"
    return f"{name}: {field.annotation}{optional} = None"


def _wire_names(name: str) -> dict[str, str]:
    """The attribute of each property that a model of this package has."""
    known = getattr(models, name, None)
    if not (isinstance(known, type) and issubclass(known, models.Model)):
        return {}
    return {field.wire: str(field.name) for field in plan_of(known).fields}


def _calls(before: Shapes, after: Shapes) -> dict[str, str]:
    """The rest of the package, with the parameters of the new document."""
    texts: dict[str, str] = {}
    renamed = {f"{class_name(name)}Params": name for name in FACADE}
    for path in sorted(_installed().rglob("*.py")):
        where = path.relative_to(_installed())
        if where.parts[0] == "models":
            continue
        lines: list[str] = []
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                operation = renamed.get(node.name.removeprefix("Optional"))
                lines.append(_params(node, before, after, operation))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                node.body = [ast.Expr(ast.Constant(...))]
                lines.append(ast.unparse(node))
            elif not (isinstance(node, ast.Expr) or ast.unparse(node).startswith("_QUERY")):
                lines.append(ast.unparse(node))
        texts[where.with_suffix(".pyi").as_posix()] = _QUIET + _lean("\n".join(lines))
    return texts


def _params(node: ast.ClassDef, before: Shapes, after: Shapes, operation: str | None) -> str:
    """Return the TypedDict of an operation's parameters as the new document has it."""
    old: Mapping[str, FieldShape] = before.parameters.get(operation or "", {})
    new: Mapping[str, FieldShape] = after.parameters.get(operation or "", {})
    names = python_names({*old, *new}, "parameter")
    fields = {
        each.target.id: ast.unparse(each)
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    none = " | None" if node.name.startswith("Optional") else ""
    for wire, name in names.items():
        if old.get(wire) == new.get(wire):
            continue
        fields.pop(name, None)
        if wire in new:
            annotation = f"{new[wire].annotation}{none}"
            required = new[wire].required and not none
            fields[name] = f"{name}: {f'Required[{annotation}]' if required else annotation}"
    return _class(node, list(fields.values()))
