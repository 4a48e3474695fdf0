"""A secret shows itself to nobody."""

from __future__ import annotations

import copy
import pickle
import ssl
import traceback
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from fingerprint_async import ConfigurationError, FingerprintClient, RequestOptions

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "sk_0123456789abcdefgh"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("part", ["api_key", "options", "client"])
def test_what_holds_a_key_is_not_pickled(part: str, protocol: int) -> None:
    """A pickle is a file or a message to another process, with the key in the clear."""
    client = FingerprintClient(KEY)
    holder = {"api_key": client.options.api_key, "options": client.options, "client": client}
    with pytest.raises(TypeError, match=r"pickle") as caught:
        pickle.dumps(holder[part], protocol)
    assert KEY not in str(caught.value)


def test_copies_hold_the_same_secret() -> None:
    """Copying in the process is no leak."""
    options = FingerprintClient(KEY).options
    for made in (copy.copy(options), copy.deepcopy(options.api_key), attrs.evolve(options)):
        assert KEY not in repr(made)
    assert copy.copy(options).api_key == options.api_key
    assert copy.deepcopy(options.api_key) == copy.copy(options.api_key) == options.api_key


@pytest.mark.parametrize(
    "setting",
    [
        "region", "base_url", "timeout", "deadline", "max_retries", "retry", "rate_limit",
        "max_in_flight", "max_response_bytes", "strict", "user_agent_suffix", "default_headers",
        "proxy", "verify", "ssl_context", "http_client", "transport", "hooks",
        "allow_insecure_http",
    ],
)  # fmt: skip
def test_a_key_in_the_place_of_another_setting_is_not_shown(setting: str) -> None:
    """Arguments get mixed up; the error goes to a log."""
    given: dict[str, Any] = {setting: KEY}
    shown = ""
    try:
        shown = repr(FingerprintClient("sk", **given))
    except ConfigurationError as error:
        shown = str(error)
    assert KEY not in shown


@pytest.mark.parametrize("hostname", [False, True])
@pytest.mark.parametrize("mode", [ssl.CERT_NONE, ssl.CERT_OPTIONAL, ssl.CERT_REQUIRED])
def test_a_context_that_does_not_check_is_refused(mode: ssl.VerifyMode, hostname: bool) -> None:  # noqa: FBT001
    """Certificates are checked, and whose they are."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = mode
    if mode is not ssl.CERT_NONE:
        context.check_hostname = hostname
    if mode is ssl.CERT_REQUIRED and hostname:
        FingerprintClient(KEY, ssl_context=context)
        return
    with pytest.raises(ConfigurationError, match="does not check"):
        FingerprintClient(KEY, ssl_context=context)


class _NoRate:
    async def acquire(self, operation: str, **_: object) -> None:
        """Let everything go."""

    async def aclose(self) -> None:
        """Close nothing."""


class _Raising:
    @property
    def acquire(self) -> object:
        """Raise."""
        raise ZeroDivisionError


@pytest.mark.parametrize("limiter", [_NoRate(), _NoRate, _Raising(), print, object()])
def test_a_limiter_that_lacks_a_method_is_refused(limiter: Any) -> None:
    """At once, not with an AttributeError in the middle of a call."""
    with pytest.raises(ConfigurationError, match="RateLimiter has acquire"):
        FingerprintClient(KEY, rate_limit=limiter)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RequestOptions(timeout="x"),  # type: ignore[arg-type]
        lambda: RequestOptions(headers={"a": 1}),  # type: ignore[dict-item]
        lambda: FingerprintClient(KEY, proxy="a b"),
        lambda: FingerprintClient(KEY, timeout="x"),  # type: ignore[arg-type]
        lambda: FingerprintClient(KEY, default_headers={"a": 1}),  # type: ignore[dict-item]
        lambda: FingerprintClient(KEY).with_options(proxy="a b"),
    ],
)
def test_settings_that_are_not_made_yet_can_be_shown(make: Callable[[], object]) -> None:
    """A traceback with locals shows them half made; it must not fail over them."""
    with pytest.raises(ConfigurationError) as caught:
        make()
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert KEY not in "".join(line for line in told.format() if "test_secret" not in line)
