from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import Fields, Model, model

if TYPE_CHECKING:
    from .error_code import ErrorCode

__all__ = ["Error"]


@model(kw_only=True)
class Error(Model):
    """What went wrong."""

    code: ErrorCode
    """The code to act on."""
    message: str
    """Words for people; they may change."""

    _fields_: ClassVar[Fields] = {
        "code": ("code", ("enum", "ErrorCode", "error_code"), True),
        "message": ("message", "str", True),
    }
