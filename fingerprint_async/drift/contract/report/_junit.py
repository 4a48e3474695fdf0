"""The report as JUnit XML: a test case a change, failed where it breaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from fingerprint_async.drift.contract.report._group import by_place, folded, headline, notes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fingerprint_async.drift.contract.assess import Report
    from fingerprint_async.drift.contract.report._group import Group

__all__ = ["render"]

# What XML 1.0 can't hold, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(report: Report) -> str:
    """Write the report as JUnit XML."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    suites = [(place, folded(group)) for place, group in by_place(report.entries)]
    tests = sum(len(lines) for _, lines in suites) + len(report.ignored) or 1
    failures = sum(_breaks(line) for _, lines in suites for line in lines)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name={_quoted(headline(report))} tests="{tests}" failures="{failures}">'
    for place, lines in suites:
        failed = sum(_breaks(line) for line in lines)
        yield f'  <testsuite name={_quoted(place)} tests="{len(lines)}" failures="{failed}">'
        for line in lines:
            yield from _case(line)
        yield "  </testsuite>"
    if report.ignored:
        count = len(report.ignored)
        yield f'  <testsuite name="ignored" tests="{count}" failures="0" skipped="{count}">'
        for entry in report.ignored:
            reason = entry.decision.reason if entry.decision else ""
            yield f"    <testcase name={_quoted(entry.change.summary)}>"
            yield f"      <skipped message={_quoted(reason)}/>"
            yield "    </testcase>"
        yield "  </testsuite>"
    said = notes(report)
    if said:
        yield '  <testsuite name="notes" tests="0" failures="0">'
        yield f"    <system-out>{_text(chr(10).join(said))}</system-out>"
        yield "  </testsuite>"
    if not suites and not report.ignored:
        yield '  <testsuite name="API schema" tests="1" failures="0">'
        yield '    <testcase name="no drift"/>'
        yield "  </testsuite>"
    yield "</testsuites>"


def _case(line: Group) -> Iterator[str]:
    change, decision = line.first.change, line.first.decision
    yield f"    <testcase name={_quoted(line.summary)} classname={_quoted(change.rule)}>"
    if _breaks(line):
        said = f"{change.direction} · {change.location}"
        yield f"      <failure type={_quoted(change.rule)} message={_quoted(said)}/>"
    told = [f"used at {use.path}:{use.line}" for use in line.used_at]
    if decision is not None:
        told.append(str(decision))
    if told:
        yield f"      <system-out>{_text(chr(10).join(told))}</system-out>"
    yield "    </testcase>"


def _breaks(line: Group) -> bool:
    return line.first.cls == "breaking"


def _quoted(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text))
