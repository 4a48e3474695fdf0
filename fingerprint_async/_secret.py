"""A value that shows itself to nobody."""

from __future__ import annotations

from typing import Final

__all__ = ["Secret"]


class Secret:
    """Hold a secret: `repr`, `str` and tracebacks with locals show `***`.

    Args:
        value: What to hide. Whether it can be right is checked later, so that the frame that raises
            an error about it holds the wrapped value only.
    """

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value: Final = value

    def reveal(self) -> object:
        """Return what is hidden. Never bind the result to a name."""
        return self._value

    def reveal_text(self) -> str:
        """Return what is hidden, a text once it was checked. Never bind the result to a name."""
        return str(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "***"
