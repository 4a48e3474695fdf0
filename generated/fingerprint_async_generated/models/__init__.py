"""All models and enums, loaded when first asked for."""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .bot_info import BotInfo
    from .bot_info_category import BotInfoCategory
    from .bot_info_confidence import BotInfoConfidence
    from .bot_info_identity import BotInfoIdentity
    from .bot_result import BotResult
    from .browser_details import BrowserDetails
    from .canvas import Canvas
    from .device_details import DeviceDetails
    from .edge_request import EdgeRequest
    from .edge_request_headers_item import EdgeRequestHeadersItem
    from .edge_response import EdgeResponse
    from .emoji import Emoji
    from .error import Error
    from .error_code import ErrorCode
    from .error_response import ErrorResponse
    from .event import Event
    from .event_rule_action_allow import EventRuleActionAllow
    from .event_rule_action_block import EventRuleActionBlock
    from .event_search import EventSearch
    from .event_source import EventSource
    from .event_update import EventUpdate
    from .font_preferences import FontPreferences
    from .geolocation import Geolocation
    from .geolocation_subdivisions_item import GeolocationSubdivisionsItem
    from .identification import Identification
    from .identification_confidence import IdentificationConfidence
    from .incremental_identification_status import IncrementalIdentificationStatus
    from .integration import Integration
    from .integration_subintegration import IntegrationSubintegration
    from .ip_block_list import IPBlockList
    from .ip_info import IPInfo
    from .ip_info_v4 import IPInfoV4
    from .ip_info_v6 import IPInfoV6
    from .labels_item import LabelsItem
    from .plugins_item import PluginsItem
    from .plugins_item_mime_types_item import PluginsItemMimeTypesItem
    from .proximity import Proximity
    from .proximity_precision_radius import ProximityPrecisionRadius
    from .proxy_confidence import ProxyConfidence
    from .proxy_details import ProxyDetails
    from .proxy_details_proxy_type import ProxyDetailsProxyType
    from .rare_device_percentile_bucket import RareDevicePercentileBucket
    from .raw_device_attributes import RawDeviceAttributes
    from .request_header_modifications import RequestHeaderModifications
    from .rule_action_header_field import RuleActionHeaderField
    from .rule_action_type import RuleActionType
    from .sdk import SDK
    from .sdk_platform import SDKPlatform
    from .search_events_bot import SearchEventsBot
    from .search_events_bot_info import SearchEventsBotInfo
    from .search_events_incremental_identification_status import (
        SearchEventsIncrementalIdentificationStatus,
    )
    from .search_events_rare_device_percentile_bucket import SearchEventsRareDevicePercentileBucket
    from .search_events_sdk_platform import SearchEventsSdkPlatform
    from .search_events_source_item import SearchEventsSourceItem
    from .search_events_vpn_confidence import SearchEventsVpnConfidence
    from .supplementary_id_high_recall import SupplementaryIDHighRecall
    from .tampering_confidence import TamperingConfidence
    from .tampering_details import TamperingDetails
    from .touch_support import TouchSupport
    from .velocity import Velocity
    from .velocity_data import VelocityData
    from .vpn_confidence import VpnConfidence
    from .vpn_methods import VpnMethods
    from .web_gl_basics import WebGlBasics
    from .web_gl_extensions import WebGlExtensions
else:

    def __getattr__(name: str) -> object:
        try:
            module = _MODULES[name]
        except KeyError:
            msg = f"module {__name__!r} has no attribute {name!r}"
            raise AttributeError(msg) from None
        value = globals()[name] = getattr(import_module(module, __name__), name)
        return value

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "SDK",
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
    "FontPreferences",
    "Geolocation",
    "GeolocationSubdivisionsItem",
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
    "SearchEventsRareDevicePercentileBucket",
    "SearchEventsSdkPlatform",
    "SearchEventsSourceItem",
    "SearchEventsVpnConfidence",
    "SupplementaryIDHighRecall",
    "TamperingConfidence",
    "TamperingDetails",
    "TouchSupport",
    "Velocity",
    "VelocityData",
    "VpnConfidence",
    "VpnMethods",
    "WebGlBasics",
    "WebGlExtensions",
]

_MODULES = {
    "BotInfo": ".bot_info",
    "BotInfoCategory": ".bot_info_category",
    "BotInfoConfidence": ".bot_info_confidence",
    "BotInfoIdentity": ".bot_info_identity",
    "BotResult": ".bot_result",
    "BrowserDetails": ".browser_details",
    "Canvas": ".canvas",
    "DeviceDetails": ".device_details",
    "EdgeRequest": ".edge_request",
    "EdgeRequestHeadersItem": ".edge_request_headers_item",
    "EdgeResponse": ".edge_response",
    "Emoji": ".emoji",
    "Error": ".error",
    "ErrorCode": ".error_code",
    "ErrorResponse": ".error_response",
    "Event": ".event",
    "EventRuleActionAllow": ".event_rule_action_allow",
    "EventRuleActionBlock": ".event_rule_action_block",
    "EventSearch": ".event_search",
    "EventSource": ".event_source",
    "EventUpdate": ".event_update",
    "FontPreferences": ".font_preferences",
    "Geolocation": ".geolocation",
    "GeolocationSubdivisionsItem": ".geolocation_subdivisions_item",
    "Identification": ".identification",
    "IdentificationConfidence": ".identification_confidence",
    "IncrementalIdentificationStatus": ".incremental_identification_status",
    "Integration": ".integration",
    "IntegrationSubintegration": ".integration_subintegration",
    "IPBlockList": ".ip_block_list",
    "IPInfo": ".ip_info",
    "IPInfoV4": ".ip_info_v4",
    "IPInfoV6": ".ip_info_v6",
    "LabelsItem": ".labels_item",
    "PluginsItem": ".plugins_item",
    "PluginsItemMimeTypesItem": ".plugins_item_mime_types_item",
    "Proximity": ".proximity",
    "ProximityPrecisionRadius": ".proximity_precision_radius",
    "ProxyConfidence": ".proxy_confidence",
    "ProxyDetails": ".proxy_details",
    "ProxyDetailsProxyType": ".proxy_details_proxy_type",
    "RareDevicePercentileBucket": ".rare_device_percentile_bucket",
    "RawDeviceAttributes": ".raw_device_attributes",
    "RequestHeaderModifications": ".request_header_modifications",
    "RuleActionHeaderField": ".rule_action_header_field",
    "RuleActionType": ".rule_action_type",
    "SDK": ".sdk",
    "SDKPlatform": ".sdk_platform",
    "SearchEventsBot": ".search_events_bot",
    "SearchEventsBotInfo": ".search_events_bot_info",
    "SearchEventsIncrementalIdentificationStatus": ".search_events_incremental_identification_status",
    "SearchEventsRareDevicePercentileBucket": ".search_events_rare_device_percentile_bucket",
    "SearchEventsSdkPlatform": ".search_events_sdk_platform",
    "SearchEventsSourceItem": ".search_events_source_item",
    "SearchEventsVpnConfidence": ".search_events_vpn_confidence",
    "SupplementaryIDHighRecall": ".supplementary_id_high_recall",
    "TamperingConfidence": ".tampering_confidence",
    "TamperingDetails": ".tampering_details",
    "TouchSupport": ".touch_support",
    "Velocity": ".velocity",
    "VelocityData": ".velocity_data",
    "VpnConfidence": ".vpn_confidence",
    "VpnMethods": ".vpn_methods",
    "WebGlBasics": ".web_gl_basics",
    "WebGlExtensions": ".web_gl_extensions",
}
