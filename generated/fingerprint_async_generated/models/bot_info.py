from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .bot_info_category import BotInfoCategory
    from .bot_info_confidence import BotInfoConfidence
    from .bot_info_identity import BotInfoIdentity

__all__ = ["BotInfo"]


@model(kw_only=True)
class BotInfo(Model):
    """A bot that is known."""

    category: BotInfoCategory
    """What the bot does."""
    confidence: BotInfoConfidence
    """How sure the verdict is."""
    identity: BotInfoIdentity
    """How far its identity is proven."""
    name: str
    """The name of the bot."""
    provider: str
    """Who runs the bot."""
    provider_url: str | Unset = UNSET
    """The web site of who runs it."""

    _fields_: ClassVar[Fields] = {
        "category": ("category", ("enum", "BotInfoCategory", "bot_info_category"), True),
        "confidence": ("confidence", ("enum", "BotInfoConfidence", "bot_info_confidence"), True),
        "identity": ("identity", ("enum", "BotInfoIdentity", "bot_info_identity"), True),
        "name": ("name", "str", True),
        "provider": ("provider", "str", True),
        "provider_url": ("provider_url", "str", False),
    }
