"""Glue for web frameworks: webhooks received by Starlette, FastAPI and aiohttp.

`integrations.receiver` knows no framework; `integrations.starlette` and `integrations.aiohttp` need
the framework of their name, which is imported with them only.
"""

from __future__ import annotations
