from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..types import UNSET, Fields, Model, UnknownVariant, Unset, model

if TYPE_CHECKING:
    from .bot_info import BotInfo
    from .bot_result import BotResult
    from .browser_details import BrowserDetails
    from .device_details import DeviceDetails
    from .event_rule_action_allow import EventRuleActionAllow
    from .event_rule_action_block import EventRuleActionBlock
    from .event_source import EventSource
    from .identification import Identification
    from .incremental_identification_status import IncrementalIdentificationStatus
    from .ip_block_list import IPBlockList
    from .ip_info import IPInfo
    from .labels_item import LabelsItem
    from .proximity import Proximity
    from .proxy_confidence import ProxyConfidence
    from .proxy_details import ProxyDetails
    from .rare_device_percentile_bucket import RareDevicePercentileBucket
    from .raw_device_attributes import RawDeviceAttributes
    from .sdk import SDK
    from .supplementary_id_high_recall import SupplementaryIDHighRecall
    from .tampering_confidence import TamperingConfidence
    from .tampering_details import TamperingDetails
    from .velocity import Velocity
    from .vpn_confidence import VpnConfidence
    from .vpn_methods import VpnMethods

__all__ = ["Event"]


@model(kw_only=True)
class Event(Model):
    """One identification or edge event: who it was, what on, and every signal that was computed.

    Which fields are there depends on the platform, on the signals of your plan, and on when the
    event was made."""

    event_id: str
    """The id of the event: for recent ones Unix ms, a dot, six characters."""
    timestamp: int
    """When the event was made, Unix ms."""
    active_call: bool | Unset = UNSET
    """Whether a call, cellular or over the net, was going on. Mobile only, agents from 2.16.0."""
    bot: BotResult | Unset = UNSET
    """Whether a bot was found, and of which kind. Browsers only."""
    bot_info: BotInfo | Unset = UNSET
    """The bot, where it is a known one."""
    bot_type: str | Unset = UNSET
    """What gave the bot away; free text of the service."""
    browser_details: BrowserDetails | Unset = UNSET
    """The browser, read from its user agent. Browsers only."""
    bundle_id: str | Unset = UNSET
    """The app that the event was sent from; iOS only."""
    client_referrer: str | Unset = UNSET
    """The page that led to this one; empty for a direct visit. Browsers only."""
    cloned_app: bool | Unset = UNSET
    """Whether the app runs as a clone of itself. Android only."""
    developer_tools: bool | Unset = UNSET
    """Whether developer tools, or developer options on a phone, were on."""
    device: str | Unset = UNSET
    """The device, as the agent names it."""
    device_details: DeviceDetails | Unset = UNSET
    """Maker, model and system of the mobile device."""
    emulator: bool | Unset = UNSET
    """Whether the device is emulated. Android only."""
    environment_id: str | Unset = UNSET
    """The environment of your workspace that the event belongs to."""
    factory_reset_timestamp: int | Unset = UNSET
    """When the mobile device was last reset to factory state; 0 where none is known."""
    frida: bool | Unset = UNSET
    """Whether the Frida toolkit was found. Mobile only."""
    high_activity_device: bool | Unset = UNSET
    """Whether the visitor is unusually active."""
    identification: Identification | Unset = UNSET
    """The visitor, and how sure that is."""
    incognito: bool | Unset = UNSET
    """Whether the browser window is a private one."""
    incremental_identification_status: IncrementalIdentificationStatus | Unset = UNSET
    """How far an incremental identification got; absent for one done in one go. While it is
    partial, no signal is meaningful."""
    ip_address: str | Unset = UNSET
    """The address that the request came from, IPv4 or IPv6."""
    ip_blocklist: IPBlockList | Unset = UNSET
    """Block lists that name the address."""
    ip_info: IPInfo | Unset = UNSET
    """What is known of the address: where it is, whose it is."""
    jailbroken: bool | Unset = UNSET
    """Whether the device is jailbroken. iOS only."""
    labels: list[LabelsItem] | Unset = UNSET
    """Predictions for use cases of your own, by trained models. Beta."""
    linked_id: str | Unset = UNSET
    """Your own id for the event: a session, an order."""
    location_spoofing: bool | Unset = UNSET
    """Whether the device fakes its location. Mobile only."""
    mitm_attack: bool | Unset = UNSET
    """Whether traffic between the device and the service was intercepted. Mobile only."""
    os: str | Unset = UNSET
    """The operating system."""
    os_version: str | Unset = UNSET
    """The version of the operating system."""
    package_name: str | Unset = UNSET
    """The app that the event was sent from; Android only."""
    privacy_settings: bool | Unset = UNSET
    """Whether the browser resists fingerprinting, as Tor does."""
    proximity: Proximity | Unset = UNSET
    """The zone on the map that the device was in."""
    proxy: bool | Unset = UNSET
    """Whether the request came through a proxy."""
    proxy_confidence: ProxyConfidence | Unset = UNSET
    """How sure the proxy verdict is."""
    proxy_details: ProxyDetails | Unset = UNSET
    """The proxy, where one was found."""
    proxy_ml_score: float | Unset = UNSET
    """How likely a proxy is by machine learning, 0 to 1. Beta."""
    rare_device: bool | Unset = UNSET
    """Whether few devices are like this one. Beta."""
    rare_device_percentile_bucket: RareDevicePercentileBucket | Unset = UNSET
    """How rare devices like this one are, by percentile. Beta."""
    raw_device_attributes: RawDeviceAttributes | Unset = UNSET
    """Attributes of the device as the agent read them."""
    replayed: bool | Unset = UNSET
    """Whether the payload had been sent before: a replay."""
    root_apps: bool | Unset = UNSET
    """Whether apps that manage root access were found. Android only."""
    rule_action: EventRuleActionAllow | EventRuleActionBlock | UnknownVariant | Unset = UNSET
    """What your ruleset says to do with the request; there when a ruleset was evaluated. A kind of
    action that this version does not know is an `UnknownVariant`."""
    sdk: SDK | Unset = UNSET
    """The agent that collected the event."""
    simulator: bool | Unset = UNSET
    """Whether the device is simulated. iOS only."""
    source: EventSource | Unset = UNSET
    """Whether a device or the edge made the event."""
    supplementary_id_high_recall: SupplementaryIDHighRecall | Unset = UNSET
    """The visitor by the method that would rather recognise too many than too few."""
    suspect: bool | Unset = UNSET
    """Whether you marked the event as suspect, by updating it."""
    suspect_score: int | Unset = UNSET
    """All signals as one weighted sum, from 0 up; higher is more suspect."""
    tags: dict[str, Any] | Unset = UNSET
    """Your own data, as you attached it."""
    tampering: bool | Unset = UNSET
    """Whether the browser or app was tampered with."""
    tampering_confidence: TamperingConfidence | Unset = UNSET
    """How sure the tampering verdict is."""
    tampering_details: TamperingDetails | Unset = UNSET
    """What the tampering verdict rests on."""
    tampering_ml_score: float | Unset = UNSET
    """How likely an anti-detect browser is by machine learning, 0 to 1."""
    url: str | Unset = UNSET
    """The page that the event was sent from; browsers only."""
    user_agent: str | Unset = UNSET
    """The User-Agent of the request."""
    velocity: Velocity | Unset = UNSET
    """How often this visitor, address and linked id were seen lately."""
    virtual_machine: bool | Unset = UNSET
    """Whether the browser runs in a virtual machine."""
    virtual_machine_ml_score: float | Unset = UNSET
    """How likely a virtual machine is by machine learning, 0 to 1."""
    vpn: bool | Unset = UNSET
    """Whether the request came through a VPN."""
    vpn_confidence: VpnConfidence | Unset = UNSET
    """How sure the VPN verdict is."""
    vpn_methods: VpnMethods | Unset = UNSET
    """Which methods found a VPN."""
    vpn_ml_score: float | Unset = UNSET
    """How likely a VPN is by machine learning, 0 to 1."""
    vpn_origin_country: str | Unset = UNSET
    """The country of the device behind the VPN, two letters."""
    vpn_origin_timezone: str | Unset = UNSET
    """The time zone of the device behind the VPN."""

    _fields_: ClassVar[Fields] = {
        "event_id": ("event_id", "str", True),
        "timestamp": ("timestamp", "int", True),
        "active_call": ("active_call", "bool", False),
        "bot": ("bot", ("enum", "BotResult", "bot_result"), False),
        "bot_info": ("bot_info", ("model", "BotInfo", "bot_info"), False),
        "bot_type": ("bot_type", "str", False),
        "browser_details": (
            "browser_details",
            ("model", "BrowserDetails", "browser_details"),
            False,
        ),
        "bundle_id": ("bundle_id", "str", False),
        "client_referrer": ("client_referrer", "str", False),
        "cloned_app": ("cloned_app", "bool", False),
        "developer_tools": ("developer_tools", "bool", False),
        "device": ("device", "str", False),
        "device_details": ("device_details", ("model", "DeviceDetails", "device_details"), False),
        "emulator": ("emulator", "bool", False),
        "environment_id": ("environment_id", "str", False),
        "factory_reset_timestamp": ("factory_reset_timestamp", "int", False),
        "frida": ("frida", "bool", False),
        "high_activity_device": ("high_activity_device", "bool", False),
        "identification": ("identification", ("model", "Identification", "identification"), False),
        "incognito": ("incognito", "bool", False),
        "incremental_identification_status": (
            "incremental_identification_status",
            ("enum", "IncrementalIdentificationStatus", "incremental_identification_status"),
            False,
        ),
        "ip_address": ("ip_address", "str", False),
        "ip_blocklist": ("ip_blocklist", ("model", "IPBlockList", "ip_block_list"), False),
        "ip_info": ("ip_info", ("model", "IPInfo", "ip_info"), False),
        "jailbroken": ("jailbroken", "bool", False),
        "labels": ("labels", ("list", ("model", "LabelsItem", "labels_item")), False),
        "linked_id": ("linked_id", "str", False),
        "location_spoofing": ("location_spoofing", "bool", False),
        "mitm_attack": ("mitm_attack", "bool", False),
        "os": ("os", "str", False),
        "os_version": ("os_version", "str", False),
        "package_name": ("package_name", "str", False),
        "privacy_settings": ("privacy_settings", "bool", False),
        "proximity": ("proximity", ("model", "Proximity", "proximity"), False),
        "proxy": ("proxy", "bool", False),
        "proxy_confidence": (
            "proxy_confidence",
            ("enum", "ProxyConfidence", "proxy_confidence"),
            False,
        ),
        "proxy_details": ("proxy_details", ("model", "ProxyDetails", "proxy_details"), False),
        "proxy_ml_score": ("proxy_ml_score", "float", False),
        "rare_device": ("rare_device", "bool", False),
        "rare_device_percentile_bucket": (
            "rare_device_percentile_bucket",
            ("enum", "RareDevicePercentileBucket", "rare_device_percentile_bucket"),
            False,
        ),
        "raw_device_attributes": (
            "raw_device_attributes",
            ("model", "RawDeviceAttributes", "raw_device_attributes"),
            False,
        ),
        "replayed": ("replayed", "bool", False),
        "root_apps": ("root_apps", "bool", False),
        "rule_action": (
            "rule_action",
            (
                "union",
                "type",
                (
                    ("allow", "EventRuleActionAllow", "event_rule_action_allow"),
                    ("block", "EventRuleActionBlock", "event_rule_action_block"),
                ),
            ),
            False,
        ),
        "sdk": ("sdk", ("model", "SDK", "sdk"), False),
        "simulator": ("simulator", "bool", False),
        "source": ("source", ("enum", "EventSource", "event_source"), False),
        "supplementary_id_high_recall": (
            "supplementary_id_high_recall",
            ("model", "SupplementaryIDHighRecall", "supplementary_id_high_recall"),
            False,
        ),
        "suspect": ("suspect", "bool", False),
        "suspect_score": ("suspect_score", "int", False),
        "tags": ("tags", "object", False),
        "tampering": ("tampering", "bool", False),
        "tampering_confidence": (
            "tampering_confidence",
            ("enum", "TamperingConfidence", "tampering_confidence"),
            False,
        ),
        "tampering_details": (
            "tampering_details",
            ("model", "TamperingDetails", "tampering_details"),
            False,
        ),
        "tampering_ml_score": ("tampering_ml_score", "float", False),
        "url": ("url", "str", False),
        "user_agent": ("user_agent", "str", False),
        "velocity": ("velocity", ("model", "Velocity", "velocity"), False),
        "virtual_machine": ("virtual_machine", "bool", False),
        "virtual_machine_ml_score": ("virtual_machine_ml_score", "float", False),
        "vpn": ("vpn", "bool", False),
        "vpn_confidence": ("vpn_confidence", ("enum", "VpnConfidence", "vpn_confidence"), False),
        "vpn_methods": ("vpn_methods", ("model", "VpnMethods", "vpn_methods"), False),
        "vpn_ml_score": ("vpn_ml_score", "float", False),
        "vpn_origin_country": ("vpn_origin_country", "str", False),
        "vpn_origin_timezone": ("vpn_origin_timezone", "str", False),
    }
    _item_: ClassVar[bool] = True
