"""Decoding a document: YAML or JSON, of limited size."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import yaml

from fingerprint_async.schema._errors import DocumentError
from fingerprint_async.schema._pointer import steps
from fingerprint_async.schema._yaml import Loader, parse

__all__ = ["MAX_BYTES", "decode", "positions"]

MAX_BYTES = 32 * 1024 * 1024


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
    return parse(text)


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
    root = yaml.compose(content.decode("utf-8-sig"), Loader=Loader)
    for pointer in pointers:
        node, line = root, 0
        for token in steps(pointer):
            if isinstance(node, yaml.MappingNode):
                pair = next(((key, value) for key, value in node.value if key.value == token), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            elif (
                isinstance(node, yaml.SequenceNode)
                and token.isdecimal()
                and int(token) < len(node.value)
            ):
                node = node.value[int(token)]
                line = node.start_mark.line
            else:
                break
        else:
            found[pointer] = line + 1
    return found
