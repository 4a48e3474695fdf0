"""One limit for each key at each host in the process."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
from typing import Any

import pytest

from fingerprint_async.errors import ArgumentError
from fingerprint_async.ratelimit import Budget, Quota, RateLimit, RateLimitTimeout, limiter_for
from fingerprint_async.ratelimit import _registry as registry_module

ONE = RateLimit(requests_per_second=1, burst=4)


@pytest.fixture
def _empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A registry of this test alone."""
    monkeypatch.setattr(registry_module, "_registry", registry_module._Registry())


def get(host: str = "a.test", key_id: str = "k", limit: RateLimit = ONE, **options: Any) -> Any:
    """Return a limiter."""
    return limiter_for(host, key_id, limit, budgets={}, **options)


def test_a_limit_outlives_its_clients(virtual, make_limiter) -> None:
    """Eight clients in a row, each gone before the next comes: one bucket, one pause."""

    async def main(loop):
        for _ in range(4):
            limiter = make_limiter(ONE, key="in a row")
            (await limiter.acquire("get")).succeeded()
            await limiter.aclose()
            del limiter
            gc.collect()
        with pytest.raises(RateLimitTimeout):
            await make_limiter(ONE, key="in a row").acquire("get", timeout=0)
        permit = await make_limiter(ONE, key="in a row").acquire("get")
        permit.refused(retry_after=30)
        del permit
        gc.collect()
        begin = loop.time()
        await make_limiter(ONE, key="in a row").acquire("get")
        assert loop.time() - begin == pytest.approx(30, abs=0.1)

    virtual(main)


def test_windows_outlive_clients_and_other_settings(virtual, make_limiter) -> None:
    """Thirty deletions an hour are thirty, whoever asks and whatever rate was told."""

    async def main(_):
        for number in range(30):
            limiter = make_limiter(RateLimit(requests_per_second=100 + number % 2), key="windows")
            (await limiter.acquire("delete")).succeeded()
        for rate in (100, 101, 102):
            limiter = make_limiter(RateLimit(requests_per_second=rate), key="windows")
            with pytest.raises(RateLimitTimeout):
                await limiter.acquire("delete", timeout=60)

    virtual(main)


def test_pauses_count_for_other_settings(virtual, make_limiter) -> None:
    """The service refused the key, not a client."""

    async def main(loop):
        (await make_limiter(RateLimit.off(), key="pauses").acquire("get")).refused(retry_after=9)
        await make_limiter(RateLimit(), key="pauses").acquire("get")
        assert loop.time() == 9
        await make_limiter(RateLimit(), key="other").acquire("get", timeout=0)

    virtual(main)


@pytest.mark.parametrize(
    "host",
    [
        "api.test",
        "API.Test",
        "api.test.",
        "api.test:443",
        "https://api.test",
        "HTTPS://Api.Test:443/v4",
        "http://api.test:80/v4?x#y",
        "https://user:password@api.test/v4",
    ],
)
def test_a_host_is_the_same_however_it_is_spelled(host: str) -> None:
    """Case, the usual port, a dot at the end, all that stands around it."""
    assert get(host) is get("api.test")
    assert get(host, limit=RateLimit()) is get("api.test", limit=RateLimit(burst=15))


def test_other_hosts_keys_and_clocks_have_other_limits() -> None:
    """So do other settings and budgets."""

    def clock() -> float:
        return 0.0

    limiters = [
        get(),
        get("b.test"),
        get("a.test:444"),
        get("http://a.test:443"),
        get("[::1]"),
        get(key_id="l"),
        get(limit=RateLimit()),
        get(clock=clock),
        limiter_for("a.test", "k", ONE, budgets={"x": Budget("x", quotas=(Quota(1, 1),))}),
    ]
    assert len({id(limiter) for limiter in limiters}) == len(limiters)
    assert get("bücher.test") is get("xn--bcher-kva.test")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("", "k", ONE), "host"),
        ((5, "k", ONE), "host"),
        ((None, "k", ONE), "host"),
        (("https://", "k", ONE), "host"),
        (("a.test:99999", "k", ONE), "host"),
        (("a.test:port", "k", ONE), "host"),
        (("[::1", "k", ONE), "host"),
        (("\ud800.test", "k", ONE), "host"),
        (("ü" * 300, "k", ONE), "host"),
        (("a.test", "", ONE), "key_id"),
        (("a.test", b"k", ONE), "key_id"),
        (("a.test", "k", 5), "limit"),
        (("a.test", "k", None), "limit"),
    ],
)
def test_what_names_no_limit_is_refused(arguments: tuple[Any, ...], name: str) -> None:
    """By the argument's name."""
    with pytest.raises(ArgumentError, match=f"^{name} must be"):
        limiter_for(*arguments, budgets={})


@pytest.mark.parametrize(
    "arguments",
    [
        {"budgets": None},
        {"budgets": {"get": "delete"}},
        {"budgets": {5: Budget("x")}},
        {"budgets": [("get", Budget("x"))]},
        {"budgets": {}, "clock": 5},
        {"budgets": {}, "sleep": None},
    ],
)
def test_budgets_and_clocks_are_checked(arguments: dict[str, Any]) -> None:
    """By the argument's name."""
    with pytest.raises(ArgumentError, match="must be"):
        limiter_for("a.test", "k", ONE, **arguments)


async def test_budgets_of_one_name_are_two_if_they_differ() -> None:
    """Each has its own windows and pauses."""
    budgets = {"rare": Budget("default", quotas=(Quota(1, 3600),))}
    limiter = limiter_for("a.test", "two", RateLimit(requests_per_second=100), budgets=budgets)
    (await limiter.acquire("rare")).succeeded()
    with pytest.raises(RateLimitTimeout):
        await limiter.acquire("rare", timeout=1)
    await limiter.acquire("other", timeout=0)


@pytest.mark.usefixtures("_empty_registry")
def test_what_nobody_needs_is_forgotten(virtual, make_limiter) -> None:
    """A service with very many keys keeps those that are held or that know something."""

    async def main(_):
        held = make_limiter(ONE, key="held")
        (await make_limiter(ONE, key="used").acquire("get")).succeeded()
        (await make_limiter(RateLimit.off(), key="off").acquire("get")).succeeded()
        (await make_limiter(RateLimit.off(), key="refused").acquire("get")).refused(
            retry_after=None
        )
        (await make_limiter(RateLimit.adaptive(), key="found").acquire("get")).succeeded()
        (
            await make_limiter(RateLimit(requests_per_second=1000), key="deleted").acquire("delete")
        ).succeeded()
        permit = await make_limiter(ONE, key="under way").acquire("get")
        await asyncio.sleep(10)
        for number in range(1000):
            make_limiter(ONE, key=f"passing {number}")
        kept = registry_module._registry._kept
        names = {key[0][1] for key in kept}
        assert {"held", "refused", "found", "deleted", "under way"} <= names
        assert not {"used", "off"} & names
        assert len(kept) < 140
        assert make_limiter(ONE, key="held") is held
        permit.succeeded()

    virtual(main)


def test_loops_in_threads_share_a_limit() -> None:
    """Each in its own event loop: together they keep to one limit, and wake each other up."""
    limit = RateLimit(requests_per_second=100, burst=1)
    taken: list[float] = []

    async def work() -> None:
        limiter = get(key_id="threads", limit=limit)
        for _ in range(5):
            permit = await limiter.acquire("get", priority=len(taken) % 2)
            taken.append(time.monotonic())
            await asyncio.sleep(0.001)
            permit.succeeded()

    threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.sort()
    assert len(taken) == 20
    assert taken[-1] - taken[0] >= 19 / 100 - 0.01


def test_a_loop_that_is_blocked_holds_up_no_other() -> None:
    """Its call keeps its place, and others use the tokens that come after."""
    limiter = get(key_id="blocked", limit=RateLimit(requests_per_second=50, burst=1))
    waiting, go_on = threading.Event(), threading.Event()

    async def blocked() -> None:
        (await limiter.acquire("get")).succeeded()
        call = asyncio.create_task(limiter.acquire("get", priority=5))
        await asyncio.sleep(0)
        waiting.set()
        go_on.wait(10)
        (await call).succeeded()

    async def free() -> None:
        for _ in range(3):
            (await limiter.acquire("get", timeout=5)).succeeded()

    thread = threading.Thread(target=lambda: asyncio.run(blocked()))
    thread.start()
    assert waiting.wait(10)
    # All three go while the other loop stands still.
    try:
        asyncio.run(free())
    finally:
        go_on.set()
    thread.join(10)
    assert not thread.is_alive()


def test_a_loop_that_was_closed_with_a_call_in_it_holds_up_nobody() -> None:
    """Its call never comes; others go on, also when it was the first of the queue."""
    limiter = get(key_id="closed", limit=RateLimit(requests_per_second=50, burst=1))

    async def take() -> None:
        (await limiter.acquire("get", timeout=5)).succeeded()

    asyncio.run(take())
    loop = asyncio.new_event_loop()
    tasks = [loop.create_task(limiter.acquire("get")) for _ in range(5)]
    loop.run_until_complete(asyncio.sleep(0))
    for task in tasks:
        task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.close()
    begin = time.monotonic()
    asyncio.run(take())
    asyncio.run(take())
    assert time.monotonic() - begin < 4
    del tasks


async def test_a_clock_and_a_sleep_of_ones_own_are_used() -> None:
    """A test's clock moves the limit on."""
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        await asyncio.sleep(0)

    limiter = get(key_id="own clock", clock=lambda: now, sleep=sleep)
    for _ in range(14):
        (await limiter.acquire("get")).succeeded()
    assert now == pytest.approx(10, rel=0.01)


async def test_no_task_and_no_timer_is_left_behind() -> None:
    """Neither by calls that went, nor by those that were cancelled or out of time."""
    loop = asyncio.get_running_loop()
    limiter = get(key_id="left behind", limit=RateLimit(requests_per_second=20, burst=1))
    calls = [asyncio.create_task(limiter.acquire("get", timeout=0.2)) for _ in range(8)]
    await asyncio.sleep(0.06)
    for call in calls[2:4]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    timers = [handle for handle in loop._scheduled if not handle.cancelled()]  # type: ignore[attr-defined]
    assert not [handle for handle in timers if "ratelimit" in repr(handle)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_begins_anew() -> None:
    """What waited at the fork belongs to an event loop that never runs in the new process."""
    code = (
        "import asyncio, os, sys\n"
        "from fingerprint_async.ratelimit import RateLimit, limiter_for\n"
        "def get():\n"
        "    limit = RateLimit(requests_per_second=1, burst=1)\n"
        "    return limiter_for('a.test', 'k', limit, budgets={})\n"
        "async def one():\n"
        "    (await get().acquire('getEvent', timeout=0.2)).succeeded()\n"
        "async def main():\n"
        "    calls = [asyncio.create_task(get().acquire('getEvent')) for _ in range(50)]\n"
        "    await asyncio.sleep(0.01)\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        "        return False\n"
        "    for call in calls:\n"
        "        call.cancel()\n"
        "    await asyncio.gather(*calls, return_exceptions=True)\n"
        "    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        "loop = asyncio.new_event_loop()\n"
        "loop.run_until_complete(main())\n"
        "try:\n"
        "    asyncio.new_event_loop().run_until_complete(one())\n"
        "except Exception:\n"
        "    os._exit(9)\n"
        "os._exit(7)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=20).returncode == 7
