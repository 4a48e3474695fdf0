"""A report in every form, and the exit of a check."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
from datetime import date
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from fingerprint_async.drift.contract.assess import Binding, Report, Use, assess
from fingerprint_async.drift.contract.config import Config, Decision, parse_config
from fingerprint_async.drift.contract.report import FORMATS, render
from fingerprint_async.drift.contract.report._github import command
from fingerprint_async.drift.contract.report._markdown import MAX_CHARACTERS, code, escape
from fingerprint_async.drift.contract.rules import RULES
from fingerprint_async.drift.fetch import side_of
from fingerprint_async.drift.symbols import Symbols

ROOT = Path(__file__).parents[3]
PINNED: dict[str, Any] = json.loads(
    files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
)
NASTY = 'a"b<script>alert(1)</script>&`|\n::error::%0A]]>@everyone'


def changed() -> dict[str, Any]:
    """The pinned document with a change of every class and direction, one with a nasty name."""
    document = copy.deepcopy(PINNED)
    schemas = document["components"]["schemas"]
    del schemas["Event"]["properties"]["suspect_score"]
    schemas["Event"]["properties"][NASTY] = {"type": "string", "description": NASTY}
    schemas["BotInfoCategory"]["enum"].append("new_kind")
    document["paths"]["/events"]["get"]["parameters"] = [
        each for each in document["paths"]["/events"]["get"]["parameters"] if each["name"] != "asn"
    ]
    document["info"]["description"] = NASTY
    return document


def report_of(
    old: Any = PINNED, new: Any = None, *, config: Config | None = None, **more: Any
) -> Report:
    """A report on two documents that were read from files."""
    sides = [
        side_of(json.dumps(document, indent=1).encode(), source=f"{name}.json")
        for name, document in (("old", old), ("new", changed() if new is None else new))
    ]
    symbols = Symbols(sides[0].document, sides[1].document)
    binding = Binding(symbols=symbols.of, **more)
    return assess(sides[0], sides[1], config=config, docs=True, binding=binding)


def test_the_symbols_of_a_change_are_those_of_this_sdk() -> None:
    """Each change names the attribute, the keyword or the member that a caller would write."""
    symbols = {entry.change.name: entry.symbol for entry in report_of().entries}
    assert symbols["suspect_score"] == "models.Event.suspect_score"
    assert symbols["asn"] == "events.search(asn=…)"
    assert symbols['"new_kind"'] == "models.BotInfoCategory.NEW_KIND"


def test_an_enum_that_travels_both_ways_has_a_rule_for_each() -> None:
    """A new bot category can be asked for and can come.

    Both are said, and the worse class counts.
    """
    [entry] = [entry for entry in report_of().entries if entry.change.after == "new_kind"]
    assert [(hit.direction, hit.rule) for hit in entry.change.rules] == [
        ("response", "RESP-ENUM-ADDED"),
        ("request", "REQ-ENUM-ADDED"),
    ]
    assert entry.change.direction == "both"
    assert any("webhook" in operation for operation in entry.change.operations)


def test_the_json_form_is_what_its_schema_says() -> None:
    """The keys of the report and its parts are exactly those of docs/drift-report.schema.json."""
    schema = json.loads((ROOT / "docs/drift-report.schema.json").read_text())
    config = parse_config(
        '[[ignore]]\nrule="RESP-PROP-REMOVED"\nlocation="/**"\nreason="r"\n[[override]]\nrule="OP-*"\nlocation="/x"\nclass="breaking"\nreason="r"',
        source="x",
    )
    data = json.loads(render(report_of(config=config), "json"))
    _matches(data, schema, schema)
    assert {change["rule"] for change in data["changes"]} <= set(RULES)
    assert data["counts"] == {"breaking": 1, "non-breaking": 2, "docs-only": 1}
    assert [change["rule"] for change in data["ignored"]] == ["RESP-PROP-REMOVED"]
    assert [decision["rule"] for decision in data["stale"]] == ["OP-*"]


def _matches(value: Any, schema: Any, root: Any) -> None:
    """Check the part of JSON Schema that the report's schema uses."""
    if schema is True:
        return
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]] | {
            k: v for k, v in schema.items() if k != "$ref"
        }
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "null": type(None),
    }
    if "type" in schema:
        named = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert isinstance(value, tuple(kinds[name] for name in named))
    if "enum" in schema:
        assert value in schema["enum"]
    if "const" in schema:
        assert value == schema["const"]
    if "pattern" in schema and isinstance(value, str):
        assert re.search(schema["pattern"], value)
    if isinstance(value, dict) and "properties" in schema:
        assert set(schema.get("required", ())) <= value.keys() <= schema["properties"].keys()
        for key, sub in value.items():
            _matches(sub, schema["properties"][key], root)
    if isinstance(value, list) and "items" in schema:
        for item in value:
            _matches(item, schema["items"], root)


def test_sarif_has_what_code_scanning_asks_for() -> None:
    """One run, a driver with its rules; each result has a rule, a message, a level and a line."""
    config = Config(ignores=(Decision(rule="RESP-PROP-REMOVED", location="/**", reason="known"),))
    log = json.loads(render(report_of(config=config), "sarif"))
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert result["ruleId"] == rules[result["ruleIndex"]]["id"]
        assert result["level"] in {"error", "warning", "note"}
        assert result["message"]["text"]
        [place] = result["locations"]
        physical = place["physicalLocation"]
        assert physical["artifactLocation"]["uri"] in {"old.json", "new.json"}
        assert physical["region"]["startLine"] > 1
        assert place["logicalLocations"][0]["fullyQualifiedName"].startswith("/")
    assert [
        result["suppressions"][0]["justification"]
        for result in run["results"]
        if "suppressions" in result
    ] == ["known"]
    assert len({result["partialFingerprints"]["change/v1"] for result in run["results"]}) == len(
        run["results"]
    )


def test_lines_are_those_of_the_definition() -> None:
    """An annotation marks the line of the changed thing, in the document that has it."""
    report = report_of()
    lines = json.dumps(PINNED, indent=1).splitlines()
    [annotation] = [
        line for line in render(report, "github").splitlines() if "RESP-PROP-REMOVED" in line
    ]
    found = re.match(
        r"::error file=old\.json,line=(\d+),title=breaking%3A RESP-PROP-REMOVED::", annotation
    )
    assert found is not None
    assert '"suspect_score": {' in lines[int(found[1]) - 1]


def test_an_annotation_is_one_line_whatever_it_says() -> None:
    """What GitHub would read as a command, a property or the end of a line is escaped."""
    said = command("error", "50%\nof: a,b", {"file": "a:b,c\n.yaml"})
    assert said == "::error file=a%3Ab%2Cc%0A.yaml::50%25%0Aof: a,b"
    output = render(report_of(), "github")
    assert all(line.startswith("::") for line in output.splitlines())
    assert not [line for line in output.splitlines() if line.startswith("::error::")]


def test_markdown_stays_markdown() -> None:
    """Names from a document are no markup.

    No tags, no mentions, no tables, no broken code spans.
    """
    text = render(report_of(), "markdown")
    assert "<script>" not in text
    assert "@everyone" not in text
    assert code("a`b``c") == "```a`b``c```"
    assert code("`") == "`` ` ``"
    assert escape("a*b_c|d") == r"a\*b\_c\|d"
    assert "#### Breaking (2)" in text


def test_markdown_fits_into_a_comment() -> None:
    """A report beyond what a comment can hold is cut between lines, with its folds closed."""
    large = copy.deepcopy(PINNED)
    for schema in ("Event", "Velocity"):
        large["components"]["schemas"] |= {
            f"{schema}{index}": {"type": "object", "properties": {"a": {"type": "string"}}}
            for index in range(2000)
        }
        large["paths"] |= {
            f"/{schema}/{index}": {"get": {"responses": {}, "description": "x" * 90}}
            for index in range(1000)
        }
    text = render(report_of(new=large), "markdown")
    assert len(text) < MAX_CHARACTERS + 100
    assert text.count("<details>") == text.count("</details>")
    assert "more than a comment can hold" in text


class Page(HTMLParser):
    """What a page holds."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "input"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close a tag."""
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_nothing_of_the_network() -> None:
    """The page's tags are closed, and nothing in it loads or runs what is not in it."""
    text = render(report_of(), "html")
    page = Page()
    page.feed(text)
    assert page.open == []
    assert not [attrs for _, attrs in page.tags if "src" in attrs or "href" in attrs]
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "default-src 'none'" in text


def test_text_has_no_colours_where_none_are_wanted() -> None:
    """Colours are asked for; without them the text is plain."""
    assert "\x1b[" in render(report_of(), "text", color=True)
    plain = render(report_of(), "text")
    assert "\x1b[" not in plain
    assert "Drift: 2 breaking, 2 non-breaking, 1 docs-only" in plain
    assert "`models.Event.suspect_score` is missing" in plain


@pytest.mark.parametrize("form", FORMATS)
def test_no_drift_is_said_in_every_form(form: Any) -> None:
    """Two documents that mean the same give a report that says so, in every form."""
    text = render(report_of(new=PINNED), form)
    assert text.endswith("\n")
    assert "breaking change" not in text


@pytest.mark.parametrize("form", FORMATS)
def test_uses_decisions_and_leftovers_are_in_every_form(form: Any) -> None:
    """Where code uses a change, what was overridden, what is stale can be read in every form."""
    config = parse_config(
        """
        [[override]]
        rule = "REQ-PARAM-REMOVED"
        location = "/paths/**"
        class = "non-breaking"
        reason = "we never send it"
        [[ignore]]
        rule = "*-ENUM-ADDED"
        location = "/components/schemas/BotInfoCategory/**"
        reason = "we know"
        [[ignore]]
        rule = "OP-REMOVED"
        location = "/paths/~1gone/get"
        reason = "left long ago"
        """,
        source="drift.toml",
    )

    def uses(names: Any) -> Any:
        return [
            (Use(path="app.py", line=7),) if "models.Event.suspect_score" in each else ()
            for each in names
        ]

    report = report_of(config=config, find_uses=uses, used_by="app.py")
    text = render(report, form)
    assert "app.py" in text
    assert report.counts == {"breaking": 1, "non-breaking": 2, "docs-only": 1}
    if form in {"text", "json", "markdown", "html"}:
        assert "we never send it" in text
        assert "left long ago" in text


@pytest.mark.parametrize(
    "source", ["https://x.test/schemas/a.yaml?x=1", "/elsewhere/a.yaml", "../a.yaml"]
)
def test_every_result_has_a_relative_place(source: str) -> None:
    """What came from elsewhere is placed under the name that it had there.

    Code scanning refuses the rest.
    """
    sides = [
        side_of(json.dumps(each, indent=1).encode(), source=source) for each in (PINNED, changed())
    ]
    report = assess(sides[0], sides[1])
    [run] = json.loads(render(report, "sarif"))["runs"]
    assert run["results"]
    for result in run["results"]:
        physical = result["locations"][0]["physicalLocation"]
        assert physical["artifactLocation"]["uri"] == "a.yaml"
        assert physical["region"]["startLine"] > 1
    commands = render(report, "github").splitlines()
    assert all("file=a.yaml,line=" in line for line in commands)


def test_many_alike_are_one_line() -> None:
    """Two hundred new values are one line with their number; programs get each."""
    new = copy.deepcopy(PINNED)
    new["components"]["schemas"]["BotInfoCategory"]["enum"] += [f"kind_{i}" for i in range(200)]
    report = report_of(new=new)
    assert report.counts["non-breaking"] == 200
    for form in ("text", "markdown", "github", "junit"):
        said = [line for line in render(report, form).splitlines() if "kind" in line]
        assert len(said) == 1, form
        assert "200 added" in said[0]
        assert "and 194 more" in said[0]
    assert len(json.loads(render(report, "json"))["changes"]) == 200


def test_junit_fails_what_breaks_and_skips_what_is_ignored() -> None:
    """Each line is a case: failed where it breaks, skipped where it is accepted.

    Bytes XML can't hold are replaced.
    """
    new = changed()
    new["components"]["schemas"]["BotInfoCategory"]["enum"].append("odd\x00\ud800<&")
    config = Config(ignores=[Decision(rule="OP-*", location="**", reason='known "well"')])
    report = report_of(new=new, config=config)
    root = ET.fromstring(render(report, "junit"))  # noqa: S314 -- our own
    cases = list(root.iter("testcase"))
    assert len(cases) == int(root.attrib["tests"])
    failed = [case for case in cases if case.find("failure") is not None]
    assert len(failed) == int(root.attrib["failures"]) == report.counts["breaking"]
    empty = ET.fromstring(render(report_of(new=PINNED), "junit"))  # noqa: S314 -- our own
    assert empty.attrib["tests"] == "1"


def test_what_is_below_a_level_is_counted() -> None:
    """A level hides lesser changes from the list, and says how many."""
    report = report_of()
    above = report.above("breaking")
    assert {entry.cls for entry in above.entries} == {"breaking"}
    assert above.hidden == len(report.entries) - len(above.entries) > 0
    assert f"{above.hidden} changes below the level" in render(above, "text")


def test_an_expired_decision_decides_nothing() -> None:
    """From the day after its last one, an ignore is only named."""
    sides = [side_of(json.dumps(each).encode(), source="a.json") for each in (PINNED, changed())]
    decision = Decision(rule="*", location="**", reason="known", expires=date(2026, 5, 1))
    config = Config(ignores=[decision])
    last = assess(sides[0], sides[1], config=config, today=date(2026, 5, 1))
    assert not last.entries
    late = assess(sides[0], sides[1], config=config, today=date(2026, 5, 2))
    assert late.entries
    assert late.expired == (decision,)
    for form in FORMATS:
        if form not in {"sarif", "junit"}:
            assert "2026-05-01" in render(late, form)


def test_what_could_not_be_compared_is_said() -> None:
    """An invalid type costs a note with its place."""
    new = changed()
    new["components"]["schemas"]["BotInfoCategory"]["type"] = "strin"
    for form in ("text", "json", "markdown", "github", "html"):
        assert "is no JSON type" in render(report_of(new=new), form)


@pytest.mark.parametrize("form", FORMATS)
def test_escaped_emoji_in_json_is_no_crash(form: Any) -> None:
    """JSON's surrogate pairs, lone surrogates and control characters survive every form."""
    old = copy.deepcopy(PINNED)
    old["info"]["description"] = "\U0001f600"
    new = changed()
    new["info"]["description"] = "\U0001f680 \ud800"
    sides = [side_of(json.dumps(each).encode(), source="a.json") for each in (old, new)]
    render(assess(sides[0], sides[1], docs=True), form).encode("utf-8", "surrogatepass")


def test_a_long_side_is_cut() -> None:
    """A whole operation that came is shown as far as a reader reads."""
    new = changed()
    new["paths"]["/long"] = {
        "get": {"responses": {str(code): {"description": "x" * 50} for code in range(400, 500)}}
    }
    assert '<span class="only">…</span>' in render(report_of(new=new), "html")


def test_many_uses_are_counted_and_none_is_said() -> None:
    """A name that is used everywhere does not fill the screen.

    Code that uses nothing is said to.
    """
    uses = tuple(Use(path="app.py", line=line) for line in range(1, 9))
    many = report_of(find_uses=lambda names: [uses] * len(names), used_by="app.py")
    assert "… and at 3 more places" in render(many, "text")
    none = report_of(find_uses=lambda names: [()] * len(names), used_by="app.py")
    assert "app.py uses nothing that changed." in render(none, "text")


def test_changes_stand_under_what_they_are_about() -> None:
    """Schemas, operations, webhooks and the rest of the document are groups of their own."""
    new = changed()
    del new["webhooks"]["event"]
    new["servers"].pop()
    new["tags"] = [{"name": "x"}]
    text = render(report_of(new=new), "text")
    for place in (
        "\n  schema Event\n",
        "\n  GET /events\n",
        "\n  webhook event\n",
        "\n  servers\n",
        "\n  tags\n",
    ):
        assert place in text


def test_wording_comes_goes_and_changes() -> None:
    """Prose is listed where it stands, by what it belongs to and not by where that is in a list."""
    old = copy.deepcopy(PINNED)
    old["paths"]["/events"]["get"]["description"] = "Old."
    old["paths"]["/events"]["get"]["summary"] = "Gone."
    new = copy.deepcopy(PINNED)
    new["paths"]["/events"]["get"]["description"] = "New."
    new["paths"]["/events"]["get"]["parameters"].reverse()
    new["paths"]["/events"]["get"]["parameters"][0]["description"] = "Come."
    new["servers"].reverse()
    new["components"]["schemas"]["Event"]["x-note"] = 1
    entries = report_of(old, new).entries
    assert {entry.cls for entry in entries} == {"docs-only"}
    assert sorted((entry.change.kind, entry.change.name) for entry in entries) == [
        ("added", "description"),
        ("added", "x-note"),
        ("changed", "description"),
        ("removed", "summary"),
    ]


def test_what_fails_a_check() -> None:
    """Wording never does; breaking changes do unless nothing may; the rest does by default."""
    everything = report_of()
    prose = copy.deepcopy(PINNED)
    prose["info"]["description"] = "Other words."
    assert [report_of(new=prose).fails(each) for each in ("any", "breaking", "never")] == [
        False,
        False,
        False,
    ]
    assert [everything.fails(each) for each in ("any", "non-breaking", "breaking", "never")] == [
        True,
        True,
        True,
        False,
    ]
    added = copy.deepcopy(PINNED)
    added["components"]["schemas"]["Event"]["properties"]["more"] = {"type": "string"}
    assert [report_of(new=added).fails(each) for each in ("any", "breaking")] == [True, False]


def test_the_documentation_lists_every_rule() -> None:
    """docs/drift.md has a row for each rule, with its class, its words and its switch."""
    text = (ROOT / "docs/drift.md").read_text()
    rows = re.findall(r"^\| ([A-Z-]+) \| \**([a-z-]+)\** \| (.*) \| (.*) \|$", text, re.MULTILINE)
    expected = [
        (
            rule.id,
            rule.cls,
            rule.doc,
            f"`{rule.switch[0]} = {str(rule.switch[1]).lower()}`: {rule.otherwise}"
            if rule.switch
            else "",
        )
        for rule in RULES.values()
    ]
    assert expected == rows


CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")
def test_the_page_works_in_a_real_browser(tmp_path: Path) -> None:
    """Chromium runs the page's script under its own policy.

    It counts what is shown, and both sides stand there.
    """
    page = tmp_path / "drift.html"
    page.write_text(render(report_of(), "html"))
    command_line = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=2000",
        "--dump-dom",
        page.as_uri(),
    ]
    done = subprocess.run(command_line, capture_output=True, text=True, timeout=60, check=True)
    assert '<span id="shown" class="dim">5 shown</span>' in done.stdout
    assert done.stdout.count('class="side"') == 10
    assert "alert(1)</script>&amp;" not in done.stdout.replace(
        "&lt;script&gt;alert(1)&lt;/script&gt;", ""
    )
