"""Operations, keys, errors and limits of the emulated service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async.testing import ApiKey, Emulator, Fault, make_edge_request
from fingerprint_async.testing.emulator import Request
from fingerprint_async.testing.emulator.limits import TokenBucket, Window

if TYPE_CHECKING:
    from collections.abc import Callable

START, END = 1_767_225_600_000, 1_769_817_600_000
ALL = {"start": START, "end": END}


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "secret_api_key_required"),
        ("", "secret_api_key_required"),
        ("nobody", "secret_api_key_not_found"),
        ("test-key-eu", "wrong_region"),
        ("test-key-inactive", "subscription_not_active"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/events/-."), ("GET", "/events"), ("POST", "/edge"), ("DELETE", "/visitors/!")],
)
def test_every_auth_failure_is_a_403_before_anything_else(
    call: Any, key: str | None, code: str, method: str, path: str
) -> None:
    """A key that does not do is a 403 with its code, before ids and bodies are looked at."""
    assert call.error(method, path, key=key)[:2] == (403, code)


def test_a_key_of_one_environment_sees_only_it(call: Any) -> None:
    """Search leaves out, and get denies, events of other environments."""
    found = call.walk(key="test-key-staging", **ALL, limit=100)
    everything = call.walk(**ALL, limit=100)
    assert {event["environment_id"] for event in found} == {"env_staging"}
    other = next(event for event in everything if event["environment_id"] != "env_staging")
    assert call("GET", f"/events/{other['event_id']}").status == 200
    assert call.error("GET", f"/events/{other['event_id']}", key="test-key-staging")[0] == 404


def test_keys_can_be_given(make_caller: Any) -> None:
    """Names alone, one name, or names with what they give access to."""
    assert make_caller(keys=["a", "b"])("GET", "/events", key="b").status == 200
    assert make_caller(keys="abc").emulator.api_key == "abc"
    assert (
        make_caller(keys={"c": ApiKey(region="ap")}).error("GET", "/events", key="c")[1]
        == "wrong_region"
    )
    with pytest.raises(ValueError, match="at least one"):
        Emulator(keys=[])


def test_an_event_is_the_same_by_get_and_by_search(call: Any) -> None:
    """Get gives what search gave."""
    for event in call.json("GET", "/events", **ALL, limit=20)["events"]:
        assert call.json("GET", f"/events/{event['event_id']}") == event


@pytest.mark.parametrize(
    ("event_id", "status", "message"),
    [
        ("1767225600000.zzzzzz", 404, "event id not found"),
        ("an-older_shape", 404, "event id not found"),
        ("a%20b", 400, "invalid event_id"),
        ("a.b.c", 400, "invalid event_id"),
        ("", 400, "invalid event_id"),
    ],
)
def test_bad_and_absent_event_ids(call: Any, event_id: str, status: int, message: str) -> None:
    """Malformed ids are a 400, well-formed absent ones a 404."""
    assert call.error("GET", f"/events/{event_id}")[::2] == (status, message)


def test_a_ruleset_decides(call: Any) -> None:
    """A known ruleset puts its decision into the event, an unknown one is a 400."""
    event_id = call.emulator.truth().ids[0]
    for ruleset, decision in (("rs_allow_all", "allow"), ("rs_block_all", "block")):
        action = call.json("GET", f"/events/{event_id}", ruleset_id=ruleset)["rule_action"]
        assert (action["ruleset_id"], action["type"]) == (ruleset, decision)
    assert call.error("GET", f"/events/{event_id}", ruleset_id="rs_?")[1] == "ruleset_not_found"


def test_an_update_is_seen_by_get_and_search(call: Any) -> None:
    """Fields given are changed, others stay, and filters see the change."""
    event_id = call.emulator.truth().ids[5]
    before = call.json("GET", f"/events/{event_id}")
    change = {"suspect": False, "linked_id": "cås-7", "tags": {"deep": {"er": None}}}
    reply = call("PATCH", f"/events/{event_id}", body=change)
    assert (reply.status, reply.body) == (200, b"")
    assert call.json("GET", f"/events/{event_id}") == before | change
    assert [event["event_id"] for event in call.walk(**ALL, linked_id="cås-7")] == [event_id]
    assert event_id in {event["event_id"] for event in call.walk(**ALL, suspect="false")}
    if before.get("linked_id"):
        assert event_id not in {
            event["event_id"] for event in call.walk(**ALL, linked_id=before["linked_id"])
        }
    call.emulator.reset()
    assert call.json("GET", f"/events/{event_id}") == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        {},
        {"suspect": "no"},
        {"tags": 1},
        {"unknown": 1},
        {"linked_id": "x" * 257},
        b"\xff",
    ],
)
def test_a_bad_update_is_refused(call: Any, body: Any) -> None:
    """A body that is no update is a 400 and changes nothing."""
    event_id = call.emulator.truth().ids[0]
    assert call.error("PATCH", f"/events/{event_id}", body=body)[:2] == (
        400,
        "request_cannot_be_parsed",
    )


def test_a_fresh_event_is_not_mutable_yet(make_caller: Any, clock: Any) -> None:
    """Right after creation an update is a 409, later it is not."""
    call = make_caller(fresh=12.0)
    event = call.emulator.add_event(vpn=True, identification={"visitor_id": "visitor1"})
    path = f"/events/{event['event_id']}"
    assert call.error("PATCH", path, body={"suspect": True})[:2] == (409, "state_not_ready")
    clock.now += 12
    assert call("PATCH", path, body={"suspect": True}).status == 200
    assert call.walk(visitor_id="visitor1") == [event | {"suspect": True}]
    with pytest.raises(ValueError, match="already"):
        call.emulator.add_event(event_id=event["event_id"])


def test_deletion_is_off_by_default(call: Any) -> None:
    """Without the feature a deletion is a 403, whatever the visitor."""
    assert call.error("DELETE", "/visitors/nobody")[:2] == (403, "feature_not_enabled")


def test_deletion_takes_the_last_ten_days(make_caller: Any) -> None:
    """Recent events of a visitor go, older ones stay, unknown and malformed visitors are errors."""
    call = make_caller(deletion=True, searchable_after=0)
    old, new = END - 11 * 86_400_000, END - 86_400_000
    for at in (old, new):
        call.emulator.add_event(timestamp=at, identification={"visitor_id": "v1"})
    assert call("DELETE", "/visitors/v1").status == 200
    assert [event["timestamp"] for event in call.walk(**ALL, visitor_id="v1")] == [old]
    visitor = call.walk(**ALL)[0]["identification"]["visitor_id"]
    call("DELETE", f"/visitors/{visitor}")
    assert all(
        event["timestamp"] < END - 10 * 86_400_000 for event in call.walk(**ALL, visitor_id=visitor)
    )
    assert call.error("DELETE", "/visitors/nobody")[0] == 404
    assert call.error("DELETE", "/visitors/")[2] == "visitor id is required"
    assert call.error("DELETE", "/visitors/a%20b")[2] == "invalid visitor id"


def test_deletions_have_a_budget_of_their_own(make_caller: Any, clock: Any) -> None:
    """Thirty an hour, and they cost nothing of the general budget."""
    call = make_caller(deletion=True, rate=1.0, burst=1)
    statuses = [call("DELETE", "/visitors/nobody").status for _ in range(31)]
    assert statuses == [404] * 30 + [429]
    assert call("GET", "/events").status == 200
    clock.now += 3_601
    assert call("DELETE", "/visitors/nobody").status == 404


def test_an_edge_analysis_leaves_an_edge_event(call: Any, clock: Any) -> None:
    """The answer's event is found by id at once, by a search for edge events 5 s later."""
    body = make_edge_request(linked_id="order-1", ipv6_address="2001:db8::7", tags={"a": 1})
    answer = call.json("POST", "/edge", body=body)
    assert (answer["linked_id"], answer["tags"], answer["url"]) == (
        "order-1",
        {"a": 1},
        body["url"],
    )
    assert answer["ip_info"]["v4"]["address"] == "192.0.2.44"
    assert answer["ip_info"]["v6"]["address"] == "2001:db8::7"
    assert call.json("GET", f"/events/{answer['event_id']}")["source"] == "edge"
    assert call.walk(source="edge", linked_id="order-1") == []
    clock.now += 5
    assert [event["event_id"] for event in call.walk(source="edge", linked_id="order-1")] == [
        answer["event_id"]
    ]
    assert call.walk(linked_id="order-1") == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cookies": []}, 'request body contains an unknown field "cookies"'),
        (
            {"headers": [{"name": "a", "value": "b", "c": 1}]},
            'request body contains an unknown field "c"',
        ),
        ({"headers": []}, "request body is not valid"),
        ({"headers": [{"name": "a"}]}, "request body is not valid"),
        ({"method": ""}, "request body is not valid"),
        ({"url": "/relative"}, "request body is not valid"),
        ({"tags": []}, "request body is not valid"),
        ({"linked_id": "x" * 257}, "linked_id can't be greater than 256 characters long"),
        ({"ipv4_address": "2001:db8::1"}, "invalid ip address"),
    ],
)
def test_a_bad_edge_request_is_refused(call: Any, change: dict[str, Any], message: str) -> None:
    """Each way of getting the body wrong is a 400 with the service's words."""
    assert call.error("POST", "/edge", body=make_edge_request(**change))[::2] == (400, message)


def test_an_edge_request_needs_an_address_and_a_size(call: Any, make_caller: Any) -> None:
    """No address is a 400, too large a 413, the feature off a 403."""
    body = make_edge_request()
    del body["ipv4_address"]
    assert "at least one of" in call.error("POST", "/edge", body=body)[2]
    assert call.error("POST", "/edge", body=b" " * 300_000)[:2] == (413, "payload_too_large")
    assert make_caller(edge=False).error("POST", "/edge", body=body)[1] == "feature_not_enabled"


def test_feedback(make_caller: Any) -> None:
    """Feedback is accepted when enabled, with its one property."""
    call = make_caller(feedback=True)
    newest = call.emulator.truth(sdk_platform="js").ids[-1]
    path = f"/events/{newest}/feedback"
    assert call("POST", path, body={"reset_identification_confidence_score": True}).status == 202
    assert call("POST", path, body={}).status == 400
    assert make_caller().error("POST", path)[1] == "feature_not_enabled"


def test_unknown_addresses_are_not_found(call: Any) -> None:
    """What is no operation is a 404."""
    assert call("POST", "/events").status == 404
    assert call.emulator.handle(Request("GET", "/v3/events")).status == 403


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    steps=st.lists(st.floats(0, 2), max_size=60),
)
def test_a_bucket_never_over_issues(rate: float, burst: int, steps: list[float]) -> None:
    """However requests come, no more than burst + rate x time pass.

    A refused one passes after its wait.
    """
    now = [0.0]
    bucket = TokenBucket(rate, burst, clock=lambda: now[0])
    passed = 0
    for step in steps:
        now[0] += step
        passed += bucket.take() == 0.0
        assert passed <= burst + rate * now[0] + 1e-6
    wait = bucket.take()
    if wait:
        now[0] += wait + 1e-6
        assert bucket.take() == 0.0


def test_a_bucket_that_lets_nothing_through_is_refused() -> None:
    """Rates of zero and bursts below one are errors."""
    for rate, burst in ((0, None), (-1, None), (1, 0.5)):
        with pytest.raises(ValueError, match="must be"):
            TokenBucket(rate, burst, clock=lambda: 0.0)


def test_a_window_counts_what_it_took() -> None:
    """A window lets its count through and then says how long to wait."""
    now = [0.0]
    window = Window(2, 10, clock=lambda: now[0])
    for _ in range(2):
        assert window.wait() == 0.0
        window.add()
    now[0] = 4
    assert window.wait() == 6.0


def test_the_limit_and_its_account(make_caller: Any, clock: Any) -> None:
    """Five a second, burst of fifteen.

    The account says what was allowed and used, also after a change.
    """
    call = make_caller(rate=5.0)
    statuses = [call("GET", "/events").status for _ in range(16)]
    assert statuses == [200] * 15 + [429]
    clock.now += 2
    assert [call("GET", "/events").status for _ in range(11)].count(200) == 10
    account = call.emulator.stats()
    assert account["limit"] == {
        "rate": 5.0,
        "burst": 15.0,
        "used": 25,
        "allowed": 25.0,
        "tokens": 0.0,
        "share": 1.0,
        "seconds": 2.0,
    }
    assert account["too_many_requests"] == 2
    assert account["operations"]["searchEvents"] == {"200": 25, "429": 2}
    call.emulator.set_limits(rate=None)
    assert [call("GET", "/events").status for _ in range(50)] == [200] * 50


@pytest.mark.parametrize(
    ("form", "fits"),
    [
        ("none", lambda text: text is None),
        ("seconds", lambda text: text == "1"),
        ("fraction", lambda text: text == "0.200"),
        ("date", lambda text: text.endswith(" GMT")),
        ("nonsense", lambda text: not text[0].isdigit()),
    ],
)
def test_forms_of_retry_after(
    make_caller: Any, form: str, fits: Callable[[str | None], bool]
) -> None:
    """A 429 carries Retry-After in the form asked for, or none."""
    call = make_caller(rate=5.0, burst=1, retry_after=form)
    call("GET", "/events")
    assert fits(dict(call("GET", "/events").headers).get("retry-after"))


def test_faults_are_the_same_for_the_same_seed(make_caller: Any) -> None:
    """A run is repeatable, faults included; another seed is another run."""

    def run(seed: int) -> list[int]:
        faults = [
            Fault(kind="unavailable", probability=0.3),
            Fault(kind="internal_error", probability=0.2),
        ]
        call = make_caller(events=10, seed=seed, faults=faults)
        return [call("GET", "/events").status for _ in range(60)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert set(run(1)) == {200, 500, 503}


def test_a_storm_has_length_end_and_operations(make_caller: Any) -> None:
    """`skip`, `run` and `times` say when a fault strikes; `operations` says whom."""
    storm = Fault(
        kind="rate_limited", run=3, times=4, skip=2, operations="search", retry_after="seconds"
    )
    call = make_caller(faults=[storm])
    assert [call("GET", "/events").status for _ in range(8)] == [
        200,
        200,
        429,
        429,
        429,
        429,
        200,
        200,
    ]
    call.emulator.set_faults(Fault(kind="internal_error", operations=["get"]))
    assert call("GET", "/events").status == 200
    assert call("GET", "/events/1.a").status == 500


def test_empty_pages_and_refused_keys(make_caller: Any) -> None:
    """An empty page goes on with a fresh key and loses nothing.

    Only requests with a key have it refused.
    """
    call = make_caller(faults=[Fault(kind="empty_page", probability=0.4)])
    truth = call.emulator.truth()
    assert sorted(event["event_id"] for event in call.walk(**ALL, limit=9)) == sorted(truth.ids)
    call.emulator.set_faults(Fault(kind="refused_key"))
    key = call.json("GET", "/events", **ALL)["pagination_key"]
    assert call.error("GET", "/events", **ALL, pagination_key=key)[2] == "invalid pagination key"


def test_faults_are_written_as_words() -> None:
    """`operation:kind=probability` and a run; what is not of this form, or unknown, is an error."""
    assert Fault.parse("search:reset=0.05x20") == Fault(
        kind="reset", probability=0.05, operations="search", run=20
    )
    assert Fault.parse("drip") == Fault(kind="drip")
    for text in ("reset=", "dragons", "fly:reset", "reset=2"):
        with pytest.raises(ValueError, match=r"form|unknown|probability"):
            Fault.parse(text)


@pytest.mark.parametrize(
    "options", [{"latency": (2, 1)}, {"latency": -1}, {"rate": 0.0}, {"rate": 1.0, "burst": 0}]
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    """Options that cannot be meant are errors when the emulator is made."""
    with pytest.raises(ValueError, match=r"latency|must be"):
        Emulator(events=1, **options)
