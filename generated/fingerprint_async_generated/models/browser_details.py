from __future__ import annotations

from typing import ClassVar

from ..types import Fields, Model, model

__all__ = ["BrowserDetails"]


@model(kw_only=True)
class BrowserDetails(Model):
    """A browser, read from its user agent."""

    browser_full_version: str
    """Its full version."""
    browser_major_version: str
    """Its major version."""
    browser_name: str
    """The name of the browser."""
    device: str
    """The device that the user agent claims."""
    os: str
    """The operating system."""
    os_version: str
    """The version of the operating system."""

    _fields_: ClassVar[Fields] = {
        "browser_full_version": ("browser_full_version", "str", True),
        "browser_major_version": ("browser_major_version", "str", True),
        "browser_name": ("browser_name", "str", True),
        "device": ("device", "str", True),
        "os": ("os", "str", True),
        "os_version": ("os_version", "str", True),
    }
