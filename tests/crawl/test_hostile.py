"""What a service may do to a crawl.

Nothing is lost, nothing is doubled, and nothing is claimed that is not there.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from email.utils import formatdate

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy
from fingerprint_async.crawl import (
    SearchInconsistentError,
    StartBeforeRetentionError,
    crawl,
    crawl_status,
    export,
    verify_crawl,
)
from fingerprint_async.crawl import _patience as patiences
from fingerprint_async.crawl import engine as engines
from fingerprint_async.crawl.formats._read import read_positions
from fingerprint_async.errors import APIStatusError, ArgumentError, FingerprintError
from fingerprint_async.testing import Emulator, Hostile

T0 = 1_793_288_583_000
FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "parquet", "duckdb"]
FAST_RETRY = RetryPolicy(max_attempts=2, base_delay=0.001, max_delay=0.002)


def client_of(answer):
    """A client of a service that answers each request with what a function returns.

    A body, or a response.
    """

    def handle(request):
        answered = answer(dict(request.url.params))
        if isinstance(answered, bytes):
            answered = httpx.Response(200, content=answered)
        answered.headers.setdefault("content-type", "application/json")
        return answered

    return FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=httpx.MockTransport(handle),
        rate_limit=RateLimit.off(),
        retry=FAST_RETRY,
    )


def emulated(emulator):
    """A client of an emulator."""
    return FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=emulator.transport(),
        rate_limit=RateLimit.off(),
        retry=FAST_RETRY,
    )


def event(number, more=b""):
    """The bytes of an event, one a second."""
    at = T0 + 1000 * number
    return b'{"event_id":"%d.%06d","timestamp":%d%s}' % (
        at,
        number,
        at,
        b"," + more if more else b"",
    )


def server(events, *, counts=True, error=None):
    """A service that holds these events, all on one page."""

    def answer(query):
        if error is not None:
            return error
        low, high = int(query.get("start", 0)), int(query.get("end", 1 << 60))
        found = [one for at, one in events if low <= at <= high]
        if query.get("reverse") != "true":
            found.reverse()
        hits = b',"total_hits":%d' % len(found) if counts else b""
        return b'{"events":[' + b",".join(found) + b"]" + hits + b"}"

    return answer


def numbered(count, odd=None):
    """So many events with their times; some of them odd."""
    return [(T0 + 1000 * n, event(n, (odd or {}).get(n, b""))) for n in range(count)]


WINDOW = {"start": T0 - 1, "end": T0 + 60_000}

ODD = {
    "a lone surrogate": rb'"linked_id":"\ud800x"',
    "a low surrogate": rb'"tags":{"a":["\udc00"]}',
    "1e400": b'"tags":{"x":1e400}',
    "-1E+999": b'"tags":{"x":[-1E+999]}',
    "many digits": b'"tags":{"x":' + b"9" * 400 + b".5}",
    "no UTF-8": b'"linked_id":"\xff"',
    "NaN": b'"suspect_score":NaN',
    "deep": b'"tags":' + b"[" * 3000 + b"]" * 3000,
}


WITHOUT_POSITION = [
    b'{"event_id":"1.a"}', b'{"timestamp":%d}' % T0, b'{"event_id":1,"timestamp":%d}' % T0,
    b"[1]", b"null",
    b'{"event_id":"1.a","timestamp":"late"}',
]  # fmt: skip


@pytest.mark.parametrize("odd", WITHOUT_POSITION)
async def test_what_is_no_event_goes_to_quarantine(tmp_path, odd):
    """Something among the events that has no id or no time is kept, once.

    No reader of the output meets it.
    """
    events = [*numbered(12), (T0 + 5000, odd)]
    async with client_of(server(sorted(events))) as client:
        summary = await export(client, tmp_path, **WINDOW)
    assert (summary.complete, summary.events, summary.quarantined) == (True, 12, 1)
    assert verify_crawl(tmp_path).ok


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("odd", ODD)
async def test_an_odd_event_goes_to_quarantine(tmp_path, kind, odd):
    """The run ends well, and the output is what its readers expect.

    The odd event is kept as the bytes that came.
    """
    events = numbered(12, {3: ODD[odd]})
    async with client_of(server(events)) as client:
        summary = await export(client, tmp_path, format=kind, **WINDOW)
    assert (summary.complete, summary.events, summary.quarantined) == (True, 11, 1)
    (path,) = tmp_path.glob("quarantine-*")
    assert path.read_bytes() == events[3][1] + b"\n"
    found = verify_crawl(tmp_path)
    assert (found.problems, found.events, found.quarantined) == ([], 11, 1)
    assert crawl_status(tmp_path).quarantined == 1
    assert json.loads((tmp_path / "manifest.json").read_text())["quarantined"] == 1
    if kind == "jsonl":
        for lines in tmp_path.glob("events-*"):
            for line in lines.read_bytes().splitlines():
                msgspec.json.decode(line.decode())


async def test_an_odd_event_is_left_out_of_an_iteration(caplog):
    """Iterating goes on over an event that is no valid JSON, and says so in the log."""
    async with client_of(server(numbered(12, {3: ODD["no UTF-8"]}))) as client:
        ids = [one.event_id async for one in crawl(client, **WINDOW)]
    assert len(ids) == 11
    assert "left out an event" in caplog.text


SHAPES = [
    b"{}", b"[]", b"null", b'"ok"', b"0", b'{"events":null}', b'{"events":{}}',
    b'{"events":[null]}', b'{"events":["x"]}', b'{"events":[{}]}', b'{"data":[]}',
    b'{"events":[],"pagination_key":5}',
    b'{"events":[],"total_hits":"many"}', b"<html>", b"", b'{"events":[',
]  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
async def test_another_shape_is_never_the_end(tmp_path, shape):
    """A success that is no page of events is asked for again.

    It ends the run when nothing else comes.
    """
    async with client_of(lambda _: shape) as client:
        with pytest.raises(FingerprintError):
            await export(client, tmp_path / "export", patience=1.0, **WINDOW)
        with pytest.raises(FingerprintError):
            async for _ in crawl(client, patience=1.0, **WINDOW):
                pass
    assert not list((tmp_path / "export").glob("events-*"))


@pytest.mark.parametrize("shape", SHAPES)
async def test_another_shape_now_and_then_loses_nothing(tmp_path, shape):
    """What comes between pages of another shape is all of it."""
    asked = Counter()
    events = numbered(50)

    def answer(query):
        asked["all"] += 1
        return shape if asked["all"] % 2 else server(events)(query)

    async with client_of(answer) as client:
        summary = await export(client, tmp_path, **WINDOW)
    assert (summary.complete, summary.events) == (True, 50)


async def test_the_count_is_held_against_what_came(tmp_path):
    """A page that has lost its end is no proof that nothing more is there.

    A count that stays wrong ends the run.
    """
    asked = Counter()
    events = numbered(50)

    def half(query):
        asked["all"] += 1
        page = json.loads(server(events)(query))
        if asked["all"] < 4:
            page["events"] = page["events"][: len(page["events"]) // 2]
        return json.dumps(page).encode()

    async with client_of(half) as client:
        assert (await export(client, tmp_path / "a", **WINDOW)).events == 50

    def wrong(query):
        page = json.loads(server(events)(query))
        page["total_hits"] += 7
        return json.dumps(page).encode()

    async with client_of(wrong) as client:
        with pytest.raises(SearchInconsistentError, match="It counted"):
            await export(client, tmp_path / "b", patience=1.0, **WINDOW)
    assert not crawl_status(tmp_path / "b").complete
    assert "1 stretches of time are not fetched yet" in verify_crawl(tmp_path / "b").problems


@pytest.mark.parametrize("cut", [0, 1, 20, 49])
async def test_an_empty_answer_without_a_count_is_asked_for_again(tmp_path, cut):
    """Without counts an empty page is believed when a second search says the same."""
    asked = Counter()
    events = numbered(50)

    def answer(query):
        asked["all"] += 1
        page = json.loads(server(events, counts=False)(query))
        if asked["all"] <= (2 if cut else 1):
            page["events"] = page["events"][:cut]
        return json.dumps(page).encode()

    async with client_of(answer) as client:
        assert (await export(client, tmp_path, **WINDOW)).events == 50


@pytest.mark.parametrize(
    "body",
    [
        b'{"events":[%s],"pagination_key":"k"}' % event(1),
        b'{"events":[],"pagination_key":"k"}',
    ],
)
async def test_pages_that_never_end_are_an_error(tmp_path, body):
    """A key that leads back to itself is followed a few times, not for ever.

    The run is not complete.
    """
    asked = Counter()

    def answer(query):
        asked["all"] += 1
        return body

    async with client_of(answer) as client:
        with pytest.raises(SearchInconsistentError, match="do not end"):
            await asyncio.wait_for(export(client, tmp_path, **WINDOW), 20)
    assert asked["all"] < 100


async def test_new_keys_without_end_are_an_error(tmp_path):
    """Empty pages whose keys are always new ones are followed a few times only."""
    asked = Counter()

    def answer(query):
        asked["all"] += 1
        return b'{"events":[],"pagination_key":"k%d"}' % asked["all"]

    async with client_of(answer) as client:
        with pytest.raises(SearchInconsistentError):
            await asyncio.wait_for(export(client, tmp_path, **WINDOW), 20)
    assert asked["all"] < 100


REFUSALS = ["invalid cursor", "request cannot be parsed", "", "invalid start time", "limit reached"]


@pytest.mark.parametrize("message", REFUSALS)
async def test_a_refused_key_is_told_by_no_message(tmp_path, message):
    """Whatever a 400 on a search with a key says, the chain seeks once more without it."""
    emulator = Emulator(events=3_000, seed=3, detail="slim")
    refused = Counter()
    through = emulator.transport()

    class Refusing(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request):
            if "pagination_key" in request.url.params and refused["all"] < 5:
                refused["all"] += 1
                error = {"error": {"code": "request_cannot_be_parsed", "message": message}}
                return httpx.Response(400, json=error)
            return await through.handle_async_request(request)

    async with FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=Refusing(),
        rate_limit=RateLimit.off(),
    ) as client:
        summary = await export(client, tmp_path, start=emulator.start, end=emulator.end)
    assert refused["all"] == 5
    assert summary.events == emulator.truth().count
    assert verify_crawl(tmp_path).ok


async def test_a_filter_that_is_refused_is_said_as_the_service_says_it(tmp_path):
    """A 400 that no other start mends is the caller's."""
    error = {
        "error": {"code": "request_cannot_be_parsed", "message": "invalid start time, or bot type"}
    }
    async with client_of(lambda _: httpx.Response(400, json=error)) as client:
        with pytest.raises(FingerprintError, match="bot type"):
            await export(client, tmp_path, **WINDOW)


@pytest.mark.parametrize(
    "response",
    [
        httpx.Response(404, content=b"<html>no such page</html>"),
        httpx.Response(404, json={"detail": "Not Found"}),
        httpx.Response(404, json={"error": {"code": "event_not_found", "message": "x"}}),
    ],
)
async def test_a_404_of_somebody_else_is_no_empty_output(tmp_path, response):
    """Only the service's own "visitor not found" says that a visitor has no events.

    A wrong address does not.
    """
    async with client_of(lambda _: response) as client:
        with pytest.raises(APIStatusError, match="404"):
            await export(client, tmp_path / "a", visitor_id="x" * 20, **WINDOW)
    error = {"error": {"code": "visitor_not_found", "message": "visitor not found"}}
    async with client_of(lambda _: httpx.Response(404, json=error)) as client:
        summary = await export(client, tmp_path / "b", visitor_id="x" * 20, **WINDOW)
    assert (summary.complete, summary.events) == (True, 0)


# -- what "complete" means -------------------------------------------------------------------------


def dated(answer, at):
    """The same service with a clock of its own."""

    def answering(query):
        response = httpx.Response(200, content=answer(query))
        response.headers["date"] = formatdate(at(), usegmt=True)
        return response

    return answering


async def test_an_end_in_the_future_is_not_complete_yet(tmp_path):
    """What can still come in is not there.

    The run says as of when, and the same command later adds the rest.
    """
    clock = [T0 / 1000 + 30]
    events = numbered(60)

    def answer(query):
        return server([one for one in events if one[0] <= clock[0] * 1000])(query)

    window = {"start": T0, "end": T0 + 59_000}
    async with client_of(dated(answer, lambda: clock[0])) as client:
        first = await export(client, tmp_path, **window)
        assert (first.complete, first.events, first.as_of // 1000) == (False, 31, int(clock[0]))
        assert not crawl_status(tmp_path).complete
        assert not verify_crawl(tmp_path).ok
        assert json.loads((tmp_path / "manifest.json").read_text())["complete"] is False
        clock[0] += 100
        second = await export(client, tmp_path, **window)
    assert (second.complete, second.events) == (True, 60)
    assert verify_crawl(tmp_path).ok


async def test_a_start_in_the_future_is_refused(tmp_path):
    """Nothing can be there yet."""
    async with client_of(dated(server(numbered(3)), time.time)) as client:
        for bounds in ({"start": "2099-01-01T00:00:00Z"}, {"start": 10**13, "end": 10**13 + 5}):
            with pytest.raises(ArgumentError, match="lies in the future"):
                await export(client, tmp_path, **bounds)


async def test_the_end_that_was_left_out_is_the_services_now(tmp_path):
    """A clock of this machine that is an hour early or late changes nothing."""
    async with client_of(dated(server(numbered(60)), lambda: T0 / 1000 + 3_600)) as client:
        summary = await export(client, tmp_path, start=T0)
    assert (summary.end // 1000, summary.complete, summary.events) == (T0 // 1000 + 3_600, True, 60)


# -- retention -------------------------------------------------------------------------------------


def retaining(events, edge, *, keys=True):
    """A service that refuses what lies before a moving edge, with keys or without; pages of ten."""

    def answer(query):
        has_key = "pagination_key" in query
        earliest = edge(query)
        if int(query["start"]) < earliest and (keys or not has_key):
            error = {"error": {"code": "request_cannot_be_parsed", "message": "invalid start time"}}
            return httpx.Response(400, json=error)
        low, high = int(query["start"]), int(query["end"])
        if keys or not has_key:
            low = max(low, earliest)
        found = [one for at, one in events if low <= at <= high]
        if query.get("reverse") != "true":
            found.reverse()
        offset = int(query.get("pagination_key", 0))
        size = min(10, int(query["limit"]))
        page = {"hits": len(found), "more": len(found) > offset + size}
        body = b'{"events":[' + b",".join(found[offset : offset + size]) + b"]"
        body += b',"total_hits":%d' % page["hits"]
        body += b',"pagination_key":"%d"' % (offset + size) if page["more"] else b""
        return httpx.Response(200, content=body + b"}")

    return answer


@pytest.mark.parametrize("keys", [True, False])
@pytest.mark.parametrize("both", [True, False])
async def test_what_retention_takes_meanwhile_is_reported(tmp_path, keys, both):
    """A start that the edge of retention passes.

    The run goes on from the edge, and says which span was lost.
    """
    asked = Counter()
    events = numbered(600)

    def edge(query):
        asked["all"] += 1
        return T0 + (4_900 if asked["all"] < 12 else 200_000 + asked["all"])

    window = {"start": T0 + 5000, "end": T0 + 600_000, "source": "both" if both else "device"}
    async with client_of(retaining(events, edge, keys=keys)) as client:
        summary = await export(client, tmp_path, **window)
    assert summary.complete
    assert summary.lost or not keys
    lost = [(span.first, span.last) for span in summary.lost]
    ids = {
        json.loads(line)["event_id"]
        for path in tmp_path.glob("events-*")
        for line in path.read_bytes().splitlines()
    }
    expected = {
        json.loads(one)["event_id"]
        for at, one in events
        if window["start"] <= at <= window["end"]
        and not any(first <= at <= last for first, last in lost)
    }
    assert expected <= ids
    assert len(json.loads((tmp_path / "manifest.json").read_text())["lost"]) == len(lost)
    assert bool(crawl_status(tmp_path).lost) == bool(lost)
    assert verify_crawl(tmp_path).ok


async def test_a_start_that_was_too_early_is_the_callers(tmp_path):
    """It is an error that names the earliest start, and the folder stays free."""
    edge = T0 + 400_000
    async with client_of(retaining(numbered(600), lambda _: edge)) as client:
        with pytest.raises(StartBeforeRetentionError) as caught:
            await export(client, tmp_path, start=T0, end=T0 + 600_000)
        assert abs(caught.value.earliest - edge) <= 1_000
        summary = await export(client, tmp_path, start=caught.value.earliest, end=T0 + 600_000)
    assert (summary.complete, summary.lost) == (True, ())


# -- order -----------------------------------------------------------------------------------------


def _late(query):
    """Every third event of a page comes a page later.

    The service counts at most a thousand.
    """
    low, high = int(query["start"]), int(query["end"])
    found = [one for at, one in numbered(3_000) if low <= at <= high]
    if query.get("reverse") != "true":
        found.reverse()
    hits, offset, size = len(found), int(query.get("pagination_key", 0)), int(query["limit"])
    for place in range(0, hits - 100, 3):
        if (place // 100) % 2 == 0:
            found[place], found[place + 100] = found[place + 100], found[place]
    body = b'{"events":[' + b",".join(found[offset : offset + size]) + b"]"
    body += b',"total_hits":%d' % min(1_000, hits)
    body += b',"pagination_key":"%d"' % (offset + size) if hits > offset + size else b""
    return body + b"}"


async def test_pages_out_of_order_are_never_complete(tmp_path):
    """An event that comes after later ones is written once.

    That no other is missing is not claimed, nor later on.
    """
    window = {"start": T0 - 1, "end": T0 + 3_000_000}
    async with client_of(_late) as client:
        for _ in range(2):
            with pytest.raises(SearchInconsistentError):
                await export(client, tmp_path, patience=1.0, **window)
            assert not crawl_status(tmp_path).complete
            found = verify_crawl(tmp_path)
            assert (found.ok, found.duplicates) == (False, 0)
            assert json.loads((tmp_path / "manifest.json").read_text())["complete"] is False
        with pytest.raises(SearchInconsistentError):
            async for _ in crawl(client, patience=1.0, **window):
                pass


@pytest.mark.parametrize("stops", [0, 1, 2, 3])
@pytest.mark.parametrize("in_flight", [1, 2, 3, 64])
async def test_an_order_that_is_ignored_loses_nothing(tmp_path, in_flight, stops):
    """A service that sends newest first whatever it is asked for ends the run with an error.

    So it is whenever its answers come, and when runs that were stopped came before: what was
    counted in a stretch holds for the windows that it is cut into.
    """

    def newest_first(query):
        return _late({**query, "reverse": "false"})

    def stop(progress):
        if progress.pages:
            raise RuntimeError("enough")

    window = {"start": T0 - 1, "end": T0 + 3_000_000, "max_in_flight": in_flight, "patience": 1.0}
    async with client_of(newest_first) as client:
        for _ in range(stops):
            with pytest.raises((RuntimeError, SearchInconsistentError)):
                await export(client, tmp_path, on_progress=stop, **window)
        with pytest.raises(SearchInconsistentError):
            await export(client, tmp_path, **window)
    assert not crawl_status(tmp_path).complete
    assert verify_crawl(tmp_path).duplicates == 0


async def test_a_count_that_was_higher_is_asked_for_again(tmp_path):
    """A window that gave less than was once counted in it is counted again.

    It is done when the count is taken back, and only then.
    """
    events = numbered(50)

    def counting(*, keeps):
        asked = Counter()

        def answer(query):
            asked["all"] += 1
            page = json.loads(server(events)(query))
            is_whole = int(query["end"]) - int(query["start"]) > 50_000
            if asked["all"] < 3 or (keeps and is_whole):
                page["total_hits"] += 5
            return json.dumps(page).encode()

        return answer

    async with client_of(counting(keeps=False)) as client:
        assert (await export(client, tmp_path / "a", **WINDOW)).events == 50
    assert verify_crawl(tmp_path / "a").ok
    async with client_of(counting(keeps=True)) as client:
        with pytest.raises(SearchInconsistentError):
            await export(client, tmp_path / "b", patience=1.0, **WINDOW)
    assert verify_crawl(tmp_path / "b").duplicates == 0
    assert not crawl_status(tmp_path / "b").complete


@pytest.mark.parametrize("twice", [[7], [0], [49], [0, 7, 49], list(range(50))])
@pytest.mark.parametrize("counts", [True, False])
async def test_an_id_that_is_there_twice_is_written_once(tmp_path, twice, counts):
    """A service that holds an event twice sends it twice, and counts it twice."""
    events = sorted([*numbered(50), *(one for n, one in enumerate(numbered(50)) if n in twice)])
    async with client_of(server(events, counts=counts)) as client:
        summary = await export(client, tmp_path, patience=5.0, **WINDOW)
    assert (summary.complete, summary.events) == (True, 50)
    found = verify_crawl(tmp_path)
    assert (found.problems, found.duplicates) == ([], 0)


@pytest.mark.parametrize("twice", [[99], [100], [50, 99, 149], [299], list(range(90, 310))])
async def test_an_id_that_is_there_twice_may_stand_on_two_pages(tmp_path, twice):
    """The last event of a page is the first of the next one, and both are counted."""
    events = sorted([*numbered(400), *(one for n, one in enumerate(numbered(400)) if n in twice)])

    def answer(query):
        low, high = int(query["start"]), int(query["end"])
        found = [one for at, one in events if low <= at <= high]
        if query.get("reverse") != "true":
            found.reverse()
        offset, size = int(query.get("pagination_key", 0)), int(query["limit"])
        body = b'{"events":[' + b",".join(found[offset : offset + size]) + b"]"
        body += b',"total_hits":%d' % len(found)
        body += b',"pagination_key":"%d"' % (offset + size) if len(found) > offset + size else b""
        return body + b"}"

    async with client_of(answer) as client:
        window = {"start": T0 - 1, "end": T0 + 400_000}
        summary = await export(client, tmp_path, patience=5.0, **window)
    assert (summary.complete, summary.events) == (True, 400)
    assert verify_crawl(tmp_path).problems == []


# -- all of it, by seed ----------------------------------------------------------------------------

SURVIVABLE = (
    "shuffled_pages", "repeated_pages", "other_shapes", "blank_last_keys", "odd_events",
    "ids_twice", "key_messages",
)  # fmt: skip
MOST_REQUESTS = 600


@pytest.fixture(scope="module")
def short_pauses():
    """A service that misbehaves is asked again at once."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (engines, patiences):
            patch.setattr(module, "FIRST_PAUSE_SECONDS", 0.002)
            patch.setattr(module, "MAX_PAUSE_SECONDS", 0.01)
        yield


@st.composite
def hostile_services(draw, among=None):
    """An emulator with any of its hostile behaviours, and with hot milliseconds or without."""
    seed = draw(st.integers(0, 100_000))
    emulator = Emulator(
        events=draw(st.sampled_from([0, 1, 50, 300, 1_500])),
        seed=seed,
        detail="slim",
        hostile=Hostile.draw(seed) if among is None else Hostile.draw(seed, among),
        retention=draw(st.sampled_from([None, 30])),
    )
    hot = draw(st.dictionaries(st.integers(1, 99), st.integers(120, 400), max_size=2))
    for number, (part, count) in enumerate(hot.items()):
        at = emulator.start + part * (emulator.end - emulator.start) // 100
        for other in range(count):
            emulator.add_event(timestamp=at, number=10_000 * (number + 1) + other)
    return emulator


async def _export_killed(emulator, folder, kills, **options):
    """Export; some runs are cancelled so many pages after they began.

    Return how the last one ended.
    """
    window = {"start": emulator.start, "end": emulator.end}
    async with emulated(emulator) as client:
        for pages in kills:
            running = asyncio.ensure_future(export(client, folder, **window, **options))
            goal = emulator.stats()["pages"] + pages
            while not running.done() and emulator.stats()["pages"] < goal:  # noqa: ASYNC110 -- the server has no event to wait for
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        try:
            return await asyncio.wait_for(export(client, folder, **window, **options), 60)
        except FingerprintError as error:
            return error


def _ids_in(folder):
    return Counter(
        event_id
        for path in folder.glob("events*")
        if path.suffix != ".wal"
        for _, event_id in read_positions(path, path.stat().st_size)
    )


@given(
    emulator=hostile_services(),
    kind=st.sampled_from(FORMATS),
    kills=st.lists(st.integers(0, 12), max_size=3),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_nothing_is_claimed_that_is_not_there(
    tmp_path_factory, short_pauses, emulator, kind, kills
):
    """Whatever the emulator does wrong: the run ends with all of it, once, or with an error.

    Runs that are cancelled in between change nothing of it. After an error neither `status` nor
    `verify` says that everything is there.
    """
    folder = tmp_path_factory.mktemp("out")
    ended = await _export_killed(emulator, folder, kills, format=kind, patience=0.5)
    assert emulator.stats()["requests"] <= MOST_REQUESTS * (len(kills) + 1)
    if isinstance(ended, FingerprintError):
        if (folder / "manifest.json").exists():
            found = verify_crawl(folder)
            assert (found.duplicates, found.ok, found.status.complete) == (0, False, False)
        return
    found, truth = verify_crawl(folder), Counter(emulator.truth().ids)
    ids = _ids_in(folder)
    assert found.duplicates == 0
    assert not ids - truth
    assert found.ok == ended.complete == found.status.complete
    if not ended.lost and ended.complete:
        assert (ended.events + ended.quarantined, sum(ids.values())) == (len(truth), ended.events)


@given(emulator=hostile_services(SURVIVABLE), kind=st.sampled_from(FORMATS))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_every_event_once_whatever_the_service_does(
    tmp_path_factory, short_pauses, emulator, kind
):
    """What can be survived is: every event is in the output or in quarantine, once."""
    folder = tmp_path_factory.mktemp("out")
    summary = await _export_killed(emulator, folder, (), format=kind, patience=60.0)
    assert summary.complete
    assert summary.events + summary.quarantined == emulator.truth(ids=False).count
    found = verify_crawl(folder)
    assert (found.problems, found.duplicates) == ([], 0)
