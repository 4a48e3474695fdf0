from __future__ import annotations

from typing import ClassVar

from ..types import UNSET, Fields, Model, Unset, model

__all__ = ["IPBlockList"]


@model(kw_only=True)
class IPBlockList(Model):
    """IP Block List."""

    attack_source: bool | Unset = UNSET
    """Attack source."""
    email_spam: bool | Unset = UNSET
    """Email spam."""
    tor_node: bool | Unset = UNSET
    """Tor node."""

    _fields_: ClassVar[Fields] = {
        "attack_source": ("attack_source", "bool", False),
        "email_spam": ("email_spam", "bool", False),
        "tor_node": ("tor_node", "bool", False),
    }
