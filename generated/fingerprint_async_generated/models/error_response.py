from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import Fields, Model, model

if TYPE_CHECKING:
    from .error import Error

__all__ = ["ErrorResponse"]


@model(kw_only=True)
class ErrorResponse(Model):
    """Error Response."""

    error: Error
    """Error."""

    _fields_: ClassVar[Fields] = {
        "error": ("error", ("model", "Error", "error"), True),
    }
