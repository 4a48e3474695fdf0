"""Decoding a document: YAML or JSON, of limited size, with YAML read as YAML 1.2 (`no` and `12:30` are text)."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import yaml

from fingerprint_async.schema._errors import DocumentError

__all__ = ["MAX_BYTES", "decode", "positions"]

MAX_BYTES = 32 * 1024 * 1024

if TYPE_CHECKING:
    from yaml import SafeLoader as _Base
else:
    # The same loader over the C library, twenty times as fast, where PyYAML was built with it.
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):
    """The safe loader with the scalars of YAML 1.2's core schema, which OpenAPI asks for."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        """A mapping whose keys are all different."""
        seen: set[Any] = set()
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                continue
            name = self.construct_object(key)
            if isinstance(name, Hashable) and name in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {str(name)[:80]!r} stands twice", key.start_mark
                )
            if isinstance(name, Hashable):
                seen.add(name)
        self.flatten_mapping(node)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
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
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _integer(loader: Any, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)


def _number(loader: Any, node: yaml.ScalarNode) -> float:
    return float(str(loader.construct_scalar(node)).lower().replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def decode(content: bytes, *, source: str) -> Any:
    """Decode a document from YAML or JSON.

    Args:
        content: The bytes of the document.
        source: Where they came from, for messages.

    Raises:
        DocumentError: They are neither, or too many.
    """
    if len(content) > MAX_BYTES:
        raise DocumentError(f"larger than {MAX_BYTES // 1024 // 1024} MiB", source=source)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(f"not UTF-8 text (byte {error.start})", source=source) from None
    try:
        return json.loads(text) if source.endswith(".json") else _either(text)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not JSON: {error.msg} (line {error.lineno})", source=source) from None
    except yaml.YAMLError as error:
        raise DocumentError(f"not YAML: {_first_line(error)}", source=source) from None
    except (ValueError, OverflowError) as error:
        raise DocumentError(f"not a document: {str(error)[:200]}", source=source) from None
    except RecursionError:
        raise DocumentError("nested too deeply", source=source) from None


def _either(text: str) -> Any:
    """JSON is read as such, many times as fast; YAML's flow style begins like it."""
    if text.lstrip()[:1] in {"{", "["}:
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(text)
    return _yaml(text)


def _yaml(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _first_line(error: yaml.YAMLError) -> str:
    problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
    mark = getattr(error, "problem_mark", None)
    return f"{problem} (line {mark.line + 1})" if mark is not None else str(problem)


def positions(content: bytes, pointers: set[str]) -> dict[str, int]:
    """The lines (from 1) on which places of a YAML or JSON document stand.

    Args:
        content: A document that `decode` accepts.
        pointers: JSON pointers; those that lead nowhere are left out.
    """
    found: dict[str, int] = {}
    root = yaml.compose(content.decode("utf-8-sig"), Loader=_Loader)
    for pointer in pointers:
        node, line = root, 0
        for step in pointer.split("/")[1:]:
            token = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == token), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif isinstance(node, yaml.SequenceNode) and token.isdecimal() and int(token) < len(node.value):
                node = node.value[int(token)]
                line = node.start_mark.line
            else:
                break
        else:
            found[pointer] = line + 1
    return found
