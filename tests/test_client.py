"""The client's settings and lifetime."""

from __future__ import annotations

import asyncio
import inspect
import os
import ssl
import subprocess
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import httpx2
import pytest

from fingerprint_async import (
    APITimeoutError,
    ArgumentError,
    ClientStateError,
    ConfigurationError,
    DeadlineExceededError,
    DecodeError,
    FingerprintClient,
    FingerprintError,
    NotFoundError,
    RateLimit,
    Region,
    RequestOptions,
    RetryPolicy,
    Timeouts,
    __version__,
)
from tests._http.test_backends import always, wire

if TYPE_CHECKING:
    from collections.abc import Callable

    import respx

EVENT = {"event_id": "a", "timestamp": 1708102555327}


class Recorder(httpx.AsyncBaseTransport):
    """Answers every request with one event, and counts what it goes through."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.closed = 0
        self.answer: Callable[[], httpx.Response] = lambda: httpx.Response(200, json=EVENT)
        self.reached = asyncio.Event()
        self.hold: asyncio.Event | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer, or hold the request until told otherwise."""
        self.requests.append(request)
        self.reached.set()
        if self.hold is not None:
            await self.hold.wait()
        return self.answer()

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


def make(api_key: str = "sk_test", **arguments: Any) -> FingerprintClient:
    """Make a client that waits for nothing."""
    return FingerprintClient(
        api_key, **{"rate_limit": RateLimit.off(), "retry": RetryPolicy(base_delay=0), **arguments}
    )


async def _until(done: Callable[[], bool]) -> None:
    while not done():  # noqa: ASYNC110 - nothing here tells
        await asyncio.sleep(0)


# Settings


def test_the_key_and_the_region_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no argument, the documented variables are read."""
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", "sk_env")
    monkeypatch.setenv("FINGERPRINT_REGION", "Europe")
    client = FingerprintClient()
    assert client.options.api_key.hidden == "sk_env"
    assert client.region is Region.EU
    assert client.base_url == "https://eu.api.fpjs.io/v4"


def test_the_base_url_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, api_key: str
) -> None:
    """A base URL stands in place of a region."""
    monkeypatch.setenv("FINGERPRINT_BASE_URL", "http://127.0.0.1:8080/v4/")
    client = FingerprintClient(api_key)
    assert client.base_url == "http://127.0.0.1:8080/v4"
    assert client.region is None


def test_an_argument_goes_before_both_variables(
    monkeypatch: pytest.MonkeyPatch, api_key: str
) -> None:
    """Once a region or a base URL is an argument, neither variable is looked at."""
    monkeypatch.setenv("FINGERPRINT_REGION", "eu")
    monkeypatch.setenv("FINGERPRINT_BASE_URL", "http://127.0.0.1:8080/v4")
    assert FingerprintClient(api_key, region="ap").base_url == "https://ap.api.fpjs.io/v4"
    assert (
        FingerprintClient(api_key, base_url="https://a.example/v4").base_url
        == "https://a.example/v4"
    )


def test_both_variables_together_are_an_error(
    monkeypatch: pytest.MonkeyPatch, api_key: str
) -> None:
    """Two answers to where to send to are none."""
    monkeypatch.setenv("FINGERPRINT_REGION", "eu")
    monkeypatch.setenv("FINGERPRINT_BASE_URL", "http://127.0.0.1:8080/v4")
    with pytest.raises(
        ConfigurationError, match="FINGERPRINT_REGION and FINGERPRINT_BASE_URL exclude each"
    ):
        FingerprintClient(api_key)


def test_empty_variables_are_unset_ones(monkeypatch: pytest.MonkeyPatch, api_key: str) -> None:
    """`FINGERPRINT_REGION=` in a file of settings means no region."""
    monkeypatch.setenv("FINGERPRINT_REGION", "")
    monkeypatch.setenv("FINGERPRINT_BASE_URL", "")
    assert FingerprintClient(api_key).region is Region.US


def test_a_missing_key_is_an_error_that_names_the_variable() -> None:
    """Whoever forgot the key reads where it is looked for."""
    with pytest.raises(
        ConfigurationError, match=r"no secret API key: .*FINGERPRINT_SECRET_API_KEY"
    ):
        FingerprintClient()


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "sk_\nHUSH",
        "HUSH\n",
        "HUSH key",
        "HUSH\x00",
        "HÜSH",
        "“HUSH”",
        '"HUSH"',
        "'HUSH'",
        "HUSH;",
    ],
)
def test_a_key_that_no_header_can_hold_is_an_error_without_the_key(key: str) -> None:
    """Empty, blank, with a line's end or in typographic quotes: refused, and never echoed."""
    with pytest.raises(ConfigurationError, match=r"^the secret API key") as caught:
        FingerprintClient(key)
    assert "SH" not in str(caught.value)


def test_an_empty_key_in_the_environment_is_an_error_that_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An empty secret in a deployment is the usual case."""
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", "")
    with pytest.raises(ConfigurationError, match=r"is empty: .*FINGERPRINT_SECRET_API_KEY"):
        FingerprintClient()


def test_a_key_that_is_no_string_is_an_error() -> None:
    """Bytes from a secret store are named as such."""
    with pytest.raises(ConfigurationError, match="is a string, got bytes"):
        FingerprintClient(b"sk")  # type: ignore[arg-type]


@pytest.mark.parametrize("region", ["usa", "eu-central-1", "", 3])
def test_an_unknown_region_is_an_error_that_lists_the_known_ones(region: Any, api_key: str) -> None:
    """No region is guessed."""
    with pytest.raises(ConfigurationError, match=r"unknown region .*'us' .*'eu' .*'ap'"):
        FingerprintClient(api_key, region=region)


def test_region_and_base_url_exclude_each_other(api_key: str) -> None:
    """Also where both mean the same."""
    with pytest.raises(ConfigurationError, match="region and base_url exclude each other"):
        FingerprintClient(api_key, region="us", base_url="https://api.fpjs.io/v4")


@pytest.mark.parametrize(
    ("base_url", "says"),
    [
        ("", "expected an http or https address"),
        ("api.fpjs.io/v4", "expected an http or https address"),
        ("ftp://a.example/v4", "expected an http or https address"),
        ("https://", "expected an http or https address"),
        ("https://a.example:port/v4", "expected an http or https address"),
        ("https://a.example/v 4", "expected an http or https address"),
        ("https://[::1/v4", "expected an http or https address"),
        ("https://user:hunter2@a.example/v4", "holds credentials"),
        ("https://a.example/v4?x=1", "holds a query"),
        ("https://a.example/v4#x", "holds a query or a fragment"),
        ("http://a.example/v4", "sent to a.example in the clear"),
        ("http://10.0.0.1/v4", "in the clear"),
        ("http://localhost.example/v4", "in the clear"),
        (3, "expected an address, got int"),
        (r"http://127.0.0.2\.localhost/v4", "expected an http or https address"),
        ("http://0x7f.1/v4", "expected an http or https address"),
        ("http://127.1/v4", "expected an http or https address"),
        ("https://a.example/v4/../x", "expected an http or https address"),
        ("https://a%2eexample/v4", "expected an http or https address"),
        ("http://[::ffff:10.0.0.1]/v4", "in the clear"),
        ("http://[fe80::1%25lo]/v4", "expected an http or https address"),
        ("https://a.example:0/v4", "expected an http or https address"),
        ("HTTP://a.example/v4", "in the clear"),
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused(base_url: Any, says: str, api_key: str) -> None:
    """Without a scheme, with credentials or a query, or in the clear to another machine."""
    with pytest.raises(ConfigurationError, match=says) as caught:
        FingerprintClient(api_key, base_url=base_url)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://localhost:1/v4",
        "http://api.localhost/v4",
        "http://127.8.0.1/v4",
        "http://[::1]:8/v4",
        "HTTP://LOCALHOST",
    ],
)
def test_plain_http_to_this_machine_is_fine(base_url: str, api_key: str) -> None:
    """The emulator on loopback needs no certificate."""
    assert FingerprintClient(api_key, base_url=base_url).base_url == base_url.lower()


def test_plain_http_to_another_machine_has_to_be_said(api_key: str) -> None:
    """An emulator in another container is reached on request."""
    client = FingerprintClient(
        api_key, base_url="http://emulator:8080/v4", allow_insecure_http=True
    )
    assert client.base_url == "http://emulator:8080/v4"


def test_only_true_lets_the_key_travel_in_the_clear(api_key: str) -> None:
    """A string from a configuration file that says "no" is not taken for a yes."""
    with pytest.raises(
        ConfigurationError, match="allow_insecure_http must be True or False, not str"
    ):
        FingerprintClient(api_key, base_url="http://emulator/v4", allow_insecure_http="no")  # type: ignore[arg-type]


def test_http_client_and_transport_exclude_each_other(api_key: str) -> None:
    """There is one way out."""
    with pytest.raises(ConfigurationError, match="http_client or transport"):
        FingerprintClient(api_key, http_client=httpx.AsyncClient(), transport=Recorder())


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"timeout": "5"}, "timeout must be a number of seconds, Timeouts or None, not str"),
        ({"timeout": float("nan")}, "timeout must be a finite number above 0"),
        ({"retry": None}, "retry must be a RetryPolicy, not None"),
        ({"retry": 3}, "retry must be a RetryPolicy, not 3"),
        ({"max_retries": -1}, "max_retries must be a whole number, 0 or above, not -1"),
        ({"rate_limit": 5}, "rate_limit must be a RateLimit, not int"),
        ({"strict": "yes"}, "strict must be True or False, not str"),
        ({"strict": None}, "strict must be True or False, not None"),
        ({"deadline": 0}, "deadline must be a finite number above 0"),
        ({"deadline": "sk_secret"}, "deadline must be a finite number above 0, not str$"),
        ({"deadline": 10**400}, "deadline must be a finite number above 0, not a number of too"),
        ({"max_in_flight": 0}, "max_in_flight must be a whole number"),
        ({"max_response_bytes": 0}, "max_response_bytes must be a whole number"),
        ({"hooks": print}, "hooks must be Hooks or None, not builtin_function"),
        ({"default_headers": {"Authorization": "x"}}, "headers cannot hold Authorization"),
        ({"verify": False}, "verify must be True or the path .* cannot be turned off"),
        ({"verify": "/nonexistent.pem", "ssl_context": ssl.create_default_context()}, "not both"),
        ({"ssl_context": 5}, "ssl_context must be an ssl.SSLContext, not int"),
        ({"ssl_context": ssl.create_default_context(), "transport": "fast"}, "no ssl_context"),
        ({"proxy": "socks://a"}, "proxy: 'socks' is not a kind of proxy"),
        ({"proxy": "http://a:99999"}, "proxy: expected a proxy as"),
        ({"proxy": "http://a b"}, "proxy: expected a proxy as"),
        ({"proxy": "http://a", "transport": httpx.MockTransport(print)}, "set them on your own"),
        ({"user_agent_suffix": 5}, "user_agent_suffix must be a string, not int"),
        ({"user_agent_suffix": "a\r\nX-Evil: 1"}, "user_agent_suffix holds characters"),
        (
            {"transport": "quick"},
            "transport must be 'httpx', 'httpx2', 'fast' or an .*, not 'quick'",
        ),
        ({"transport": httpx.HTTPTransport()}, "transport must be .*, not HTTPTransport"),
        ({"http_client": httpx.Client()}, "http_client must be .*, not Client"),
    ],
)
def test_a_setting_of_a_wrong_type_is_an_error_where_it_is_given(
    settings: dict[str, Any], says: str
) -> None:
    """Not much later, inside a call."""
    with pytest.raises(ConfigurationError, match=says):
        FingerprintClient("sk_test", **settings)


async def test_options_of_a_wrong_type_are_an_error_before_anything_is_sent() -> None:
    """A dict is none, and headers that cannot be sent are refused when the options are made."""
    transport = Recorder()
    async with make(transport=transport) as client:
        with pytest.raises(ArgumentError, match="options: expected RequestOptions, got dict"):
            await client.events.get("a", options={"deadline": 3})  # type: ignore[arg-type]
    for headers in ({"a": "b\nc"}, {"a b": "c"}, {"a": "\u00e9"}, {"a": 5}, {"authorization": "x"}):
        with pytest.raises(ConfigurationError, match="headers"):
            RequestOptions(headers=headers)  # type: ignore[arg-type]
    assert not transport.requests


def test_no_repr_holds_the_key(api_key: str) -> None:
    """Not the client's, not its options', not its resources'."""
    client = FingerprintClient(api_key, region="eu")
    assert repr(client) == "<FingerprintClient region='eu' api_key='…' unopened>"
    shown = [
        client,
        client.options,
        client.events,
        client.events.with_raw_response,
        client.visitors,
        client.edge,
    ]
    assert not [thing for thing in shown if api_key in repr(thing)]
    elsewhere = FingerprintClient(api_key, base_url="https://a.example/v4")
    assert (
        repr(elsewhere)
        == "<FingerprintClient base_url='https://a.example/v4' api_key='…' unopened>"
    )


# The wire


async def test_every_request_says_who_asks(router: respx.MockRouter, api_key: str) -> None:
    """Key, `ii` parameter and User-Agent are on the request.

    The parameter joins those of the operation.
    """
    route = router.get(url__startswith="https://eu.api.fpjs.io").respond(json=EVENT)
    async with make(api_key, region="eu", user_agent_suffix="shop/3") as client:
        await client.events.get("a", ruleset_id="rs")
    request = route.calls.last.request
    assert request.method == "GET"
    assert str(request.url) == (
        f"https://eu.api.fpjs.io/v4/events/a?ruleset_id=rs&ii=fingerprint-async-python/{__version__}"
    )
    assert request.headers["authorization"] == f"Bearer {api_key}"
    assert request.headers["user-agent"].startswith(f"fingerprint-async-python/{__version__} ")
    assert request.headers["user-agent"].endswith(" shop/3")


async def test_options_of_a_call_are_that_calls_only() -> None:
    """Timeouts and headers of one call; the next has the client's again."""
    transport = Recorder()
    async with make(transport=transport) as client:
        options = RequestOptions(timeout=Timeouts(read=1.5), headers={"X-Trace": "7"})
        await client.events.get("a", options=options)
        await client.events.get("a")
    first, second = transport.requests
    assert first.extensions["timeout"]["read"] == 1.5
    assert first.headers["x-trace"] == "7"
    assert second.extensions["timeout"]["read"] == 20
    assert "x-trace" not in second.headers


async def test_strict_raises_from_the_call() -> None:
    """By client or by call; leniently the event is given with its findings."""
    transport = Recorder()
    transport.answer = lambda: httpx.Response(200, json={"event_id": "a", "timestamp": "1"})
    async with make(transport=transport) as client:
        event = await client.events.get("a")
        assert [finding.kind for finding in event.findings()] == ["wrong_type"]
        with pytest.raises(DecodeError):
            await client.events.get("a", options=RequestOptions(strict=True))
        strict = client.with_options(strict=True)
        with pytest.raises(DecodeError):
            await strict.events.get("a")
        assert await strict.events.get("a", options=RequestOptions(strict=False)) == event
        raw = await strict.events.with_raw_response.get("a")
        with pytest.raises(DecodeError):
            raw.parse()


@pytest.mark.parametrize("host", ["xn--", "xn--zz--"])
def test_a_host_that_only_looks_encoded_is_refused(host: str) -> None:
    """Labels that begin with `xn--` and decode to nothing are no names."""
    with pytest.raises(ConfigurationError, match="base_url: expected an http or https address"):
        make(base_url=f"https://{host}/v4")


async def test_stats_count_what_the_client_did() -> None:
    """Calls and requests apart.

    A derived client counts for itself; before the first call all is 0.
    """
    transport = Recorder()
    answers = iter([503, 200, 200])
    transport.answer = lambda: httpx.Response(next(answers), json=EVENT)
    client = make(transport=transport)
    assert client.stats.requests == 0
    async with client:
        await client.events.get("a")
        await client.with_options(strict=True).events.get("a")
        stats = client.stats
    assert (stats.calls, stats.requests, stats.retries, stats.in_flight) == (1, 2, 1, 0)


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (RateLimit(), 5),
        (RateLimit(requests_per_second=50), 50),
        (RateLimit(search=RateLimit(requests_per_second=2)), 2),
        (RateLimit(search=RateLimit.off()), None),
        (RateLimit.off(), None),
        (RateLimit.adaptive(start=7), 7),
    ],
)
async def test_stats_say_at_which_rate_searches_may_go(
    limit: RateLimit, told: float | None
) -> None:
    """Before the first call and after it alike."""
    async with make(transport=Recorder(), rate_limit=limit) as client:
        assert client.stats.rate_limit == told
        await client.events.get("a")
        assert client.stats.rate_limit == told


# Lifetime


async def test_a_client_works_without_async_with() -> None:
    """It opens on the first call; closing twice is fine."""
    client = make(transport=Recorder())
    assert "unopened" in repr(client)
    await client.events.get("a")
    assert "open>" in repr(client)
    await client.aclose()
    await client.aclose()
    assert client.is_closed
    assert "closed" in repr(client)


async def test_a_client_that_was_never_used_can_be_closed() -> None:
    """Closing needs no call before."""
    client = make()
    await client.aclose()
    assert client.is_closed


async def test_use_after_close_is_a_clear_error() -> None:
    """Calls, entering and deriving from a closed client all say so."""
    client = make(transport=Recorder())
    await client.aclose()
    with pytest.raises(ClientStateError, match="the client is closed"):
        await client.events.get("a")
    with pytest.raises(ClientStateError, match="the client is closed"):
        await client.__aenter__()
    with pytest.raises(ClientStateError, match="closed client"):
        client.with_options(strict=True)


async def test_a_client_is_entered_once() -> None:
    """The inner of two `async with` blocks would close it for the outer."""
    async with make(transport=Recorder()) as client:
        with pytest.raises(ClientStateError, match="entered before"):
            await client.__aenter__()
        await client.events.get("a")


def test_a_client_belongs_to_the_loop_of_its_first_call() -> None:
    """Its connections cannot be used, nor closed, from another loop."""
    client = make(transport=Recorder())
    asyncio.run(client.events.get("a"))  # type: ignore[arg-type]
    with pytest.raises(ClientStateError, match="belongs to another event loop"):
        asyncio.run(client.events.get("a"))  # type: ignore[arg-type]
    # That loop has ended: nothing is left to be closed there.
    asyncio.run(client.aclose())
    assert client.is_closed


async def test_a_client_made_in_one_thread_can_live_in_another() -> None:
    """Making one needs no loop: the first call decides."""
    client = make(transport=Recorder())
    thread = threading.Thread(target=lambda: asyncio.run(client.aclose()))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert client.is_closed


def test_without_asyncio_there_is_a_clear_error() -> None:
    """A call that is driven by something else than asyncio says what is missing."""
    call = make(transport=Recorder()).events.get("a")
    with pytest.raises(ClientStateError, match="running asyncio event loop"):
        call.send(None)


async def test_closing_ends_calls_that_run() -> None:
    """Each of them gets a clear error, and closing waits until they are gone."""
    transport = Recorder()
    transport.hold = asyncio.Event()
    client = make(transport=transport)
    calls = [asyncio.create_task(client.events.get("a")) for _ in range(5)]
    await transport.reached.wait()
    await client.aclose()
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [ClientStateError] * 5
    assert str(results[0]) == "the client was closed while the call was running"


async def test_a_timeout_is_not_taken_for_the_client_being_closed() -> None:
    """Of an attempt, of the whole call, and of the caller's own: each stays what it is."""
    transport = Recorder()
    async with make(transport=transport, retry=RetryPolicy(max_attempts=1)) as client:

        def slow() -> httpx.Response:
            raise httpx.ReadTimeout("slow")

        transport.answer = slow
        with pytest.raises(APITimeoutError):
            await client.events.get("a")
        transport.hold = asyncio.Event()
        with pytest.raises(DeadlineExceededError):
            await client.events.get("a", options=RequestOptions(deadline=0.001))
        with pytest.raises(TimeoutError) as caught:
            await asyncio.wait_for(client.events.get("a"), 0.001)
        assert type(caught.value) is TimeoutError


async def test_closing_leaves_a_cancelled_call_cancelled() -> None:
    """Who was cancelled by the caller sees a cancellation, not the client's error."""
    transport = Recorder()
    transport.hold = asyncio.Event()
    client = make(transport=transport)
    call = asyncio.create_task(client.events.get("a"))
    await transport.reached.wait()
    call.cancel()
    await client.aclose()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_a_callers_transport_is_not_closed() -> None:
    """It may serve others."""
    transport = Recorder()
    async with make(transport=transport) as client:
        await client.events.get("a")
    assert transport.closed == 0
    assert len(transport.requests) == 1


async def test_a_callers_http_client_lends_its_connections_only() -> None:
    """Its headers, cookies, parameters and authentication stay out.

    It is neither changed nor closed.
    """
    transport = Recorder()
    transport.answer = lambda: httpx.Response(200, json=EVENT, headers={"set-cookie": "a=b"})
    hooked: list[object] = []
    http_client = httpx.AsyncClient(
        transport=transport,
        headers={"x-theirs": "1"},
        cookies={"session": "1"},
        params={"theirs": "1"},
        auth=("user", "password"),
        base_url="https://theirs.example",
        timeout=1,
        follow_redirects=True,
        event_hooks={"request": [hooked.append]},
    )
    before = dict(http_client.headers), dict(http_client.cookies), http_client.timeout
    async with make(http_client=http_client) as client:
        await client.events.get("a")
    (request,) = transport.requests
    assert request.url.host == "api.fpjs.io"
    assert "theirs" not in request.url.params
    assert request.headers["authorization"] == "Bearer sk_test"
    assert not {"x-theirs", "cookie"} & request.headers.keys()
    assert request.extensions["timeout"]["read"] == 20
    assert (dict(http_client.headers), dict(http_client.cookies), http_client.timeout) == before
    assert hooked == []
    assert not http_client.is_closed
    assert transport.closed == 0
    # Still theirs to open: httpx refuses to enter a client that has sent something.
    async with http_client:
        pass


async def test_a_callers_http_client_chooses_among_its_mounts() -> None:
    """Proxies and other mounts of the caller's client are honoured."""
    default, mounted = Recorder(), Recorder()
    http_client = httpx.AsyncClient(transport=default, mounts={"https://eu.api.fpjs.io": mounted})
    async with make(http_client=http_client, region="eu") as client:
        await client.events.get("a")
    assert (len(default.requests), len(mounted.requests)) == (0, 1)
    await http_client.aclose()


async def test_a_callers_http_client_that_was_closed_is_a_clear_error() -> None:
    """Not a pool that opens again and is never closed."""
    http_client = httpx.AsyncClient(transport=Recorder())
    client = make(http_client=http_client, retry=RetryPolicy(max_attempts=1))
    await http_client.aclose()
    with pytest.raises(ClientStateError, match=r"http_client .* closed"):
        await client.events.get("a")
    await client.aclose()


async def test_the_default_connections_are_closed_with_the_client() -> None:
    """What the client opened it closes, once; a derived client leaves it open."""
    async with always(wire(b'{"event_id":"a"}')) as peer:
        client = make(base_url=peer.url)
        await client.events.get("a")
        child = client.with_options(strict=False)
        await child.events.get("a")
        await child.aclose()
        await client.events.get("a")
        assert (peer.connections, peer.open_connections) == (1, 1)
        await client.aclose()
        await asyncio.wait_for(_until(lambda: peer.open_connections == 0), 5)


async def test_a_key_can_be_an_object_that_holds_a_secret(api_key: str) -> None:
    """As pydantic's `SecretStr`; what it holds is checked like a text."""

    class Held:
        def __init__(self, value: object) -> None:
            self.value = value

        def get_secret_value(self) -> object:
            return self.value

    transport = Recorder()
    async with make(Held(api_key), transport=transport) as client:  # type: ignore[arg-type]
        await client.events.get("a")
    assert transport.requests[0].headers["authorization"] == f"Bearer {api_key}"
    with pytest.raises(ConfigurationError, match=r"get_secret_value\(\) failed"):
        make(type("Failing", (), {"get_secret_value": lambda _: 1 // 0})())
    for wrong in (None, 5, "", "a b"):
        with pytest.raises(ConfigurationError, match="secret API key"):
            make(Held(wrong))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address", [httpx.URL("https://A.example/v4/"), httpx2.URL("https://a.example:443/v4")]
)
def test_an_address_can_be_an_object(address: Any, api_key: str) -> None:
    """A URL of any library is what it says."""
    assert FingerprintClient(api_key, base_url=address).base_url == "https://a.example/v4"


async def test_default_headers_are_on_every_request() -> None:
    """A call's own go before them, and neither replaces the key."""
    transport = Recorder()
    async with make(transport=transport, default_headers={"X-A": "1", "accept": "x/y"}) as client:
        await client.events.get("a")
        await client.events.get("a", options=RequestOptions(headers={"x-a": "2"}))
    first, second = (request.headers for request in transport.requests)
    assert (first["x-a"], first["accept"], second["x-a"]) == ("1", "x/y", "2")
    assert second["authorization"] == "Bearer sk_test"


@pytest.mark.parametrize(
    "settings", [{}, {"region": "nowhere"}, {"base_url": "ftp://a"}, {"deadline": -1}, {"retry": 1}]
)
def test_no_frame_of_a_constructors_error_shows_the_key(settings: dict[str, Any]) -> None:
    """Error trackers send the locals of every frame; the caller's own frame is the caller's."""
    key = "sk SECRET" if not settings else "sk_SECRET"
    client = FingerprintClient("sk_other")
    for construct in (FingerprintClient, client.with_options):
        with pytest.raises(ConfigurationError) as caught:
            construct(api_key=key, **settings)
        frames = list(traceback.walk_tb(caught.value.__traceback__))[1:]
        assert frames
        for frame, _ in frames:
            assert "SECRET" not in repr(list(frame.f_locals.values()))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_client_is_refused_after_a_fork() -> None:
    """Two processes that write to one connection would read each other's answers."""
    code = (
        "import asyncio, os, sys, httpx\n"
        "from fingerprint_async import *\n"
        "t = httpx.MockTransport(lambda r: httpx.Response(200, json={'event_id': 'a'}))\n"
        "c = FingerprintClient('sk', transport=t)\n"
        "async def main():\n"
        "    await c.events.get('a')\n"
        "    if os.fork():\n"
        "        sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))\n"
        "    try:\n"
        "        await c.events.get('a')\n"
        "    except ClientStateError as error:\n"
        "        os._exit(7 if 'after the fork' in str(error) else 8)\n"
        "    os._exit(9)\n"
        "asyncio.run(main())\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 7


# with_options


def test_with_options_accepts_every_argument_of_the_constructor() -> None:
    """No setting can be given at the start only."""
    of_constructor = set(inspect.signature(FingerprintClient.__init__).parameters) - {"self"}
    of_with_options = set(inspect.signature(FingerprintClient.with_options).parameters) - {"self"}
    assert of_with_options == of_constructor


def test_with_options_changes_what_is_given_and_keeps_the_rest(api_key: str) -> None:
    """A derived client is the same but for what was named; `None` is a value like any other."""
    retry = RetryPolicy(max_attempts=2)
    client = FingerprintClient(
        api_key, region="eu", retry=retry, deadline=9, user_agent_suffix="a/1"
    )
    child = client.with_options(strict=True, deadline=None)
    assert child.region is Region.EU
    assert child.options.retry is retry
    assert child.options.user_agent_suffix == "a/1"
    assert child.options.api_key.hidden == api_key
    assert (client.options.strict, child.options.strict) == (False, True)
    assert (client.options.deadline, child.options.deadline) == (9, None)
    assert child.with_options(api_key="sk_2").options.api_key.hidden == "sk_2"


def test_with_options_keeps_what_the_environment_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is read once, by the constructor."""
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", "sk_env")
    monkeypatch.setenv("FINGERPRINT_REGION", "eu")
    client = FingerprintClient()
    monkeypatch.delenv("FINGERPRINT_SECRET_API_KEY")
    monkeypatch.setenv("FINGERPRINT_REGION", "ap")
    child = client.with_options(strict=True)
    assert (child.options.api_key.hidden, child.region) == ("sk_env", Region.EU)


def test_region_and_base_url_replace_each_other(api_key: str) -> None:
    """A derived client can go elsewhere, whichever way the first one was told."""
    client = FingerprintClient(api_key, region="eu")
    elsewhere = client.with_options(base_url="https://a.example/v4")
    assert (elsewhere.region, elsewhere.base_url) == (None, "https://a.example/v4")
    assert elsewhere.with_options(region="asia").base_url == "https://ap.api.fpjs.io/v4"
    with pytest.raises(ConfigurationError, match="exclude each other"):
        client.with_options(region="us", base_url="https://a.example/v4")


def test_no_place_given_is_no_move(api_key: str) -> None:
    """None for region or base URL leaves a client where it is, instead of in the default region."""
    client = FingerprintClient(api_key, region="eu")
    assert client.with_options(region=None).region is Region.EU
    assert client.with_options(base_url=None).region is Region.EU
    there = client.with_options(region=None, base_url="https://a.example/v4")
    assert there.with_options(region=None, base_url=None).base_url == "https://a.example/v4"


async def test_a_derived_client_shares_connections_and_leaves_them_open() -> None:
    """Closing the derived client ends its own calls only."""
    transport = Recorder()
    client = make(transport=transport)
    child = client.with_options(strict=True)
    await child.events.get("a")
    transport.hold = asyncio.Event()
    transport.reached.clear()
    of_child = asyncio.create_task(child.events.get("a"))
    of_parent = asyncio.create_task(client.events.get("a"))
    await asyncio.wait_for(_until(lambda: len(transport.requests) == 3), 5)
    await child.aclose()
    with pytest.raises(ClientStateError, match="closed while the call was running"):
        await of_child
    transport.hold.set()
    assert (await of_parent).event_id == EVENT["event_id"]
    with pytest.raises(ClientStateError, match="the client is closed"):
        await child.events.get("a")
    await client.aclose()


async def test_closing_the_first_client_closes_those_made_from_it() -> None:
    """They have no connections of their own."""
    client = make(transport=Recorder())
    child = client.with_options(strict=True)
    await client.aclose()
    assert child.is_closed
    with pytest.raises(ClientStateError, match="the client is closed"):
        await child.events.get("a")


async def test_clients_that_share_connections_may_close_at_the_same_time() -> None:
    """Also while a call takes its time to end."""

    class Reluctant(Recorder):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            """Hang, and end some steps after being told to."""
            self.requests.append(request)
            self.reached.set()
            try:
                await asyncio.Event().wait()
            finally:
                for _ in range(5):
                    await asyncio.sleep(0)
            raise AssertionError

    transport = Reluctant()
    client = make(transport=transport)
    child = client.with_options(strict=True)
    call = asyncio.create_task(child.events.get("a"))
    await transport.reached.wait()
    closing = asyncio.create_task(child.aclose())
    for _ in range(3):
        await asyncio.sleep(0)
    await client.aclose()
    await closing
    with pytest.raises(ClientStateError, match="closed while the call was running"):
        await call


async def test_a_derived_client_of_another_host_has_its_own_connections(api_key: str) -> None:
    """Certificates and proxies go by the host.

    Those of an emulator in the clear are not for the service.
    """
    client = FingerprintClient(api_key, base_url="http://127.0.0.1:9/v4")
    elsewhere = client.with_options(region="eu")
    beside = client.with_options(base_url="http://127.0.0.1:9/v5")
    await client.aclose()
    assert not elsewhere.is_closed
    assert beside.is_closed
    await elsewhere.aclose()


async def test_a_derived_client_with_its_own_transport_stands_alone() -> None:
    """Another way out is another set of connections."""
    first, second = Recorder(), Recorder()
    client = make(transport=first)
    child = client.with_options(transport=second)
    await client.aclose()
    await child.events.get("a")
    assert (len(first.requests), len(second.requests)) == (0, 1)
    other = child.with_options(http_client=httpx.AsyncClient(transport=first))
    await other.events.get("a")
    assert len(first.requests) == 1
    await child.aclose()
    await other.aclose()


async def test_every_failure_is_of_one_tree() -> None:
    """Arguments, state, network and answers: all `FingerprintError`."""
    transport = Recorder()
    transport.answer = lambda: httpx.Response(
        404, json={"error": {"code": "event_not_found", "message": "event id not found"}}
    )
    async with make(transport=transport) as client:
        for call in (client.events.get(""), client.events.get("a")):
            with pytest.raises(FingerprintError):
                await call
        with pytest.raises(NotFoundError) as caught:
            await client.events.get("a")
    assert (caught.value.status_code, caught.value.code, caught.value.attempts) == (
        404,
        "event_not_found",
        1,
    )
