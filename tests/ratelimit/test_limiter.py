"""Limiters in virtual time: budgets, priorities, pauses, cancellation."""

from __future__ import annotations

import asyncio
import itertools
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprint_async.errors import ArgumentError, FingerprintError
from fingerprint_async.ratelimit import Permit, RateLimit, RateLimiter, RateLimitTimeout


def test_a_limiter_is_what_a_client_asks_for(virtual, make_limiter) -> None:
    """It and its permits are what the protocols say."""

    async def main(_):
        limiter = make_limiter()
        assert isinstance(limiter, RateLimiter)
        assert isinstance(await limiter.acquire("get"), Permit)
        await limiter.aclose()

    virtual(main)


@pytest.mark.parametrize("jitter", [0.0, 0.9])
@pytest.mark.parametrize("latency", [0.02, 0.3])
@pytest.mark.parametrize("rate", [50.0, 5.0])
def test_a_known_limit_is_used_and_never_exceeded(  # noqa: PLR0917 - fixtures
    virtual, service_class, make_limiter, rate, latency, jitter
) -> None:
    """No 429 and at least 0.99 of what is allowed, over cold connections and odd delays."""

    async def main(loop):
        service = service_class(loop, rate, latency=latency, jitter=jitter, cold=int(3 * rate))
        limiter = make_limiter(RateLimit(requests_per_second=rate))
        await service.saturate(limiter, 60, int(4 * rate * latency) + 30)
        assert service.refused == 0
        assert service.share >= 0.99
        assert limiter.rate == rate

    virtual(main)


def test_higher_priorities_go_first(virtual, make_limiter) -> None:
    """A login check passes the crawl that waits; within one priority, first come, first served."""

    async def main(_):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        (await limiter.acquire("get")).succeeded()
        went: list[tuple[str, int]] = []

        async def call(operation: str, number: int, priority: int) -> None:
            permit = await limiter.acquire(operation, priority=priority)
            went.append((operation, number))
            permit.succeeded()

        crawl = [asyncio.create_task(call("search", number, 0)) for number in range(3)]
        await asyncio.sleep(0.5)
        login = [asyncio.create_task(call("get", number, 10)) for number in range(2)]
        await asyncio.gather(*crawl, *login, call("get", 9, -1))
        assert went == [
            ("get", 0),
            ("get", 1),
            ("search", 0),
            ("search", 1),
            ("search", 2),
            ("get", 9),
        ]

    virtual(main)


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(
        st.tuples(
            st.floats(0, 2),
            st.sampled_from(["get", "search", "other"]),
            st.integers(-1, 1),
            st.one_of(st.none(), st.floats(0, 3)),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_whoever_leaves_the_queue_loses_nothing_for_the_others(
    virtual, make_limiter, calls
) -> None:
    """With some calls cancelled, those that stay go as early as if the others had never been.

    Never more than rate and burst allow, and in the order of priority and arrival.
    """
    rate, burst = 2.0, 2.0

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=rate, burst=burst))
        went: list[tuple[float, int, float]] = []

        async def call(operation: str, priority: int) -> None:
            arrived = loop.time()
            permit = await limiter.acquire(operation, priority=priority)
            went.append((loop.time(), priority, arrived))
            permit.succeeded()

        tasks = []
        for gap, operation, priority, patience in calls:
            await asyncio.sleep(gap)
            task = asyncio.create_task(call(operation, priority))
            tasks.append(task)
            if patience is not None:
                loop.call_later(patience, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        times = [at for at, _, _ in went]
        for first, begin in enumerate(times):
            for last in range(first, len(times)):
                assert last - first + 1 <= rate * (times[last] - begin) + burst + 1e-3
        for earlier, later in itertools.pairwise(went):
            if later[2] < earlier[0]:
                # Both waited: the higher priority went first, then the earlier arrival.
                assert (-earlier[1], earlier[2]) <= (-later[1], later[2])
        # Nothing is left behind: the bucket is full again in its time.
        await asyncio.sleep(burst / rate + 0.1)
        begin = loop.time()
        for _ in range(int(burst)):
            (await limiter.acquire("get")).succeeded()
        assert loop.time() == begin

    virtual(main)


def test_requests_that_hang_hold_up_others_for_seconds_only(virtual, make_limiter) -> None:
    """As many as the bucket holds, without an answer for a minute, and permits that got lost."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=5))
        hanging = [await limiter.acquire("get") for _ in range(15)]
        del hanging[10:]
        await limiter.acquire("get", priority=1)
        assert loop.time() == pytest.approx(5.2, abs=0.1)
        for permit in hanging:
            permit.failed()

    virtual(main)


def test_who_leaves_the_queue_moves_up_those_behind(virtual, make_limiter) -> None:
    """A cancelled wait costs no token, and nobody waits for it."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        (await limiter.acquire("get")).succeeded()
        waits = [asyncio.create_task(limiter.acquire("get")) for _ in range(10)]
        await asyncio.sleep(0.5)
        for wait in waits[:9]:
            wait.cancel()
        await waits[9]
        assert loop.time() == pytest.approx(1, rel=0.01)

    virtual(main)


def test_a_released_permit_is_there_for_the_next(virtual, make_limiter) -> None:
    """At once, and once: a permit is settled by the first call, whatever comes after."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        permit = await limiter.acquire("get")
        wait = asyncio.create_task(limiter.acquire("get"))
        await asyncio.sleep(0.1)
        permit.release()
        permit.release()
        permit.succeeded()
        permit.failed()
        permit.refused(retry_after=100)
        second = await wait
        assert loop.time() == pytest.approx(0.1)
        second.failed()
        await limiter.acquire("get")
        assert loop.time() == pytest.approx(1.1, rel=0.01)

    virtual(main)


def test_a_wait_beyond_the_timeout_is_not_begun(virtual, make_limiter) -> None:
    """The error says how long it would be; no token is spent."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=0.1, burst=1))
        (await limiter.acquire("get", timeout=0)).succeeded()
        with pytest.raises(RateLimitTimeout, match=r"in 10 s, after its timeout of 5 s") as caught:
            await limiter.acquire("get", timeout=5)
        assert isinstance(caught.value, FingerprintError | TimeoutError)
        assert caught.value.wait == pytest.approx(10, rel=0.01)
        assert caught.value.timeout == 5
        assert loop.time() == 0.0
        await limiter.acquire("get", timeout=10.1)
        assert loop.time() == pytest.approx(10, rel=0.01)

    virtual(main)


def test_a_wait_that_becomes_too_long_ends(virtual, make_limiter) -> None:
    """When others of a higher priority came, or a pause began, before its timeout is over."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        permit = await limiter.acquire("get")
        wait = asyncio.create_task(limiter.acquire("get", timeout=2))
        await asyncio.sleep(0.5)
        permit.refused(retry_after=30)
        with pytest.raises(RateLimitTimeout):
            await wait
        assert loop.time() <= 2

    virtual(main)


@pytest.mark.parametrize("timeout", [-1, float("nan"), True, "5", 1j, [], -(10**400)])
def test_a_timeout_that_is_no_time_is_refused(virtual, make_limiter, timeout) -> None:
    """By its name, and nothing is taken."""

    async def main(_):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        with pytest.raises(ArgumentError, match="timeout must be"):
            await limiter.acquire("get", timeout=timeout)
        await limiter.acquire("get", timeout=0)

    virtual(main)


@pytest.mark.parametrize("timeout", [float("inf"), 10**400, 1e300])
def test_a_timeout_of_any_length_is_taken(virtual, make_limiter, timeout) -> None:
    """It is the same as none."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        (await limiter.acquire("get")).succeeded()
        await limiter.acquire("get", timeout=timeout)
        assert loop.time() == pytest.approx(1, rel=0.01)

    virtual(main)


@pytest.mark.parametrize("operation", [None, 5, ["get"], b"get"])
def test_an_operation_that_is_no_id_is_refused(virtual, make_limiter, operation) -> None:
    """By its name."""

    async def main(_):
        with pytest.raises(ArgumentError, match="operation must be"):
            await make_limiter().acquire(operation)

    virtual(main)


@pytest.mark.parametrize("retry_after", ["5", True, 1j, [5]])
def test_a_time_to_wait_that_is_no_number_is_refused(virtual, make_limiter, retry_after) -> None:
    """By its name, and the permit can still be settled."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=1))
        permit = await limiter.acquire("get")
        with pytest.raises(ArgumentError, match="retry_after must be"):
            permit.refused(retry_after=retry_after)
        permit.release()
        await limiter.acquire("get", timeout=0)

    virtual(main)


@pytest.mark.parametrize("priority", [1.5, True, None, "high"])
def test_a_priority_that_is_no_whole_number_is_refused(virtual, make_limiter, priority) -> None:
    """By its name."""

    async def main(_):
        with pytest.raises(ArgumentError, match="priority must be"):
            await make_limiter().acquire("get", priority=priority)

    virtual(main)


def test_a_429_pauses_every_request_of_its_budget(virtual, make_limiter, caplog) -> None:
    """Until the time that the service named; others go on.

    One warning a pause, whatever follows.
    """

    async def main(loop):
        limiter = make_limiter(RateLimit.off())
        first, second, third = [await limiter.acquire("search") for _ in range(3)]
        first.refused(retry_after=7.5)
        second.succeeded()
        third.refused(retry_after=7.5)
        wait = asyncio.create_task(limiter.acquire("search"))
        for _ in range(8):
            (await limiter.acquire("get")).succeeded()
        assert loop.time() < 7.5
        await wait
        assert loop.time() == 7.5

    with caplog.at_level(logging.WARNING):
        virtual(main)
    (record,) = caplog.records
    assert record.getMessage() == "429: requests of the budget 'search' pause for 7.5 s"
    assert (record.budget, record.pause_seconds) == ("search", 7.5)
    assert record.name == "fingerprint_async.ratelimit"


def test_overload_of_the_service_says_nothing_about_the_limit(virtual, make_limiter) -> None:
    """It pauses searches and leaves the bucket as it is."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=10))
        permits = [await limiter.acquire("search") for _ in range(2)]
        for permit in permits:
            permit.refused(retry_after=None, overload=True)
        for _ in range(7):
            (await limiter.acquire("get")).succeeded()
        assert loop.time() == 0.0
        (await limiter.acquire("search")).succeeded()
        assert loop.time() == 1.0

    virtual(main)


def test_overload_is_no_starting_shot_either(virtual, make_limiter) -> None:
    """Searches begin with one in flight, and with each success one more."""

    async def main(loop):
        limiter = make_limiter(RateLimit.off())
        permits = [await limiter.acquire("search") for _ in range(40)]
        for permit in permits:
            permit.refused(retry_after=None, overload=True)
        in_flight = most = 0

        async def call() -> None:
            nonlocal in_flight, most
            permit = await limiter.acquire("search")
            in_flight += 1
            most = max(most, in_flight)
            await asyncio.sleep(0.3)
            in_flight -= 1
            if in_flight >= 8:
                permit.refused(retry_after=None, overload=True)
            else:
                permit.succeeded()

        await asyncio.gather(*(call() for _ in range(40)))
        assert most <= 16
        assert limiter.rate is None

    virtual(main)


def test_a_pause_of_a_day_is_probed_after_a_minute(virtual, make_limiter) -> None:
    """One request goes; when it succeeds, two, and so on."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=10))
        (await limiter.acquire("get")).refused(retry_after=86_400)
        went: list[float] = []

        async def call() -> None:
            permit = await limiter.acquire("get")
            went.append(loop.time())
            await asyncio.sleep(2)
            permit.succeeded()

        await asyncio.gather(*(call() for _ in range(6)))
        assert went == pytest.approx([60, 62, 62, 64, 64, 64], abs=0.3)

    virtual(main)


def test_a_probe_that_ends_without_an_answer_is_followed_by_another(virtual, make_limiter) -> None:
    """Cancelled, lost or never sent: the others do not wait for ever."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=10))
        (await limiter.acquire("get")).refused(retry_after=86_400)
        (await limiter.acquire("get")).failed()
        (await limiter.acquire("get")).release()
        wait = asyncio.create_task(limiter.acquire("get"))
        probe = await wait
        assert loop.time() == pytest.approx(60.0)
        others = [asyncio.create_task(limiter.acquire("get")) for _ in range(3)]
        with pytest.raises(RateLimitTimeout):
            await limiter.acquire("get", timeout=0.1)
        await asyncio.sleep(5)
        assert not any(other.done() for other in others)
        probe.refused(retry_after=86_400)
        (await others[0]).succeeded()
        assert loop.time() == pytest.approx(125.0)
        await asyncio.gather(*others[1:])

    virtual(main)


def test_deletions_have_windows_of_their_own(virtual, make_limiter) -> None:
    """Thirty in any hour, 500 a day; feedback has others. What waits for them holds up nobody."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1000))
        for _ in range(30):
            (await limiter.acquire("delete")).succeeded()
        with pytest.raises(RateLimitTimeout):
            await limiter.acquire("delete", timeout=60)
        waits = [asyncio.create_task(limiter.acquire("delete")) for _ in range(3001)]
        await asyncio.sleep(0)
        for _ in range(30):
            (await limiter.acquire("feedback")).succeeded()
            (await limiter.acquire("get", timeout=0)).succeeded()
        for wait in waits[1:]:
            wait.cancel()
        assert loop.time() == 0.0
        (await waits[0]).succeeded()
        assert loop.time() == 3660.0

    virtual(main)


def test_a_deletion_that_was_never_sent_is_not_counted(virtual, make_limiter) -> None:
    """Its place in the windows is free again."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1000))
        for _ in range(40):
            (await limiter.acquire("delete")).release()
        for _ in range(30):
            (await limiter.acquire("delete", timeout=0)).succeeded()
        assert loop.time() == 0.0

    virtual(main)


def test_a_refused_deletion_does_not_empty_the_workspaces_bucket(virtual, make_limiter) -> None:
    """It was refused for its own budget."""

    async def main(loop):
        limiter = make_limiter(RateLimit(requests_per_second=1, burst=10))
        (await limiter.acquire("delete")).refused(retry_after=None)
        for _ in range(9):
            (await limiter.acquire("get")).succeeded()
        assert loop.time() == 0.0
        (await limiter.acquire("delete")).succeeded()

    virtual(main)


def test_searches_can_have_a_bucket_of_their_own(virtual, make_limiter) -> None:
    """The rate that is told is theirs."""

    async def main(loop):
        limiter = make_limiter(
            RateLimit(
                requests_per_second=1, burst=1, search=RateLimit(requests_per_second=2, burst=2)
            )
        )
        assert limiter.rate == 2
        (await limiter.acquire("get")).succeeded()
        (await limiter.acquire("search")).succeeded()
        (await limiter.acquire("search")).succeeded()
        assert loop.time() == 0.0
        (await limiter.acquire("search")).succeeded()
        assert loop.time() == pytest.approx(0.5, rel=0.01)
        (await limiter.acquire("feedback")).succeeded()
        assert loop.time() == pytest.approx(1, rel=0.01)

    virtual(main)


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(
        st.tuples(
            st.floats(0, 1),
            st.sampled_from(["get", "search", "delete", "feedback"]),
            st.sampled_from(["succeeded", "failed", "release", "refused", "overload", "cancel"]),
            st.one_of(st.none(), st.floats(0, 100)),
        ),
        min_size=1,
        max_size=40,
    ),
    limit=st.sampled_from(
        [RateLimit(requests_per_second=2), RateLimit.off(), RateLimit.adaptive()]
    ),
)
def test_however_calls_end_nothing_is_left_behind(virtual, make_limiter, calls, limit) -> None:
    """No token, place, probe or waiter.

    Two hours later the limiter is as new, or remembers a rate.
    """

    async def main(loop):
        limiter = make_limiter(limit)

        async def call(operation: str, end: str, retry_after: float | None) -> None:
            permit = await limiter.acquire(operation)
            try:
                await asyncio.sleep(0.2)
            except asyncio.CancelledError:
                permit.failed()
                raise
            match end:
                case "refused" | "overload":
                    permit.refused(retry_after=retry_after, overload=end == "overload")
                case "failed" | "cancel":
                    permit.failed()
                case "release":
                    permit.release()
                case _:
                    permit.succeeded()

        tasks = []
        for gap, operation, end, retry_after in calls:
            await asyncio.sleep(gap)
            tasks.append(asyncio.create_task(call(operation, end, retry_after)))
            if end == "cancel":
                loop.call_later(0.1, tasks[-1].cancel)
        await asyncio.wait(tasks)
        for _ in range(3):
            # A success ends a row of pauses.
            await asyncio.sleep(86_500)
            for operation in ("get", "search", "delete", "feedback"):
                (await limiter.acquire(operation, timeout=5)).succeeded()
        await asyncio.sleep(86_500)
        assert limiter.at_rest()

    virtual(main)


def test_a_handler_of_logs_may_use_the_limiter(virtual, make_limiter) -> None:
    """Nothing is logged under the lock."""
    said: list[float | None] = []

    async def main(_):
        limiter = make_limiter(RateLimit(requests_per_second=5))

        class Handler(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                del record
                said.append(limiter.rate)
                assert not limiter.at_rest()
                other.release()

        other = await limiter.acquire("get")
        handler = Handler()
        logging.getLogger("fingerprint_async.ratelimit").addHandler(handler)
        try:
            (await limiter.acquire("get")).refused(retry_after=1)
        finally:
            logging.getLogger("fingerprint_async.ratelimit").removeHandler(handler)

    virtual(main)
    assert said == [5]
