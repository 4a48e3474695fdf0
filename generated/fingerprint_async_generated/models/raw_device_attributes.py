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
    """Attributes of a device as the agent read them; which are there depends on the platform."""

    architecture: int | Unset = UNSET
    """The processor's architecture, a number."""
    audio: float | Unset = UNSET
    """Fingerprint of the audio stack; negative numbers are errors."""
    battery_charging: bool | Unset = UNSET
    """Whether it is charging."""
    battery_level: int | Unset = UNSET
    """Charge, per cent."""
    battery_low_power_mode: bool | Unset = UNSET
    """Whether it saves power."""
    canvas: Canvas | Unset = UNSET
    """What the canvas draws."""
    color_depth: int | Unset = UNSET
    """Bits a pixel."""
    cookies_enabled: bool | Unset = UNSET
    """Whether cookies are on."""
    date_time_locale: str | Unset = UNSET
    """The locale of dates; negative numbers are errors."""
    device_manufacturer: str | Unset = UNSET
    """Who made the device."""
    device_memory: int | Unset = UNSET
    """Memory, rounded, gigabytes."""
    device_model: str | Unset = UNSET
    """The model of the device."""
    emoji: Emoji | Unset = UNSET
    """How an emoji is drawn."""
    font_hash: str | Unset = UNSET
    """Hash of the installed fonts."""
    font_preferences: FontPreferences | Unset = UNSET
    """How wide text is in standard fonts."""
    fonts: list[str] | Unset = UNSET
    """Fonts that are there."""
    hardware_concurrency: int | Unset = UNSET
    """How many logical processors there are."""
    indexed_db: bool | Unset = UNSET
    """Whether there is IndexedDB."""
    keyboard_layout_hash: str | Unset = UNSET
    """Hash of the keyboard layout."""
    keyboard_layout_name: str | Unset = UNSET
    """The name of the keyboard layout."""
    languages: list[list[str]] | Unset = UNSET
    """Languages in order of preference, a list for each place they were read from."""
    local_storage: bool | Unset = UNSET
    """Whether there is local storage."""
    math: str | Unset = UNSET
    """Hash of what mathematical functions give."""
    oscpu: str | Unset = UNSET
    """The platform by `navigator.oscpu`."""
    platform: str | Unset = UNSET
    """The platform by `navigator.platform`."""
    plugins: list[PluginsItem] | Unset = UNSET
    """Plugins of the browser."""
    screen_resolution: list[int] | Unset = UNSET
    """Width and height, pixels."""
    session_storage: bool | Unset = UNSET
    """Whether there is session storage."""
    timezone: str | Unset = UNSET
    """The IANA time zone."""
    timezone_offset: str | Unset = UNSET
    """Hours and minutes from UTC, `+HH:MM` or `-HH:MM`."""
    touch_support: TouchSupport | Unset = UNSET
    """What touch the screen has."""
    vendor: str | Unset = UNSET
    """The vendor of the browser."""
    webgl_basics: WebGlBasics | Unset = UNSET
    """Who made the graphics, and how."""
    webgl_extensions: WebGlExtensions | Unset = UNSET
    """Hashes of what WebGL offers."""

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
        "font_preferences": (
            "font_preferences",
            ("model", "FontPreferences", "font_preferences"),
            False,
        ),
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
        "webgl_extensions": (
            "webgl_extensions",
            ("model", "WebGlExtensions", "web_gl_extensions"),
            False,
        ),
    }
