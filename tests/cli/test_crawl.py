"""`fingerprint-async crawl`, `crawl status`, `crawl verify`."""

from __future__ import annotations

import gzip
import json
import logging
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from fingerprint_async.cli import main
from fingerprint_async.cli._progress import describe, view
from fingerprint_async.crawl import Progress

if TYPE_CHECKING:
    from pathlib import Path

    from fingerprint_async.testing import Emulator, EmulatorServer

COMMAND = [sys.executable, "-m", "fingerprint_async"]


@pytest.fixture
def words(
    monkeypatch: pytest.MonkeyPatch,
    fingerprint_emulator: Emulator,
    fingerprint_server: EmulatorServer,
) -> list[str]:
    """The options that lead to the emulator and name its whole window."""
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", fingerprint_server.api_key)
    window = ["--start", str(fingerprint_emulator.start), "--end", str(fingerprint_emulator.end)]
    return ["--base-url", fingerprint_server.base_url, *window]


def ids(output: Path) -> list[str]:
    """The ids in an output, in the order of its files."""
    files = sorted(output.glob("events-*.jsonl"))
    return [
        json.loads(line)["event_id"] for file in files for line in file.read_bytes().splitlines()
    ]


def run_json(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    """Run a command with `--json` and give what it printed."""
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.fingerprint_emulator(events=900)
@pytest.mark.parametrize(
    ("read_as", "transport"),
    [("raw", "default"), ("typed", "default"), ("raw", "fast"), ("typed", "fast")],
)
def test_every_event_once_and_again_nothing(
    *,
    read_as: str,
    transport: str,
    tmp_path: Path,
    words: list[str],
    fingerprint_emulator: Emulator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A crawl writes every event once; the same command again finds that nothing is left to do."""
    ways = ["--source", "both", "--read-as", read_as, "--transport", transport]
    crawl = ["crawl", str(tmp_path / "out"), *words, "--rate", "off", *ways]
    first = run_json(capsys, *crawl)
    truth = fingerprint_emulator.truth(source="both")
    assert sorted(ids(tmp_path / "out")) == sorted(truth.ids)
    assert (first["complete"], first["events"], first["throttled"]) == (True, 900, 0)
    again = run_json(capsys, *crawl)
    assert (again["complete"], again["events"], again["resumed"], again["requests"]) == (
        True,
        900,
        True,
        0,
    )
    assert sorted(ids(tmp_path / "out")) == sorted(truth.ids)


@pytest.mark.fingerprint_emulator(events=300)
def test_a_table_for_people(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `--json` the summary is a table, and nothing but it is printed where there is no terminal."""
    assert main(["crawl", str(tmp_path / "out"), *words, "--rate", "off", "--source", "both"]) == 0
    said = capsys.readouterr()
    assert "300" in said.out
    assert "complete" in said.out
    assert said.err == ""


@pytest.mark.fingerprint_emulator(events=300)
def test_filters_are_options(
    tmp_path: Path,
    words: list[str],
    fingerprint_emulator: Emulator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every search filter is an option, repeated where it takes several values."""
    crawl = ["crawl", str(tmp_path / "out"), *words, "--rate", "off", "--vpn"]
    assert run_json(capsys, *crawl)["events"] == fingerprint_emulator.truth(vpn="true").count
    assert sorted(ids(tmp_path / "out")) == sorted(fingerprint_emulator.truth(vpn="true").ids)


@pytest.mark.fingerprint_emulator(events=300)
def test_compressed_output(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`--format jsonl.gz` writes what gzip reads."""
    assert (
        main(
            [
                "crawl",
                str(tmp_path / "out"),
                *words,
                "--rate",
                "off",
                "--format",
                "jsonl.gz",
                "--source",
                "both",
            ]
        )
        == 0
    )
    files = (tmp_path / "out").glob("events-*.jsonl.gz")
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    assert len(lines) == 300


@pytest.mark.fingerprint_emulator(events=300)
def test_status_and_verify(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """`status` and `verify` end with 0 on a whole output, and `verify` with 1 on one that was tampered with."""
    out = str(tmp_path / "out")
    assert main(["crawl", out, *words, "--rate", "off", "--source", "both"]) == 0
    capsys.readouterr()
    assert run_json(capsys, "crawl", "status", out)["events"] == 300
    assert run_json(capsys, "crawl", "verify", out)["duplicates"] == 0
    assert main(["crawl", "status", out]) == 0
    assert main(["crawl", "verify", out]) == 0
    assert "everything is there, once" in capsys.readouterr().out
    file = next((tmp_path / "out").glob("events-*.jsonl"))
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([*lines[:-1], lines[0]]))
    assert main(["crawl", "verify", out]) == 1
    assert "not whole" in capsys.readouterr().out


@pytest.mark.fingerprint_emulator(events=300)
def test_another_query_on_an_old_output(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """An output belongs to one query: another one is refused, and nothing in it changes."""
    out = tmp_path / "out"
    assert main(["crawl", str(out), *words, "--rate", "off"]) == 0
    before = ids(out)
    assert main(["crawl", str(out), *words, "--rate", "off", "--vpn"]) != 0
    assert "vpn" in capsys.readouterr().err
    assert ids(out) == before


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--rate", "fast"], "--rate is a number"),
        (["--rate", "off", "--burst", "3"], "--burst says nothing"),
        (["--rate", "0"], "requests_per_second"),
        (["--start", "yesterday"], "start"),
        (["--no-such-filter"], "no-such-filter"),
        (["--format", "csv"], "csv"),
        (["--in-flight", "0"], "max_in_flight"),
        (["--engine", "dask"], "scheduler"),
        (["--transport", "slow"], "transport"),
    ],
)
def test_wrong_words_are_usage_errors(
    more: list[str], says: str, tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each wrong option ends with 2, names itself, and leaves no output behind."""
    assert main(["crawl", str(tmp_path / "out"), *words, *more]) == 2
    said = capsys.readouterr()
    assert says in said.err + said.out
    assert not list((tmp_path).glob("out/events-*"))


HERE = ["--base-url", "http://127.0.0.1:9/v4", "--start", "1000", "--end", "2000"]


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["crawl", "OUT", *HERE, "--rate", "fast"], 2, "ArgumentError"),
        (["crawl", "OUT", *HERE, "--roll-size", "0"], 2, "ArgumentError"),
        (["crawl", "OUT", *HERE, "--roll-seconds", "nan"], 2, "ArgumentError"),
        (["crawl", "OUT", *HERE, "--roll-seconds", "inf"], 2, "ArgumentError"),
        (["crawl", "OUT", *HERE, "--patience", "0"], 2, "ArgumentError"),
        (["crawl", "OUT", *HERE, "--follow"], 2, "ArgumentError"),
        (["crawl", "OUT", *HERE, "--engine", "dask"], 2, "ArgumentError"),
        (["crawl", "OUT", "--base-url", "ftp://x"], 2, "ConfigurationError"),
        (["crawl", "OUT", "--region", "mars"], 2, "ConfigurationError"),
        (["crawl", "OUT", *HERE, "--no-such-filter"], 2, "UnknownOptionError"),
        (["crawl", "OUT", *HERE, "--roll-size", "nan"], 2, "CoercionError"),
        (["crawl"], 2, "MissingArgumentError"),
        (["crawl", "s3://bucket/x", *HERE], 2, "ArgumentError"),
        (["crawl", "FILE", *HERE], 2, "OutputMismatchError"),
        (["crawl", "OUT", *HERE, "--patience", "0.1"], 3, "APIConnectionError"),
        (["crawl", "status", "OUT"], 2, "OutputMismatchError"),
        (["crawl", "verify", "FILE"], 2, "OutputMismatchError"),
        (["crawl", "verify", "gs://bucket/x"], 2, "ArgumentError"),
        (["crawl", "verify", "DAMAGED"], 1, "OutputDamagedError"),
        (["crawl", "DAMAGED", *HERE], 1, "OutputDamagedError"),
    ],
)
def test_every_failure_is_json_where_it_was_asked_for(  # noqa: PLR0917 -- fixtures
    words: list[str],
    code: int,
    kind: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With `--json` stdout is one object that names the error, whatever failed; stderr has the line."""
    monkeypatch.setenv("FINGERPRINT_SECRET_API_KEY", "test-key")
    (tmp_path / "FILE").touch()
    (tmp_path / "DAMAGED" / ".crawl").mkdir(parents=True)
    (tmp_path / "DAMAGED" / ".crawl" / "state.sqlite").write_text("none" * 999)
    monkeypatch.chdir(tmp_path)
    failure = run_json(capsys, *words, code=code)
    assert (failure["complete"], failure["error"]["type"]) == (False, kind)
    assert failure["error"]["message"]


def test_progress_that_nobody_reads_ends_no_crawl(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A reader of stderr that goes away (`2>&1 | head -1`) stops the lines, not the work."""

    class Gone:
        def isatty(self) -> bool:
            return False

        def write(self, _: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    with view("json") as show:
        show(PROGRESS)


@pytest.mark.fingerprint_emulator(events=90)
def test_plain_http_to_another_machine_is_asked_for(
    tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The key would be read on the way: only with the option, which the error names."""
    elsewhere = [word.replace("127.0.0.1", "0.0.0.0") for word in words]  # noqa: S104 -- no loopback by its name
    assert main(["crawl", str(tmp_path / "out"), *elsewhere]) == 2
    assert "allow_insecure_http" in capsys.readouterr().err
    assert (
        run_json(capsys, "crawl", str(tmp_path / "out"), *elsewhere, "--allow-insecure-http")[
            "events"
        ]
        == 81
    )


def test_without_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without a key the error names the variable to set."""
    assert main(["crawl", str(tmp_path / "out"), "--start", "1", "--end", "2"]) == 2
    assert "FINGERPRINT_SECRET_API_KEY" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.fingerprint_emulator(events=3000, rate=30, burst=5)
def test_a_signal_stops_cleanly_and_says_how_to_go_on(
    *,
    sent: signal.Signals,
    code: int,
    tmp_path: Path,
    words: list[str],
    fingerprint_emulator: Emulator,
) -> None:
    """Ctrl-C and SIGTERM end with their codes and one line; the same command then completes the output."""
    out = tmp_path / "out"
    crawl = ["crawl", str(out), *words, "--source", "both", "--log-format", "json"]
    with subprocess.Popen(
        [*COMMAND, *crawl, "--rate", "10", "--burst", "1"],
        stderr=subprocess.PIPE,
        text=True,
        env=dict(os.environ),
    ) as child:
        for _ in range(1200):
            if fingerprint_emulator.stats()["pages"] >= 4 or child.poll() is not None:
                break
            time.sleep(0.05)
        child.send_signal(sent)
        _, err = child.communicate(timeout=30)
    assert child.returncode == code
    *lines, last = err.strip().splitlines()
    assert "run the same command again to go on" in last
    assert {json.loads(line)["message"] for line in lines} <= {"crawl"}
    assert main(["crawl", "status", str(out)]) == 1
    assert main([*crawl, "--rate", "off"]) == 0
    assert sorted(ids(out)) == sorted(fingerprint_emulator.truth(source="both").ids)


PROGRESS = Progress(
    events=13774,
    pages=140,
    requests=150,
    in_flight=3,
    windows=2,
    seconds=2.0,
    events_per_second=6887.0,
    rate_limit=50.0,
    share=0.73,
    throttled=1,
    covered=0.5,
    done=0.4,
    eta=3725.0,
)


def test_progress_in_one_line() -> None:
    """The bar tells events, speed, share of the limit, 429s, the range covered, and the time left."""
    assert describe(PROGRESS) == (
        "13,774 events · 6,887/s · 73% of the 50 requests/s allowed · 1 × 429 · 50% of the time range"
        " · 1h02m left"
    )


def test_json_lines_once_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    """`--log-format json` says a line a second, however often progress is reported."""
    import attrs

    with view("json") as show:
        for tenth in range(25):
            show(attrs.evolve(PROGRESS, seconds=tenth / 10))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["seconds"] for line in lines] == [0.0, 1.0, 2.0]
    assert {line["events"] for line in lines} == {13774}


def test_a_bar_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On a terminal the same figures stand behind a bar, which no log line tears; afterwards logging is as it was."""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    logger = logging.getLogger("fingerprint_async")
    level = logger.level
    with view("text") as show:
        show(PROGRESS)
        assert logger.level == logging.ERROR
    assert "13,774 events" in capsys.readouterr().err
    assert logger.level == level
