"""What ends generation."""

from __future__ import annotations

__all__ = ["GenerationError", "PublishedError"]


class GenerationError(Exception):
    """The client cannot be generated as it must be; the message says what to look at."""


class PublishedError(Exception):
    """There is no such document, or it is no OpenAPI document."""
