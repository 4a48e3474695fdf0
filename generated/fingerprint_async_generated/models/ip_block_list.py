from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["IPBlockList"]


@model(kw_only=True)
class IPBlockList(Model):
    """Block lists that name an address."""

    attack_source: bool | Unset = UNSET
    """Known for attacks on networks."""
    email_spam: bool | Unset = UNSET
    """Known for mail spam."""
    tor_node: bool | Unset = UNSET
    """Known as part of Tor."""

    _fields_: ClassVar[Fields] = {
        "attack_source": ("attack_source", "bool", False),
        "email_spam": ("email_spam", "bool", False),
        "tor_node": ("tor_node", "bool", False),
    }
