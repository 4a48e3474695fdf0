from __future__ import annotations

from ..types import OpenStrEnum

__all__ = ["ErrorCode"]


class ErrorCode(OpenStrEnum):
    """What went wrong, as a code."""

    EVENT_NOT_FOUND = "event_not_found"
    FAILED = "failed"
    FEATURE_NOT_ENABLED = "feature_not_enabled"
    MISSING_MODULE = "missing_module"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    PUBLIC_API_KEY_NOT_FOUND = "public_api_key_not_found"
    PUBLIC_API_KEY_REQUIRED = "public_api_key_required"
    REQUEST_CANNOT_BE_PARSED = "request_cannot_be_parsed"
    REQUEST_READ_TIMEOUT = "request_read_timeout"
    RULESET_NOT_FOUND = "ruleset_not_found"
    SECRET_API_KEY_NOT_FOUND = "secret_api_key_not_found"
    SECRET_API_KEY_REQUIRED = "secret_api_key_required"
    SERVICE_UNAVAILABLE = "service_unavailable"
    STATE_NOT_READY = "state_not_ready"
    SUBSCRIPTION_NOT_ACTIVE = "subscription_not_active"
    TOO_MANY_REQUESTS = "too_many_requests"
    VISITOR_NOT_FOUND = "visitor_not_found"
    WRONG_REGION = "wrong_region"
