"""The root of the exception tree, and the errors that models raise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fingerprint_async._runtime.findings import Finding

__all__ = ["DecodeError", "FingerprintError", "PaginationError"]


class FingerprintError(Exception):
    """The root of every error that this library raises."""


class DecodeError(FingerprintError, ValueError):
    """The data is not the JSON that was promised.

    Attributes:
        findings: With `strict=True`, every difference from the schema that made decoding fail;
            else empty.
    """

    findings: tuple[Finding, ...]

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings

    def __reduce__(self) -> tuple[type[DecodeError], tuple[str, tuple[Finding, ...]]]:
        return type(self), (self.args[0], self.findings)


class PaginationError(FingerprintError):
    """A page that names no next page that can be asked for."""
