"""Every fault, alone and mixed, for every operation, over real sockets.

Each call ends in a result or a typed error.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections import Counter
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, get_args

import pytest

from fingerprint_async import FingerprintClient, FingerprintError, RateLimit, RetryPolicy, Timeouts
from fingerprint_async.testing.emulator import Emulator, Fault, FaultKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

pytestmark = pytest.mark.slow

END = 1_800_000_000_000
START = END - 3_600_000
KINDS = [kind for kind in get_args(FaultKind) if kind not in {"refused_key", "empty_page"}]
CALLS = 6
DEADLINE = 2.0
VISITORS: dict[str, str] = {"a": "A1b2C3d4E5f6G7h8I9j0"}
OPERATIONS: dict[str, Callable[[FingerprintClient, str], Awaitable[Any]]] = {
    "get": lambda client, event_id: client.events.get(event_id),
    "search": lambda client, _: client.events.search(limit=2, start=START, end=END),
    "update": lambda client, event_id: client.events.update(event_id, suspect=True),
    "delete": lambda client, event_id: client.visitors.delete(VISITORS[event_id]),
    "edge": lambda client, _: client.edge.analyze(
        method="GET", url="https://a.example/", headers=[("accept", "*/*")], ip="192.0.2.1"
    ),
}


def emulator(*faults: Fault, seed: int = 1) -> Emulator:
    """A small workspace where all of this is allowed."""
    return Emulator(
        events=20,
        start=START,
        end=END,
        seed=seed,
        detail="slim",
        deletion=True,
        fresh=0.0,
        faults=faults,
    )


@pytest.fixture(params=["httpx", "httpx2", "fast"])
def transport(request: pytest.FixtureRequest) -> str:
    """Each of the transports that send over sockets."""
    return str(request.param)


@asynccontextmanager
async def connected(base_url: str, transport: str) -> AsyncIterator[FingerprintClient]:
    """A client in a hurry."""
    async with FingerprintClient(
        "test-key",
        base_url=base_url,
        rate_limit=RateLimit.off(),
        retry=RetryPolicy(base_delay=0.01, max_delay=0.05),
        timeout=Timeouts(connect=0.5, read=0.6, write=0.6),
        deadline=DEADLINE,
        transport=transport,
    ) as client:
        yield client


def busy(client: FingerprintClient) -> int:
    """Requests that hold a connection."""
    return client._lifetime._backend.busy


async def count(
    client: FingerprintClient, operation: str, event_id: str, calls: int
) -> Counter[str]:
    """Make calls side by side and count how they end."""
    ends: Counter[str] = Counter()

    async def one() -> None:
        try:
            # Far beyond the deadline: what is still running then would run for ever.
            async with asyncio.timeout(DEADLINE + 10):
                await OPERATIONS[operation](client, event_id)
        except FingerprintError:
            ends["typed errors"] += 1
        except TimeoutError:
            ends["hangs"] += 1
        else:
            ends["results"] += 1

    await asyncio.gather(*(one() for _ in range(calls)))
    ends["leaked slots"] += client.stats.in_flight + busy(client)
    return ends


async def rows_of(
    transport: str,
    at_a_time: asyncio.Semaphore,
    name: str,
    *faults: Fault,
    calls: int = CALLS,
) -> list[tuple[str, str, Counter[str]]]:
    """One fault's rows: an operation each, its server its own."""
    rows = []
    async with FingerprintClient("test-key", transport=emulator().transport()) as calm:
        event = (await calm.events.search(limit=1, start=START, end=END)).events[0]
    VISITORS[event.event_id] = event.identification.visitor_id
    for operation in OPERATIONS:
        async with (
            at_a_time,
            emulator(*faults).serve(port=0) as server,
            connected(server.base_url, transport) as client,
        ):
            rows.append((name, operation, await count(client, operation, event.event_id, calls)))
    return rows


async def refused_rows(transport: str) -> list[tuple[str, str, Counter[str]]]:
    """Rows of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with connected(f"http://127.0.0.1:{port}/v4", transport) as client:
        return [
            ("refused", operation, await count(client, operation, "a", CALLS))
            for operation in OPERATIONS
        ]


def lines_of(rows: list[tuple[str, str, Counter[str]]]) -> list[str]:
    """The table."""
    columns = ("results", "typed errors", "hangs", "leaked slots")
    lines = [
        f"{'fault':<18}{'operation':<11}{'calls':>6}"
        + "".join(f"{column:>14}" for column in columns)
    ]
    for name, operation, ends in rows:
        calls = ends["results"] + ends["typed errors"] + ends["hangs"]
        lines.append(
            f"{name:<18}{operation:<11}{calls:>6}"
            + "".join(f"{ends[column]:>14}" for column in columns)
        )
    return lines


async def test_every_call_ends_in_a_result_or_a_typed_error(
    transport: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong: within the deadline, with nothing left open behind it."""
    faults = [(kind, Fault(kind=kind, probability=0.6, seconds=1.0)) for kind in KINDS]
    storm = (
        "429 storm",
        Fault(kind="rate_limited", probability=0.3, run=5, retry_after="fraction"),
    )
    mixed = [Fault(kind=kind, probability=0.04, seconds=0.6) for kind in KINDS]
    at_a_time = asyncio.Semaphore(6)
    batches = await asyncio.gather(
        *(rows_of(transport, at_a_time, name, fault) for name, fault in (*faults, storm)),
        refused_rows(transport),
        rows_of(transport, at_a_time, "mixed", *mixed, calls=40),
    )
    rows = [row for batch in batches for row in batch]
    with capsys.disabled():
        print("", *lines_of(rows), sep="\n")  # noqa: T201 - the table is there to be read
    assert all(ends["hangs"] == 0 and ends["leaked slots"] == 0 for _, _, ends in rows)
    assert {
        ends["results"] + ends["typed errors"] for name, _, ends in rows if name != "mixed"
    } == {CALLS}
    # The table of retries at work: reads come through where changes are not repeated.
    results = {(name, operation): ends["results"] for name, operation, ends in rows}
    assert results["internal_error", "get"] > results["internal_error", "update"]
    assert all(results["refused", operation] == 0 for operation in OPERATIONS)


@pytest.mark.parametrize("seed", range(3))
async def test_cancelled_calls_leave_nothing_behind(
    seed: int, transport: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cancelled at any moment, in the limiter, before sending, mid body or between attempts.

    No slot, token or connection is kept.
    """
    rng = random.Random(seed)
    faults = [
        Fault(kind=kind, probability=0.1, seconds=0.1)
        for kind in ("internal_error", "drip", "stall", "cut", "rate_limited")
    ]
    source = Emulator(
        events=20,
        start=START,
        end=END,
        seed=seed,
        detail="slim",
        latency=(0.0, 0.01),
        faults=faults,
    )
    async with source.serve(port=0) as server:
        limit = RateLimit(requests_per_second=400, burst=50)
        async with FingerprintClient(
            "test-key",
            base_url=server.base_url,
            rate_limit=limit,
            max_in_flight=8,
            retry=RetryPolicy(base_delay=0.02, max_delay=0.05, quota=None),
            timeout=Timeouts(read=0.3),
            deadline=20,
            transport=transport,
        ) as client:
            await client.events.search(limit=1, start=START, end=END)
            tasks: list[asyncio.Task[Counter[str]]] = []

            def cancel_one() -> None:
                running = [task for task in tasks if not task.done() and not task.cancelling()]
                if running:
                    rng.choice(running).cancel()

            for _ in range(200):
                tasks.append(asyncio.create_task(count(client, "search", "", 1)))
                if rng.random() < 0.7:
                    asyncio.get_running_loop().call_later(rng.uniform(0, 0.15), cancel_one)
                await asyncio.sleep(rng.uniform(0, 0.004))
            ends = await asyncio.gather(*tasks, return_exceptions=True)
            cancelled = sum(isinstance(end, asyncio.CancelledError) for end in ends)
            left = {"in flight": client.stats.in_flight, "connections in use": busy(client)}
            with capsys.disabled():
                print(  # noqa: T201 - the counts are there to be read
                    f"\nseed {seed}: {cancelled} of {len(tasks)} calls cancelled, "
                    f"left behind: {left}"
                )
            assert cancelled >= 30
            assert set(left.values()) == {0}
            assert client.stats.tokens == client.stats.requests
            # A token that was lost would show as a wait: the bucket fills within a burst's time.
            source.set_faults()
            await client.events.search(limit=1, start=START, end=END)  # waits for a pause's end
            await asyncio.sleep(0.2)
            begin = client.stats.limit_wait_seconds
            await client.events.search(limit=1, start=START, end=END)
            assert client.stats.limit_wait_seconds - begin < 0.1


async def test_idle_connections_that_the_server_closes_are_survived(
    transport: str,
) -> None:
    """A keep-alive of a moment: each next call finds its connection closed, and makes another.

    Changes too, which are not retried.
    """
    source = emulator()
    event_id = source.truth(start=START, end=END, ids=True).ids[0]
    async with (
        source.serve(port=0, keep_alive=0.05) as server,
        connected(server.base_url, transport) as client,
    ):
        for _ in range(12):
            await client.events.update(event_id, suspect=True)
            await asyncio.sleep(0.08)
        assert (client.stats.calls, client.stats.retries) == (12, 0)


async def test_closing_the_client_ends_running_calls(transport: str) -> None:
    """Each ends with a clear error, and no task is left."""
    fault = Fault(kind="stall", seconds=5)
    async with emulator(fault).serve(port=0) as server:
        client = FingerprintClient(
            "test-key", base_url=server.base_url, rate_limit=RateLimit.off(), transport=transport
        )
        calls = [asyncio.create_task(search(client)) for _ in range(5)]
        await asyncio.sleep(0.3)
        await client.aclose()
        ends = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(end).__name__ for end in ends} == {"ClientStateError"}
        assert busy(client) == 0
        assert not [task for task in asyncio.all_tasks() if "fingerprint_async/_" in repr(task)]


async def search(client: FingerprintClient) -> Any:
    """One page."""
    return await client.events.search(limit=1, start=START, end=END)
