"""What answers mean: types, words, and what is never repeated."""

from __future__ import annotations

import logging

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import errors
from fingerprint_async._http.errors import Errors
from fingerprint_async._http.message import Headers, retry_after_seconds
from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async._secret import Secret
from fingerprint_async.config import RetryPolicy
from tests._http.conftest import Script, answer, api_error, request_for

ONCE = RetryPolicy(max_attempts=1)

TYPES = [
    (400, "request_cannot_be_parsed", errors.BadRequestError),
    (400, "ruleset_not_found", errors.BadRequestError),
    (403, "secret_api_key_required", errors.AuthenticationError),
    (403, "secret_api_key_not_found", errors.AuthenticationError),
    (403, "wrong_region", errors.WrongRegionError),
    (403, "feature_not_enabled", errors.FeatureNotEnabledError),
    (403, "subscription_not_active", errors.PermissionDeniedError),
    (403, "something_new", errors.PermissionDeniedError),
    (404, "event_not_found", errors.NotFoundError),
    (409, "state_not_ready", errors.StateNotReadyError),
    (409, "something_new", errors.ConflictError),
    (413, "payload_too_large", errors.PayloadTooLargeError),
    (429, "too_many_requests", errors.RateLimitError),
    (500, "failed", errors.ServerError),
    (503, "service_unavailable", errors.ServerError),
    (599, "odd", errors.ServerError),
    (600, "odd", errors.UnexpectedStatusError),
    (401, "odd", errors.UnexpectedStatusError),
    (304, "odd", errors.UnexpectedStatusError),
]


@pytest.mark.parametrize(("status", "code", "kind"), TYPES)
async def test_a_status_and_a_code_make_a_type(stack, status, code, kind) -> None:
    """Exactly that type, with what the API said."""
    pipeline = stack(Script(api_error(status, code, x_request_id="r-1")), retry=ONCE)
    with pytest.raises(errors.APIStatusError) as caught:
        await pipeline.call(request_for(), None)
    error = caught.value
    assert type(error) is kind
    assert (error.status_code, error.code, error.message) == (status, code, "words")
    assert (error.request_id, error.operation, error.attempts) == ("r-1", "getEvent", 1)


async def test_an_overloaded_search_is_told_from_the_limit(stack) -> None:
    """Both are 429 with one code; only the words differ."""
    overload = api_error(429, "too_many_requests", "too many search requests")
    with pytest.raises(errors.SearchOverloadError):
        await stack(Script(overload), retry=ONCE).call(request_for("searchEvents"), None)


@pytest.mark.parametrize("status", [403, 404])
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"error":null}', b'{"error":{"message":"x"}}', b"[1]"]
)
async def test_a_refusal_without_the_apis_words_doubts_the_address(stack, status, body) -> None:
    """A proxy's 404 says nothing about an event: no `NotFoundError`, no `PermissionDeniedError`."""
    with pytest.raises(errors.APIStatusError) as caught:
        await stack(Script(answer(status, body)), retry=ONCE).call(request_for(), None)
    assert type(caught.value) is errors.UnexpectedStatusError
    assert "base_url" in str(caught.value)


@given(
    status=st.integers(300, 799),
    body=st.binary(max_size=300)
    | st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: st.dictionaries(st.sampled_from(["error", "code", "message"]), inner),
        max_leaves=6,
    ).map(msgspec.json.encode),
)
def test_an_error_with_any_body_is_typed(status, body) -> None:
    """Whatever a proxy sends: a status error whose text is printable and bounded."""
    layer = Errors(None, secret=Secret("sk_secret"))  # type: ignore[arg-type]
    error = layer._status_error(answer(status, body))
    assert isinstance(error, errors.APIStatusError)
    assert str(error).isprintable()
    assert len(error.body) <= 500
    assert len(error.message) <= 1000


@pytest.mark.parametrize("at", [0, 100, 480, 495, 499])
async def test_a_key_that_the_server_echoes_is_not_repeated(stack, at, caplog) -> None:
    """Not in the message, the excerpt, the reason, a header or a log.

    Not cut in half at its end.
    """
    key = "sk_secret_0123456789"
    body = b"x" * at + key.encode() + b"y" * 900
    script = Script(
        answer(500, body, {"x-request-id": f"r-{key}"}, reason=f"bad {key}"),
        answer(200, body, {"content-type": key, "x-request-id": key}),
        api_error(400, key, key),
    )
    pipeline = stack(script, retry=ONCE, api_key=Secret(key))
    with caplog.at_level(logging.DEBUG, "fingerprint_async.transport"):
        for _ in range(3):
            with pytest.raises(errors.APIError) as caught:
                await pipeline.call(request_for(), None)
            told = f"{caught.value} {vars(caught.value)} {caught.value.__cause__}"
            for part in (key, key[:12]):
                assert part not in told
    assert key not in caplog.text


async def test_a_key_echoed_in_a_successs_headers_is_not_handed_out(stack, caplog) -> None:
    """Neither in the raw response nor in the log."""
    key = "sk_secret_0123456789"
    page = answer(200, b'{"events":[]}', {"x-request-id": f"r-{key}", "x-echo": f"Bearer {key}"})
    pipeline = stack(Script(page), api_key=Secret(key))
    with caplog.at_level(logging.DEBUG, "fingerprint_async.transport"):
        raw = await pipeline.call_raw(request_for("searchEvents"), None)
    assert (raw.request_id, raw.headers["x-echo"]) == ("r-***", "Bearer ***")
    assert key not in caplog.text


async def test_a_request_id_is_printable(stack) -> None:
    """Control characters of a header do not reach a terminal or a log."""
    script = Script(answer(500, headers={"X-Request-Id": "a\x1b[31mb\x00"}))
    with pytest.raises(errors.ServerError) as caught:
        await stack(script, retry=ONCE).call(request_for(), None)
    assert caught.value.request_id == "a[31mb"


async def test_an_answer_about_another_event_closes_resting_connections(stack) -> None:
    """It is asked for again, by new connections."""
    script = Script(answer(200, b'{"event_id":"1.stranger"}'))
    pipeline = stack(script)
    assert (await pipeline.call(request_for(), None))["event_id"] == "1708102555327.NLOjmg"
    assert script.drops == 1
    script = Script(*(answer(200, b'{"event_id":"1.stranger"}') for _ in range(9)))
    with pytest.raises(errors.ResponseBodyError, match="about another event") as caught:
        await stack(script, retry=ONCE).call_raw(request_for(), None)
    assert (script.drops, caught.value.operation) == (1, "getEvent")


@pytest.mark.parametrize(
    "body",
    [
        *(
            f'{{"event_id":{value}}}'
            for value in (
                "1708102555327.123456",
                "3",
                "1e999",
                "null",
                "true",
                "[]",
                '["1708102555327.NLOjmg"]',
                '{"1708102555327.NLOjmg":1}',
                '""',
                '" 1708102555327.NLOjmg"',
                '"1708102555327.nlojmg"',
                '"1708102555327%2ENLOjmg"',
            )
        ),
        "{}",
        '{"products":{"event_id":"1708102555327.NLOjmg"}}',
        '{"eventId":"1708102555327.NLOjmg"}',
        '[{"event_id":"1708102555327.NLOjmg"}]',
        "null",
    ],
)
async def test_an_answer_that_names_no_event_is_refused(stack, body) -> None:
    """A wrong type costs no event elsewhere; here nothing else says whose the answer is."""
    for raw in (False, True):
        pipeline = stack(Script(answer(200, body.encode())), retry=ONCE)
        call = pipeline.call_raw if raw else pipeline.call
        with pytest.raises(errors.ResponseBodyError) as caught:
            await call(request_for(), None)
        assert caught.value.body == body


def test_every_operation_of_the_document_has_a_record() -> None:
    """A new one that was generated and not recorded fails here."""
    from importlib import resources

    document = msgspec.json.decode(
        resources.files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
    )
    described = {
        operation["operationId"]: (method.upper(), path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "operationId" in operation
    }
    # Documented by the service, and in no published document yet.
    described["submitEventFeedback"] = ("POST", "/events/{event_id}/feedback")
    recorded = {each.id: (each.method, each.path) for each in OPERATIONS.values()}
    assert recorded == described


def test_every_record_names_a_documented_method() -> None:
    """`resource` is where callers find the operation."""
    from fingerprint_async import FingerprintClient

    client = FingerprintClient("sk")
    for operation in OPERATIONS.values():
        resource, name = operation.resource.split(".")
        assert getattr(getattr(client, resource), name).__doc__


@pytest.mark.parametrize(
    ("value", "date", "seconds"),
    [
        ("3", None, 3.0),
        (" 3 ", None, 3.0),
        ("0", None, 0.0),
        ("1.5", None, 1.5),
        ("Mon, 12 Jan 1970 13:46:50 GMT", None, 10.0),
        ("Mon, 12 Jan 1970 13:46:50", None, 10.0),
        ("Mon, 12 Jan 1970 13:46:30 GMT", None, 0.0),
        # A server whose clock is an hour ahead of this machine's means ten seconds all the same.
        ("Mon, 12 Jan 1970 14:46:50 GMT", "Mon, 12 Jan 1970 14:46:40 GMT", 10.0),
        ("Mon, 12 Jan 1970 13:46:50 GMT", "nonsense", 10.0),
        (None, None, None),
        ("", None, None),
        ("soon", None, None),
        ("-1", None, None),
        ("1_0", None, None),
        ("\u0661", None, None),
        ("+5", None, None),
        ("1e3", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("9" * 400, None, None),
        ("Mon, 99 Foo 1970 99:99:99 GMT", None, None),
    ],
)
def test_retry_after_comes_in_many_forms(value, date, seconds) -> None:
    """Seconds, fractions, dates; nonsense is ignored."""
    assert retry_after_seconds(value, date=date, now=1_000_000) == seconds


@given(st.text(max_size=40), st.none() | st.text(max_size=40))
def test_no_retry_after_breaks_anything(value, date) -> None:
    """Whatever a proxy writes there."""
    seconds = retry_after_seconds(value, date=date)
    assert seconds is None or 0 <= seconds < float("inf")


def test_headers_are_found_in_any_case() -> None:
    """Several values of one name are joined; no value is in the repr."""
    headers = Headers([("X-A", "1"), ("x-a", "2"), ("Set-Cookie", "secret")])
    assert headers["X-a"] == "1, 2"
    assert dict(headers) == {"x-a": "1, 2", "set-cookie": "secret"}
    assert (len(headers), "x-b" in headers, headers.get("x-b")) == (2, False, None)
    assert "secret" not in repr(headers)
