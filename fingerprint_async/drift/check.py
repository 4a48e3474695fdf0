"""The comparison of two documents for users of this SDK.

With its names, and with the code that uses them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fingerprint_async._version import __version__
from fingerprint_async.drift.contract.assess import Binding, Report, Side, Tool, assess
from fingerprint_async.drift.symbols import Symbols
from fingerprint_async.drift.usage import Code

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fingerprint_async.drift.contract.config import Config

__all__ = ["TOOL", "check"]

TOOL = Tool("fingerprint-async schema", __version__, "https://pypi.org/project/fingerprint-async/")


def check(
    old: Side,
    new: Side,
    *,
    config: Config | None = None,
    docs: bool = False,
    used_by: Sequence[Path] = (),
) -> tuple[Report, list[str]]:
    """Compare two documents.

    Args:
        old: The document that the client was made from.
        new: The document to compare with it.
        config: What was decided about drift.
        docs: Also list what changed in wording only.
        used_by: Python files and folders to look for uses of what changed.

    Returns:
        The report, and the files of that code that could not be read.

    Raises:
        DocumentError: One of the documents is broken, or there is no such code.
    """
    code = Code.read(used_by) if used_by else None
    symbols = Symbols(old.document, new.document)
    binding = Binding(
        tool=TOOL,
        symbols=symbols.of,
        exported=frozenset(symbols.classes_gone()),
        find_uses=code.find if code is not None else None,
        used_by=", ".join(map(str, used_by)) if used_by else None,
    )
    report = assess(old, new, config=config, docs=docs, binding=binding)
    return report, code.unread if code is not None else []
