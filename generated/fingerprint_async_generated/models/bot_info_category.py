from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["BotInfoCategory"]


class BotInfoCategory(OpenStrEnum):
    """What a bot does."""

    ADVERTISING_AND_MARKETING = "advertising_and_marketing"
    AGGREGATOR = "aggregator"
    AI_AGENT = "ai_agent"
    AI_ASSISTANT = "ai_assistant"
    AI_BROWSER = "ai_browser"
    AI_CRAWLER = "ai_crawler"
    AI_SEARCH = "ai_search"
    BROWSER_AUTOMATION = "browser_automation"
    ECOMMERCE = "ecommerce"
    MONITORING_AND_ANALYTICS = "monitoring_and_analytics"
    OTHER = "other"
    SCRAPING = "scraping"
    SEARCH_ENGINE_CRAWLER = "search_engine_crawler"
    SEARCH_ENGINE_OPTIMIZATION = "search_engine_optimization"
    SECURITY = "security"
    UNKNOWN = "unknown"
