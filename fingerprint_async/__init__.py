"""Async Python SDK for the Fingerprint Server API v4."""
