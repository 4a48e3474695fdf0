"""What several test files share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import respx

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

KEY = "sk_test_0123456789"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of whoever runs the tests reaches them."""
    for name in ("FINGERPRINT_SECRET_API_KEY", "FINGERPRINT_REGION", "FINGERPRINT_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def api_key() -> str:
    """A secret key that is nobody's."""
    return KEY


@pytest.fixture
def router() -> Iterator[respx.MockRouter]:
    """The wire: what is sent, and what is answered.

    Anything that no route answers fails the test.
    """
    with respx.mock(assert_all_called=False) as router:
        yield router


@pytest.fixture
async def client() -> AsyncIterator[FingerprintClient]:
    """A client of the US region, with no waiting in it."""
    async with FingerprintClient(
        KEY, rate_limit=RateLimit.off(), retry=RetryPolicy(base_delay=0)
    ) as client:
        yield client
