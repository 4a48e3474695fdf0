"""`fingerprint-async schema`, as it is called."""

from __future__ import annotations

import copy
import http.server
import json
import os
import sys
import threading
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async import FingerprintClient
from fingerprint_async.cli import main
from fingerprint_async.drift import fetch as _fetch
from fingerprint_async.testing import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

PINNED: dict[str, Any] = json.loads(
    files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
)


@pytest.fixture(autouse=True)
def _somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration, cache or waiting of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(_fetch.time, "sleep", lambda _: None)


def save(name: str, edit: Any = lambda _: None) -> str:
    """Write the pinned document, edited, into a file here."""
    document = copy.deepcopy(PINNED)
    edit(document)
    Path(name).write_text(json.dumps(document))
    return name


def loses_a_field(document: dict[str, Any]) -> None:
    """Take a field out of what we receive."""
    del document["components"]["schemas"]["Event"]["properties"]["suspect_score"]


def gains_a_field(document: dict[str, Any]) -> None:
    """Put a field into what we receive."""
    document["components"]["schemas"]["Event"]["properties"]["more"] = {"type": "string"}


def other_words(document: dict[str, Any]) -> None:
    """Say the same otherwise."""
    document["info"]["description"] = "Other words."
    document["paths"]["/events"]["get"]["summary"] = "Look for events."


@pytest.mark.parametrize(
    ("edit", "options", "code"),
    [
        (lambda _: None, [], 0),
        (other_words, [], 0),
        (other_words, ["--docs"], 0),
        (other_words, ["--docs", "--fail-on", "any"], 0),
        (gains_a_field, [], 1),
        (gains_a_field, ["--fail-on", "non-breaking"], 1),
        (gains_a_field, ["--fail-on", "breaking"], 0),
        (loses_a_field, ["--fail-on", "breaking"], 1),
        (loses_a_field, ["--fail-on", "never"], 0),
    ],
)
def test_the_exit_code_says_whether_there_is_drift(
    edit: Any, options: list[str], code: int
) -> None:
    """Drift is 1, what may pass is 0, wording never counts."""
    assert main(["schema", "diff", save("old.json"), save("new.json", edit), *options]) == code


def test_json_is_one_object_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """The report can be piped: nothing else stands on standard output."""
    main(["schema", "diff", save("old.json"), save("new.json", loses_a_field), "--format", "json"])
    [change] = json.loads(capsys.readouterr().out)["changes"]
    assert {
        "location": "/components/schemas/Event/properties/suspect_score",
        "kind": "removed",
        "class": "breaking",
        "direction": "response",
        "rule": "RESP-PROP-REMOVED",
        "symbol": "models.Event.suspect_score",
    }.items() <= change.items()
    assert "searchEvents (GET /events)" in change["operation"]
    assert "Event.suspect_score was removed" in change["summary"]


def test_a_schema_can_come_through_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`-` is standard input, on either side, beside options of any kind."""
    save("old.json")
    with Path(save("new.json", loses_a_field)).open("rb") as stream:
        monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": stream}))
        assert main(["schema", "diff", "old.json", "-", "--fail-on", "breaking"]) == 1
        stream.seek(0)
        assert main(["schema", "diff", "--format", "json", "-", "new.json"]) == 0
    assert "suspect_score" in capsys.readouterr().out


def test_a_report_goes_into_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """With --output the file holds the report and standard output nothing."""
    main(
        [
            "schema",
            "diff",
            save("old.json"),
            save("new.json", loses_a_field),
            "-f",
            "html",
            "-o",
            "drift.html",
        ]
    )
    assert Path("drift.html").read_text().startswith("<!doctype html>")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["diff", "missing.yaml", "pinned"], "missing.yaml: no such file"),
        (["diff", "junk", "junk"], "junk: not an OpenAPI document but a string"),
        (["diff", "pinned", "broken"], "broken at /paths: expected an object, found a list"),
        (["diff", "pinned", "pinned", "--config", "none.toml"], "none.toml: no such file"),
        (["diff", "pinned", "pinned", "--used-by", "none"], "none: no such file or folder"),
        (["diff", "pinned", "pinned", "-o", "no/folder/x"], "No such file or directory"),
        (["check", "--pinned", "junk", "--published", "pinned"], "junk: not an OpenAPI document"),
        (["sync", "pinned"], "sync works in a checkout"),
        (["observe"], "give files of events"),
        (["observe", "--sample", "0"], "a number of events from 1"),
        (["observe", "none.jsonl"], "none.jsonl: no such file or folder"),
    ],
)
def test_misuse_is_one_line(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is said in one line on standard error, and the code is 2."""
    save("pinned")
    Path("junk").write_text("just words")
    Path("broken").write_text("openapi: 3.1.0\npaths: []\n")
    assert main(["schema", *words]) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert "\x1b" not in error


def test_decisions_are_taken_from_a_file_beside(capsys: pytest.CaptureFixture[str]) -> None:
    """fingerprint-drift.toml is read where it stands; what it ignores does not fail, what it needs no more is said."""
    Path("fingerprint-drift.toml").write_text(
        '[[ignore]]\nrule = "RESP-PROP-REMOVED"\nlocation = "/components/schemas/Event/**"\nreason = "unused here"\n'
        '[[ignore]]\nrule = "OP-REMOVED"\nlocation = "/paths/**"\nreason = "once"\n'
    )
    assert main(["schema", "diff", save("old.json"), save("new.json", loses_a_field)]) == 0
    output = capsys.readouterr().out
    assert "unused here" in output
    assert "stale, nothing needs it any more: ignore OP-REMOVED" in output


def test_uses_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    """--used-by names the lines that a change touches."""
    Path("app.py").write_text("print(event.suspect_score)\n")
    Path("broken.py").write_text("def (\n")
    main(
        [
            "schema",
            "diff",
            save("old.json"),
            save("new.json", loses_a_field),
            "--used-by",
            "app.py",
            "--used-by",
            "broken.py",
        ]
    )
    captured = capsys.readouterr()
    assert "used at app.py:1" in captured.out
    assert "not read: broken.py: SyntaxError" in captured.err


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves one document with a tag, and knows whether it is asked for that tag."""

    asked: list[str | None]

    def do_GET(self) -> None:
        """Answer with the document, or that it is the same."""
        self.asked.append(self.headers["If-None-Match"])
        same = self.headers["If-None-Match"] == '"1"'
        body = b"" if same else Path("published.json").read_bytes()
        self.send_response(304 if same else 200)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[tuple[str, list[str | None]]]:
    """An address that serves published.json, and the tags that it was asked for."""
    handler = type("OneHandler", (Handler,), {"asked": []})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{served.server_address[1]}/s.json", handler.asked
        served.shutdown()
        thread.join()


def test_check_compares_with_what_is_published(
    server: tuple[str, list[str | None]], capsys: pytest.CaptureFixture[str]
) -> None:
    """The schema inside the package against the one at an address: fetched once, then asked for by its tag."""
    address, asked = server
    save("published.json", gains_a_field)
    for _ in range(2):
        assert main(["schema", "check", "--published", address]) == 1
        assert "`models.Event.more` will appear" in capsys.readouterr().out
    assert asked == [None, '"1"']
    assert (
        main(["schema", "check", "--published", address, "--no-cache", "--fail-on", "breaking"])
        == 0
    )
    assert (
        main(["schema", "check", "--published", address, "--no-cache", "--max-bytes", "100"]) == 2
    )
    assert "larger than" in capsys.readouterr().err


def test_what_can_not_be_reached_has_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    """No answer is neither drift nor its absence."""
    assert (
        main(["schema", "check", "--published", "http://127.0.0.1:9/x.yaml", "--timeout", "1"]) == 3
    )
    assert main(["schema", "diff", save("old.json"), "http://127.0.0.1:9/x.yaml"]) == 3
    assert capsys.readouterr().err.count("can't be reached") == 2


def test_observe_reads_files(capsys: pytest.CaptureFixture[str]) -> None:
    """What the schema does not know is 1, everything known is 0, in text and in JSON."""
    Path("good.jsonl").write_text('{"event_id": "1.a", "timestamp": 1}\n')
    Path("odd.jsonl").write_text('{"event_id": "1.a", "timestamp": 1, "new": "secret"}\n')
    assert main(["schema", "observe", "good.jsonl"]) == 0
    assert main(["schema", "observe", "good.jsonl", "odd.jsonl", "-f", "json"]) == 1
    output = capsys.readouterr().out
    assert '"place": "new"' in output
    assert "secret" not in output


def test_colours_are_for_terminals_that_want_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A terminal gets colours, unless NO_COLOR is set."""
    words = ["schema", "diff", save("old.json"), save("new.json", loses_a_field)]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    main(words)
    assert "\x1b[" in capsys.readouterr().out
    monkeypatch.setitem(os.environ, "NO_COLOR", "1")
    main(words)
    assert "\x1b[" not in capsys.readouterr().out


def test_observe_samples_the_api(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sample comes through the client: its region, its sources, and no more events than asked for."""
    emulator = Emulator(events=2000, seed=5)
    asked: list[dict[str, Any]] = []

    def make(**options: Any) -> FingerprintClient:
        asked.append(options)
        return FingerprintClient("test-key", transport=emulator.transport())

    monkeypatch.setattr("fingerprint_async.client.FingerprintClient", make)
    assert main(["schema", "observe", "--sample", "120", "--region", "eu"]) == 0
    assert "120 events, 0 things" in capsys.readouterr().out
    assert main(["schema", "observe", "--sample", "2", "--source", "edge"]) == 0
    assert asked == [{"base_url": None, "region": "eu"}, {"base_url": None, "region": None}]


@pytest.mark.parametrize(("ends", "code"), [(0, 0), (2, 2), (3, 3), (1, 70), (-9, 70)])
def test_sync_is_the_script_of_the_checkout(
    ends: int, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    """It runs in this interpreter with the same words; an exit code that is no answer is a crash."""
    script = Path("checkout/scripts/sync")
    script.parent.mkdir(parents=True)
    script.write_text(
        "import os, sys\nprint(sys.executable, sys.argv[1:], flush=True)\n"
        f"os.kill(os.getpid(), {-ends}) if {ends} < 0 else sys.exit({ends})\n"
    )
    words = ["schema", "sync", "new.yaml", "--root", "checkout", "--schema-version", "9.9"]
    assert main(words) == code
    said = f"{sys.executable} ['--schema-version', '9.9', '--', 'new.yaml']"
    assert said in capfd.readouterr().out


def test_a_schema_beyond_what_can_be_compared_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is too deep for the interpreter ends as any other broken document does."""

    def too_deep(*_: Any, **__: Any) -> None:
        raise RecursionError

    monkeypatch.setattr("fingerprint_async.drift.check.assess", too_deep)
    assert main(["schema", "diff", save("a.json"), save("b.json")]) == 2
    assert "nested too deeply" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["schema", "diff", "a", "a"], ["schema", "observe", "a"], ["crawl"]]
)
def test_a_bug_of_ours_is_no_answer(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crash has an exit code that no answer has, for every command, and one line without foreign text."""

    def crash(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret-of-somebody")

    monkeypatch.setattr("fingerprint_async.cli._app.app", crash)
    assert main(command) == 70
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "secret-of-somebody" not in said
    assert said.count("\n") == 1


def test_a_bug_in_the_comparison_names_the_place(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was being compared is said, so that it can be looked at."""

    def crash(*_: Any) -> None:
        raise ZeroDivisionError

    path = Path("a.yaml")
    path.write_text("openapi: 3.1.0\ncomponents: {schemas: {Thing: {type: string}}}\n")
    monkeypatch.setattr("fingerprint_async.drift.contract.compare.compare_pair", crash)
    assert main(["schema", "diff", "a.yaml", "a.yaml"]) == 70
    assert "/components/schemas/Thing" in capsys.readouterr().err


def test_a_check_can_fail_on_what_code_uses(capsys: pytest.CaptureFixture[str]) -> None:
    """`--fail-on used` is about the code of --used-by, and asks for it."""
    old = {"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "a", "responses": {}}}}}
    Path("old.json").write_text(json.dumps(old))
    Path("new.json").write_text(json.dumps({**old, "paths": {}}))
    Path("app.py").write_text("print()")
    words = ["schema", "diff", "old.json", "new.json"]
    assert main([*words, "--fail-on", "used"]) == 2
    assert "--used-by" in capsys.readouterr().err
    assert main([*words, "--fail-on", "used", "--used-by", "app.py"]) == 0
    assert main([*words, "--fail-on", "breaking"]) == 1


def test_a_level_hides_what_is_less(capsys: pytest.CaptureFixture[str]) -> None:
    """What is below is counted, and still decides the exit code."""
    old = {"openapi": "3.1.0", "paths": {}}
    Path("old.json").write_text(json.dumps(old))
    Path("new.json").write_text(json.dumps({**old, "paths": {"/a": {"get": {"responses": {}}}}}))
    assert main(["schema", "diff", "old.json", "new.json", "--level", "breaking"]) == 1
    said = capsys.readouterr().out
    assert "OP-ADDED" not in said
    assert "1 changes below the level" in said
