"""The models of the API: what the client returns and takes."""

from __future__ import annotations

from fingerprint_async._runtime.cattrs_hooks import configure_converter
from fingerprint_async._runtime.fields import UnknownVariant
from fingerprint_async._runtime.findings import Finding
from fingerprint_async._runtime.model import Model
from fingerprint_async._runtime.preload import preload
from fingerprint_async_generated import models as _generated
from fingerprint_async_generated.api.events.get_event import GetEventParams
from fingerprint_async_generated.api.events.search_events import (
    OptionalSearchEventsParams,
    SearchEventsParams,
)
from fingerprint_async_generated.models import *  # noqa: F403 - its `__all__` is generated

__all__ = [
    "Finding",
    "GetEventParams",
    "Model",
    "OptionalSearchEventsParams",
    "SearchEventsParams",
    "UnknownVariant",
    "configure_converter",
    "preload",
]
__all__ += _generated.__all__
