"""The shell blocks of a page: their commands, one a line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["shell_blocks_of"]

_BLOCK = re.compile(r"^```(sh|bash|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_PROMPT = "$ "


def shell_blocks_of(page: Path) -> list[list[str]]:
    """Return the commands of each shell block; of a console, those behind a prompt."""
    blocks: list[list[str]] = []
    for kind, text in _BLOCK.findall(page.read_text(encoding="utf-8")):
        lines = text.splitlines()
        if kind == "console":
            lines = [line.removeprefix(_PROMPT) for line in lines if line.startswith(_PROMPT)]
        blocks.append([line for line in map(_without_comment, lines) if line])
    return blocks


def _without_comment(line: str) -> str:
    return re.sub(r"(^|\s+)#.*", "", line).strip()
