"""`client.visitors` on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fingerprint_async import FeatureNotEnabledError, FingerprintClient, RateLimitError

if TYPE_CHECKING:
    import respx


async def test_delete_asks_for_the_deletion(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """`DELETE /visitors/{visitor_id}`; the empty answer is a success."""
    route = router.delete(url__startswith="https://api.fpjs.io/v4/visitors/").respond(200)
    assert await client.visitors.delete("a/b") is None
    request = route.calls.last.request
    assert request.url.raw_path.startswith(b"/v4/visitors/a%2Fb?ii=")
    assert request.content == b""


async def test_a_raw_deletion_has_its_status(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The raw answer parses to None."""
    router.delete(url__startswith="https://api.fpjs.io/v4/visitors/").respond(
        200, headers={"x-request-id": "r"}
    )
    response = await client.visitors.with_raw_response.delete("v")
    assert (response.status_code, response.request_id, response.attempts) == (200, "r", 1)
    assert response.parse() is None


async def test_a_workspace_without_deletion_is_told_apart(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """403 `feature_not_enabled` has an error of its own: it is off by default."""
    router.delete(url__startswith="https://api.fpjs.io/v4/visitors/").respond(
        403, json={"error": {"code": "feature_not_enabled", "message": "feature not enabled"}}
    )
    with pytest.raises(FeatureNotEnabledError, match="feature_not_enabled"):
        await client.visitors.delete("v")


async def test_a_wait_beyond_the_ceiling_is_given_up_at_once(
    client: FingerprintClient, router: respx.MockRouter
) -> None:
    """The deletion budget is by the hour.

    The error comes now, with the seconds that the server named.
    """
    router.delete(url__startswith="https://api.fpjs.io/v4/visitors/").mock(
        return_value=httpx.Response(429, headers={"retry-after": "1800"})
    )
    with pytest.raises(RateLimitError) as caught:
        await client.visitors.delete("v")
    assert (caught.value.retry_after, caught.value.attempts) == (1800, 1)
