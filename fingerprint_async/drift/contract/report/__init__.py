"""A drift report in the forms that its readers need: people, programs, pull requests, code scanning, a browser."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from fingerprint_async.drift.contract.assess import Report

__all__ = ["FORMATS", "Format", "render"]

Format: TypeAlias = Literal["text", "json", "markdown", "github", "sarif", "html"]
FORMATS: Final[tuple[Format, ...]] = ("text", "json", "markdown", "github", "sarif", "html")


def render(report: Report, form: Format, *, color: bool = False) -> str:
    """Write a report in one form, ending with a newline unless it is empty.

    Args:
        report: What to write.
        form: The form.
        color: Whether text for people may hold ANSI colours.
    """
    module = import_module(f"fingerprint_async.drift.contract.report._{form}")
    text: str = module.render(report, color=color) if form == "text" else module.render(report)
    return text if not text or text.endswith("\n") else f"{text}\n"
