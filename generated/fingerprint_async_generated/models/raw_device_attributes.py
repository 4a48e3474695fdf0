from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from ..types import UNSET, Fields, Model, Unset, model

if TYPE_CHECKING:
    from .canvas import Canvas
    from .emoji import Emoji
    from .font_preferences import FontPreferences
    from .plugins_item import PluginsItem
    from .touch_support import TouchSupport
    from .web_gl_basics import WebGlBasics
    from .web_gl_extensions import WebGlExtensions

__all__ = ["RawDeviceAttributes"]


@model(kw_only=True)
class RawDeviceAttributes(Model):
    """Raw Device Attributes."""

    architecture: int | Unset = UNSET
    """Architecture."""
    audio: float | Unset = UNSET
    """Audio."""
    battery_charging: bool | Unset = UNSET
    """Battery charging."""
    battery_level: int | Unset = UNSET
    """Battery level."""
    battery_low_power_mode: bool | Unset = UNSET
    """Battery low power mode."""
    canvas: Canvas | Unset = UNSET
    """Canvas."""
    color_depth: int | Unset = UNSET
    """Color depth."""
    cookies_enabled: bool | Unset = UNSET
    """Cookies enabled."""
    date_time_locale: str | Unset = UNSET
    """Date time locale."""
    device_manufacturer: str | Unset = UNSET
    """Device manufacturer."""
    device_memory: int | Unset = UNSET
    """Device memory."""
    device_model: str | Unset = UNSET
    """Device model."""
    emoji: Emoji | Unset = UNSET
    """Emoji."""
    font_hash: str | Unset = UNSET
    """Font hash."""
    font_preferences: FontPreferences | Unset = UNSET
    """Font preferences."""
    fonts: list[str] | Unset = UNSET
    """Fonts."""
    hardware_concurrency: int | Unset = UNSET
    """Hardware concurrency."""
    indexed_db: bool | Unset = UNSET
    """Indexed db."""
    keyboard_layout_hash: str | Unset = UNSET
    """Keyboard layout hash."""
    keyboard_layout_name: str | Unset = UNSET
    """Keyboard layout name."""
    languages: list[list[str]] | Unset = UNSET
    """Languages."""
    local_storage: bool | Unset = UNSET
    """Local storage."""
    math: str | Unset = UNSET
    """Math."""
    oscpu: str | Unset = UNSET
    """Oscpu."""
    platform: str | Unset = UNSET
    """Platform."""
    plugins: list[PluginsItem] | Unset = UNSET
    """Plugins."""
    screen_resolution: list[int] | Unset = UNSET
    """Screen resolution."""
    session_storage: bool | Unset = UNSET
    """Session storage."""
    timezone: str | Unset = UNSET
    """Timezone."""
    timezone_offset: str | Unset = UNSET
    """Timezone offset."""
    touch_support: TouchSupport | Unset = UNSET
    """Touch support."""
    vendor: str | Unset = UNSET
    """Vendor."""
    webgl_basics: WebGlBasics | Unset = UNSET
    """Webgl basics."""
    webgl_extensions: WebGlExtensions | Unset = UNSET
    """Webgl extensions."""

    _fields_: ClassVar[Fields] = {
        "architecture": ("architecture", "int", False),
        "audio": ("audio", "float", False),
        "battery_charging": ("battery_charging", "bool", False),
        "battery_level": ("battery_level", "int", False),
        "battery_low_power_mode": ("battery_low_power_mode", "bool", False),
        "canvas": ("canvas", ("model", "Canvas", "canvas"), False),
        "color_depth": ("color_depth", "int", False),
        "cookies_enabled": ("cookies_enabled", "bool", False),
        "date_time_locale": ("date_time_locale", "str", False),
        "device_manufacturer": ("device_manufacturer", "str", False),
        "device_memory": ("device_memory", "int", False),
        "device_model": ("device_model", "str", False),
        "emoji": ("emoji", ("model", "Emoji", "emoji"), False),
        "font_hash": ("font_hash", "str", False),
        "font_preferences": ("font_preferences", ("model", "FontPreferences", "font_preferences"), False),
        "fonts": ("fonts", ("list", "str"), False),
        "hardware_concurrency": ("hardware_concurrency", "int", False),
        "indexed_db": ("indexed_db", "bool", False),
        "keyboard_layout_hash": ("keyboard_layout_hash", "str", False),
        "keyboard_layout_name": ("keyboard_layout_name", "str", False),
        "languages": ("languages", ("list", ("list", "str")), False),
        "local_storage": ("local_storage", "bool", False),
        "math": ("math", "str", False),
        "oscpu": ("oscpu", "str", False),
        "platform": ("platform", "str", False),
        "plugins": ("plugins", ("list", ("model", "PluginsItem", "plugins_item")), False),
        "screen_resolution": ("screen_resolution", ("list", "int"), False),
        "session_storage": ("session_storage", "bool", False),
        "timezone": ("timezone", "str", False),
        "timezone_offset": ("timezone_offset", "str", False),
        "touch_support": ("touch_support", ("model", "TouchSupport", "touch_support"), False),
        "vendor": ("vendor", "str", False),
        "webgl_basics": ("webgl_basics", ("model", "WebGlBasics", "web_gl_basics"), False),
        "webgl_extensions": ("webgl_extensions", ("model", "WebGlExtensions", "web_gl_extensions"), False),
    }
