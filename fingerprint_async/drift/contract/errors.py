"""What can go wrong before two documents can be compared."""

from __future__ import annotations

__all__ = ["ComparisonError", "ConfigError", "ContractError", "DocumentError"]

_SHOWN = 200


class ContractError(ValueError):
    """Documents can't be compared, and why."""


class DocumentError(ContractError):
    """A document can't be read as OpenAPI: broken, too large, or not a document at all.

    Attributes:
        source: The path or address that was read.
        pointer: Where in the document, as a JSON pointer; empty for the document as a whole.
    """

    def __init__(self, message: str, *, source: str = "", pointer: str = "") -> None:
        self.source = source
        self.pointer = pointer
        place = f" at {_short(pointer)}" if pointer else ""
        super().__init__(f"{source or 'document'}{place}: {message}")


class ConfigError(ContractError):
    """A drift configuration can't be used.

    Not TOML, an unknown rule, an ignore without a reason.
    """


class ComparisonError(RuntimeError):
    """The comparison itself failed: a bug here, which says nothing about the documents.

    Attributes:
        pointer: The place that was being compared.
    """

    def __init__(self, pointer: str, cause: Exception) -> None:
        self.pointer = pointer
        name = type(cause).__name__
        super().__init__(f"comparing {_short(pointer) or 'the document'} failed: {name}")


def _short(pointer: str) -> str:
    return pointer if len(pointer) <= _SHOWN else f"{pointer[: _SHOWN - 1]}…"
