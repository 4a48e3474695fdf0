"""Documents that the vendor may publish tomorrow.

Taken in, and the client fits what is generated.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from codegen.errors import PublishedError
from codegen.facade import type_errors
from codegen.regenerate import Layout, check, sync
from codegen.yaml_text import write
from fingerprint_async.drift.contract.load import parse

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("openapi", "generated", "fingerprint_async", "pyproject.toml")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout for all of these, so that mypy keeps what it knows."""
    root = tmp_path_factory.mktemp("checkout")
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, root / name)
    return root


def pinned() -> dict[str, Any]:
    """The pinned document."""
    document: dict[str, Any] = parse(Layout.of(ROOT).pinned.read_bytes())
    return document


def _action(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    third = json.loads(
        json.dumps(schemas["EventRuleActionBlock"]).replace('"block"', '"challenge"')
    )
    schemas["EventRuleActionChallenge"] = third
    schemas["RuleActionType"]["enum"].append("challenge")
    union = schemas["EventRuleAction"]
    union["oneOf"].append({"$ref": "#/components/schemas/EventRuleActionChallenge"})
    mapping = union["discriminator"].setdefault("mapping", {})
    mapping["challenge"] = "#/components/schemas/EventRuleActionChallenge"


def _event(**properties: Any) -> Any:
    def edit(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Event"]["properties"] |= properties

    return edit


def _filter(document: dict[str, Any]) -> None:
    parameter = {"name": "new_filter", "in": "query", "schema": {"type": "boolean"}}
    document["paths"]["/events"]["get"]["parameters"].append(parameter)


def _values(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["BotResult"]["enum"] += ["a-b", "a_b"]


def _region(document: dict[str, Any]) -> None:
    document["servers"].append({"url": "https://sa.api.fpjs.io/v4"})


def _operation(document: dict[str, Any]) -> None:
    document["paths"]["/lists/{list_id}"] = {
        "put": {
            "operationId": "replaceList",
            "tags": ["Lists"],
            "parameters": [
                {"name": "list_id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "dry-run", "in": "query", "schema": {"type": "boolean"}},
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["entries"],
                            "properties": {
                                "entries": {"type": "array", "items": {"type": "string"}}
                            },
                        }
                    }
                },
            },
            "responses": {"204": {"description": ""}},
        }
    }


def _version(document: dict[str, Any]) -> None:
    for server in document["servers"]:
        server["url"] = server["url"].replace("/v4", "/v5")


def _no_region(document: dict[str, Any]) -> None:
    document["servers"].pop()


def _no_operation(document: dict[str, Any]) -> None:
    del document["paths"]["/edge"]


def _no_property(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["EventUpdate"]["properties"].pop("linked_id")


def _other_names(document: dict[str, Any]) -> None:
    delete = document["paths"]["/visitors/{visitor_id}"]["delete"]
    delete |= {"operationId": "eraseVisitor", "tags": ["People"]}


def _no_parameter(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/events/{event_id}"]["get"]["parameters"]
    parameters[:] = [each for each in parameters if each["in"] != "query"]


FUTURES: dict[str, tuple[Any, list[str]]] = {
    "a third rule action": (_action, []),
    "a property that may be null": (_event(suspect_note={"type": ["string", "null"]}), []),
    "one more filter": (_filter, []),
    "values that look alike": (_values, []),
    "awkward names": (
        _event(**{"self": {"type": "string"}, "class": {"type": "string"}, "9": {}}),
        [],
    ),
    "a new operation": (_operation, ["replaceList (PUT /lists/{list_id}) has no record"]),
    "a new region": (_region, ["SA_API_FPJS_IO) belongs to no region"]),
    "a new version of the servers": (_version, []),
    "a region that goes": (_no_region, ["the document lacks"]),
    "an operation that goes": (_no_operation, ["no operation analyzeRequestForAutomation"]),
    "a property of a body that goes": (_no_property, ["no property linked_id any more"]),
    "the last parameter that goes": (_no_parameter, ["has no parameter ruleset_id any more"]),
    "an operation of another name": (_other_names, ["is called eraseVisitor by the document"]),
}


@pytest.mark.parametrize("name", FUTURES)
def test_what_is_likely_next_is_taken_in(checkout: Path, tmp_path: Path, name: str) -> None:
    """Code is generated from it as it is, the client fits it, and what to decide is told."""
    edit, told = FUTURES[name]
    layout = Layout.of(checkout)
    document = pinned()
    edit(document)
    source = tmp_path / "newer.yaml"
    source.write_text(write(document))
    report = sync(layout, str(source))
    assert report.changed
    lines = [line for line in report.notes if line.startswith("to decide: ")]
    assert len(lines) == len(told)
    assert all(part in line for part, line in zip(told, lines, strict=True))
    assert type_errors(checkout) == []
    assert check(layout) == []


def test_a_newer_openapi_is_refused(checkout: Path, tmp_path: Path) -> None:
    """OpenAPI 3.2 is refused by name, and nothing is changed."""
    before = Layout.of(checkout).pinned.read_bytes()
    source = tmp_path / "newer.yaml"
    source.write_text(write(pinned() | {"openapi": "3.2.0"}))
    with pytest.raises(PublishedError, match=r"OpenAPI 3\.2\.0; OpenAPI 3\.0 or 3\.1 is needed"):
        sync(Layout.of(checkout), str(source))
    assert Layout.of(checkout).pinned.read_bytes() == before


@pytest.mark.parametrize(
    ("schema", "name"),
    [("Event", "event_id"), ("EventSearch", "events"), ("Event", "identification")],
)
def test_what_the_client_reads_and_a_document_lacks_is_told(
    checkout: Path, tmp_path: Path, schema: str, name: str
) -> None:
    """A property that hand-written code reads is found by the type check, with its line."""
    document = pinned()
    document["components"]["schemas"][schema]["properties"].pop(name)
    source = tmp_path / "newer.yaml"
    source.write_text(write(document))
    sync(Layout.of(checkout), str(source))
    lines = type_errors(checkout)
    assert any(f'has no attribute "{name}"' in line for line in lines)
