"""Addresses: parsed once, and read alike by everybody."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fingerprint_async._address import parse_base_url, parse_proxy
from fingerprint_async.errors import ConfigurationError

HOSTS = st.text(st.sampled_from("aZ0.-_:@[]%x\\/#? \u00fc\u3002\uff0e"), max_size=14)


@given(HOSTS, st.sampled_from(["http", "https", "HTTPS", "hTTp"]))
@example("127.0.0.2\\.localhost", "http")
@example("0x7f.1", "http")
@example("127.1", "http")
@example("localhost\u3002example", "http")
@example("[::ffff:127.0.0.1]", "http")
@example("a.example:443", "https")
def test_what_is_accepted_is_the_same_host_to_every_parser(host: str, scheme: str) -> None:
    """Else the key would go elsewhere than was checked."""
    import pyreqwest.http

    try:
        address = parse_base_url(f"{scheme}://{host}/v4", allow_insecure_http=True)
    except ConfigurationError:
        return
    text = str(address)
    assert parse_base_url(text, allow_insecure_http=True) == address
    for other in (
        urlsplit(text).hostname,
        httpx.URL(text).raw_host.decode().strip("[]"),
        (pyreqwest.http.Url(text).host_str or "").strip("[]"),
    ):
        assert other is not None
        assert other.lower() == address.host
    assert text.startswith(("http://", "https://"))


@pytest.mark.parametrize(
    "text",
    [
        "http://p/path",
        "http://p?x",
        "http://[::1",
        "http://[::1]x",
        "http://[nonsense]",
        "http://999.1.1.1",
    ],
)
def test_a_proxy_that_is_no_address_is_refused(text: str) -> None:
    """By its name."""
    with pytest.raises(ConfigurationError, match=r"^proxy: expected"):
        parse_proxy(text, name="proxy")


def test_an_object_whose_text_fails_is_no_address() -> None:
    """Whatever it raises."""

    class Failing:
        def __str__(self) -> str:
            raise ZeroDivisionError

    with pytest.raises(ConfigurationError, match="this Failing is no address"):
        parse_base_url(Failing(), allow_insecure_http=False)
