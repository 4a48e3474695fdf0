"""A value that shows itself to nobody."""

from __future__ import annotations

from typing import Final, NoReturn

__all__ = ["Secret"]


class Secret:
    """Hold a secret: `repr`, `str` and tracebacks with locals show `***`.

    Args:
        value: What to hide. Whether it can be right is checked later, so that the frame that raises
            an error about it holds the wrapped value only.
    """

    __slots__ = ("hidden",)

    def __init__(self, value: object) -> None:
        self.hidden: Final = value
        """What is hidden. Never bind it to a name."""

    def reveal_text(self) -> str:
        """Return what is hidden, a text once it was checked. Never bind the result to a name."""
        return str(self.hidden)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self.hidden == other.hidden

    def __hash__(self) -> int:
        return hash((Secret, self.hidden))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled: it would be written down in the clear")

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _: object) -> Secret:
        return self

    def __repr__(self) -> str:
        return "***"
