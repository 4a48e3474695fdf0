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
    """Event."""

    event_id: str
    """Event id."""
    timestamp: int
    """Timestamp."""
    active_call: bool | Unset = UNSET
    """Active call."""
    bot: BotResult | Unset = UNSET
    """Bot."""
    bot_info: BotInfo | Unset = UNSET
    """Bot info."""
    bot_type: str | Unset = UNSET
    """Bot type."""
    browser_details: BrowserDetails | Unset = UNSET
    """Browser details."""
    bundle_id: str | Unset = UNSET
    """Bundle id."""
    client_referrer: str | Unset = UNSET
    """Client referrer."""
    cloned_app: bool | Unset = UNSET
    """Cloned app."""
    developer_tools: bool | Unset = UNSET
    """Developer tools."""
    device: str | Unset = UNSET
    """Device."""
    device_details: DeviceDetails | Unset = UNSET
    """Device details."""
    emulator: bool | Unset = UNSET
    """Emulator."""
    environment_id: str | Unset = UNSET
    """Environment id."""
    factory_reset_timestamp: int | Unset = UNSET
    """Factory reset timestamp."""
    frida: bool | Unset = UNSET
    """Frida."""
    high_activity_device: bool | Unset = UNSET
    """High activity device."""
    identification: Identification | Unset = UNSET
    """Identification."""
    incognito: bool | Unset = UNSET
    """Incognito."""
    incremental_identification_status: IncrementalIdentificationStatus | Unset = UNSET
    """Incremental identification status."""
    ip_address: str | Unset = UNSET
    """Ip address."""
    ip_blocklist: IPBlockList | Unset = UNSET
    """Ip blocklist."""
    ip_info: IPInfo | Unset = UNSET
    """Ip info."""
    jailbroken: bool | Unset = UNSET
    """Jailbroken."""
    labels: list[LabelsItem] | Unset = UNSET
    """Labels."""
    linked_id: str | Unset = UNSET
    """Linked id."""
    location_spoofing: bool | Unset = UNSET
    """Location spoofing."""
    mitm_attack: bool | Unset = UNSET
    """Mitm attack."""
    os: str | Unset = UNSET
    """Os."""
    os_version: str | Unset = UNSET
    """Os version."""
    package_name: str | Unset = UNSET
    """Package name."""
    privacy_settings: bool | Unset = UNSET
    """Privacy settings."""
    proximity: Proximity | Unset = UNSET
    """Proximity."""
    proxy: bool | Unset = UNSET
    """Proxy."""
    proxy_confidence: ProxyConfidence | Unset = UNSET
    """Proxy confidence."""
    proxy_details: ProxyDetails | Unset = UNSET
    """Proxy details."""
    proxy_ml_score: float | Unset = UNSET
    """Proxy ml score."""
    rare_device: bool | Unset = UNSET
    """Rare device."""
    rare_device_percentile_bucket: RareDevicePercentileBucket | Unset = UNSET
    """Rare device percentile bucket."""
    raw_device_attributes: RawDeviceAttributes | Unset = UNSET
    """Raw device attributes."""
    replayed: bool | Unset = UNSET
    """Replayed."""
    root_apps: bool | Unset = UNSET
    """Root apps."""
    rule_action: EventRuleActionAllow | EventRuleActionBlock | UnknownVariant | Unset = UNSET
    """Rule action."""
    sdk: SDK | Unset = UNSET
    """Sdk."""
    simulator: bool | Unset = UNSET
    """Simulator."""
    source: EventSource | Unset = UNSET
    """Source."""
    supplementary_id_high_recall: SupplementaryIDHighRecall | Unset = UNSET
    """Supplementary id high recall."""
    suspect: bool | Unset = UNSET
    """Suspect."""
    suspect_score: int | Unset = UNSET
    """Suspect score."""
    tags: dict[str, Any] | Unset = UNSET
    """Tags."""
    tampering: bool | Unset = UNSET
    """Tampering."""
    tampering_confidence: TamperingConfidence | Unset = UNSET
    """Tampering confidence."""
    tampering_details: TamperingDetails | Unset = UNSET
    """Tampering details."""
    tampering_ml_score: float | Unset = UNSET
    """Tampering ml score."""
    url: str | Unset = UNSET
    """Url."""
    user_agent: str | Unset = UNSET
    """User agent."""
    velocity: Velocity | Unset = UNSET
    """Velocity."""
    virtual_machine: bool | Unset = UNSET
    """Virtual machine."""
    virtual_machine_ml_score: float | Unset = UNSET
    """Virtual machine ml score."""
    vpn: bool | Unset = UNSET
    """Vpn."""
    vpn_confidence: VpnConfidence | Unset = UNSET
    """Vpn confidence."""
    vpn_methods: VpnMethods | Unset = UNSET
    """Vpn methods."""
    vpn_ml_score: float | Unset = UNSET
    """Vpn ml score."""
    vpn_origin_country: str | Unset = UNSET
    """Vpn origin country."""
    vpn_origin_timezone: str | Unset = UNSET
    """Vpn origin timezone."""

    _fields_: ClassVar[Fields] = {
        "event_id": ("event_id", "str", True),
        "timestamp": ("timestamp", "int", True),
        "active_call": ("active_call", "bool", False),
        "bot": ("bot", ("enum", "BotResult", "bot_result"), False),
        "bot_info": ("bot_info", ("model", "BotInfo", "bot_info"), False),
        "bot_type": ("bot_type", "str", False),
        "browser_details": ("browser_details", ("model", "BrowserDetails", "browser_details"), False),
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
        "proxy_confidence": ("proxy_confidence", ("enum", "ProxyConfidence", "proxy_confidence"), False),
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
        "tampering_details": ("tampering_details", ("model", "TamperingDetails", "tampering_details"), False),
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
