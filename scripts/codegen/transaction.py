"""Changing files and folders of a checkout all together, or not at all."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final, Self

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

__all__ = ["Transaction"]

_NEW: Final = ".new"
_OLD: Final = ".old"


@attrs.define
class Transaction:
    """Puts files and folders in place; whatever fails before the end takes all of them back."""

    _undo: list[Callable[[], None]] = attrs.field(factory=list, init=False)
    _done: list[Callable[[], None]] = attrs.field(factory=list, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take everything back if there was an error of any kind.

        Else drop what was there before.
        """
        for step in self._done if kind is None else reversed(self._undo):
            step()

    def file(self, path: Path, text: str) -> None:
        """Put a file in place."""
        new, old = path.with_name(path.name + _NEW), path.with_name(path.name + _OLD)
        self._undo.append(lambda: new.unlink(missing_ok=True))
        new.write_text(text, encoding="utf-8")
        self._put(path, new, old, lambda each: each.unlink(missing_ok=True))

    def folder(self, path: Path, source: Path) -> None:
        """Put a copy of a folder in place."""
        new, old = path.with_name(path.name + _NEW), path.with_name(path.name + _OLD)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)
        self._undo.append(lambda: shutil.rmtree(new, ignore_errors=True))
        shutil.copytree(source, new)
        shutil.rmtree(old, ignore_errors=True)
        self._put(path, new, old, lambda each: shutil.rmtree(each, ignore_errors=True))

    def _put(self, path: Path, new: Path, old: Path, drop: Callable[[Path], None]) -> None:
        stood = path.exists()

        def back() -> None:
            if old.exists():
                drop(path)
                old.replace(path)
            elif not stood:
                drop(path)

        self._undo.append(back)
        self._done.append(lambda: drop(old))
        if stood:
            path.replace(old)
        new.replace(path)
