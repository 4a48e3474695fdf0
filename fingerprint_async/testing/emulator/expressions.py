"""Rule expressions over events: `vpn && suspect_score >= 30`, `ip_info.v4.asn in ["64496"]`.

Operators, from loose to tight: `||`, `&&`, `!`, then `==` `!=` `<` `<=` `>` `>=` `in` `contains`.
Operands: a field by its path, a number, a "text", `true`, `false`, `null`, a [list], or an
expression in parentheses.
A field that is not there is `null`; an order of things that cannot be compared is false.
"""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any, cast

import msgspec
from attrs import define

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Evaluate = Callable[[Mapping[str, Any]], Any]

__all__ = ["compile_expression"]

MAX_LENGTH = 4_096
MAX_DEPTH = 50
_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>"(?:[^"\\]|\\.)*")
  | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
  | (?P<operator>\|\||&&|==|!=|<=|>=|[<>!()\[\],])
  | (?P<word>[A-Za-z_]\w*(?:\.\w+)*)
    )""",
    re.VERBOSE,
)
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}


def compile_expression(text: str) -> Evaluate:
    """Return what evaluates an expression for an event.

    Raises:
        ValueError: It is no expression; the message says where.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"an expression has at most {MAX_LENGTH} characters, not {len(text)}")
    parser = _Parser(text, _tokens(text))
    evaluate = parser.either()
    if parser.tokens:
        raise parser.error("the end")
    return evaluate


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise ValueError(f"{text!r} is no expression: cannot read {text[at : at + 10]!r}")
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens[::-1]


@define
class _Parser:
    """Reads an expression from the left; `tokens` holds what is left, the next one last."""

    text: str
    tokens: list[tuple[str, str]]
    depth: int = 0

    def error(self, wanted: str) -> ValueError:
        """Return what is wrong at the next token."""
        found = repr(self.tokens[-1][1]) if self.tokens else "the end"
        return ValueError(f"{self.text!r} is no expression: {wanted} should stand at {found}")

    def take(self, *wanted: str) -> str | None:
        """Take the next token if it is one of these."""
        if self.tokens and self.tokens[-1][0] != "text" and self.tokens[-1][1] in wanted:
            return self.tokens.pop()[1]
        return None

    def either(self) -> Evaluate:
        """Read expressions joined by `||`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ValueError(f"an expression nests at most {MAX_DEPTH} deep")
        left = self.both()
        while self.take("||"):
            left = _either(left, self.both())
        self.depth -= 1
        return left

    def both(self) -> Evaluate:
        """Read expressions joined by `&&`."""
        left = self.negated()
        while self.take("&&"):
            left = _both(left, self.negated())
        return left

    def negated(self) -> Evaluate:
        """Read a comparison, with any number of `!` before it."""
        negations = 0
        while self.take("!"):
            negations += 1
        inner = self.comparison()
        return _not(inner) if negations % 2 else inner

    def comparison(self) -> Evaluate:
        """Read an operand, or two with an operator between them."""
        left = self.operand()
        name = self.take("==", "!=", *_ORDERS, "in", "contains")
        return left if name is None else _compare(name, left, self.operand())

    def operand(self) -> Evaluate:
        """Read a field, a constant, a list, or an expression in parentheses."""
        if self.take("("):
            inner = self.either()
            if not self.take(")"):
                raise self.error("')'")
            return inner
        if self.take("["):
            return self.listed()
        if not self.tokens or self.tokens[-1][0] == "operator":
            raise self.error("a field or a value")
        kind, token = self.tokens.pop()
        if kind == "word" and token not in _CONSTANTS:
            return _field(tuple(token.split(".")))
        try:
            value = _CONSTANTS[token] if kind == "word" else msgspec.json.decode(token.encode())
        except msgspec.DecodeError:
            raise ValueError(f"{self.text!r} is no expression: cannot read {token!r}") from None
        return lambda _: value

    def listed(self) -> Evaluate:
        """Read the rest of a list."""
        items: list[Evaluate] = []
        while not self.take("]"):
            if items and not self.take(","):
                raise self.error("',' or ']'")
            items.append(self.operand())
        return lambda event: [item(event) for item in items]


def _field(path: tuple[str, ...]) -> Evaluate:
    def evaluate(event: Mapping[str, Any]) -> Any:
        value: Any = event
        for name in path:
            if not isinstance(value, dict):
                return None
            value = cast("dict[str, Any]", value).get(name)
        return value

    return evaluate


def _either(left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda event: bool(left(event)) or bool(right(event))


def _both(left: Evaluate, right: Evaluate) -> Evaluate:
    return lambda event: bool(left(event)) and bool(right(event))


def _not(inner: Evaluate) -> Evaluate:
    return lambda event: not inner(event)


def _compare(name: str, left: Evaluate, right: Evaluate) -> Evaluate:
    def evaluate(event: Mapping[str, Any]) -> bool:
        one, other = left(event), right(event)
        try:
            if name in ("in", "contains"):
                needle, hay = (one, other) if name == "in" else (other, one)
                return isinstance(hay, (str, list)) and needle in hay
            if name in ("==", "!="):
                same = one == other and isinstance(one, bool) == isinstance(other, bool)
                return same is (name == "==")
            return _ORDERS[name](one, other)
        except TypeError:
            return False

    return evaluate
