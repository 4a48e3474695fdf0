"""Rates that are found: adaptive, told too high, not told at all.

Against a service at a distance.
"""

from __future__ import annotations

import asyncio
import logging

import pytest

from fingerprint_async.ratelimit import RateLimit


@pytest.mark.parametrize("jitter", [0.0, 0.5])
@pytest.mark.parametrize("rate", [50.0, 20.0, 5.0])
def test_an_unknown_limit_is_found(virtual, service_class, make_limiter, rate, jitter) -> None:
    """At least 0.92 of what is allowed over a minute, with at most 1 % of 429s."""

    async def main(loop):
        service = service_class(loop, rate, jitter=jitter)
        limiter = make_limiter(RateLimit.adaptive())
        await service.saturate(limiter, 60, int(rate) + 60)
        assert service.share >= 0.92
        assert service.refused / service.requests <= 0.01
        assert limiter.rate == pytest.approx(rate, rel=0.1)

    virtual(main)


@pytest.mark.parametrize("at", [63, 67])
@pytest.mark.parametrize("factor", [0.5, 2.0])
@pytest.mark.parametrize("rate", [50.0, 5.0])
def test_a_limit_that_changes_is_followed(  # noqa: PLR0917 - fixtures
    virtual, service_class, make_limiter, rate, factor, at
) -> None:
    """Ten seconds after the limit halves or doubles, at least 0.9 of the new one is used."""

    async def main(loop):
        service = service_class(loop, rate)
        limiter = make_limiter(RateLimit.adaptive())
        work = asyncio.create_task(service.saturate(limiter, at + 31, int(2 * rate) + 60))
        await asyncio.sleep(at)
        service.change(factor * rate)
        await asyncio.sleep(10)
        before = service.accepted
        await asyncio.sleep(20)
        assert (service.accepted - before) / (20 * factor * rate) >= 0.9
        await work

    virtual(main)


def test_probes_for_a_higher_limit_warn_of_nothing(
    virtual, service_class, make_limiter, caplog
) -> None:
    """Their 429s are how the limit is found; a pause that a probe did not ask for is a warning."""

    async def main(loop):
        service = service_class(loop, 20)
        limiter = make_limiter(RateLimit.adaptive())
        await service.saturate(limiter, 60, 60)
        assert service.refused > 3
        assert not caplog.records
        (await limiter.acquire("get")).refused(retry_after=20)
        assert len(caplog.records) == 1

    with caplog.at_level(logging.WARNING):
        virtual(main)


def test_a_limit_below_the_start_is_found_too(virtual, service_class, make_limiter) -> None:
    """The first burst meets the 429s; from then on the limit is used."""

    async def main(loop):
        service = service_class(loop, 2)
        await service.saturate(make_limiter(RateLimit.adaptive()), 60, 60)
        assert service.share >= 0.92

    virtual(main)


def test_an_adaptive_limit_stays_where_nobody_asks_for_more(
    virtual, service_class, make_limiter
) -> None:
    """A quiet client neither climbs nor forgets."""

    async def main(loop):
        service = service_class(loop, 50)
        limiter = make_limiter(RateLimit.adaptive())
        for _ in range(200):
            await service.call(limiter)
            await asyncio.sleep(1)
        assert service.refused == 0
        assert limiter.rate == 5

    virtual(main)


def test_an_adaptive_limit_survives_a_storm(virtual, service_class, make_limiter) -> None:
    """When all is refused for a minute, few are sent.

    Soon after it the limit is found again.
    """

    async def main(loop):
        service = service_class(loop, 50)
        limiter = make_limiter(RateLimit.adaptive())
        work = asyncio.create_task(service.saturate(limiter, 200, 100))
        await asyncio.sleep(65)
        service.rate = 1e-9
        service.level = 0
        refused = service.refused
        await asyncio.sleep(60)
        assert service.refused - refused <= 60
        service.change(50)
        await asyncio.sleep(45)
        before = service.accepted
        await asyncio.sleep(20)
        assert (service.accepted - before) / (20 * 50) >= 0.9
        await work

    virtual(main)


def test_an_adaptive_limit_goes_on_after_a_rest(virtual, service_class, make_limiter) -> None:
    """A bucket that filled up meanwhile is used, and mistaken for no other limit."""

    async def main(loop):
        service = service_class(loop, 50)
        limiter = make_limiter(RateLimit.adaptive())
        await service.saturate(limiter, 70, 100)
        for _ in range(40):
            await service.call(limiter)
            await asyncio.sleep(1)
        refused, accepted, begin = service.refused, service.accepted, loop.time()
        await service.saturate(limiter, 30, 100)
        assert (service.accepted - accepted) / (150 + 50 * (loop.time() - begin)) >= 0.9
        assert service.refused - refused <= 30

    virtual(main)


@pytest.mark.parametrize("latency", [0.02, 0.3])
@pytest.mark.parametrize(
    ("told", "real"), [(50, 10), (50, 5), (100, 50), (5, 2), (20, 15), (1000, 5)]
)
def test_a_limit_told_too_high_falls_to_what_is_seen(  # noqa: PLR0917 - fixtures
    virtual, service_class, make_limiter, caplog, told, real, latency
) -> None:
    """The service's limit is used, with few 429s after the first burst; said once by a warning."""

    async def main(loop):
        service = service_class(loop, real, latency=latency)
        limiter = make_limiter(RateLimit(requests_per_second=told))
        work = asyncio.create_task(service.saturate(limiter, 60, 200))
        await asyncio.sleep(5)
        refused = service.refused
        await work
        assert limiter.rate == pytest.approx(real, rel=0.15)
        assert service.share >= 0.92
        assert service.refused - refused <= 0.02 * service.requests + 3

    with caplog.at_level(logging.WARNING):
        virtual(main)
    told_too_high = [record for record in caplog.records if "told too high" in record.message]
    assert len(told_too_high) == 1
    assert told_too_high[0].measured_rate >= 0.5


@pytest.mark.parametrize("retry_after", [1.0, 5.0, 20.0])
@pytest.mark.parametrize(("told", "real"), [(50, 10), (1000, 5), (5, 2)])
def test_a_limit_told_too_high_falls_also_with_pauses_that_the_service_names(  # noqa: PLR0917
    virtual, service_class, make_limiter, told, real, retry_after
) -> None:
    """However full the bucket of what was told is after each pause."""

    async def main(loop):
        service = service_class(loop, real, latency=0.05, retry_after=retry_after)
        limiter = make_limiter(RateLimit(requests_per_second=told))
        attempts = await asyncio.gather(*(service.call(limiter) for _ in range(20 * real)))
        assert max(attempts) <= 4
        assert limiter.rate == pytest.approx(real, rel=0.3)

    virtual(main)


@pytest.mark.parametrize("real", [50, 200])
def test_a_limit_that_was_told_is_reached_again_and_never_exceeded(
    virtual, service_class, make_limiter, real
) -> None:
    """When the service allows as much as was told after all."""

    async def main(loop):
        service = service_class(loop, 10)
        limiter = make_limiter(RateLimit(requests_per_second=50))
        work = asyncio.create_task(service.saturate(limiter, 200, 200))
        await asyncio.sleep(70)
        assert limiter.rate < 12
        service.change(real)
        await asyncio.sleep(60)
        before, begin = service.accepted, loop.time()
        await work
        assert limiter.rate == pytest.approx(50, rel=0.02)
        assert 0.93 <= (service.accepted - before) / (50 * (loop.time() - begin)) <= 1.01

    virtual(main)


def test_pauses_that_the_service_asks_for_prove_no_lower_limit(virtual, make_limiter) -> None:
    """Nothing was sent meanwhile, so nothing that was let through can be counted."""

    async def main(_):
        limiter = make_limiter(RateLimit(requests_per_second=50))
        for _ in range(5):
            permit = await limiter.acquire("get")
            await asyncio.sleep(0.1)
            permit.refused(retry_after=10)
        assert limiter.rate == 50

    virtual(main)


def test_single_429s_do_not_lower_a_limit_that_was_told(virtual, make_limiter, caplog) -> None:
    """Another user of the limit, or a bad moment of the service, now and then."""

    async def main(_):
        limiter = make_limiter(RateLimit(requests_per_second=5))
        for number in range(100):
            permit = await limiter.acquire("get")
            await asyncio.sleep(0.1)
            if number % 10:
                permit.succeeded()
            else:
                permit.refused(retry_after=None)
                await asyncio.sleep(4)
        assert limiter.rate == 5

    virtual(main)
    assert not [record for record in caplog.records if "told too high" in record.message]


@pytest.mark.parametrize("latency", [0.02, 0.3])
@pytest.mark.parametrize(
    ("rate", "burst", "calls"),
    [(10, 30, 100), (5, 15, 100), (10, 10, 100), (50, 150, 400), (5, 5, 60), (2, 6, 30)],
)
def test_no_limit_under_a_real_one_uses_up_no_attempts(  # noqa: PLR0917 - fixtures
    virtual, service_class, make_limiter, rate, burst, calls, latency
) -> None:
    """All calls succeed: after the first refusals they go as the service lets them through."""

    async def main(loop):
        service = service_class(loop, rate, burst=burst, latency=latency)
        limiter = make_limiter(RateLimit.off())
        attempts = await asyncio.gather(*(service.call(limiter) for _ in range(calls)))
        assert max(attempts) <= 3
        assert service.refused <= 1.2 * calls
        assert loop.time() <= 4 + 3 * calls / rate

    virtual(main)


def test_no_limit_under_a_real_one_is_used_by_calls_one_after_the_other(
    virtual, service_class, make_limiter
) -> None:
    """What went before the first 429 says how much is allowed, also without two at a time."""

    async def main(loop):
        service = service_class(loop, 10, latency=0.001)
        limiter = make_limiter(RateLimit.off())
        for _ in range(100):
            await service.call(limiter)
        assert loop.time() <= 8.5
        assert service.refused <= 5

    virtual(main)


@pytest.mark.parametrize("retry_after", [0.0, 1.0, 5.0])
def test_pauses_that_the_service_names_are_no_starting_shot(
    virtual, service_class, make_limiter, retry_after
) -> None:
    """After each of them only as many go as have a chance."""

    async def main(loop):
        service = service_class(loop, 10, latency=0.02, retry_after=retry_after)
        limiter = make_limiter(RateLimit.off())
        attempts = await asyncio.gather(*(service.call(limiter) for _ in range(100)))
        assert max(attempts) <= 3

    virtual(main)


def test_no_limit_is_no_limit_again_after_a_minute(virtual, service_class, make_limiter) -> None:
    """Once the service refused nothing for so long, and fewer requests come than it would allow."""

    async def main(loop):
        service = service_class(loop, 10)
        limiter = make_limiter(RateLimit.off())
        assert limiter.rate is None
        await asyncio.gather(*(service.call(limiter) for _ in range(60)))
        assert limiter.rate == pytest.approx(10, rel=0.2)
        service.change(1000)
        await asyncio.sleep(30)
        await service.call(limiter)
        assert limiter.rate is not None
        await asyncio.sleep(31)
        await service.call(limiter)
        assert limiter.rate is None
        begin = loop.time()
        await asyncio.gather(*(service.call(limiter) for _ in range(500)))
        assert loop.time() - begin < 1

    virtual(main)


@pytest.mark.parametrize("gap", [0.7, 3.0])
def test_one_429_hardly_slows_a_quiet_client_without_a_limit(virtual, make_limiter, gap) -> None:
    """It goes on at four a second at least."""

    async def main(loop):
        limiter = make_limiter(RateLimit.off())
        for _ in range(40):
            (await limiter.acquire("get")).succeeded()
            await asyncio.sleep(gap)
        (await limiter.acquire("get")).refused(retry_after=None)
        begin = loop.time()
        for _ in range(8):
            (await limiter.acquire("get")).succeeded()
        assert loop.time() - begin <= 0.25 + 8 / 3.9

    virtual(main)
