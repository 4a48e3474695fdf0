"""The models of the API, by the names that stay: what the client returns and takes.

Written by `scripts/generate`, like the classes themselves; loaded when first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fingerprint_async_generated.api.events.get_event import GetEventParams as GetEventParams
    from fingerprint_async_generated.api.events.search_events import SearchEventsParams as SearchEventsParams
    from fingerprint_async_generated.models.bot_info import BotInfo as BotInfo
    from fingerprint_async_generated.models.bot_info_category import BotInfoCategory as BotInfoCategory
    from fingerprint_async_generated.models.bot_info_confidence import BotInfoConfidence as BotInfoConfidence
    from fingerprint_async_generated.models.bot_info_identity import BotInfoIdentity as BotInfoIdentity
    from fingerprint_async_generated.models.bot_result import BotResult as BotResult
    from fingerprint_async_generated.models.browser_details import BrowserDetails as BrowserDetails
    from fingerprint_async_generated.models.canvas import Canvas as Canvas
    from fingerprint_async_generated.models.device_details import DeviceDetails as DeviceDetails
    from fingerprint_async_generated.models.edge_request import EdgeRequest as EdgeRequest
    from fingerprint_async_generated.models.edge_request_headers_item import (
        EdgeRequestHeadersItem as EdgeRequestHeadersItem,
    )
    from fingerprint_async_generated.models.edge_response import EdgeResponse as EdgeResponse
    from fingerprint_async_generated.models.emoji import Emoji as Emoji
    from fingerprint_async_generated.models.error import Error as Error
    from fingerprint_async_generated.models.error_code import ErrorCode as ErrorCode
    from fingerprint_async_generated.models.error_response import ErrorResponse as ErrorResponse
    from fingerprint_async_generated.models.event import Event as Event
    from fingerprint_async_generated.models.event_rule_action_allow import (
        EventRuleActionAllow as EventRuleActionAllow,
    )
    from fingerprint_async_generated.models.event_rule_action_block import (
        EventRuleActionBlock as EventRuleActionBlock,
    )
    from fingerprint_async_generated.models.event_search import EventSearch as EventSearch
    from fingerprint_async_generated.models.event_source import EventSource as EventSource
    from fingerprint_async_generated.models.event_update import EventUpdate as EventUpdate
    from fingerprint_async_generated.models.font_preferences import FontPreferences as FontPreferences
    from fingerprint_async_generated.models.geolocation import Geolocation as Geolocation
    from fingerprint_async_generated.models.geolocation_subdivisions_item import (
        GeolocationSubdivisionsItem as GeolocationSubdivisionsItem,
    )
    from fingerprint_async_generated.models.identification import Identification as Identification
    from fingerprint_async_generated.models.identification_confidence import (
        IdentificationConfidence as IdentificationConfidence,
    )
    from fingerprint_async_generated.models.incremental_identification_status import (
        IncrementalIdentificationStatus as IncrementalIdentificationStatus,
    )
    from fingerprint_async_generated.models.integration import Integration as Integration
    from fingerprint_async_generated.models.integration_subintegration import (
        IntegrationSubintegration as IntegrationSubintegration,
    )
    from fingerprint_async_generated.models.ip_block_list import IPBlockList as IPBlockList
    from fingerprint_async_generated.models.ip_info import IPInfo as IPInfo
    from fingerprint_async_generated.models.ip_info_v4 import IPInfoV4 as IPInfoV4
    from fingerprint_async_generated.models.ip_info_v6 import IPInfoV6 as IPInfoV6
    from fingerprint_async_generated.models.labels_item import LabelsItem as LabelsItem
    from fingerprint_async_generated.models.plugins_item import PluginsItem as PluginsItem
    from fingerprint_async_generated.models.plugins_item_mime_types_item import (
        PluginsItemMimeTypesItem as PluginsItemMimeTypesItem,
    )
    from fingerprint_async_generated.models.proximity import Proximity as Proximity
    from fingerprint_async_generated.models.proximity_precision_radius import (
        ProximityPrecisionRadius as ProximityPrecisionRadius,
    )
    from fingerprint_async_generated.models.proxy_confidence import ProxyConfidence as ProxyConfidence
    from fingerprint_async_generated.models.proxy_details import ProxyDetails as ProxyDetails
    from fingerprint_async_generated.models.proxy_details_proxy_type import (
        ProxyDetailsProxyType as ProxyDetailsProxyType,
    )
    from fingerprint_async_generated.models.rare_device_percentile_bucket import (
        RareDevicePercentileBucket as RareDevicePercentileBucket,
    )
    from fingerprint_async_generated.models.raw_device_attributes import (
        RawDeviceAttributes as RawDeviceAttributes,
    )
    from fingerprint_async_generated.models.request_header_modifications import (
        RequestHeaderModifications as RequestHeaderModifications,
    )
    from fingerprint_async_generated.models.rule_action_header_field import (
        RuleActionHeaderField as RuleActionHeaderField,
    )
    from fingerprint_async_generated.models.rule_action_type import RuleActionType as RuleActionType
    from fingerprint_async_generated.models.sdk import SDK as SDK
    from fingerprint_async_generated.models.sdk_platform import SDKPlatform as SDKPlatform
    from fingerprint_async_generated.models.search_events_bot import SearchEventsBot as SearchEventsBot
    from fingerprint_async_generated.models.search_events_bot_info import (
        SearchEventsBotInfo as SearchEventsBotInfo,
    )
    from fingerprint_async_generated.models.search_events_incremental_identification_status import (
        SearchEventsIncrementalIdentificationStatus as SearchEventsIncrementalIdentificationStatus,
    )
    from fingerprint_async_generated.models.search_events_rare_device_percentile_bucket import (
        SearchEventsRareDevicePercentileBucket as SearchEventsRareDevicePercentileBucket,
    )
    from fingerprint_async_generated.models.search_events_sdk_platform import (
        SearchEventsSdkPlatform as SearchEventsSdkPlatform,
    )
    from fingerprint_async_generated.models.search_events_source_item import (
        SearchEventsSourceItem as SearchEventsSourceItem,
    )
    from fingerprint_async_generated.models.search_events_vpn_confidence import (
        SearchEventsVpnConfidence as SearchEventsVpnConfidence,
    )
    from fingerprint_async_generated.models.supplementary_id_high_recall import (
        SupplementaryIDHighRecall as SupplementaryIDHighRecall,
    )
    from fingerprint_async_generated.models.tampering_confidence import (
        TamperingConfidence as TamperingConfidence,
    )
    from fingerprint_async_generated.models.tampering_details import TamperingDetails as TamperingDetails
    from fingerprint_async_generated.models.touch_support import TouchSupport as TouchSupport
    from fingerprint_async_generated.models.velocity import Velocity as Velocity
    from fingerprint_async_generated.models.velocity_data import VelocityData as VelocityData
    from fingerprint_async_generated.models.vpn_confidence import VpnConfidence as VpnConfidence
    from fingerprint_async_generated.models.vpn_methods import VpnMethods as VpnMethods
    from fingerprint_async_generated.models.web_gl_basics import WebGlBasics as WebGlBasics
    from fingerprint_async_generated.models.web_gl_extensions import WebGlExtensions as WebGlExtensions
    from fingerprint_async_generated.types import UNSET as UNSET
    from fingerprint_async_generated.types import Finding as Finding
    from fingerprint_async_generated.types import Model as Model
    from fingerprint_async_generated.types import OpenIntEnum as OpenIntEnum
    from fingerprint_async_generated.types import OpenStrEnum as OpenStrEnum
    from fingerprint_async_generated.types import UnknownVariant as UnknownVariant
    from fingerprint_async_generated.types import Unset as Unset

__all__ = [
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
    "SDK",
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
    "UNSET",
    "UnknownVariant",
    "Unset",
    "Velocity",
    "VelocityData",
    "VpnConfidence",
    "VpnMethods",
    "WebGlBasics",
    "WebGlExtensions",
]

_MODULES = {
    "BotInfo": "fingerprint_async_generated.models.bot_info",
    "BotInfoCategory": "fingerprint_async_generated.models.bot_info_category",
    "BotInfoConfidence": "fingerprint_async_generated.models.bot_info_confidence",
    "BotInfoIdentity": "fingerprint_async_generated.models.bot_info_identity",
    "BotResult": "fingerprint_async_generated.models.bot_result",
    "BrowserDetails": "fingerprint_async_generated.models.browser_details",
    "Canvas": "fingerprint_async_generated.models.canvas",
    "DeviceDetails": "fingerprint_async_generated.models.device_details",
    "EdgeRequest": "fingerprint_async_generated.models.edge_request",
    "EdgeRequestHeadersItem": "fingerprint_async_generated.models.edge_request_headers_item",
    "EdgeResponse": "fingerprint_async_generated.models.edge_response",
    "Emoji": "fingerprint_async_generated.models.emoji",
    "Error": "fingerprint_async_generated.models.error",
    "ErrorCode": "fingerprint_async_generated.models.error_code",
    "ErrorResponse": "fingerprint_async_generated.models.error_response",
    "Event": "fingerprint_async_generated.models.event",
    "EventRuleActionAllow": "fingerprint_async_generated.models.event_rule_action_allow",
    "EventRuleActionBlock": "fingerprint_async_generated.models.event_rule_action_block",
    "EventSearch": "fingerprint_async_generated.models.event_search",
    "EventSource": "fingerprint_async_generated.models.event_source",
    "EventUpdate": "fingerprint_async_generated.models.event_update",
    "Finding": "fingerprint_async_generated.types",
    "FontPreferences": "fingerprint_async_generated.models.font_preferences",
    "Geolocation": "fingerprint_async_generated.models.geolocation",
    "GeolocationSubdivisionsItem": "fingerprint_async_generated.models.geolocation_subdivisions_item",
    "GetEventParams": "fingerprint_async_generated.api.events.get_event",
    "IPBlockList": "fingerprint_async_generated.models.ip_block_list",
    "IPInfo": "fingerprint_async_generated.models.ip_info",
    "IPInfoV4": "fingerprint_async_generated.models.ip_info_v4",
    "IPInfoV6": "fingerprint_async_generated.models.ip_info_v6",
    "Identification": "fingerprint_async_generated.models.identification",
    "IdentificationConfidence": "fingerprint_async_generated.models.identification_confidence",
    "IncrementalIdentificationStatus": "fingerprint_async_generated.models.incremental_identification_status",
    "Integration": "fingerprint_async_generated.models.integration",
    "IntegrationSubintegration": "fingerprint_async_generated.models.integration_subintegration",
    "LabelsItem": "fingerprint_async_generated.models.labels_item",
    "Model": "fingerprint_async_generated.types",
    "OpenIntEnum": "fingerprint_async_generated.types",
    "OpenStrEnum": "fingerprint_async_generated.types",
    "PluginsItem": "fingerprint_async_generated.models.plugins_item",
    "PluginsItemMimeTypesItem": "fingerprint_async_generated.models.plugins_item_mime_types_item",
    "Proximity": "fingerprint_async_generated.models.proximity",
    "ProximityPrecisionRadius": "fingerprint_async_generated.models.proximity_precision_radius",
    "ProxyConfidence": "fingerprint_async_generated.models.proxy_confidence",
    "ProxyDetails": "fingerprint_async_generated.models.proxy_details",
    "ProxyDetailsProxyType": "fingerprint_async_generated.models.proxy_details_proxy_type",
    "RareDevicePercentileBucket": "fingerprint_async_generated.models.rare_device_percentile_bucket",
    "RawDeviceAttributes": "fingerprint_async_generated.models.raw_device_attributes",
    "RequestHeaderModifications": "fingerprint_async_generated.models.request_header_modifications",
    "RuleActionHeaderField": "fingerprint_async_generated.models.rule_action_header_field",
    "RuleActionType": "fingerprint_async_generated.models.rule_action_type",
    "SDK": "fingerprint_async_generated.models.sdk",
    "SDKPlatform": "fingerprint_async_generated.models.sdk_platform",
    "SearchEventsBot": "fingerprint_async_generated.models.search_events_bot",
    "SearchEventsBotInfo": "fingerprint_async_generated.models.search_events_bot_info",
    "SearchEventsIncrementalIdentificationStatus": "fingerprint_async_generated.models.search_events_incremental_identification_status",
    "SearchEventsParams": "fingerprint_async_generated.api.events.search_events",
    "SearchEventsRareDevicePercentileBucket": "fingerprint_async_generated.models.search_events_rare_device_percentile_bucket",
    "SearchEventsSdkPlatform": "fingerprint_async_generated.models.search_events_sdk_platform",
    "SearchEventsSourceItem": "fingerprint_async_generated.models.search_events_source_item",
    "SearchEventsVpnConfidence": "fingerprint_async_generated.models.search_events_vpn_confidence",
    "SupplementaryIDHighRecall": "fingerprint_async_generated.models.supplementary_id_high_recall",
    "TamperingConfidence": "fingerprint_async_generated.models.tampering_confidence",
    "TamperingDetails": "fingerprint_async_generated.models.tampering_details",
    "TouchSupport": "fingerprint_async_generated.models.touch_support",
    "UNSET": "fingerprint_async_generated.types",
    "UnknownVariant": "fingerprint_async_generated.types",
    "Unset": "fingerprint_async_generated.types",
    "Velocity": "fingerprint_async_generated.models.velocity",
    "VelocityData": "fingerprint_async_generated.models.velocity_data",
    "VpnConfidence": "fingerprint_async_generated.models.vpn_confidence",
    "VpnMethods": "fingerprint_async_generated.models.vpn_methods",
    "WebGlBasics": "fingerprint_async_generated.models.web_gl_basics",
    "WebGlExtensions": "fingerprint_async_generated.models.web_gl_extensions",
}


def __getattr__(name: str) -> object:
    try:
        module = _MODULES[name]
    except KeyError:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg) from None
    value = globals()[name] = getattr(import_module(module), name)
    return value


def __dir__() -> list[str]:
    return sorted(globals().keys() | set(__all__))
