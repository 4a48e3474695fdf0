"""Single strange events and answers in a service that is good otherwise.

The rest of the crawl ends well; what is strange is kept, and nothing is given up for it.
"""

from __future__ import annotations

import itertools
import json

import httpx
import pytest

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy
from fingerprint_async.crawl import _patience as patiences
from fingerprint_async.crawl import engine as engines
from fingerprint_async.crawl import export, verify_crawl
from fingerprint_async.errors import BadRequestError, NotFoundError

T0 = 1_793_288_583_000
COUNT = 1_500
WINDOW = {"start": T0, "end": T0 + 10 * COUNT}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    """What is asked for again is asked for soon."""
    for module in (engines, patiences):
        monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", 0.01)
        monkeypatch.setattr(module, "MAX_PAUSE_SECONDS", 0.02)


def numbered(odd=None):
    """Events of one each ten milliseconds; the one at a place may be other bytes."""
    events = [
        (at, b'{"event_id":"%d.id","timestamp":%d}' % (at, at))
        for at in range(T0, T0 + 10 * COUNT, 10)
    ]
    for place, content in (odd or {}).items():
        events[place] = (events[place][0], content)
    return events


def page_of(events, query):
    """The answer to one search."""
    low, high = int(query.get("start", 0)), int(query.get("end", 1 << 60))
    found = [one for at, one in events if low <= at <= high]
    if query.get("reverse") != "true":
        found.reverse()
    offset = int(query.get("pagination_key", 0))
    body = b'{"events":[' + b",".join(found[offset : offset + 100]) + b"]"
    body += b',"total_hits":%d' % min(1000, len(found))
    if offset + 100 < len(found):
        body += b',"pagination_key":"%d"' % (offset + 100)
    return httpx.Response(200, content=body + b"}", headers={"content-type": "application/json"})


def client_of(answer):
    """A client of a service that answers with what a function returns."""
    return FingerprintClient(
        "test-key",
        base_url="https://emulator.test/v4",
        transport=httpx.MockTransport(lambda request: answer(dict(request.url.params))),
        rate_limit=RateLimit.off(),
        retry=RetryPolicy(max_attempts=1),
    )


STRAYS = [0, 5, -5, T0 * 1000, T0 // 1000, 2**63, 2**64, 10**25]


@pytest.mark.parametrize("stray", STRAYS)
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
async def test_an_event_of_another_day_is_kept(tmp_path, stray, kind):
    """An event whose own time has nothing to do with what was searched goes to quarantine."""
    content = b'{"event_id":"stray","timestamp":%d}' % stray
    events = numbered({40: content})
    async with client_of(lambda query: page_of(events, query)) as client:
        summary = await export(client, tmp_path, format=kind, patience=1.0, **WINDOW)
    assert (summary.complete, summary.events, summary.quarantined) == (True, COUNT - 1, 1)
    (quarantine,) = tmp_path.glob("quarantine-*")
    assert quarantine.read_bytes() == content + b"\n"
    assert verify_crawl(tmp_path).ok


@pytest.mark.parametrize("ids", [(b"\xff", b"\xfe"), (b"", b""), (b"a\xc3", b"a\xe9")])
async def test_ids_that_are_none_are_not_taken_for_one(tmp_path, ids):
    """Two events without a readable id are two."""
    odd = [b'{"event_id":"%s","timestamp":%d}' % (one, T0 + 500 + n) for n, one in enumerate(ids)]
    events = numbered(dict(zip((50, 51), odd, strict=True)))
    async with client_of(lambda query: page_of(events, query)) as client:
        summary = await export(client, tmp_path, patience=1.0, **WINDOW)
    assert (summary.complete, summary.events, summary.quarantined) == (True, COUNT - 2, 2)
    (quarantine,) = tmp_path.glob("quarantine-*")
    assert sorted(quarantine.read_bytes().splitlines()) == sorted(odd)


@pytest.mark.parametrize("space", [b"\n", b"\r", b"\r\n", b"\n\n  "])
@pytest.mark.parametrize("odd", [None, rb'{"event_id":"\ud800","timestamp":%d}' % T0])
async def test_an_event_is_one_line_however_it_was_spaced(tmp_path, space, odd):
    """Also beside an event for which its page is cut by its brackets."""
    events = [
        (at, one.replace(b",", b"," + space).replace(b"{", b"{" + space))
        for at, one in numbered({} if odd is None else {0: odd})
    ]
    async with client_of(lambda query: page_of(events, query)) as client:
        summary = await export(client, tmp_path, patience=1.0, **WINDOW)
    assert summary.complete
    (path,) = tmp_path.glob("events-*")
    with path.open(encoding="utf-8") as file:
        assert sum(json.loads(line)["timestamp"] > 0 for line in file) == COUNT - (odd is not None)


@pytest.mark.parametrize("status", [400, 404])
@pytest.mark.parametrize("good", [0, 1, 4, 9])
@pytest.mark.parametrize("bad", [1, 2, 3, 5])
async def test_a_refusal_that_goes_by_gives_up_nothing(tmp_path, status, good, bad):
    """Searches that are refused for a while end a run; none of their events is called lost."""
    numbers = itertools.count()
    events = numbered()

    def answer(query):
        if good <= next(numbers) < good + bad:
            return httpx.Response(status, json={"error": {"code": "x", "message": "start"}})
        return page_of(events, query)

    async with client_of(answer) as client:
        for _ in range(bad + 1):
            try:
                summary = await export(client, tmp_path, patience=1.0, **WINDOW)
            except (BadRequestError, NotFoundError):
                continue
            break
    assert (summary.complete, summary.events, summary.lost) == (True, COUNT, ())
    assert verify_crawl(tmp_path).ok


async def test_a_start_that_is_refused_and_taken_for_ever_is_an_error(tmp_path):
    """A service that refuses a search, and takes it when asked why, is not asked without end."""
    events = numbered()
    asked = itertools.count()

    def answer(query):
        assert next(asked) < 3_000
        if query["limit"] != "1" and "pagination_key" not in query:
            return httpx.Response(400, json={"error": {"code": "x", "message": "start"}})
        return page_of(events, query)

    async with client_of(answer) as client:
        with pytest.raises(BadRequestError):
            await export(client, tmp_path, patience=1.0, **WINDOW)


@pytest.mark.parametrize("place", [1, 99, 700, COUNT - 1])
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
async def test_two_events_with_one_id_are_both_kept(tmp_path, place, kind):
    """The output holds one of them, once; the other, of another time, is in quarantine."""
    clash = b'{"event_id":"%d.id","timestamp":%d}' % (T0, T0 + 10 * place)
    events = numbered({place: clash})
    async with client_of(lambda query: page_of(events, query)) as client:
        for end in range(3):
            window = {"start": T0, "end": WINDOW["end"] + end}
            summary = await export(client, tmp_path, format=kind, patience=1.0, **window)
            assert summary.complete
            assert (summary.events, summary.quarantined) == (COUNT - 1, 1)
    assert verify_crawl(tmp_path).ok


async def test_an_event_that_changed_meanwhile_is_one(tmp_path):
    """It comes with the same id and time, and other content: it was updated."""
    numbers = itertools.count()

    def answer(query):
        changed = b'{"event_id":"%d.id","timestamp":%d,"suspect":%d}'
        events = numbered({40: changed % (T0 + 400, T0 + 400, next(numbers))})
        events.insert(41, numbered()[40])
        return page_of(events, query)

    async with client_of(answer) as client:
        for end in range(3):
            window = {"start": T0, "end": WINDOW["end"] + end}
            summary = await export(client, tmp_path, patience=1.0, **window)
            assert (summary.events, summary.quarantined) == (COUNT, 0)
    assert verify_crawl(tmp_path).duplicates == 0
