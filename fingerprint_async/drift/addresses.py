"""Where the vendor publishes the document."""

from __future__ import annotations

from typing import Final

__all__ = ["ADDRESS", "NEW_FOLDER", "OLD_FOLDER"]

NEW_FOLDER: Final = "https://fingerprintjs.github.io/openapi/schemas/"
OLD_FOLDER: Final = "https://fingerprintjs.github.io/fingerprint-pro-server-api-openapi/schemas/"
"""Where the same files were until they moved."""
ADDRESS: Final = f"{NEW_FOLDER}fingerprint-server-api-v4-with-examples.yaml"
"""The document that this client is generated from."""
