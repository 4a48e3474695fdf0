from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import Fields, Model, model

if TYPE_CHECKING:
    from .error import Error

__all__ = ["ErrorResponse"]


@model(kw_only=True)
class ErrorResponse(Model):
    """The body of every error of the API."""

    error: Error
    """What went wrong."""

    _fields_: ClassVar[Fields] = {
        "error": ("error", ("model", "Error", "error"), True),
    }
