from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["BrowserDetails"]


@model(kw_only=True)
class BrowserDetails(Model):
    """Browser Details."""

    browser_full_version: str
    """Browser full version."""
    browser_major_version: str
    """Browser major version."""
    browser_name: str
    """Browser name."""
    device: str
    """Device."""
    os: str
    """Os."""
    os_version: str
    """Os version."""

    _fields_: ClassVar[Fields] = {
        "browser_full_version": ("browser_full_version", "str", True),
        "browser_major_version": ("browser_major_version", "str", True),
        "browser_name": ("browser_name", "str", True),
        "device": ("device", "str", True),
        "os": ("os", "str", True),
        "os_version": ("os_version", "str", True),
    }
