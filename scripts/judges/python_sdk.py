"""The official Python SDK, unmodified, over every operation, filter and error of the emulator."""

from __future__ import annotations

import base64
import json
import sys
import urllib.parse
import urllib.request
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fingerprint_server_sdk as sdk

if TYPE_CHECKING:
    from collections.abc import Callable

READY: dict[str, Any] = json.loads(sys.argv[1])
DOCUMENT: dict[str, Any] = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
ADMIN = READY["base_url"].removesuffix("/v4") + "/_emulator/"
WINDOW = {"start": READY["start"], "end": READY["end"] + 86_400_000}
NOT_FILTERS = {"limit", "pagination_key", "start", "end", "reverse", "total_hits", "source"}
TALLY: Counter[str] = Counter()


def check(group: str, name: str, held: object) -> None:
    """Count one check; print it when it failed."""
    TALLY[f"{group} {'passed' if held else 'failed'}"] += 1
    if not held:
        print(f"FAILED {group}: {name}")


def admin(method: str, name: str, body: object = None) -> Any:
    """Drive the emulator."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ADMIN + name, data, method=method)
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def client(key: str, **options: Any) -> sdk.FingerprintApi:
    """Make a client of the SDK."""
    return sdk.FingerprintApi(sdk.Configuration(api_key=key, host=READY["base_url"], **options))


def walk(api: sdk.FingerprintApi, **filters: Any) -> list[str]:
    """Return the ids of all pages."""
    ids: list[str] = []
    key = None
    while True:
        page = api.search_events(limit=100, pagination_key=key, **WINDOW, **filters)
        ids += [event.event_id for event in page.events]
        key = page.pagination_key
        if not key:
            return ids


def truth(**filters: Any) -> list[str]:
    """Return the ids that the emulator says it has."""
    query = urllib.parse.urlencode({"ids": 1, **WINDOW, **filters}, doseq=True)
    return list(admin("GET", f"truth?{query}")["ids"])


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def at(event: dict[str, Any], path: str) -> Any:
    """Return what lies at a path."""
    value: Any = event
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


PATHS = {
    "visitor_id": "identification.visitor_id",
    "high_recall_id": "supplementary_id_high_recall.visitor_id",
    "bot_info_provider": "bot_info.provider",
    "bot_info_name": "bot_info.name",
    "asn": "ip_info.v4.asn",
    "origin": "url",
    "sdk_version": "sdk.version",
    "environment": "environment_id",
    "proximity_id": "proximity.id",
}


def values_of(name: str, schema: dict[str, Any], events: list[dict[str, Any]]) -> list[Any]:
    """Return values to try for a filter."""
    schema = resolved(schema)
    items = resolved(schema.get("items", {}))
    if schema.get("type") == "boolean":
        return [True, False]
    if "enum" in schema:
        return list(schema["enum"])
    if schema.get("type") == "array":
        if "enum" in items:
            return [[value] for value in items["enum"]] + [items["enum"][:2]]
        found = sorted({at(event, PATHS[name]) for event in events} - {None})[:3]
        return [[value] for value in found]
    if name == "min_suspect_score":
        return [0.5, 10.0, 30.0]
    if name == "ip_address":
        return [events[0]["ip_address"], "192.0.2.0/24", "2001:db8::/32"]
    found = sorted({at(event, PATHS.get(name, name)) for event in events} - {None})[:3]
    if name == "origin":
        found = sorted({"/".join(url.split("/")[:3]) for url in found})
    return found


def filters(api: sdk.FingerprintApi) -> None:
    """Hold every filter against the truth."""
    request = urllib.request.Request(
        f"{READY['base_url']}/events?limit=100&start={WINDOW['start']}",
        headers={"Authorization": f"Bearer {READY['api_key']}"},
    )
    with urllib.request.urlopen(request) as answer:
        events = json.loads(answer.read())["events"]
    check("search", "all device events", sorted(walk(api)) == sorted(truth()))
    check(
        "search",
        "oldest first",
        walk(api, reverse=True) == sorted(truth(), key=lambda i: int(i[:13]))
        or sorted(walk(api, reverse=True)) == sorted(truth()),
    )
    edge = walk(api, source=["edge"])
    check("search", "edge events", sorted(edge) == sorted(truth(source="edge")))
    for parameter in DOCUMENT["paths"]["/events"]["get"]["parameters"]:
        name = parameter["name"]
        if name in NOT_FILTERS:
            continue
        tried = values_of(name, parameter["schema"], events)
        check("filter", f"{name} has values", tried)
        for value in tried:
            wire = str(value).lower() if isinstance(value, bool) else value
            query = urllib.parse.urlencode({"limit": 100, **WINDOW, name: wire}, doseq=True)
            plain = urllib.request.Request(
                f"{READY['base_url']}/events?{query}",
                headers={"Authorization": f"Bearer {READY['api_key']}"},
            )
            with urllib.request.urlopen(plain) as answer:
                expected = [one["event_id"] for one in json.loads(answer.read())["events"]]
            found = walk(api, **{name: value})
            check("filter", f"{name}={value}", found[:100] == expected)
            if not isinstance(value, list):
                told = truth(**{name: wire})
                check("filter", f"truth of {name}={value}", sorted(found) == sorted(told))
    page = api.search_events(total_hits=1000, limit=1, **WINDOW)
    check("search", "total_hits", page.total_hits == len(truth()))


def operations(api: sdk.FingerprintApi) -> None:
    """Read, change, delete; seal; webhooks."""
    ids = truth(sdk_platform="js")[-60:]
    for event_id in ids[:40]:
        check("get", event_id, api.get_event(event_id).event_id == event_id)
    for event_id in truth(source="edge")[:20]:
        check("get", f"edge {event_id}", api.get_event(event_id).event_id == event_id)
    for ruleset, kind in (("rs_allow_all", "allow"), ("rs_block_all", "block")):
        action = api.get_event(ids[0], ruleset_id=ruleset).rule_action
        check("get", ruleset, str(action.actual_instance.type.value) == kind)
    for change in ({"linked_id": "order-9"}, {"tags": {"a": [1, None]}}, {"suspect": True}):
        api.update_event(ids[1], sdk.EventUpdate(**change))
        name, value = next(iter(change.items()))
        check("update", name, getattr(api.get_event(ids[1]), name) == value)
    sealed = admin("GET", f"sealed?event_id={ids[0]}")
    key = sdk.DecryptionKey(base64.b64decode(sealed["key"]), sdk.DecryptionAlgorithm["Aes256Gcm"])
    opened = sdk.unseal_event_response(base64.b64decode(sealed["sealed_result"]), [key])
    check("sealed", "unsealed", opened.event_id == ids[0])
    visitor = api.get_event(ids[-1]).identification.visitor_id
    api.delete_visitor_data(visitor)
    check("delete", "gone", status(lambda: api.get_event(ids[-1])) == (404, "event_not_found"))


def status(call: Callable[[], object]) -> tuple[int, str] | str:
    """Return status and code of a refused call."""
    try:
        call()
    except sdk.ApiException as error:
        return error.status, str(json.loads(error.body)["error"]["code"])
    return "no error"


def errors(api: sdk.FingerprintApi) -> None:
    """Meet every error."""
    event_id = truth()[0]
    for key, code in (
        ("unknown", "secret_api_key_not_found"),
        ("test-key-eu", "wrong_region"),
        ("test-key-inactive", "subscription_not_active"),
    ):
        other = client(key)
        check("error", code, status(lambda o=other: o.get_event(event_id)) == (403, code))
    cases: list[tuple[str, Callable[[], object], tuple[int, str]]] = [
        ("event", lambda: api.get_event("1700000000000.aaaaaa"), (404, "event_not_found")),
        ("id", lambda: api.get_event("a b"), (400, "request_cannot_be_parsed")),
        ("ruleset", lambda: api.get_event(event_id, ruleset_id="x"), (400, "ruleset_not_found")),
        ("visitor", lambda: api.delete_visitor_data("nobody"), (404, "visitor_not_found")),
        ("key", lambda: api.search_events(pagination_key="x"), (400, "request_cannot_be_parsed")),
        ("ip", lambda: api.search_events(ip_address="x"), (400, "request_cannot_be_parsed")),
        (
            "linked",
            lambda: api.search_events(linked_id="x" * 257),
            (400, "request_cannot_be_parsed"),
        ),
        (
            "update",
            lambda: api.update_event(event_id, sdk.EventUpdate()),
            (400, "request_cannot_be_parsed"),
        ),
    ]
    for name, call, wanted in cases:
        found = status(call)
        check("error", f"{name}: {found}", found == wanted)
    for kind, wanted in (
        ("rate_limited", (429, "too_many_requests")),
        ("search_overload", (429, "too_many_requests")),
        ("internal_error", (500, "failed")),
        ("unavailable", (503, "service_unavailable")),
        ("gateway_timeout", (504, "failed")),
    ):
        admin("POST", "faults", {"faults": [kind]})
        check("error", kind, status(api.search_events) == wanted)
    admin("POST", "faults", {"faults": ["state_not_ready"]})
    change = sdk.EventUpdate(suspect=True)
    found = status(lambda: api.update_event(event_id, change))
    check("error", "state_not_ready", found == (409, "state_not_ready"))
    admin("POST", "faults", {"faults": []})
    admin("POST", "limits", {"rate": 5})
    statuses = [status(lambda: api.get_event(event_id)) for _ in range(30)]
    check("error", "15 at once, then 429", statuses.count((429, "too_many_requests")) >= 10)
    admin("POST", "limits", {"rate": "off"})


def main() -> int:
    """Judge, and print the table."""
    api = client(READY["api_key"])
    filters(api)
    operations(api)
    errors(api)
    failed = sum(count for name, count in TALLY.items() if name.endswith("failed"))
    total = sum(TALLY.values())
    for name, count in sorted(TALLY.items()):
        print(f"python  {name:<22}{count:>5}")
    print(f"python  fingerprint-server-sdk {sdk.__version__}: {total - failed} of {total} checks")
    return 1 if failed else 0


sys.exit(main())
