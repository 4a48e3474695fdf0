"""What is told about attempts and calls."""

from __future__ import annotations

import asyncio
import logging

import pytest

from fingerprint_async.config import RetryPolicy
from fingerprint_async.errors import APIConnectionError, DecodeError, ServerError
from fingerprint_async.hooks import AttemptInfo, CallInfo, Hooks
from tests._http.conftest import Script, answer, api_error, request_for

LOGGER = "fingerprint_async.transport"


async def test_the_log_has_a_record_an_attempt_and_no_secret(stack, caplog) -> None:
    """Operation, attempt, outcome, time, request id, as text and as fields.

    Nothing about people.
    """
    script = Script(
        api_error(500, x_request_id="r-1"),
        APIConnectionError("lost"),
        answer(200, b'{"events":[]}', {"x-request-id": "r-2"}),
    )
    pipeline = stack(script, retry=RetryPolicy(base_delay=0))
    request = request_for("searchEvents", query=(("linked_id", "ann"),))
    with caplog.at_level(logging.DEBUG, LOGGER):
        await pipeline.call(request, None)
    assert [record.levelname for record in caplog.records] == ["INFO", "INFO", "DEBUG"]
    assert [record.fingerprint_outcome for record in caplog.records] == [
        "500",
        "APIConnectionError",
        "200",
    ]
    first = caplog.records[0]
    assert (first.fingerprint_operation, first.fingerprint_attempt) == ("searchEvents", 1)
    assert first.fingerprint_request_id == "r-1"
    assert isinstance(first.fingerprint_duration_ms, float)
    assert "searchEvents attempt=1 outcome=500 ms=" in caplog.text
    for private in ("ann", "sk_secret", "events?"):
        assert private not in caplog.text


async def test_a_body_that_differs_is_logged(stack, caplog) -> None:
    """A strict call's decoding error is an attempt that failed."""
    odd = answer(200, b'{"event_id":"1708102555327.NLOjmg","odd":1}')
    with caplog.at_level(logging.INFO, LOGGER), pytest.raises(DecodeError):
        await stack(Script(odd), strict=True).call(request_for(), None)
    assert [record.fingerprint_outcome for record in caplog.records] == ["200"]


async def test_hooks_are_told_of_attempts_and_calls(stack) -> None:
    """Each attempt with its number, each call once, with what it came to."""
    attempts: list[AttemptInfo] = []
    calls: list[CallInfo] = []
    hooks = Hooks(on_attempt=attempts.append, on_call=calls.append)
    script = Script(api_error(503), answer(200, b'{"events":[]}'), api_error(500))
    pipeline = stack(script, hooks=hooks, retry=RetryPolicy(base_delay=0))
    await pipeline.call(request_for("searchEvents"), None)
    with pytest.raises(ServerError) as caught:
        await pipeline.call(request_for("updateEvent"), None)
    assert [(each.operation, each.attempt, each.status_code) for each in attempts] == [
        ("searchEvents", 1, 503),
        ("searchEvents", 2, 200),
        ("updateEvent", 1, 500),
    ]
    assert (attempts[0].method, attempts[0].host, attempts[0].outcome) == (
        "GET",
        "service.test",
        "503",
    )
    assert [(each.operation, each.attempts, each.error) for each in calls] == [
        ("searchEvents", 2, None),
        ("updateEvent", 1, caught.value),
    ]
    assert all(each.duration >= 0 and each.started_at > 1e9 for each in (*attempts, *calls))


async def test_a_cancelled_call_is_told_as_one(stack) -> None:
    """The hook for calls sees how it ended."""
    calls: list[CallInfo] = []

    async def hang() -> object:
        await asyncio.Event().wait()

    pipeline = stack(Script(hang), hooks=Hooks(on_call=calls.append))
    call = asyncio.create_task(pipeline.call(request_for(), None))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert [type(each.error) for each in calls] == [asyncio.CancelledError]


async def test_a_hook_that_raises_changes_nothing(stack, caplog) -> None:
    """It is logged, and the call goes on."""

    def fail(_: object) -> None:
        raise RuntimeError("hook")

    pipeline = stack(Script(), hooks=Hooks(on_attempt=fail, on_call=fail))
    with caplog.at_level(logging.ERROR, LOGGER):
        assert await pipeline.call(request_for(), None)
    assert len(caplog.records) == 2


async def test_without_listeners_nothing_is_measured(stack, monkeypatch) -> None:
    """The layer hands on, without a record."""
    monkeypatch.setattr("fingerprint_async._http.logging.AttemptInfo", None)
    logging.getLogger(LOGGER).setLevel(logging.WARNING)
    try:
        assert await stack(Script()).call(request_for(), None)
    finally:
        logging.getLogger(LOGGER).setLevel(logging.NOTSET)
