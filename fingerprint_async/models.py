"""The models of the API, by the names that stay: what the client returns and takes.

Written by `scripts/generate`, like the classes themselves; loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fingerprint_async_generated.api.events.get_event import GetEventParams
    from fingerprint_async_generated.api.events.search_events import SearchEventsParams
    from fingerprint_async_generated.models.bot_info import BotInfo
    from fingerprint_async_generated.models.bot_info_category import BotInfoCategory
    from fingerprint_async_generated.models.bot_info_confidence import BotInfoConfidence
    from fingerprint_async_generated.models.bot_info_identity import BotInfoIdentity
    from fingerprint_async_generated.models.bot_result import BotResult
    from fingerprint_async_generated.models.browser_details import BrowserDetails
    from fingerprint_async_generated.models.canvas import Canvas
    from fingerprint_async_generated.models.device_details import DeviceDetails
    from fingerprint_async_generated.models.edge_request import EdgeRequest
    from fingerprint_async_generated.models.edge_request_headers_item import EdgeRequestHeadersItem
    from fingerprint_async_generated.models.edge_response import EdgeResponse
    from fingerprint_async_generated.models.emoji import Emoji
    from fingerprint_async_generated.models.error import Error
    from fingerprint_async_generated.models.error_code import ErrorCode
    from fingerprint_async_generated.models.error_response import ErrorResponse
    from fingerprint_async_generated.models.event import Event
    from fingerprint_async_generated.models.event_rule_action_allow import EventRuleActionAllow
    from fingerprint_async_generated.models.event_rule_action_block import EventRuleActionBlock
    from fingerprint_async_generated.models.event_search import EventSearch
    from fingerprint_async_generated.models.event_source import EventSource
    from fingerprint_async_generated.models.event_update import EventUpdate
    from fingerprint_async_generated.models.font_preferences import FontPreferences
    from fingerprint_async_generated.models.geolocation import Geolocation
    from fingerprint_async_generated.models.geolocation_subdivisions_item import (
        GeolocationSubdivisionsItem,
    )
    from fingerprint_async_generated.models.identification import Identification
    from fingerprint_async_generated.models.identification_confidence import (
        IdentificationConfidence,
    )
    from fingerprint_async_generated.models.incremental_identification_status import (
        IncrementalIdentificationStatus,
    )
    from fingerprint_async_generated.models.integration import Integration
    from fingerprint_async_generated.models.integration_subintegration import (
        IntegrationSubintegration,
    )
    from fingerprint_async_generated.models.ip_block_list import IPBlockList
    from fingerprint_async_generated.models.ip_info import IPInfo
    from fingerprint_async_generated.models.ip_info_v4 import IPInfoV4
    from fingerprint_async_generated.models.ip_info_v6 import IPInfoV6
    from fingerprint_async_generated.models.labels_item import LabelsItem
    from fingerprint_async_generated.models.plugins_item import PluginsItem
    from fingerprint_async_generated.models.plugins_item_mime_types_item import (
        PluginsItemMimeTypesItem,
    )
    from fingerprint_async_generated.models.proximity import Proximity
    from fingerprint_async_generated.models.proximity_precision_radius import (
        ProximityPrecisionRadius,
    )
    from fingerprint_async_generated.models.proxy_confidence import ProxyConfidence
    from fingerprint_async_generated.models.proxy_details import ProxyDetails
    from fingerprint_async_generated.models.proxy_details_proxy_type import ProxyDetailsProxyType
    from fingerprint_async_generated.models.rare_device_percentile_bucket import (
        RareDevicePercentileBucket,
    )
    from fingerprint_async_generated.models.raw_device_attributes import RawDeviceAttributes
    from fingerprint_async_generated.models.request_header_modifications import (
        RequestHeaderModifications,
    )
    from fingerprint_async_generated.models.rule_action_header_field import RuleActionHeaderField
    from fingerprint_async_generated.models.rule_action_type import RuleActionType
    from fingerprint_async_generated.models.sdk import SDK
    from fingerprint_async_generated.models.sdk_platform import SDKPlatform
    from fingerprint_async_generated.models.search_events_bot import SearchEventsBot
    from fingerprint_async_generated.models.search_events_bot_info import SearchEventsBotInfo
    from fingerprint_async_generated.models.search_events_incremental_identification_status import (
        SearchEventsIncrementalIdentificationStatus,
    )
    from fingerprint_async_generated.models.search_events_rare_device_percentile_bucket import (
        SearchEventsRareDevicePercentileBucket,
    )
    from fingerprint_async_generated.models.search_events_sdk_platform import (
        SearchEventsSdkPlatform,
    )
    from fingerprint_async_generated.models.search_events_source_item import SearchEventsSourceItem
    from fingerprint_async_generated.models.search_events_vpn_confidence import (
        SearchEventsVpnConfidence,
    )
    from fingerprint_async_generated.models.supplementary_id_high_recall import (
        SupplementaryIDHighRecall,
    )
    from fingerprint_async_generated.models.tampering_confidence import TamperingConfidence
    from fingerprint_async_generated.models.tampering_details import TamperingDetails
    from fingerprint_async_generated.models.touch_support import TouchSupport
    from fingerprint_async_generated.models.velocity import Velocity
    from fingerprint_async_generated.models.velocity_data import VelocityData
    from fingerprint_async_generated.models.vpn_confidence import VpnConfidence
    from fingerprint_async_generated.models.vpn_methods import VpnMethods
    from fingerprint_async_generated.models.web_gl_basics import WebGlBasics
    from fingerprint_async_generated.models.web_gl_extensions import WebGlExtensions
    from fingerprint_async_generated.types import (
        UNSET,
        Finding,
        Model,
        OpenIntEnum,
        OpenStrEnum,
        UnknownVariant,
        Unset,
        preload,
    )

__all__ = [
    "SDK",
    "UNSET",
    "BotInfo",
    "BotInfoCategory",
    "BotInfoConfidence",
    "BotInfoIdentity",
    "BotResult",
    "BrowserDetails",
    "Canvas",
    "DeviceDetails",
    "EdgeRequest",
    "EdgeRequestHeadersItem",
    "EdgeResponse",
    "Emoji",
    "Error",
    "ErrorCode",
    "ErrorResponse",
    "Event",
    "EventRuleActionAllow",
    "EventRuleActionBlock",
    "EventSearch",
    "EventSource",
    "EventUpdate",
    "Finding",
    "FontPreferences",
    "Geolocation",
    "GeolocationSubdivisionsItem",
    "GetEventParams",
    "IPBlockList",
    "IPInfo",
    "IPInfoV4",
    "IPInfoV6",
    "Identification",
    "IdentificationConfidence",
    "IncrementalIdentificationStatus",
    "Integration",
    "IntegrationSubintegration",
    "LabelsItem",
    "Model",
    "OpenIntEnum",
    "OpenStrEnum",
    "PluginsItem",
    "PluginsItemMimeTypesItem",
    "Proximity",
    "ProximityPrecisionRadius",
    "ProxyConfidence",
    "ProxyDetails",
    "ProxyDetailsProxyType",
    "RareDevicePercentileBucket",
    "RawDeviceAttributes",
    "RequestHeaderModifications",
    "RuleActionHeaderField",
    "RuleActionType",
    "SDKPlatform",
    "SearchEventsBot",
    "SearchEventsBotInfo",
    "SearchEventsIncrementalIdentificationStatus",
    "SearchEventsParams",
    "SearchEventsRareDevicePercentileBucket",
    "SearchEventsSdkPlatform",
    "SearchEventsSourceItem",
    "SearchEventsVpnConfidence",
    "SupplementaryIDHighRecall",
    "TamperingConfidence",
    "TamperingDetails",
    "TouchSupport",
    "UnknownVariant",
    "Unset",
    "Velocity",
    "VelocityData",
    "VpnConfidence",
    "VpnMethods",
    "WebGlBasics",
    "WebGlExtensions",
    "preload",
]

# Name → module of the generated package.
_MODULES = {
    "BotInfo": "models.bot_info",
    "BotInfoCategory": "models.bot_info_category",
    "BotInfoConfidence": "models.bot_info_confidence",
    "BotInfoIdentity": "models.bot_info_identity",
    "BotResult": "models.bot_result",
    "BrowserDetails": "models.browser_details",
    "Canvas": "models.canvas",
    "DeviceDetails": "models.device_details",
    "EdgeRequest": "models.edge_request",
    "EdgeRequestHeadersItem": "models.edge_request_headers_item",
    "EdgeResponse": "models.edge_response",
    "Emoji": "models.emoji",
    "Error": "models.error",
    "ErrorCode": "models.error_code",
    "ErrorResponse": "models.error_response",
    "Event": "models.event",
    "EventRuleActionAllow": "models.event_rule_action_allow",
    "EventRuleActionBlock": "models.event_rule_action_block",
    "EventSearch": "models.event_search",
    "EventSource": "models.event_source",
    "EventUpdate": "models.event_update",
    "Finding": "types",
    "FontPreferences": "models.font_preferences",
    "Geolocation": "models.geolocation",
    "GeolocationSubdivisionsItem": "models.geolocation_subdivisions_item",
    "GetEventParams": "api.events.get_event",
    "IPBlockList": "models.ip_block_list",
    "IPInfo": "models.ip_info",
    "IPInfoV4": "models.ip_info_v4",
    "IPInfoV6": "models.ip_info_v6",
    "Identification": "models.identification",
    "IdentificationConfidence": "models.identification_confidence",
    "IncrementalIdentificationStatus": "models.incremental_identification_status",
    "Integration": "models.integration",
    "IntegrationSubintegration": "models.integration_subintegration",
    "LabelsItem": "models.labels_item",
    "Model": "types",
    "OpenIntEnum": "types",
    "OpenStrEnum": "types",
    "PluginsItem": "models.plugins_item",
    "PluginsItemMimeTypesItem": "models.plugins_item_mime_types_item",
    "Proximity": "models.proximity",
    "ProximityPrecisionRadius": "models.proximity_precision_radius",
    "ProxyConfidence": "models.proxy_confidence",
    "ProxyDetails": "models.proxy_details",
    "ProxyDetailsProxyType": "models.proxy_details_proxy_type",
    "RareDevicePercentileBucket": "models.rare_device_percentile_bucket",
    "RawDeviceAttributes": "models.raw_device_attributes",
    "RequestHeaderModifications": "models.request_header_modifications",
    "RuleActionHeaderField": "models.rule_action_header_field",
    "RuleActionType": "models.rule_action_type",
    "SDK": "models.sdk",
    "SDKPlatform": "models.sdk_platform",
    "SearchEventsBot": "models.search_events_bot",
    "SearchEventsBotInfo": "models.search_events_bot_info",
    "SearchEventsIncrementalIdentificationStatus": "models.search_events_incremental_identification_status",
    "SearchEventsParams": "api.events.search_events",
    "SearchEventsRareDevicePercentileBucket": "models.search_events_rare_device_percentile_bucket",
    "SearchEventsSdkPlatform": "models.search_events_sdk_platform",
    "SearchEventsSourceItem": "models.search_events_source_item",
    "SearchEventsVpnConfidence": "models.search_events_vpn_confidence",
    "SupplementaryIDHighRecall": "models.supplementary_id_high_recall",
    "TamperingConfidence": "models.tampering_confidence",
    "TamperingDetails": "models.tampering_details",
    "TouchSupport": "models.touch_support",
    "UNSET": "types",
    "UnknownVariant": "types",
    "Unset": "types",
    "Velocity": "models.velocity",
    "VelocityData": "models.velocity_data",
    "VpnConfidence": "models.vpn_confidence",
    "VpnMethods": "models.vpn_methods",
    "WebGlBasics": "models.web_gl_basics",
    "WebGlExtensions": "models.web_gl_extensions",
    "preload": "types",
}


def __getattr__(name: str) -> object:
    try:
        module = _MODULES[name]
    except KeyError:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg) from None
    value = globals()[name] = getattr(import_module(f"fingerprint_async_generated.{module}"), name)
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
