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
    """Bot Info."""

    category: BotInfoCategory
    """Category."""
    confidence: BotInfoConfidence
    """Confidence."""
    identity: BotInfoIdentity
    """Identity."""
    name: str
    """Name."""
    provider: str
    """Provider."""
    provider_url: str | Unset = UNSET
    """Provider url."""

    _fields_: ClassVar[Fields] = {
        "category": ("category", ("enum", "BotInfoCategory", "bot_info_category"), True),
        "confidence": ("confidence", ("enum", "BotInfoConfidence", "bot_info_confidence"), True),
        "identity": ("identity", ("enum", "BotInfoIdentity", "bot_info_identity"), True),
        "name": ("name", "str", True),
        "provider": ("provider", "str", True),
        "provider_url": ("provider_url", "str", False),
    }
