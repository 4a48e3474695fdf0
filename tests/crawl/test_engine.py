from __future__ import annotations

import random

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async.crawl import SearchInconsistentError
from fingerprint_async.crawl._source import UnavailableError
from fingerprint_async.crawl.plan import Plan
from fingerprint_async.errors import FingerprintError

times = st.lists(
    st.one_of(st.integers(0, 50), st.integers(0, 5_000), st.sampled_from([7, 8, 2_500])),
    max_size=700,
)


def services(*, refuse, empty, short):
    """What is not documented of a service, and how often it refuses keys or sends empty pages."""
    return st.fixed_dictionaries(
        {
            "start_inclusive": st.booleans(),
            "end_inclusive": st.booleans(),
            "shuffle_ties": st.booleans(),
            "refuse": st.sampled_from([0.0, refuse]),
            "empty": st.sampled_from([0.0, empty]),
            "shapes": st.sampled_from([0.0, 0.05]),
            "short": st.sampled_from([0.0, short]),
            "repeat": st.sampled_from([0.0, 0.1]),
            "twice": st.sampled_from([0.0, 0.5]),
            "shuffle": st.booleans(),
            "counts": st.booleans(),
            "seed": st.integers(0, 1000),
        }
    )


async def everything_once(simulation, service, start, end, rate):
    """Crawl, and see that every event of the window came out once."""
    ids = await type(simulation)().run(service, start, end, rate=rate, burst=15)
    assert sorted(identifier for at, identifier in service.events if start <= at <= end) == sorted(
        ids
    )


@given(
    data=times,
    service=services(refuse=0.2, empty=0.2, short=0.1),
    rate=st.sampled_from([None, 5.0, 500.0]),
)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_every_event_once(simulation, fake_service, data, service, rate):
    """Every event of the window comes out once, whatever the bounds mean.

    Ties, refused keys and empty pages change nothing of it.
    """
    await everything_once(simulation, fake_service(data, **service), 5, 3_000, rate)


@given(
    hot=st.dictionaries(st.integers(20, 26), st.integers(500, 1_500), min_size=1, max_size=3),
    others=st.lists(st.integers(0, 50), max_size=300),
    service=services(refuse=0.05, empty=0.1, short=0.02),
    rate=st.sampled_from([None, 50.0]),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_hot_milliseconds_side_by_side(simulation, fake_service, hot, others, service, rate):  # noqa: PLR0917 -- hypothesis names them
    """Hot milliseconds next to each other and to the bounds come out once as well."""
    data = others + [at for at, count in hot.items() for _ in range(count)]
    await everything_once(simulation, fake_service(data, **service), 20, 26, rate)


@pytest.mark.parametrize(
    "service",
    [{"late": 0.3}, {"late": 0.02}, {"ignores_reverse": True}],
)
@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("count", [150, 1_900, 12_000])
async def test_order_from_page_to_page_is_not_believed(
    simulation, fake_service, service, seed, count
):
    """What comes late is taken once, and the plan knows that its end is not proven then."""
    rng = random.Random(seed)
    data = [rng.randrange(10**7) for _ in range(count)]
    service = fake_service(data, seed=seed, **service)
    plan = Plan(0, 10**7)
    try:
        ids = await simulation.run(service, 0, 10**7, rate=50, burst=15, plan=plan)
    except SearchInconsistentError:
        assert not plan.done
    else:
        assert len(ids) == len(set(ids))
        assert plan.disordered or len(ids) == len(service.events)
    assert len(service.requests) < 500


async def test_an_event_that_comes_in_late_is_no_disorder(simulation, fake_service):
    """A service whose keys count events sends some again when others come in.

    That is no new event.
    """

    class Growing(fake_service):
        def search(self, request):
            if request.pagination_key is not None and not request.reverse:
                bounds, _, position = request.pagination_key.rpartition(":")
                earlier = max(0, int(position) - 7)
                moved = f"{bounds}:{earlier}"
                request = attrs.evolve(request, pagination_key=moved)
            return super().search(request)

    service, plan = Growing(range(0, 40_000, 10)), Plan(0, 40_000)
    ids = await simulation.run(service, 0, 40_000, rate=50, burst=15, plan=plan)
    assert (plan.disordered, len(ids), len(set(ids))) == (0, 4_000, 4_000)


async def test_resumes_where_it_stopped(simulation, fake_service):
    """A plan restored from its state fetches the rest.

    It asks for no page again but those that were in flight.
    """
    rng = random.Random(4)
    service = fake_service([rng.randrange(10**9) for _ in range(20_000)])
    plan = Plan(0, 10**9)
    states: dict[int, object] = {}
    ids: list[str] = []
    for _ in range(30):
        ids += await simulation.run(service, 0, 0, rate=50, burst=15, plan=plan, stop_after=7)
        for number, state in plan.take_changes():
            if state is None:
                states.pop(number, None)
            else:
                states[number] = state
        done = plan.done
        plan = Plan(0, 10**9)
        plan.restore(states.items())
        if done:
            break
    assert sorted(identifier for _, identifier in service.events) == sorted(ids)


@pytest.mark.parametrize(("failing", "pauses"), [({1, 2}, [0.5, 1.0]), ({1, 3}, [0.5, None, 0.5])])
async def test_pauses_double_until_a_page_comes(simulation, fake_service, failing, pauses):
    """A service that fails again is left alone for longer.

    After a page, the next failure begins anew.
    """
    answered: list[float] = []

    class Flaky(fake_service):
        def search(self, request):
            answered.append(simulation.now)
            if len(answered) in failing:
                raise UnavailableError(FingerprintError("down"))
            return super().search(request)

    ids = await simulation.run(Flaky(range(250)), 0, 1_000, latency=0.01, max_in_flight=1)
    assert len(ids) == 250
    for number, pause in enumerate(pauses):
        if pause is not None:
            assert answered[number + 1] - answered[number] == pytest.approx(pause, abs=0.05)


@pytest.mark.parametrize("shuffle_ties", [False, True])
@pytest.mark.parametrize("inclusive", [True, False])
async def test_thousands_in_one_millisecond(simulation, fake_service, inclusive, shuffle_ties):
    """A millisecond can't be split, and is fetched from both ends.

    The order that the service keeps within it does not matter.
    """
    service = fake_service(
        [5_000] * 3_210 + list(range(0, 10_000, 10)),
        start_inclusive=inclusive,
        end_inclusive=inclusive,
    )
    ids = await simulation.run(service, 0, 10_000, rate=50, burst=150)
    assert sorted(identifier for _, identifier in service.events) == sorted(ids)
    # Where the two orders are not each other's reverse, both ends have to see it all.
    assert len(service.requests) <= (2.2 if shuffle_ties else 1.3) * 43
