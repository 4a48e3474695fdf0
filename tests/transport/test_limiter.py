"""Rate limits, in virtual time."""

from __future__ import annotations

import asyncio
import gc
import threading
import time

import httpx
import pytest

from fingerprint_async._transport import CallContext
from fingerprint_async._transport._limiter import limiter_for
from fingerprint_async.errors import DeadlineExceededError, RateLimitError, SearchOverloadError
from fingerprint_async.options import RateLimit, RetryPolicy

BUSY = {"error": {"code": "too_many_requests", "message": "too many requests"}}
OVERLOADED = {"error": {"code": "too_many_requests", "message": "too many search requests"}}
PATIENT = RetryPolicy(max_attempts=100, quota=None)


async def saturate(transport, request_for, loop, seconds: float, tasks: int) -> None:
    """Ask for more than is allowed, for some time."""

    async def work() -> None:
        while True:
            await transport.handle_async_request(request_for())

    workers = [asyncio.create_task(work()) for _ in range(tasks)]
    await asyncio.sleep(seconds)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)


@pytest.mark.parametrize("jitter", [0.0, 0.9])
@pytest.mark.parametrize("latency", [0.02, 0.3])
@pytest.mark.parametrize("rate", [50.0, 5.0])
def test_a_known_limit_is_used_and_never_exceeded(  # noqa: PLR0917 - fixtures
    virtual, service, stack, request_for, rate, latency, jitter
) -> None:
    """No 429 and at least 0.98 of what is allowed, over cold connections and delays of any shape."""

    async def main(loop):
        server = service(
            loop.time, rate, 3 * rate, latency=latency, jitter=jitter, cold=int(3 * rate)
        )
        transport = stack(
            server, loop, rate_limit=RateLimit(requests_per_second=rate), deadline=None
        )
        await saturate(transport, request_for, loop, 60, int(4 * rate * latency) + 30)
        server.refill()
        assert server.refused == 0
        assert server.accepted / server.allowed >= 0.98
        assert transport.stats.tokens == transport.stats.requests == server.requests

    virtual(main)


@pytest.mark.parametrize("jitter", [0.0, 0.5])
@pytest.mark.parametrize("rate", [50.0, 20.0, 5.0])
def test_an_unknown_limit_is_found(virtual, service, stack, request_for, rate, jitter) -> None:  # noqa: PLR0917 - fixtures
    """At least 0.92 of what is allowed over a minute, with at most 1 % of 429s, without `Retry-After`."""

    async def main(loop):
        server = service(loop.time, rate, 3 * rate, jitter=jitter)
        transport = stack(
            server, loop, rate_limit=RateLimit.adaptive(), deadline=None, retry=PATIENT
        )
        await saturate(transport, request_for, loop, 60, int(rate) + 60)
        server.refill()
        assert server.accepted / server.allowed >= 0.92
        assert server.refused / server.requests <= 0.01

    virtual(main)


@pytest.mark.parametrize("at", [63, 67])
@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("rate", [50.0, 5.0])
def test_a_limit_that_changes_is_followed(  # noqa: PLR0917 - fixtures
    virtual, service, stack, request_for, rate, factor, at
) -> None:
    """Ten seconds after the limit halves or doubles, at least 0.9 of the new one is used."""

    async def main(loop):
        server = service(loop.time, rate, 3 * rate)
        transport = stack(
            server, loop, rate_limit=RateLimit.adaptive(), deadline=None, retry=PATIENT
        )
        work = asyncio.create_task(
            saturate(transport, request_for, loop, at + 31, int(2 * rate) + 60)
        )
        await asyncio.sleep(at)
        server.change(factor * rate, 3 * factor * rate)
        await asyncio.sleep(10)
        before = server.accepted
        await asyncio.sleep(20)
        assert (server.accepted - before) / (20 * factor * rate) >= 0.9
        await work

    virtual(main)


def test_a_limit_below_the_start_is_found_too(virtual, service, stack, request_for) -> None:
    """The first burst meets the 429s; from then on the limit is used."""

    async def main(loop):
        server = service(loop.time, 2, 6)
        transport = stack(
            server, loop, rate_limit=RateLimit.adaptive(), deadline=None, retry=PATIENT
        )
        await saturate(transport, request_for, loop, 60, 60)
        server.refill()
        assert server.accepted / server.allowed >= 0.92

    virtual(main)


def test_an_adaptive_limit_stays_where_nobody_asks_for_more(
    virtual, service, stack, request_for
) -> None:
    """A quiet client neither climbs nor forgets."""

    async def main(loop):
        server = service(loop.time, 50, 150)
        transport = stack(server, loop, rate_limit=RateLimit.adaptive(), deadline=None)
        for _ in range(200):
            await transport.handle_async_request(request_for())
            await asyncio.sleep(1)
        assert server.refused == 0

    virtual(main)


def test_an_adaptive_limit_survives_a_storm(virtual, service, stack, request_for) -> None:
    """When everything is refused for a minute, the limit is found again within half a minute after it."""

    async def main(loop):
        server = service(loop.time, 50, 150)
        transport = stack(
            server, loop, rate_limit=RateLimit.adaptive(), deadline=None, retry=PATIENT
        )
        work = asyncio.create_task(saturate(transport, request_for, loop, 200, 100))
        await asyncio.sleep(65)
        server.change(1e-9, 1)
        await asyncio.sleep(60)
        server.change(50, 150)
        await asyncio.sleep(45)
        before = server.accepted
        await asyncio.sleep(20)
        assert (server.accepted - before) / (20 * 50) >= 0.9
        await work

    virtual(main)


def test_an_adaptive_limit_goes_on_after_a_rest(virtual, service, stack, request_for) -> None:
    """A bucket that filled up meanwhile is used, and mistaken neither for a higher limit nor for a lower one."""

    async def main(loop):
        server = service(loop.time, 50, 150)
        transport = stack(
            server, loop, rate_limit=RateLimit.adaptive(), deadline=None, retry=PATIENT
        )
        await saturate(transport, request_for, loop, 70, 100)
        for _ in range(40):
            await transport.handle_async_request(request_for())
            await asyncio.sleep(1)
        refused, accepted, begin = server.refused, server.accepted, loop.time()
        await saturate(transport, request_for, loop, 30, 100)
        assert (server.accepted - accepted) / (150 + 50 * (loop.time() - begin)) >= 0.9
        assert server.refused - refused <= 30

    virtual(main)


def test_a_429_pauses_every_request_of_its_budget(virtual, service, stack, request_for) -> None:
    """Nothing of the budget is sent until the time that the server named; other budgets go on."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.01)
        server.script = [lambda: httpx.Response(429, json=BUSY, headers={"retry-after": "7.5"})]
        transport = stack(server, loop, rate_limit=RateLimit.off())
        first = asyncio.create_task(transport.handle_async_request(request_for()))
        await asyncio.sleep(0.1)
        others = [
            asyncio.create_task(transport.handle_async_request(request_for())) for _ in range(5)
        ]
        get = asyncio.create_task(
            transport.handle_async_request(request_for("getEvent", "/events/a"))
        )
        await asyncio.sleep(1)
        assert get.done()
        assert [path for _, path in server.sent] == ["/v4/events", "/v4/events/a"]
        await asyncio.gather(first, *others)
        assert min(at for at, path in server.sent[2:]) >= 7.51

    virtual(main)


def test_an_earlier_request_does_not_reopen_a_pause(virtual, service, stack, request_for) -> None:
    """A success that was under way when the 429 came changes nothing; a later 429 of the same moment extends the pause."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.2)
        server.script = [
            lambda: httpx.Response(200, json={}),
            lambda: httpx.Response(429, json=BUSY, headers={"retry-after": "5"}),
            lambda: httpx.Response(429, json=BUSY, headers={"retry-after": "3"}),
            lambda: httpx.Response(200, json={}),
        ]
        transport = stack(server, loop, rate_limit=RateLimit.off())
        calls = []
        for _ in range(4):
            calls.append(asyncio.create_task(transport.handle_async_request(request_for())))
            await asyncio.sleep(0.05)
        await asyncio.gather(*calls)
        assert [round(at, 2) for at, _ in server.sent[:4]] == [0.0, 0.05, 0.1, 0.15]
        assert [round(at, 1) for at, _ in server.sent[4:]] == [5.2, 5.2] or all(
            at >= 5.24 for at, _ in server.sent[4:]
        )

    virtual(main)


def test_pauses_without_retry_after_grow_while_nothing_succeeds(
    virtual, service, stack, request_for
) -> None:
    """A quarter of a second, then twice as long each time; a success ends the row."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        server.script = [lambda: httpx.Response(429, json=BUSY)] * 4
        transport = stack(server, loop, rate_limit=RateLimit.off(), retry=PATIENT)
        await transport.handle_async_request(request_for())
        assert [round(at, 6) for at, _ in server.sent] == [0.0, 0.25, 0.75, 1.75, 3.75]
        server.script = [lambda: httpx.Response(429, json=BUSY)]
        await transport.handle_async_request(request_for())
        assert [round(at, 6) for at, _ in server.sent[5:]] == [3.75, 4.0]

    virtual(main)


def test_search_overload_is_not_ones_own_limit(virtual, service, stack, request_for) -> None:
    """It pauses searches and leaves the bucket as it is."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        server.script = [lambda: httpx.Response(429, json=OVERLOADED)]
        transport = stack(server, loop, rate_limit=RateLimit(requests_per_second=1, burst=10))
        await transport.handle_async_request(request_for())
        assert [at for at, _ in server.sent] == [0.0, 1.0]
        for _ in range(8):
            await transport.handle_async_request(request_for())
        assert loop.time() == 1.0
        server.script = [lambda: httpx.Response(429, json=OVERLOADED)]
        with pytest.raises(SearchOverloadError):
            await stack(server, loop, retry=RetryPolicy(max_attempts=1)).handle_async_request(
                request_for()
            )

    virtual(main)


def test_deletions_have_a_budget_of_their_own(virtual, service, stack, request_for) -> None:
    """Thirty in any hour; the thirty-first waits for the first to be an hour ago, or says that its deadline ends before."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        transport = stack(server, loop, rate_limit=RateLimit(requests_per_second=1000), deadline=60)
        for _ in range(30):
            await transport.handle_async_request(
                request_for("deleteVisitorData", "/visitors/a", method="DELETE")
            )
        with pytest.raises(DeadlineExceededError, match="rate limit"):
            await transport.handle_async_request(
                request_for("deleteVisitorData", "/visitors/a", method="DELETE")
            )
        assert loop.time() == 0.0
        await transport.handle_async_request(request_for())
        await asyncio.sleep(3660)
        await transport.handle_async_request(
            request_for("deleteVisitorData", "/visitors/a", method="DELETE")
        )

    virtual(main)


def test_clients_of_one_workspace_share_a_bucket(virtual, service, stack, request_for) -> None:
    """Same key and address in one process: one limit; another key, another limit."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        limit = RateLimit(requests_per_second=1, burst=4)
        one, two = (stack(server, loop, api_key="sk_shared", rate_limit=limit) for _ in range(2))
        other = stack(server, loop, api_key="sk_other", rate_limit=limit)
        for transport in (one, two, one, two):
            await transport.handle_async_request(request_for())
        assert loop.time() == 0.0
        await other.handle_async_request(request_for())
        assert loop.time() == 0.0
        await two.handle_async_request(request_for())
        assert loop.time() == pytest.approx(1, rel=0.01)

    virtual(main)


def test_a_limiter_lives_as_long_as_its_clients() -> None:
    """The registry keeps nothing alive, and holds no key."""
    limit = RateLimit()
    first = limiter_for("sk_weak", "http://a", limit, float)
    assert limiter_for("sk_weak", "http://a", limit, float) is first
    assert limiter_for("sk_weak", "http://b", limit, float) is not first
    number = id(first)
    del first
    gc.collect()
    again = limiter_for("sk_weak", "http://a", limit, float)
    assert again.budget("getEvent") is not None
    assert number


def test_who_leaves_the_queue_moves_up_those_behind(virtual, service, stack, request_for) -> None:
    """A cancelled wait costs no token, and nobody waits for it."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        transport = stack(
            server, loop, rate_limit=RateLimit(requests_per_second=1, burst=1), deadline=None
        )
        calls = [
            asyncio.create_task(transport.handle_async_request(request_for())) for _ in range(11)
        ]
        await asyncio.sleep(0.5)
        for call in calls[1:10]:
            call.cancel()
        await calls[10]
        assert loop.time() == pytest.approx(1, rel=0.01)
        assert transport.stats.tokens == 2

    virtual(main)


def test_a_deadline_that_the_limiter_cannot_meet_ends_the_call_at_once(
    virtual, service, stack, request_for
) -> None:
    """It is not waited for, and costs no token."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        transport = stack(
            server, loop, rate_limit=RateLimit(requests_per_second=0.1, burst=1), deadline=5
        )
        await transport.handle_async_request(request_for())
        with pytest.raises(DeadlineExceededError) as caught:
            await transport.handle_async_request(request_for())
        assert loop.time() == 0.0
        assert (caught.value.attempts, caught.value.deadline) == (0, 5)
        assert transport.stats.tokens == 1

    virtual(main)


def test_a_retry_after_beyond_the_ceiling_is_not_slept_through(
    virtual, service, stack, request_for
) -> None:
    """The call ends at once and says when it may be made again."""

    async def main(loop):
        server = service(loop.time, 1000, 3000, latency=0.0)
        server.script = [lambda: httpx.Response(429, json=BUSY, headers={"retry-after": "61"})]
        transport = stack(server, loop)
        with pytest.raises(RateLimitError) as caught:
            await transport.handle_async_request(request_for())
        assert caught.value.retry_after == 61
        assert (loop.time(), caught.value.attempts) == (0.0, 1)

    virtual(main)


def test_loops_in_threads_share_a_bucket() -> None:
    """Each in its own event loop: together they keep to one limit, and wake each other up."""
    limit = RateLimit(requests_per_second=100, burst=1)
    limiter = limiter_for("sk_threads", "http://a", limit, time.monotonic)
    budget = limiter.budget("getEvent")
    taken: list[float] = []

    async def work() -> None:
        for _ in range(5):
            await limiter.acquire(budget, CallContext())
            taken.append(time.monotonic())
            await asyncio.sleep(0.001)
            limiter.answered(budget, sent=taken[-1])

    threads = [threading.Thread(target=lambda: asyncio.run(work())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken.sort()
    assert len(taken) == 20
    assert taken[-1] - taken[0] >= 19 / 100 - 0.01
    assert limiter._wakers == {}


def test_a_loop_that_was_closed_with_a_call_in_it_is_not_woken() -> None:
    """Others go on."""
    limiter = limiter_for(
        "sk_closed", "http://a", RateLimit(requests_per_second=50, burst=1), time.monotonic
    )
    budget = limiter.budget("getEvent")

    async def take() -> None:
        await limiter.acquire(budget, CallContext())

    asyncio.run(take())
    loop = asyncio.new_event_loop()
    task = loop.create_task(take())
    loop.run_until_complete(asyncio.sleep(0))
    task.cancel()
    loop.close()
    limiter.refund(budget)
    asyncio.run(take())
    del task
