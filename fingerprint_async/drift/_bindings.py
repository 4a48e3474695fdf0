"""What the names of a file stand for: other names, and the keys of mappings that are passed on."""

from __future__ import annotations

import ast
from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Bindings", "last_name", "text_of"]


@attrs.frozen
class Bindings:
    """The bindings of a file, whatever the scope: where a name has several, all of them count.

    Attributes:
        aliases: The last names of what a name was bound to.
        mappings: What a name was filled with: dicts, and calls with keywords.
        forwarded: The last names of what a function passes its `**keywords` to.
    """

    aliases: dict[str, set[str]]
    mappings: dict[str, list[ast.expr]]
    forwarded: dict[str, set[str]]

    @classmethod
    def of(cls, tree: ast.AST) -> Bindings:
        """Read the bindings of a file."""
        found = cls(defaultdict(set), defaultdict(list), defaultdict(set))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    if alias.asname is not None:
                        found.aliases[alias.asname].add(alias.name.rpartition(".")[2])
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    found._bind(target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
                if node.value is not None:
                    found._bind(node.target, node.value)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found._forward(node)
            elif isinstance(node, ast.Call):
                found._fill(node)
        return found

    def names(self, name: str) -> set[str]:
        """Return a name and all that it stands for."""
        found, waiting = {name}, [name]
        while waiting:
            each = waiting.pop()
            new = (self.aliases.get(each, set()) | self.forwarded.get(each, set())) - found
            found |= new
            waiting += new
        return found

    def keys(self, node: ast.expr) -> Iterator[tuple[str, int]]:
        """Give the keys of a mapping, with the lines that they stand at."""
        seen: set[str] = set()
        waiting = [node]
        while waiting:
            each = waiting.pop()
            if isinstance(each, ast.Dict):
                for key, value in zip(each.keys, each.values, strict=True):
                    if key is None:
                        waiting.append(value)
                    elif (text := text_of(key)) is not None:
                        yield text, key.lineno
            elif isinstance(each, ast.Call):
                for keyword in each.keywords:
                    if keyword.arg is None:
                        waiting.append(keyword.value)
                    else:
                        yield keyword.arg, keyword.value.lineno
                waiting += each.args
                if isinstance(each.func, ast.Attribute):
                    # `filters.copy()`
                    waiting.append(each.func.value)
            elif isinstance(each, ast.BinOp):
                waiting += [each.left, each.right]
            elif isinstance(each, ast.IfExp):
                waiting += [each.body, each.orelse]
            elif isinstance(each, ast.BoolOp):
                waiting += each.values
            elif isinstance(each, ast.NamedExpr | ast.Await):
                waiting.append(each.value)
            else:
                name = last_name(each)
                if name and name not in seen:
                    seen.add(name)
                    waiting += self.mappings.get(name, [])

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Subscript):
            name = last_name(target.value)
            if name:
                self.mappings[name].append(ast.Dict(keys=[target.slice], values=[value]))
            return
        name = last_name(target)
        if not name:
            return
        self.mappings[name].append(value)
        source = last_name(value)
        if isinstance(value, ast.Call) and last_name(value.func) == "partial" and value.args:
            source = last_name(value.args[0])
        if source:
            self.aliases[name].add(source)

    def _forward(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if node.args.kwarg is None:
            return
        given = node.args.kwarg.arg
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and (called := last_name(call.func)):
                passed = [each.value for each in call.keywords if each.arg is None]
                if any(isinstance(each, ast.Name) and each.id == given for each in passed):
                    self.forwarded[node.name].add(called)

    def _fill(self, node: ast.Call) -> None:
        """Note what `filters.update(...)` and `filters.setdefault(...)` put in."""
        if not isinstance(node.func, ast.Attribute):
            return
        name = last_name(node.func.value)
        if name and node.func.attr == "update":
            call = ast.Call(func=ast.Name(id="dict"), args=node.args, keywords=node.keywords)
            self.mappings[name].append(call)
        elif name and node.func.attr == "setdefault" and node.args:
            self.mappings[name].append(ast.Dict(keys=[node.args[0]], values=[node.args[0]]))


def last_name(node: ast.AST) -> str:
    """Return the last part of a dotted name; nothing for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def text_of(node: ast.AST) -> str | None:
    """Return the value of a string."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
