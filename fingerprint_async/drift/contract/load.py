# JSON of any shape is read here.
# pyright: reportUnknownMemberType=false
"""Decoding a document, YAML 1.2 or JSON, of limited size, and finding the lines of its places.

PyYAML's C parser reads; its scalars are those of YAML 1.2's core schema, and keys are always the
text that stands there
(`1.10`, `200`, `no`). A key that stands twice in one object is an error in YAML and JSON alike.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import yaml

from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.contract.pointer import escape, steps

__all__ = ["MAX_BYTES", "Loader", "decode", "parse", "positions"]

MAX_BYTES = 32 * 1024 * 1024
_SHOWN = 80

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yaml import SafeLoader as _Base
else:
    # The same loader over the C library, twenty times as fast, where PyYAML was built with it.
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_MERGE = "tag:yaml.org,2002:merge"


class Loader(_Base):
    """The safe loader with the scalars of YAML 1.2's core schema, which OpenAPI asks for."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 -- PyYAML's signature
        """Construct a mapping whose keys are all different texts."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag == _MERGE:
                continue
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be text", key.start_mark
                )
            if key.value in seen:
                problem = f"the key {key.value[:_SHOWN]!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        self.flatten_mapping(node)
        return {key.value: self.construct_object(value, deep=deep) for key, value in node.value}


Loader.yaml_implicit_resolvers = {}
_CORE = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        list("-+0123456789."),
    ),
    ("merge", r"<<", ["<"]),
)
for _tag, _pattern, _first in _CORE:
    Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )


def _integer(loader: Any, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def _number(loader: Any, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node)).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


Loader.add_constructor("tag:yaml.org,2002:int", _integer)
Loader.add_constructor("tag:yaml.org,2002:float", _number)


def parse(text: str | bytes) -> Any:
    """Read one YAML document.

    Raises:
        yaml.YAMLError: It is no YAML.
        ValueError: It holds a number that is none.
        RecursionError: It is nested too deeply.
    """
    loader = Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


class _DuplicateKeyError(ValueError):
    """A key stands twice in one object."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DuplicateKeyError(f"the key {key[:_SHOWN]!r} stands twice in one object")
            seen.add(key)
    return made


def decode(content: bytes, *, source: str) -> Any:
    """Decode a document from YAML or JSON.

    Args:
        content: The bytes of the document.
        source: Where they came from, for messages.

    Raises:
        DocumentError: They are neither, or too many, or a key stands twice in one object.
    """
    if len(content) > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 1024 // 1024} MiB", source=source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8 text (byte {error.start})", source=source) from None
    try:
        return _json(text) if source.endswith(".json") else _either(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not JSON: {error.msg} (line {error.lineno})", source=source) from None
    except yaml.YAMLError as error:
        raise DocumentError(f"not YAML: {_first_line(error)}", source=source) from None
    except (ValueError, OverflowError) as error:
        message = f"not a document: {str(error)[:_SHOWN]}"
        raise DocumentError(message, source=source) from None
    except RecursionError:
        raise DocumentError("nested too deeply", source=source) from None


def _json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object)


def _either(text: str) -> Any:
    """Read JSON as such, many times as fast; YAML's flow style begins like it."""
    if _like_json(text):
        try:
            return _json(text)
        except json.JSONDecodeError:
            pass
    return parse(text)


def _like_json(text: str) -> bool:
    return text.lstrip()[:1] in {"{", "["}


def _first_line(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1})" if mark is not None else str(problem)


def positions(content: bytes, pointers: Iterable[str]) -> dict[str, int]:
    """Find the lines (from 1) on which places of a YAML or JSON document stand.

    Args:
        content: A document that `decode` accepts.
        pointers: JSON pointers; those that lead nowhere are left out.
    """
    text = content.decode("utf-8-sig")
    wanted = set(pointers)
    if _like_json(text):
        try:
            json.loads(text)
        except ValueError:
            pass
        else:
            return _json_lines(text, wanted)
    root = yaml.compose(text, Loader=Loader)
    found = {pointer: _yaml_line(root, pointer) for pointer in wanted}
    return {pointer: line for pointer, line in found.items() if line}


def _yaml_line(root: Any, pointer: str) -> int:
    """The line of a place, 0 when there is none."""
    node, line = root, 0
    for step in steps(pointer):
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                return 0
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal():
            if int(step) >= len(node.value):
                return 0
            node = node.value[int(step)]
            line = node.start_mark.line
        else:
            return 0
    return int(line) + 1


_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|\n|[^\s{}\[\],:"]+')


def _json_lines(text: str, wanted: set[str]) -> dict[str, int]:
    """Find lines in valid JSON, by its tokens."""
    found: dict[str, int] = {"": 1} if "" in wanted else {}
    # Each open object or list: its pointer, and the next index of a list (-1 for an object).
    open_: list[tuple[str, int]] = []
    here, line, key = "", 1, True
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece == "\n":
            line += 1
            continue
        if piece in "}]":
            open_.pop()
            key = False
            continue
        if piece == ":":
            key = False
            continue
        if piece == ",":
            key = bool(open_) and open_[-1][1] < 0
            continue
        if key and open_ and open_[-1][1] < 0:
            here = f"{open_[-1][0]}/{escape(json.loads(piece))}"
        elif open_ and open_[-1][1] >= 0:
            base, index = open_[-1]
            open_[-1] = (base, index + 1)
            here = f"{base}/{index}"
        if here in wanted and here not in found:
            found[here] = line
        if piece in "{[":
            open_.append((here, -1 if piece == "{" else 0))
            key = piece == "{"
    return found
