from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotInfoIdentity"]


class BotInfoIdentity(OpenStrEnum):
    """Bot Info Identity."""

    SIGNED = "signed"
    SPOOFED = "spoofed"
    UNKNOWN = "unknown"
    VERIFIED = "verified"
