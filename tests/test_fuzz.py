"""Whatever is passed to a public function: a result or an error of the one tree."""

from __future__ import annotations

import asyncio
import datetime as dt
import decimal
import enum
import ipaddress
import os
import pathlib
import random
import warnings
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import (
    FingerprintClient,
    FingerprintError,
    Hooks,
    RateLimit,
    RequestOptions,
    RetryPolicy,
    Timeouts,
    drop_none,
)
from fingerprint_async.resources._filters import search_filters

if TYPE_CHECKING:
    from collections.abc import Callable

INPUTS = 20_000 if "FINGERPRINT_TEST_ALL" in os.environ else 3_000


class Raising:
    """Raises whatever is asked of it."""

    def __str__(self) -> str:
        raise ZeroDivisionError

    def __len__(self) -> int:
        raise ZeroDivisionError

    def get_secret_value(self) -> str:
        """Raise."""
        raise ZeroDivisionError


class Kind(enum.Enum):
    """Members of several kinds."""

    ONE = 1
    TEXT = "text"


class Text(str):
    """A subclass."""

    __slots__ = ()


class NoMoment(dt.datetime):
    """As pandas' NaT: a datetime that is none."""

    def utcoffset(self) -> Any:
        """Raise."""
        raise TypeError("no moment")


def deep(levels: int) -> Any:
    """Lists in dicts in lists."""
    out: Any = []
    for _ in range(levels):
        out = [{"a": out}]
    return out


VALUES: list[Callable[[random.Random], Any]] = [
    lambda _: None,
    lambda r: r.choice([True, False]),
    lambda r: r.choice([0, -1, 1, 5, 100, 101, 2**31, 2**63, 10**400, -(10**400), 10**5000]),
    lambda r: r.choice([0.0, -0.0, 0.5, 1e-320, 1e308, float("nan"), float("inf"), -float("inf")]),
    lambda r: r.choice(["", " ", "a", "\ud800", "a\nb", "\x00", "..", "%2e", "é", "a" * 300]),
    lambda r: r.choice(["us", "eu", "https://a.example/v4", "HTTP://A", "http://[::1", "fast"]),
    lambda r: r.choice(["socks://p", "http://p:99999", "http://u:p@h", "1_0", "0" * 50 + "1"]),
    lambda r: "".join(
        chr(r.choice([r.randrange(0xD800, 0xE000), r.randrange(0x110000)]))
        for _ in range(r.randrange(8))
    ),
    lambda r: r.choice([b"", b"a", b"\xff", bytearray(b"x"), memoryview(b"x")]),
    lambda r: r.choice(
        [[], ["a"], [None], [[]], ("a", "b"), {"a"}, {}, {"a": 1}, {1: "a", "1": 2}]
    ),
    lambda r: deep(r.choice([1, 40, 400, 20_000])),
    lambda r: r.choice([dt.datetime(2026, 1, 1), dt.datetime.max, dt.date(2026, 1, 1)]),  # noqa: DTZ001, DTZ901
    lambda r: r.choice(
        [dt.datetime.min.replace(tzinfo=dt.UTC), dt.timedelta(1), NoMoment(1, 1, 1)]
    ),
    lambda r: r.choice([decimal.Decimal("NaN"), 1j, Kind.ONE, Kind.TEXT, Text("a"), range(3)]),
    lambda r: r.choice([object(), object, Raising(), print, iter("ab"), pathlib.Path("/"), ...]),
    lambda r: r.choice(
        [ipaddress.ip_address("::ffff:1.2.3.4"), ipaddress.ip_network("10.0.0.0/8")]
    ),
    lambda r: r.choice([Timeouts(), RetryPolicy(), RateLimit.off(), RequestOptions(), Hooks()]),
]

SETTINGS = [
    "api_key", "region", "base_url", "timeout", "deadline", "max_retries", "retry", "rate_limit",
    "max_in_flight", "max_response_bytes", "strict", "default_headers", "user_agent_suffix",
    "proxy", "verify", "ssl_context", "http_client", "transport", "hooks", "allow_insecure_http",
]  # fmt: skip
OPTIONS = ["timeout", "deadline", "max_retries", "retry", "strict", "headers", "priority"]
EDGE = ["method", "url", "headers", "ip", "linked_id", "tags", "sensitive_headers", "options"]
FILTERS = sorted(search_filters())


def answer(request: httpx.Request) -> httpx.Response:
    """Answer anything."""
    if request.method == "GET" and not request.url.path.endswith("/events"):
        asked = request.url.path.rpartition("/")[2]
        return httpx.Response(200, json={"event_id": asked})
    return httpx.Response(200, json={"events": [], "event_id": "a"})


def some(chance: random.Random, names: list[str], most: int = 3) -> dict[str, Any]:
    """Some arguments of some values."""
    chosen = chance.sample(names, chance.randint(1, most))
    return {name: chance.choice(VALUES)(chance) for name in chosen}


def functions(client: FingerprintClient, chance: random.Random) -> list[Callable[[], Any]]:
    """Every public function, with arguments."""
    one = chance.choice(VALUES)(chance)
    edge = {"method": "GET", "url": "https://a/", "headers": {"a": "b"}, "ip": "1.2.3.4"}
    given = some(chance, FILTERS)
    return [
        lambda: FingerprintClient(**{"api_key": "sk", **some(chance, SETTINGS)}),
        lambda: client.with_options(**some(chance, SETTINGS)),
        lambda: RequestOptions(**some(chance, OPTIONS)),
        lambda: Timeouts(**some(chance, ["connect", "read", "write", "pool"])),
        lambda: RetryPolicy(
            **some(chance, ["max_attempts", "base_delay", "max_delay", "max_retry_after", "quota"])
        ),
        lambda: RateLimit(**some(chance, ["requests_per_second", "burst", "search", "shared"])),
        lambda: RateLimit.adaptive(start=one),
        lambda: Hooks(on_call=one),
        lambda: drop_none(**given),
        lambda: client.events.get(one),
        lambda: client.events.get("a", ruleset_id=one),
        lambda: client.events.get("a", options=one),
        lambda: client.events.update("a", **some(chance, ["linked_id", "tags", "suspect"])),
        lambda: client.events.search(**given).first_page(),
        lambda: client.events.with_raw_response.search(**given),
        lambda: client.events.search_as(one, **given),
        lambda: client.visitors.delete(one),
        lambda: client.edge.analyze(**{**edge, **some(chance, EDGE)}),
    ]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
async def test_no_input_leads_out_of_the_tree(seed: int) -> None:
    """Thousands of inputs a seed; a decoder of the caller's own may raise what it likes."""
    chance = random.Random(seed)
    escaped: list[str] = []
    client = FingerprintClient(
        "sk", transport=httpx.MockTransport(answer), rate_limit=RateLimit.off(), max_retries=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for _ in range(INPUTS // 4):
            # Each draws its arguments anew.
            number = chance.randrange(18)
            try:
                made = functions(client, chance)[number]()
                if asyncio.iscoroutine(made):
                    await made
            except FingerprintError as error:
                str(error).encode("utf-8", "surrogatepass")
            except Exception as error:  # noqa: BLE001 - what is looked for
                if number != 15:
                    escaped.append(f"{number}: {type(error).__name__}: {error}")
    await client.aclose()
    assert sorted(set(escaped)) == []


VARIABLES = [
    "FINGERPRINT_SECRET_API_KEY", "FINGERPRINT_REGION", "FINGERPRINT_BASE_URL", "HTTP_PROXY",
    "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUEST_METHOD",
]  # fmt: skip
TEXTS = [
    "", " ", "*", "us", "EU", "sk_1", "sk 1", "http://127.0.0.1:1/v4", "https://127.0.0.1:1/v4",
    "https://[::1]:1/v4", "http://service.invalid", "//a", "http://", "http://u:p@127.0.0.1:1",
    "socks5://127.0.0.1:1", "socks5h://127.0.0.1:1", "socks4://a", "http://a:99999", "a b", "\t",
    "http://[::1", "http://\u00fc.invalid", "127.0.0.1:1", ":1", "/", "/dev/null", "/nonexistent",
    "\udcff", "http://%zz@127.0.0.1:1", "ftp://a", "HTTP://127.0.0.1:1", "localhost,.invalid", "[",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["httpx", "httpx2", "fast", "http_client"])
async def test_no_environment_leads_out_of_the_tree(
    backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables of any text, for a client that is made and makes one call."""
    chance = random.Random(backend)
    escaped: list[str] = []
    for _ in range(INPUTS // 40):
        with monkeypatch.context() as environment:
            for name in chance.sample(VARIABLES, 4):
                environment.setenv(name, chance.choice(TEXTS))
            own: dict[str, Any] = {"transport": backend}
            try:
                if backend == "http_client":
                    # What httpx makes of the environment is its own.
                    own = {"http_client": httpx.AsyncClient(trust_env=False)}
                key = chance.choice([None, "sk"])
                async with FingerprintClient(key, max_retries=0, deadline=1, **own) as client:
                    if client.base_url.startswith(("http://127", "https://127", "https://[::1")):
                        await client.events.get("a")
            except FingerprintError as error:
                str(error).encode("utf-8", "surrogatepass")
            except Exception as error:  # noqa: BLE001 - what is looked for
                escaped.append(f"{type(error).__name__}: {error}")
            if "http_client" in own:
                await own["http_client"].aclose()
    assert sorted(set(escaped)) == []
