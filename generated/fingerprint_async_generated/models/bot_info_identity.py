from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotInfoIdentity"]


class BotInfoIdentity(OpenStrEnum):
    """How far a bot's identity is proven: publicly verifiable, signed, falsely claimed, or not at
    all."""

    SIGNED = "signed"
    SPOOFED = "spoofed"
    UNKNOWN = "unknown"
    VERIFIED = "verified"
