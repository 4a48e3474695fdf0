"""Odd values in every argument of every public function: a result, or an error of the tree."""

from __future__ import annotations

import asyncio
import decimal
import ipaddress
import math
import random
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fingerprint_async import (
    ClientOptions,
    FingerprintClient,
    FingerprintError,
    RateLimit,
    RequestOptions,
    RetryPolicy,
    Timeouts,
    checks,
    drop_none,
    models,
    webhooks,
)
from fingerprint_async.blocking import BlockingClient
from fingerprint_async.integrations.receiver import WebhookGate, WebhookReceiver
from fingerprint_async.replays import MemorySeenStore, RedisSeenStore
from fingerprint_async.sealed import DecryptionKey, unseal

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 500
"""For each of the functions below; all together more than 20,000 inputs."""


class Raises:
    """An object that raises whatever it is asked."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)

    def get_secret_value(self) -> str:
        """Raise."""
        raise RuntimeError

    def __iter__(self) -> Any:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


class NoMoment(datetime):
    """A datetime that is none, as pandas' NaT."""

    def utcoffset(self) -> timedelta | None:
        """Raise."""
        raise ValueError("no moment")


EVENT = models.Event.from_dict({"event_id": "1708102555327.NLOjmg", "timestamp": 1708102555327})
PAGE = models.EventSearch.from_dict({"events": [], "pagination_key": "k"})
DEEP: list[Any] = []
for _ in range(3000):
    DEEP = [DEEP]

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 5, 10**400, -(10**400), 2**63, 0.5, -0.0, math.nan, math.inf),
    *("", " ", "\0", "a", "\ud800", "é", "a" * 5000, "..", ".", "%2e", "1_0", "٣", "0" * 5000),
    *("1708102555327.NLOjmg", "1708102555327", "2026-01-31T23:59:59Z", "2026-99-99T99:99:99Z"),
    *("192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0", "10.0.0.0/8", "999.1.1.1", "[::1]:80"),
    *("https://a.example", "HTTPS://A:99999", "http://[", "socks5h://a", "//a", "http://a\\@b"),
    *("v1=00", "v1=" + "0" * 64, "1.e30", "AAAA", "noXc7Q==", "redis://a", "us", "eu", "fast"),
    *(b"", b"a", b"\xff", bytes(32), bytearray(b"a"), memoryview(b"a"), b"\x9e\x85\xdc\xed"),
    *([], [None], ["a"], [b"a"], (), ("a", "b"), [("a", "b")], {"a"}, {}, {"a": 1}, {1: 2}, DEEP),
    *({"a": math.nan}, {"a": {1: 2, "1": 3}}, {"a": DEEP}, {"\ud800": "\ud800"}, range(3)),
    *(object(), Raises(), Exception("x"), int, str, print, decimal.Decimal("NaN"), 1j),
    *(
        datetime(2026, 1, 1),  # noqa: DTZ001 - without a zone
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        date(2026, 1, 1),
    ),
    *(datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), NoMoment(2026, 1, 1)),
    *(timedelta(1), ipaddress.ip_address("192.0.2.1"), ipaddress.ip_network("10.0.0.0/8")),
    *(EVENT, PAGE, DecryptionKey("a"), RequestOptions(), RateLimit(), RetryPolicy(), Timeouts()),
    {"type": "http", "headers": [(b"host", b"a")], "method": "GET", "client": ("192.0.2.1", 1)},
]
BODY = b'{"event_id": "a", "timestamp": 1}'


def answer(_: httpx.Request) -> httpx.Response:
    """Answer with what fits every operation."""
    return httpx.Response(200, json={"event_id": "a", "timestamp": 1, "events": []})


def make_client(**settings: Any) -> FingerprintClient:
    """Make a client that reaches nobody."""
    transport = httpx.MockTransport(answer)
    given = {"rate_limit": RateLimit.off(), "transport": transport, "max_retries": 0, **settings}
    return FingerprintClient("sk_test", **given)


def parse_event(body: Any, signature: Any, secret: Any, max_age: Any, now: Any) -> None:
    """Call with keywords."""
    webhooks.parse_event(body, signature=signature, secret=secret, max_age=max_age, now=now)


def parse_signed_event(max_age: Any, now: Any, strict: Any) -> None:
    """Call with a body that is signed."""
    webhooks.parse_event(
        BODY,
        signature=webhooks.sign(BODY, secret="s"),
        secret="s",
        max_age=max_age,
        now=now,
        strict=bool(strict is True),
    )


def check_event(*values: Any) -> None:
    """Call with keywords."""
    ip, origin, linked_id, max_age, min_confidence, now = values
    checks.check_event(
        EVENT,
        ip=ip,
        origin=origin,
        linked_id=linked_id,
        max_age=max_age,
        min_confidence=min_confidence,
        now=now,
    )


FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "sign": (lambda body, secret: webhooks.sign(body, secret=secret), 2),
    "verify": (lambda body, sig, key: webhooks.verify(body, signature=sig, secret=key), 3),
    "parse_event": (parse_event, 5),
    "parse_event, signed": (parse_signed_event, 3),
    "check_age": (lambda event, age, now: webhooks.check_age(event, max_age=age, now=now), 3),
    "dedupe_key": (webhooks.dedupe_key, 1),
    "unseal": (lambda sealed, keys, size: unseal(sealed, keys, max_size=size), 3),
    "unseal, one key": (lambda sealed, key: unseal(sealed, [key]), 2),
    "check_event": (check_event, 6),
    "check_event, event": (checks.check_event, 1),
    "event_id_time": (lambda one, age, now: checks.event_id_time(one, max_age=age, now=now), 3),
    "event.time": (lambda value: models.Event.from_dict({"timestamp": value}).time, 1),
    "event.factory_reset_time": (
        lambda value: models.Event.from_dict({"factory_reset_timestamp": value}).factory_reset_time,
        1,
    ),
    "memory store": (lambda ttl, most: MemorySeenStore(ttl_seconds=ttl, max_keys=most), 2),
    "redis store": (
        lambda redis, ttl, prefix: RedisSeenStore(redis, ttl_seconds=ttl, prefix=prefix),
        3,
    ),
    "gate": (lambda secret, seen, age: WebhookGate(secret=secret, seen=seen, max_age=age), 3),
    "receiver": (WebhookReceiver, 2),
    "client": (lambda key, region, url: FingerprintClient(key, region=region, base_url=url), 3),
    "client, numbers": (
        lambda a, b, c, d: make_client(timeout=a, deadline=b, max_retries=c, max_in_flight=d),
        4,
    ),
    "client, others": (
        lambda a, b, c, d, e: make_client(
            default_headers=a, user_agent_suffix=b, proxy=c, hooks=d, retry=e
        ),
        5,
    ),
    "client, limit": (lambda a, b: make_client(rate_limit=a, max_response_bytes=b), 2),
    "client, transport": (lambda a, b, c: make_client(transport=a, http_client=b, verify=c), 3),
    "blocking client": (lambda key, region: BlockingClient(key, region=region).close(), 2),
    "with_options": (lambda a, b, c: make_client().with_options(api_key=a, strict=b, retry=c), 3),
    "options": (lambda a, b, c: RequestOptions(deadline=a, max_retries=b, headers=c), 3),
    "timeouts": (lambda a, b: Timeouts(connect=a, read=b), 2),
    "retry policy": (lambda a, b, c: RetryPolicy(max_attempts=a, base_delay=b, max_delay=c), 3),
    "rate limit": (lambda a, b: RateLimit(requests_per_second=a, burst=b), 2),
    "drop_none": (lambda a, b: drop_none(vpn=a, limit=b), 2),
    "search": (lambda a, b, c: make_client().events.search(start=a, end=b, limit=c), 3),
    "search, texts": (
        lambda a, b, c, d: make_client().events.search(
            visitor_id=a, ip_address=b, linked_id=c, environment=d
        ),
        4,
    ),
    "search_from": (lambda a, b: make_client().events.search_from(a, cursor_secret=b), 2),
    "search, cursor secret": (
        lambda a: make_client().events.search(start=1, end=2, cursor_secret=a),
        1,
    ),
}

CALLS: dict[str, tuple[Callable[..., Any], int]] = {
    "get": (lambda c, a, b, d: c.events.get(a, ruleset_id=b, wait=d), 3),
    "find": (lambda c, a, b: c.events.find(a, options=b), 2),
    "update": (lambda c, a, b, d, e: c.events.update(a, linked_id=b, tags=d, suspect=e), 4),
    "search_as": (lambda c, a: c.events.search_as(a), 1),
    "delete": (lambda c, a, b: c.visitors.delete(a, options=b), 2),
    "analyze": (
        lambda c, a, b, d, e: c.edge.analyze(method=a, url=b, headers=d, ip=e),
        4,
    ),
    "analyze, others": (
        lambda c, a, b, d: c.edge.analyze(
            method="GET",
            url="https://a/",
            headers={"a": "b"},
            ip="192.0.2.1",
            linked_id=a,
            tags=b,
            sensitive_headers=d,
        ),
        3,
    ),
    "analyze_asgi": (
        lambda c, a, b, d: c.edge.analyze_asgi(a, ip=b, trusted_hops=d),
        3,
    ),
    "analyze_asgi, parts": (
        lambda c, a, b, d: c.edge.analyze_asgi(
            {**VALUES[-1], "raw_path": a, "server": b, "query_string": d}
        ),
        3,
    ),
    "analyze_aiohttp": (lambda c, a, b: c.edge.analyze_aiohttp(a, ip=b), 2),
    "store": (lambda _, a: MemorySeenStore().add(a), 1),
}


def test_there_are_enough() -> None:
    """20,000 inputs and more."""
    assert ROUNDS * (len(FUNCTIONS) + len(CALLS)) >= 20_000
    assert ClientOptions is not None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_raises_errors_of_the_tree(name: str) -> None:
    """Whatever it is given."""
    function, arity = FUNCTIONS[name]
    choices = random.Random(name)
    for _ in range(ROUNDS):
        values = choices.choices(VALUES, k=arity)
        with suppress(FingerprintError):
            function(*values)


def test_an_environment_raises_errors_of_the_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the variables hold that a client reads."""
    texts = [one for one in VALUES if isinstance(one, str) and "\0" not in one and one != "\ud800"]
    texts.append("\udcff")
    choices = random.Random("environment")
    names = ("SECRET_API_KEY", "REGION", "BASE_URL")
    for _ in range(ROUNDS):
        for name in names:
            monkeypatch.setenv(f"FINGERPRINT_{name}", choices.choice(texts))
            if choices.random() < 0.5:
                monkeypatch.delenv(f"FINGERPRINT_{name}")
        for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
            monkeypatch.setenv(name, choices.choice(texts))
        with suppress(FingerprintError):
            FingerprintClient()


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_raises_errors_of_the_tree(name: str) -> None:
    """Whatever it is given, and before long."""
    function, arity = CALLS[name]
    choices = random.Random(name)
    async with make_client() as client, asyncio.timeout(60):
        for _ in range(ROUNDS):
            values = choices.choices(VALUES, k=arity)
            with suppress(FingerprintError):
                await function(client, *values)
