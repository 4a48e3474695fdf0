"""A drift report in the forms that its readers need.

People, programs, pull requests, code scanning, a browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from fingerprint_async.drift.contract.report import (
    _github,
    _html,
    _json,
    _junit,
    _markdown,
    _sarif,
    _text,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.drift.contract.assess import Report

__all__ = ["FORMATS", "Format", "render"]

Format: TypeAlias = Literal["text", "json", "markdown", "github", "sarif", "junit", "html"]

_FORMS: Final[dict[Format, Callable[[Report], str]]] = {
    "text": _text.render,
    "json": _json.render,
    "markdown": _markdown.render,
    "github": _github.render,
    "sarif": _sarif.render,
    "junit": _junit.render,
    "html": _html.render,
}
FORMATS: Final[tuple[Format, ...]] = tuple(_FORMS)


def render(report: Report, form: Format, *, color: bool = False) -> str:
    """Write a report in one form, ending with a newline unless it is empty.

    Args:
        report: What to write.
        form: The form.
        color: Whether text for people may hold ANSI colours.
    """
    text = _text.render(report, color=color) if form == "text" else _FORMS[form](report)
    return text if not text or text.endswith("\n") else f"{text}\n"
