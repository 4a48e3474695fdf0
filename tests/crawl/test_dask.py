from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter

import pytest

from fingerprint_async import FingerprintClient, RateLimit
from fingerprint_async.crawl import ClusterError, export, verify_crawl
from fingerprint_async.errors import APIConnectionError, ArgumentError, RateLimitError
from fingerprint_async.testing import Emulator

distributed = pytest.importorskip("distributed")

from distributed import KilledWorker  # noqa: E402 -- after the skip
from distributed.comm import CommClosedError  # noqa: E402 -- the same

from fingerprint_async.crawl import distributed as ours  # noqa: E402 -- the same
from fingerprint_async.crawl.distributed import dask_workers  # noqa: E402 -- the same

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def redis_url(tmp_path):
    """A Redis of this test's own."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on PATH")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        "redis-server",
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path),
    ]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(10)


async def test_two_workers_one_limit_one_output(tmp_path, redis_url, monkeypatch):
    """Two worker processes fetch the pages of one crawl, under one limit, into one output.

    Every event once, no 429.
    """
    emulator = Emulator(events=4_000, seed=8, detail="slim", rate=40, burst=20)
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", emulator.api_key)
    limit = RateLimit(requests_per_second=40, burst=20, shared=redis_url)
    with emulator.serve_in_thread() as server:
        async with (
            distributed.LocalCluster(
                n_workers=2,
                threads_per_worker=1,
                processes=True,
                asynchronous=True,
                dashboard_address=None,
            ) as cluster,
            FingerprintClient(base_url=server.base_url, rate_limit=limit) as client,
            dask_workers(
                cluster, base_url=server.base_url, rate_limit=limit, transport="fast"
            ) as fetch_page,
        ):
            summary = await export(
                client,
                tmp_path / "out",
                start=emulator.start,
                end=emulator.end,
                fetch_page=fetch_page,
                max_in_flight=8,
            )
    found = Counter(
        json.loads(line)["event_id"]
        for path in (tmp_path / "out").glob("events-*")
        for line in path.read_text().splitlines()
    )
    assert Counter(emulator.truth().ids) == found
    assert (summary.pages, 0) == (emulator.stats()["pages"], emulator.stats()["too_many_requests"])
    assert emulator.stats()["connections"] >= 2
    assert verify_crawl(tmp_path / "out").ok


async def test_a_limit_of_each_worker_is_refused():
    """Workers that each keep a limit would multiply it."""
    with pytest.raises(ArgumentError, match="one limit together"):
        async with dask_workers(
            "tcp://127.0.0.1:1", base_url="http://127.0.0.1:1/v4", rate_limit=RateLimit()
        ):
            pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "xyz://127.0.0.1:9", ""])
async def test_no_scheduler_is_told(monkeypatch, address):
    """Where nobody answers, or nobody could, the error is ours and says where."""
    monkeypatch.setattr(ours, "_CONNECT_SECONDS", 0.5)
    with pytest.raises(ClusterError, match=f"no Dask scheduler answers at {address}"):
        async with dask_workers(
            address, base_url="http://127.0.0.1:1/v4", rate_limit=RateLimit.off()
        ):
            pass


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (KilledWorker("task", None, []), APIConnectionError),
        (CommClosedError("gone"), APIConnectionError),
        (ModuleNotFoundError("fingerprint_async"), ClusterError),
        (ValueError("sk-secret"), ClusterError),
        (RateLimitError("slower", status_code=429), RateLimitError),
    ],
)
async def test_what_a_worker_raises_is_typed(raised, told):
    """A worker that dies is asked again, one that cannot work ends the crawl.

    The service's words come as they are.
    """

    async def fails():
        raise raised

    with pytest.raises(told) as caught:
        await ours._result(fails())
    assert "secret" not in str(caught.value)


def _start(*words):
    """A process of Dask."""
    return subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.DEVNULL)


async def test_a_scheduler_that_dies_is_told(tmp_path, monkeypatch):
    """A cluster whose scheduler is gone ends the crawl within half a minute.

    The error is ours.
    """
    emulator = Emulator(events=4_000, seed=8, detail="slim", latency=0.2)
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", emulator.api_key)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    host, port = address.split(":")
    scheduler = _start(
        "distributed.cli.dask_scheduler", "--host", host, "--port", port, "--no-dashboard"
    )
    worker = _start("distributed.cli.dask_worker", f"tcp://{address}", "--no-dashboard")
    killed = []

    async def kill(progress):
        if progress.pages and not killed:
            scheduler.kill()
            killed.append(time.monotonic())

    try:
        with emulator.serve_in_thread() as server:
            async with FingerprintClient(
                base_url=server.base_url, rate_limit=RateLimit.off()
            ) as client:
                with pytest.raises(ClusterError, match="scheduler does not answer"):
                    async with dask_workers(
                        f"tcp://{address}", base_url=server.base_url, rate_limit=RateLimit.off()
                    ) as fetch_page:
                        await export(
                            client,
                            tmp_path / "out",
                            start=emulator.start,
                            end=emulator.end,
                            fetch_page=fetch_page,
                            on_progress=kill,
                        )
        assert time.monotonic() - killed[0] < 30
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait(10)


async def test_the_last_worker_that_goes_is_told(tmp_path, monkeypatch, caplog):
    """A cluster without workers ends the crawl within half a minute.

    One with few threads is told in the log.
    """
    emulator = Emulator(events=4_000, seed=8, detail="slim", latency=0.2)
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", emulator.api_key)
    monkeypatch.setattr(ours, "_GONE_SECONDS", 4.0)
    with emulator.serve_in_thread() as server:
        async with (
            distributed.LocalCluster(
                n_workers=1,
                threads_per_worker=1,
                processes=True,
                asynchronous=True,
                dashboard_address=None,
            ) as cluster,
            FingerprintClient(base_url=server.base_url, rate_limit=RateLimit.off()) as client,
        ):

            async def remove(progress):
                if progress.pages and cluster.workers:
                    cluster.scale(0)

            began = time.monotonic()
            with pytest.raises(ClusterError, match="no workers"):
                async with dask_workers(
                    cluster, base_url=server.base_url, rate_limit=RateLimit.off()
                ) as fetch_page:
                    await export(
                        client,
                        tmp_path / "out",
                        start=emulator.start,
                        end=emulator.end,
                        fetch_page=fetch_page,
                        on_progress=remove,
                    )
            assert time.monotonic() - began < 40


def test_too_few_threads_are_told(caplog):
    """What the workers can have in flight is compared with the limit."""
    ours._check_threads(2, RateLimit(requests_per_second=50))
    assert "2 threads allow 2 requests in flight" in caplog.text
    caplog.clear()
    ours._check_threads(20, RateLimit(requests_per_second=50))
    assert not caplog.text
