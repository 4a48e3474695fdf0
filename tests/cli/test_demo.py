"""`fingerprint-async demo`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from fingerprint_async.cli import main
from fingerprint_async.cli.demo import compare
from fingerprint_async.crawl import CrawlSummary

if TYPE_CHECKING:
    from collections.abc import Sequence

SUMMARY = CrawlSummary(
    **{
        **{field.name: 0 for field in attrs.fields(CrawlSummary)},
        "output": Path("out"),
        "complete": True,
        "resumed": False,
        "share": None,
    }
)


def test_the_demo_crawls_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The demo ends with every event of the server in the output, once, and says so."""
    keep = tmp_path / "kept"
    assert (
        main(["demo", "--events", "700", "--rate", "200", "--latency", "0", "--keep", str(keep)])
        == 0
    )
    out = capsys.readouterr().out
    assert re.search(r"events\W+700\b", out)
    assert re.search(r"lost\W+0\b", out)
    assert re.search(r"duplicated\W+0\b", out)
    lines = [
        line for file in keep.glob("events-*.jsonl") for line in file.read_bytes().splitlines()
    ]
    assert len(lines) == 700


def test_the_demo_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without `--keep` the temporary folder is gone afterwards."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert main(["demo", "--events", "50", "--rate", "200", "--latency", "0"]) == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("found", "lost", "duplicated", "unexpected"),
    [
        (["a", "b", "c"], 0, 0, 0),
        (["a", "c"], 1, 0, 0),
        (["a", "b", "b", "b", "c"], 0, 2, 0),
        (["a", "b", "c", "x"], 0, 0, 1),
        ([], 3, 0, 0),
    ],
)
def test_the_comparison_can_fail(
    found: Sequence[str], lost: int, duplicated: int, unexpected: int
) -> None:
    """A lost, a repeated and a foreign event are each counted, and none of them is right."""
    outcome = compare(SUMMARY, ["a", "b", "c"], found)
    assert (outcome.lost, outcome.duplicated, outcome.unexpected) == (lost, duplicated, unexpected)
    assert outcome.right == (list(found) == ["a", "b", "c"])


@pytest.mark.parametrize("words", [["--events", "0"], ["--rate", "-1"], ["--latency", "-0.1"]])
def test_wrong_numbers_are_usage_errors(
    words: list[str], capsys: pytest.CaptureFixture[Any]
) -> None:
    """A number out of range ends with 2 before anything starts."""
    assert main(["demo", *words]) == 2
    assert words[0] in capsys.readouterr().err
