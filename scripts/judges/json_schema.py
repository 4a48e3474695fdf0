"""A JSON Schema validator over what the emulator serves: events, pages, edge answers, errors."""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

READY: dict[str, Any] = json.loads(sys.argv[1])
DOCUMENT: dict[str, Any] = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
AUTH = {"Authorization": f"Bearer {READY['api_key']}"}


def validator(name: str) -> Draft202012Validator:
    """Return the validator of a schema of the document."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def ask(method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    """Return status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        READY["base_url"] + path, data, {**AUTH, **headers}, method=method
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def main() -> int:
    """Validate, and print the table."""
    tally: Counter[str] = Counter()
    problems: Counter[str] = Counter()

    def check(name: str, value: object) -> None:
        found = [
            f"{name}: {error.json_path}: {error.message[:80]}"
            for error in validators[name].iter_errors(value)
        ]
        tally[name] += 1
        problems.update(found)

    validators = {
        name: validator(name) for name in ("Event", "EventSearch", "EdgeResponse", "ErrorResponse")
    }
    for source in ("", "&source=edge"):
        key = ""
        while True:
            query = f"limit=100&start={READY['start']}&end={READY['end']}{source}{key}"
            _, page = ask("GET", f"/events?{query}")
            check("EventSearch", page)
            for event in page["events"]:
                check("Event", event)
            if "pagination_key" not in page:
                break
            key = f"&pagination_key={page['pagination_key']}"
    for ruleset in ("rs_allow_all", "rs_block_all"):
        check("Event", ask("GET", f"/events/{event['event_id']}?ruleset_id={ruleset}")[1])
    body = {"method": "GET", "url": "https://a.example/", "ipv4_address": "192.0.2.1"}
    for number in range(50):
        headers = [{"name": "User-Agent", "value": f"x/{number}"}]
        status, answer = ask("POST", "/edge", {**body, "headers": headers})
        check("EdgeResponse", answer)
    for method, path, sent in (
        ("GET", "/events?limit=0", None),
        ("GET", "/events?pagination_key=x", None),
        ("GET", "/events/1700000000000.aaaaaa", None),
        ("PATCH", f"/events/{event['event_id']}", {"tags": None}),
        ("DELETE", "/visitors/nobody", None),
        ("POST", "/edge", {**body, "headers": [], "more": 1}),
    ):
        status, answer = ask(method, path, sent)
        check("ErrorResponse", answer)
        if status < 400:
            problems[f"{method} {path}: {status}"] += 1
    check("ErrorResponse", ask("GET", "/events", Authorization="")[1])
    for name, count in sorted(tally.items()):
        print(f"schema  {name:<22}{count:>5}")
    for text, count in problems.most_common(20):
        print(f"PROBLEM {count} x {text}")
    name = f"jsonschema {version('jsonschema')}"
    print(f"schema  {name}: {sum(problems.values())} problems in {sum(tally.values())}")
    return 1 if problems else 0


sys.exit(main())
