"""From a published document to generated code: the same bytes each time, or a clear refusal."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from codegen import regenerate
from codegen.corrections import correct
from codegen.errors import GenerationError, PublishedError
from codegen.published import load
from codegen.regenerate import (
    Layout,
    check,
    generate,
    sync,
    tree_hash,
)
from codegen.words import Words
from codegen.yaml_text import write
from fingerprint_async.drift.addresses import ADDRESS
from fingerprint_async.drift.contract.load import parse
from fingerprint_async.drift.contract.normalise import to_json

ROOT = Path(__file__).resolve().parents[2]
HERE = Layout.of(ROOT)
pytestmark = pytest.mark.skipif(not HERE.pinned.exists(), reason="generation works in a checkout")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    """A checkout, generated once."""
    root = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "openapi", root / "openapi")
    layout = Layout.of(root)
    generate(layout)
    return layout


@pytest.fixture
def layout(made: Layout, tmp_path: Path) -> Layout:
    """A copy of that checkout to change."""
    shutil.copytree(made.openapi.parent, tmp_path, dirs_exist_ok=True)
    return Layout.of(tmp_path)


def pinned() -> dict[str, Any]:
    """The pinned document."""
    document: dict[str, Any] = parse(HERE.pinned.read_bytes())
    return document


def package(layout: Layout) -> Path:
    """Where the generated package is."""
    return layout.generated / "fingerprint_async_generated"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


# Generating


def test_regenerating_gives_the_bytes_that_stand_here(made: Layout) -> None:
    """What is committed is what the inputs give: the package and the record."""
    ours = {
        name: content
        for name, content in contents(package(HERE)).items()
        if "__pycache__" not in name
    }
    assert contents(package(made)) == ours
    assert made.provenance.read_bytes() == HERE.provenance.read_bytes()
    assert check(made) == []


def test_everything_has_words_and_no_words_are_stale(layout: Layout) -> None:
    """Generation has nothing to say.

    No warning, nothing undocumented, no words for what is gone.
    """
    assert generate(layout) == []


def test_generating_twice_gives_the_same_bytes(layout: Layout, made: Layout) -> None:
    """Nothing of the machine, the time or the folder gets into the tree."""
    generate(layout)
    assert contents(package(layout)) == contents(package(made))


def test_a_base_is_named_and_nothing_else(layout: Layout) -> None:
    """What is written by hand stands in the runtime; a base for a schema that is gone is said."""
    event = (package(layout) / "models" / "event.py").read_text()
    assert "class Event(EventTimes):" in event
    assert "from fingerprint_async._runtime.times import EventTimes" in event
    config = layout.openapi / "config.yaml"
    config.write_text(config.read_text().replace("  Event: times.EventTimes", "  Gone: times.Any"))
    assert generate(layout) == [
        "openapi/config.yaml names a base of Gone, which the document has no schema of"
    ]
    assert "class Event(Model):" in (package(layout) / "models" / "event.py").read_text()


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("models/event.py", lambda path: path.write_text(path.read_text() + "\n"), "differs"),
        ("models/event.py", lambda path: path.unlink(), "missing"),
        ("models/own.py", lambda path: path.write_text("own = 1\n"), "not generated"),
        ("openapi.json", lambda path: path.write_text("{}"), "differs"),
    ],
    ids=["edited", "deleted", "added", "the schema edited"],
)
def test_a_check_sees_every_change(layout: Layout, name: str, change: Any, said: str) -> None:
    """An edit, an addition and a deletion under `generated/` are each told with the file's name."""
    change(package(layout) / name)
    assert check(layout) == [f"generated/fingerprint_async_generated/{name}: {said}"]


def test_a_check_sees_the_record(layout: Layout) -> None:
    """The recorded hash is in step as well, or it is told."""
    layout.provenance.write_text("{}")
    assert check(layout) == ["openapi/provenance.json: records another tree"]


def test_the_package_alone_can_be_generated(tmp_path: Path) -> None:
    """The package is written into a folder that need not exist."""
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    layout = Layout(openapi=tmp_path / "openapi", generated=tmp_path / "elsewhere")
    layout.provenance.unlink()
    generate(layout)
    assert check(layout) == []
    assert not list(tmp_path.glob("**/fingerprint_async"))


def test_a_layout_without_inputs_says_so(tmp_path: Path) -> None:
    """An installed wheel has no `openapi/`."""
    with pytest.raises(GenerationError, match="is missing: generation works in a checkout"):
        generate(Layout.of(tmp_path))


def test_a_warning_of_the_generator_is_a_failure(layout: Layout) -> None:
    """Without the corrections the generator drops models with a warning.

    Nothing is written then.
    """
    before = contents(package(layout))
    (layout.openapi / "corrections.yaml").write_text("[]\n")
    with pytest.raises(GenerationError, match="the generator warned, so nothing was written"):
        generate(layout)
    assert contents(package(layout)) == before


def test_a_document_that_is_no_schema_is_refused(layout: Layout) -> None:
    """What the generator cannot read is an error with its reason."""
    document = pinned()
    document["paths"]["/events"]["get"]["parameters"] = 5
    layout.pinned.write_text(write(document))
    with pytest.raises(GenerationError, match="Failed to parse OpenAPI document"):
        generate(layout)


def test_code_that_is_not_valid_is_refused(layout: Layout) -> None:
    """A template that writes broken Python is found before it is installed."""
    (layout.openapi / "templates" / "api_init.py.jinja").write_text("def (\n")
    with pytest.raises(GenerationError, match="ruff check refuses the generated code"):
        generate(layout)


def test_generation_needs_the_generator(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the development tools the error says what to install."""
    monkeypatch.setitem(sys.modules, "openapi_python_client", None)
    with pytest.raises(GenerationError, match="openapi-python-client is not installed"):
        generate(layout)


# Corrections


def correction(**changes: Any) -> dict[str, Any]:
    """A correction of a small document."""
    return {
        "pointer": "/a~1b/c",
        "expect": {"x": 1},
        "replace": {"y": 2},
        "why": "of a reason",
        **changes,
    }


def test_a_correction_changes_a_copy() -> None:
    """The document itself stays as published."""
    document = {"a/b": {"c": {"x": 1}}}
    assert correct(document, [correction()]) == ({"a/b": {"c": {"y": 2}}}, [])
    assert document == {"a/b": {"c": {"x": 1}}}


@pytest.mark.parametrize("document", [{}, {"a/b": {}}, {"a/b": 5}, {"a/b": {"c": {"x": 2}}}])
def test_a_correction_that_no_longer_applies_is_an_error(document: dict[str, Any]) -> None:
    """Whatever else stands there, the error names the place and the reason."""
    with pytest.raises(
        GenerationError,
        match=r"the correction of /a~1b/c no longer applies: it expects .* of a reason",
    ):
        correct(document, [correction()])


def test_a_correction_that_an_older_document_does_not_need_is_told() -> None:
    """A guard says that a document of another age is fine, and the notes say which guard it was."""
    document = {"a/b": {"c": {"z": 3}}, "components": {"schemas": {"Old": {}}}}
    kept, notes = correct(
        document, [correction(since="New"), correction(unless=[{"z": 3}], since="Old")]
    )
    assert kept == document
    assert notes == [
        "the correction of /a~1b/c is not needed: the document has no New",
        'the correction of /a~1b/c is not needed: it stands there as {"z": 3}',
    ]


# Taking in a document


def test_a_newer_document_is_taken_in_by_one_call(layout: Layout, tmp_path: Path) -> None:
    """A new field and a new filter are pinned, generated, public.

    The record names the document; missing words are told.
    """
    document = pinned()
    document["components"]["schemas"]["Novelty"] = {
        "type": "object",
        "properties": {
            "mimeType": {"type": "string"},
            "any": {},
            "7_days": {"type": "integer"},
            "class": {"type": "null"},
        },
    }
    event = document["components"]["schemas"]["Event"]["properties"]
    event["novelty"] = {"$ref": "#/components/schemas/Novelty", "description": "words of theirs"}
    event["kind"] = {"const": "fixed"}
    event["responses"] = {"type": "array", "items": {"type": "string"}}
    event["either"] = {
        "oneOf": [{"type": "string", "format": "date-time"}, {"type": "integer"}, {"type": "null"}]
    }
    document["paths"]["/events"]["get"]["parameters"].append(
        {"in": "query", "name": "novel-filter", "schema": {"type": "boolean"}}
    )
    document["components"]["schemas"]["Labels"]["items"]["allOf"] = [
        {"$ref": "#/components/schemas/Novelty"}
    ]
    document["paths"]["/things"] = {
        "post": {
            "tags": ["Things"],
            "parameters": [
                {"in": "query", "name": "needed", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/EventUpdate"}}
                }
            },
            "responses": {"200": {"description": "no body"}},
        }
    }
    source = tmp_path / "newer.json"
    source.write_text(to_json(document))
    report = sync(layout, str(source), schema_version="9.9.9")
    assert report.changed
    assert "openapi/overlay.yaml has no words for field Event.novelty" in report.notes
    assert "words of theirs" not in layout.pinned.read_text()
    record = json.loads(layout.provenance.read_text())
    assert record["source"] == ADDRESS
    assert record["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert record["schema_version"] == "9.9.9"
    assert record["tree_sha256"] == tree_hash(package(layout))
    assert check(layout) == []
    code = (
        "from fingerprint_async_generated.models import Event, Novelty;"
        "from fingerprint_async_generated.api.events.search_events import SearchEventsParams as S;"
        "e = Event.from_dict({'novelty': {'mimeType': 'a', '7_days': 7, 'class': None},"
        " 'kind': 'fixed', 'either': 5});"
        "from fingerprint_async_generated.api.things.post_things import PostThingsParams as T;"
        "assert 'Required' in str(T.__annotations__['needed']);"
        "from fingerprint_async_generated.models import LabelsItem;"
        "import attrs; assert {f.name for f in attrs.fields(LabelsItem)} > {'label', 'mime_type'};"
        "print(e.novelty.mime_type, e.novelty.field_7_days, e.novelty.class_, e.either,"
        " 'novel_filter' in S.__annotations__)"
    )
    environment = {"PYTHONPATH": str(layout.generated)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["a", "7", "None", "5", "True"]


def test_the_same_facts_change_nothing(layout: Layout, tmp_path: Path) -> None:
    """A document that differs in words only is taken in without a change of the client."""
    before = contents(package(layout))
    document = pinned()
    document["components"]["schemas"]["Event"]["description"] = "words"
    (tmp_path / "same.yaml").write_text(write(document))
    report = sync(layout, str(tmp_path / "same.yaml"))
    assert not report.changed
    assert report.notes == []
    assert contents(package(layout)) == before


def test_a_document_that_cannot_be_generated_is_not_pinned(layout: Layout, tmp_path: Path) -> None:
    """A refused document leaves the pinned one, the client and the record as they were."""
    before = contents(tmp_path)
    document = pinned()
    document["components"]["schemas"]["Event"]["properties"]["odd"] = {
        "allOf": [{"$ref": "#/components/schemas/BotResult"}, {"minLength": 3}]
    }
    source = tmp_path / "newer.yaml"
    source.write_text(write(document))
    with pytest.raises(GenerationError, match="the generator warned"):
        sync(layout, str(source))
    source.unlink()
    assert contents(tmp_path) == before
    layout.pinned.unlink()
    source.write_text(write(document))
    with pytest.raises(GenerationError, match="the generator warned"):
        sync(layout, str(source))
    assert not layout.pinned.exists()


class Stop(BaseException):
    """Something that nobody catches: a signal, the interpreter's end."""


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt, Stop])
def test_whatever_fails_at_whatever_step_leaves_the_checkout_as_it_was(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    """Each change of the disk fails once, by errors of every kind: nothing is left half done."""
    document = pinned()
    document["components"]["schemas"]["Event"]["properties"]["odd"] = {"type": "string"}
    source = tmp_path / "newer.yaml"
    source.write_text(write(document))
    before = contents(tmp_path)
    made = tmp_path.parent / f"{tmp_path.name}-made"
    shutil.copytree(package(layout), made / "p")
    monkeypatch.setattr(
        regenerate, "_make", lambda *_, **__: regenerate._Made(made / "p", [], "servers: []\n")
    )
    steps = 0

    def failing(at: int) -> None:
        def counted(real: Any) -> Any:
            def call(*args: Any, **kwargs: Any) -> Any:
                nonlocal steps
                steps += 1
                if steps == at:
                    raise error("here")
                return real(*args, **kwargs)

            return call

        nonlocal steps
        steps = 0
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", counted(Path.replace))
            patch.setattr(Path, "write_text", counted(Path.write_text))
            patch.setattr(shutil, "copytree", counted(shutil.copytree))
            sync(layout, str(source))

    at = 0
    while True:
        at += 1
        try:
            failing(at)
        except error:
            assert contents(tmp_path) == before, f"step {at}"
            continue
        break
    assert at > 8
    assert contents(tmp_path) != before
    assert not [name for name in contents(tmp_path) if name.endswith((".new", ".old"))]
    shutil.rmtree(made)


def _feedback(document: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/EventFeedback"}
    document["components"]["schemas"]["EventFeedback"] = {
        "type": "object",
        "properties": {"reset_identification_confidence_score": {"type": "boolean"}},
        "minProperties": 1,
    }
    document["paths"]["/events/{event_id}/feedback"] = {
        "post": {
            "operationId": "submitEventFeedback",
            "tags": ["Events"],
            "parameters": [
                {"name": "event_id", "in": "path", "required": True, "schema": {"type": "string"}}
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": {"202": {"description": ""}},
        }
    }


def test_an_addition_is_joined_until_it_is_published(layout: Layout, tmp_path: Path) -> None:
    """What the service has and the document lacks is generated.

    A document that has it replaces it.
    """
    document = pinned()
    _feedback(document)
    published = document["components"]["schemas"]["EventFeedback"]["properties"]
    published["more"] = {"type": "string"}
    source = tmp_path / "newer.yaml"
    source.write_text(write(document))
    notes = sync(layout, str(source)).notes
    said = "the addition of POST /events/{event_id}/feedback is not needed: it is published"
    assert said in notes
    assert "more: " in (package(layout) / "models" / "event_feedback.py").read_text()
    (layout.openapi / "additions.yaml").unlink()
    with pytest.raises(GenerationError, match=r"additions\.yaml is missing"):
        generate(layout)


def test_an_addition_is_no_part_of_the_packaged_document(layout: Layout) -> None:
    """What is compared with the published document is what was published."""
    generate(layout)
    assert "feedback" not in (package(layout) / "openapi.json").read_text()
    assert (package(layout) / "api" / "events" / "submit_event_feedback.py").is_file()


def test_a_rule_that_nothing_needs_is_said(layout: Layout) -> None:
    """A correction of a kind says when nothing is of it; one that is not known is refused."""
    rule = "a constant of an enum is the enum"
    document = {"components": {"schemas": {"A": {"properties": {"a": {"type": "string"}}}}}}
    same, notes = correct(document, [{"rule": rule, "why": ""}])
    assert same == document
    assert notes == [f"the rule {rule!r} is not needed: nothing is written so"]
    with pytest.raises(GenerationError, match="no rule 'x'"):
        correct(document, [{"rule": "x", "why": ""}])


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        (
            {"allow": "#/components/schemas/Event"},
            "the discriminator value 'allow' leads to #/components/schemas/Event",
        ),
        ({"allow": "EventRuleActionAllow.yaml", "block": "EventRuleActionBlock.yaml"}, None),
        (None, None),
    ],
)
def test_a_discriminator_leads_to_its_variants(
    layout: Layout, mapping: Any, said: str | None
) -> None:
    """Variants are found by reference, by file name or by their own names.

    Anything else is an error.
    """
    document = pinned()
    discriminator = document["components"]["schemas"]["EventRuleAction"]["discriminator"]
    discriminator.pop("mapping")
    if mapping:
        discriminator["mapping"] = mapping
    layout.pinned.write_text(write(document))
    if said is None:
        assert generate(layout) == []
        assert "EventRuleActionBlock" in (package(layout) / "models" / "event.py").read_text()
    else:
        with pytest.raises(GenerationError, match=said):
            generate(layout)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "not YAML"),
        (b"a: 1", "not an OpenAPI document"),
        (b"[]", "not an OpenAPI document"),
        (b"openapi: 3.2.0\npaths: {}", "this is OpenAPI 3.2.0; OpenAPI 3.0 or 3.1 is needed"),
        (b"openapi: 3.1.0", "no OpenAPI document, it has no paths"),
        (None, "No such file"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    """The error names the source and what is wrong with it."""
    path = tmp_path / "document.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PublishedError, match=f"document.yaml: {said}"):
        load(str(path))


def test_an_address_is_fetched_and_recorded(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A document from an address is recorded under it; one that cannot be fetched is an error."""
    from fingerprint_async.drift import fetch as _fetch
    from fingerprint_async.drift.fetch import UnreachableError

    content = layout.pinned.read_bytes()
    monkeypatch.setattr(_fetch.Fetcher, "fetch", lambda _self, _address: content)
    sync(layout, "https://x.test/schema.yaml")
    assert json.loads(layout.provenance.read_text())["source"] == "https://x.test/schema.yaml"

    def unreachable(_self: object, address: str) -> bytes:
        raise UnreachableError(f"{address}: can't be reached")

    monkeypatch.setattr(_fetch.Fetcher, "fetch", unreachable)
    with pytest.raises(PublishedError, match="can't be reached"):
        sync(layout, "https://x.test/schema.yaml")


# Names and words


def test_words_that_are_missing_or_stale_are_listed() -> None:
    """What has no words gets a phrase made of its name."""
    words = Words(
        {
            "models": {"Gone": {"words": "x", "fields": {"a": "b"}}},
            "operations": {"gone": {"parameters": {"a": "b"}}},
        }
    )
    assert words.model("IPInfoV4") == "IP Info V4."
    assert words.field("A", "some_field") == "Some field."
    assert words.missing() == ["field A.some_field", "model IPInfoV4"]
    assert words.stale() == ["field Gone.a", "model Gone", "operation gone", "parameter gone.a"]


def test_words_are_safe_in_a_docstring() -> None:
    """Neither quotes nor backslashes end a docstring; paragraphs stay paragraphs."""
    words = Words({"models": {"A": {"words": 'a """ b \\ c\n\nd\ne'}}})
    assert words.model("A") == "a ''' b \\\\ c\n\n    d e"


# Scripts


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--check"], 0), (["--help"], 0), (["--novel"], 2)]
)
def test_generate_can_be_asked(arguments: list[str], code: int) -> None:
    """`scripts/generate --check` passes on what is committed."""
    script = [sys.executable, str(ROOT / "scripts" / "generate")]
    done = subprocess.run([*script, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr


# What cannot be written


def _query(name: str, schema: Any, where: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": schema, **more}


TEXT = {"type": "string"}
LIST = {"type": "array", "items": TEXT}
EVENT_LIST = {"type": "array", "items": {"$ref": "#/components/schemas/Event"}}
UNWRITABLE: dict[str, tuple[str, Any, str]] = {
    "a header": ("parameter", _query("X-A", TEXT, "header", required=True), "sent in a header"),
    "a cookie": ("parameter", _query("sid", TEXT, "cookie"), "sent in a cookie"),
    "commas": ("parameter", _query("ids", LIST, explode=False), "explode: false"),
    "pipes": ("parameter", _query("ids", LIST, style="pipeDelimited"), "pipeDelimited"),
    "an object": ("parameter", _query("meta", {"type": "object"}), "is an object"),
    "JSON in a parameter": (
        "parameter",
        {"name": "a", "in": "query", "content": {"application/json": {"schema": TEXT}}},
        "is an object",
    ),
    "a form": ("body", {"application/x-www-form-urlencoded": {"schema": TEXT}}, "only JSON is"),
    "a list": ("answer", {"application/json": {"schema": EVENT_LIST}}, "is no object"),
    "a text": ("answer", {"application/json": {"schema": TEXT}}, "is no object"),
    "CSV": ("answer", {"text/csv": {"schema": TEXT}}, "only JSON is read"),
    "bytes": ("property", {"type": "string", "format": "binary"}, "format: binary"),
}


@pytest.mark.parametrize("name", sorted(UNWRITABLE))
def test_what_cannot_be_written_is_refused(layout: Layout, name: str) -> None:
    """By name, and nothing is written.

    What is left out of a client would be lost without a word.
    """
    where, given, said = UNWRITABLE[name]
    document = pinned()
    probe: dict[str, Any] = {"operationId": "probe", "responses": {"204": {"description": ""}}}
    match where:
        case "parameter":
            document["paths"]["/events"]["get"]["parameters"].append(given)
        case "body":
            probe["requestBody"] = {"content": given}
            document["paths"]["/probe"] = {"post": probe}
        case "answer":
            probe["responses"] = {"200": {"description": "", "content": given}}
            document["paths"]["/probe"] = {"get": probe}
        case _:
            document["components"]["schemas"]["Event"]["properties"]["probe"] = given
    layout.pinned.write_text(write(document))
    before = contents(package(layout))
    with pytest.raises(GenerationError, match=said):
        generate(layout)
    assert contents(package(layout)) == before
