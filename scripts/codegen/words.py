"""Our words for what the document names: the docstrings of generated code."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codegen.declarations import Endpoint, Field

__all__ = ["Words"]


class Words:
    """Our words for what the document names.

    Where there are none, a plain phrase is made of the name.
    """

    def __init__(self, overlay: dict[str, Any]) -> None:
        self._models: dict[str, Any] = overlay.get("models") or {}
        self._operations: dict[str, Any] = overlay.get("operations") or {}
        self._missing: set[str] = set()
        self._used: set[str] = set()

    def missing(self) -> list[str]:
        """Give what was asked for and has no words."""
        return sorted(self._missing)

    def stale(self) -> list[str]:
        """Give the words that nothing asked for."""
        known = {f"model {name}" for name in self._models}
        known |= {
            f"field {m}.{f}" for m, model in self._models.items() for f in model.get("fields") or {}
        }
        known |= {f"operation {name}" for name in self._operations}
        known |= {
            f"parameter {o}.{p}"
            for o, op in self._operations.items()
            for p in op.get("parameters") or {}
        }
        return sorted(known - self._used)

    def model(self, name: str) -> str:
        """The docstring of a model or an enum."""
        return self._say(f"model {name}", self._models.get(name, {}).get("words"), _spell(name), 4)

    def field(self, model: str, name: str) -> str:
        """The docstring of a field."""
        return _fill(self._field_words(model, name), 4)

    def _field_words(self, model: str, name: str) -> str:
        found = (self._models.get(model, {}).get("fields") or {}).get(name)
        return self._said(f"field {model}.{name}", found, _spell(name))

    def documented_model(self, name: str, fields: list[Field]) -> str:
        """The docstring of a model, with a line for each field: what `help()` shows."""
        parts = [self.model(name)]
        if fields:
            parts += ["", "    Attributes:"]
        for field in fields:
            said = self._field_words(name, field.name)
            flat = f"{field.python_name}: {' '.join(said.split())}"
            parts.append(
                textwrap.fill(
                    _harmless(flat), 100, initial_indent=" " * 8, subsequent_indent=" " * 12
                )
            )
        return "\n".join([*parts, "    "]) if fields else parts[0]

    def request(self, call: Endpoint) -> str:
        """The docstring of the function that builds a request."""
        return f"Build a request of `{call.operation_id}`; nothing is sent."

    def params(self, operation_id: str) -> str:
        """The docstring of the TypedDict of an operation's query parameters."""
        return f"The query parameters of `{operation_id}`. Those left out are not sent."

    def parameter(self, operation_id: str, name: str) -> str:
        """The docstring of a parameter."""
        found = (self._operations.get(operation_id, {}).get("parameters") or {}).get(name)
        return self._say(f"parameter {operation_id}.{name}", found, _spell(name), 4)

    def operation(self, call: Endpoint) -> str:
        """The docstring of the function that calls an operation."""
        words = self._operations.get(call.operation_id, {})
        summary = self._say(
            f"operation {call.operation_id}", words.get("summary"), _spell(call.operation_id), 4
        )
        parts = [summary]
        if words.get("description"):
            parts += ["", _fill(words["description"], 4)]
        parts += ["", "Args:"]
        for field in call.path_parameters:
            parts.append(
                self._argument(field.python_name, self.parameter(call.operation_id, field.name))
            )
        parts.append(
            self._argument(
                "client",
                "What sends: its `base_url` is the API's, and it adds the `Authorization` header.",
            )
        )
        if call.body:
            parts.append(self._argument("body", words.get("body") or "What to send, as JSON."))
        if call.query:
            parts.append(
                self._argument("**params", f"The query parameters, see `{call.params_name}`.")
            )
        parts += [
            "",
            "Returns:",
            "    The response; nothing is decoded before it is asked for.",
            "",
        ]
        return "\n".join(parts).replace("\n", "\n    ").replace("\n    \n", "\n\n")

    def _argument(self, name: str, words: str) -> str:
        flat = f"{name}: {' '.join(words.split())}"
        return textwrap.fill(flat, 96, initial_indent="    ", subsequent_indent="        ")

    def _say(self, key: str, found: str | None, fallback: str, indent: int) -> str:
        return _fill(self._said(key, found, fallback), indent)

    def _said(self, key: str, found: str | None, fallback: str) -> str:
        self._used.add(key)
        if not found:
            self._missing.add(key)
        return found or f"{fallback}."


def _fill(words: str, indent: int) -> str:
    paragraphs = [" ".join(part.split()) for part in re.split(r"\n\s*\n", words.strip())]
    clean = [_harmless(part) for part in paragraphs]
    filled = [textwrap.fill(part, 100 - 2 * indent) for part in clean]
    return ("\n\n" + " " * indent).join(part.replace("\n", "\n" + " " * indent) for part in filled)


def _harmless(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"""', "'''")


def _spell(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).replace("_", " ")
    return words[:1].upper() + words[1:]
