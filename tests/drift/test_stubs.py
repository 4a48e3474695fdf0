"""Stubs of the models as another document would have them, as a type checker reads them."""

from __future__ import annotations

import ast
import copy
import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from fingerprint_async import models
from fingerprint_async.cli import main
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.stubs import write_stubs
from fingerprint_async.errors import ArgumentError

PINNED: dict[str, Any] = json.loads(
    files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
)
APP = """
from fingerprint_async import FingerprintClient
from fingerprint_async.models import BotResult, Event

async def run(client: FingerprintClient, event: Event) -> None:
    print(event.suspect_score)
    print(BotResult.BAD)
    async for each in client.events.search(asn="1", ip_address="::1"):
        print(each.ip_address)
    if event.proximity is not None:
        print(event.proximity.confidence + 1)
    print(event.time.year, (await client.events.search()).cursor)
"""
NOVEL = """
from fingerprint_async import FingerprintClient
from fingerprint_async.models import Event, Novelty, NoveltyKind

async def run(client: FingerprintClient, event: Event) -> Novelty:
    await client.events.search(age=5, a_b=[1])
    kind: NoveltyKind | str | None = event.novelty.kind if event.novelty else None
    print(kind, NoveltyKind.A_B)
    return Novelty(kind="a-b", back=event, size=None)
"""


def changed(document: dict[str, Any]) -> None:
    """Take away, change and add what code may use."""
    schemas = document["components"]["schemas"]
    event = schemas["Event"]["properties"]
    del event["suspect_score"]
    schemas["BotResult"]["enum"].remove("bad")
    schemas["Proximity"]["properties"]["confidence"] = {"type": "string"}
    event["novelty"] = {"$ref": "#/components/schemas/Novelty"}
    schemas["Novelty"] = {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"type": "string", "enum": ["a-b", "b"]},
            "back": {"$ref": "#/components/schemas/Event"},
            "size": {"type": ["integer", "null"]},
        },
    }
    search = document["paths"]["/events"]["get"]
    search["parameters"] = [each for each in search["parameters"] if each["name"] != "asn"]
    search["parameters"] += [
        {"in": "query", "name": "age", "schema": {"type": "integer"}},
        {
            "in": "query",
            "name": "a-b",
            "schema": {"type": "array", "items": {"type": "integer"}},
        },
    ]


def write(folder: Path, edit: Any = lambda _: None) -> Path:
    """Write the stubs of the pinned document, edited."""
    document = copy.deepcopy(PINNED)
    edit(document)
    return write_stubs(Document(PINNED), Document(document), folder)


def mypy(folder: Path, code: str) -> list[str]:
    """Type-check code as its user would; return the errors."""
    app = folder / "app.py"
    app.write_text(code)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(app)],
        cwd=folder,
        env={**os.environ, "MYPYPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if ": error: " in line]


@pytest.mark.slow
def test_a_type_checker_says_what_breaks(tmp_path: Path) -> None:
    """Each use of what goes or changes is an error at its line; new names are known."""
    write(tmp_path)
    assert mypy(tmp_path, APP) == []
    write(tmp_path, changed)
    lines = mypy(tmp_path, APP)
    assert [line.split(":")[1] for line in lines] == ["6", "7", "8", "11"]
    assert '"Event" has no attribute "suspect_score"' in lines[0]
    assert 'no attribute "BAD"' in lines[1]
    assert 'Unexpected keyword argument "asn"' in lines[2]
    assert mypy(tmp_path, NOVEL) == []


def pyright(folder: Path, code: str) -> list[dict[str, Any]]:
    """Type-check code, and the stubs themselves, strictly; return the errors."""
    app = folder / "app.py"
    app.write_text(code)
    settings = {"stubPath": str(folder), "include": ["."], "typeCheckingMode": "strict"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=110
    )
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] > 1
    return [each for each in report["generalDiagnostics"] if each["severity"] == "error"]


@pytest.mark.slow
def test_pyright_says_what_breaks(tmp_path: Path) -> None:
    """The stubs hold no error of their own; in an app each use of what goes is one."""
    write(tmp_path)
    assert pyright(tmp_path, APP) == []
    write(tmp_path, changed)
    found = pyright(tmp_path, APP)
    assert {Path(each["file"]).name for each in found} == {"app.py"}
    # What a name that is gone makes unknown is reported at its use as well.
    said = {
        (each["range"]["start"]["line"] + 1, each["rule"])
        for each in found
        if not each["rule"].startswith("reportUnknown")
    }
    assert said == {
        (6, "reportAttributeAccessIssue"),
        (7, "reportAttributeAccessIssue"),
        (8, "reportCallIssue"),
        (11, "reportOperatorIssue"),
    }
    assert pyright(tmp_path, NOVEL) == []


def _declared(folder: Path) -> dict[str, list[str]]:
    tree = ast.parse((folder / "models" / "__init__.pyi").read_text())
    return {
        node.name: [ast.unparse(each) for each in node.body]
        for node in tree.body
        if isinstance(node, ast.ClassDef)
    }


def test_what_does_not_change_stays_as_it_is_declared(tmp_path: Path) -> None:
    """Stubs of the same document have every name, and the fields of the installed classes."""
    declared = _declared(write(tmp_path))
    exported = {
        name for name in models.__all__ if isinstance(getattr(models, name), type)
    } & declared.keys()
    assert {"Event", "BotResult", "Proximity"} <= exported
    lines = declared["Event"]
    assert "suspect_score: int | None = None" in lines
    assert (
        "rule_action: EventRuleActionAllow | EventRuleActionBlock | UnknownVariant | None = None"
        in lines
    )
    stub = (tmp_path / "fingerprint_async_generated" / "models" / "__init__.pyi").read_text()
    for name in models.__all__:
        if hasattr(sys.modules["fingerprint_async_generated.models"], name):
            assert f"'{name}'" in stub


def _gone(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    del schemas["Proximity"]
    del schemas["Event"]["properties"]["proximity"]


def test_a_class_that_goes_is_in_no_stub(tmp_path: Path) -> None:
    """Neither the class nor its module's name of it is left."""
    package = write(tmp_path, _gone)
    assert "Proximity" not in _declared(package)
    assert "class" not in (package / "models" / "proximity.pyi").read_text()
    assert "proximity:" not in (package / "models" / "__init__.pyi").read_text()


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Odd"},
        {"allOf": [{"$ref": "#/components/schemas/Event"}, {"properties": {"x": {}}}]},
        {
            "oneOf": [
                {"type": "string"},
                {"type": "object", "properties": {"a": {"enum": [1, None]}}},
            ]
        },
        {"type": "array"},
        {"type": "array", "items": {"type": "array", "items": {"enum": ["class", "9", ""]}}},
        {"const": 'a"b'},
        {"properties": {"class": {}, "self": {}, "a-b": {}, "a_b": {}, "9": {}}},
        {"type": ["object", "null"], "additionalProperties": True},
        {"anyOf": [{"$ref": "#/components/schemas/Odd"}, {"type": "null"}]},
        True,
        {},
    ],
    ids=str,
)
def test_whatever_a_schema_is_its_stub_is_python(tmp_path: Path, schema: Any) -> None:
    """Schemas of every kind, also those that lead back to themselves, give code that parses."""

    def edit(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Odd"] = schema
        document["components"]["schemas"]["Event"]["properties"]["odd"] = schema

    for path in write(tmp_path, edit).rglob("*.pyi"):
        ast.parse(path.read_text())


def test_a_second_run_leaves_nothing_of_the_first(tmp_path: Path) -> None:
    """The folder holds the stubs of the last document alone."""
    write(tmp_path, changed)
    once = write(tmp_path)
    assert "Novelty" not in _declared(once)


def test_files_of_others_stay(tmp_path: Path) -> None:
    """A folder that holds a package of that name is refused, and nothing in it is touched."""
    own = tmp_path / "fingerprint_async_generated"
    own.mkdir()
    (own / "__init__.py").write_text("own = 1\n")
    (own / "own.pyi").write_text("own: int\n")
    with pytest.raises(ArgumentError, match="holds files that are no stubs"):
        write(tmp_path)
    assert sorted(path.name for path in own.iterdir()) == ["__init__.py", "own.pyi"]


def test_check_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`schema check --stubs DIR` writes them beside its report and says how to use them."""
    published = tmp_path / "new.json"
    document = copy.deepcopy(PINNED)
    changed(document)
    published.write_text(json.dumps(document))
    folder = tmp_path / "stubs"
    words = ["schema", "check", "--published", str(published), "--stubs", str(folder)]
    assert main(words) == 1
    captured = capsys.readouterr()
    assert f"MYPYPATH={folder} mypy" in captured.err
    assert "Drift:" in captured.out
    assert "Novelty" in _declared(folder / "fingerprint_async_generated")
