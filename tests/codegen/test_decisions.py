"""What a person must still decide after a document was taken in."""

from __future__ import annotations

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from codegen.command import main
from codegen.corrections import add, correct
from codegen.decisions import decisions
from codegen.facade import type_errors
from codegen.regenerate import Layout, check, generate, sync
from codegen.servers import render_servers, server_constants
from codegen.yaml_text import write
from fingerprint_async import FingerprintClient, RateLimit, Region
from fingerprint_async._http.operations import OPERATIONS
from fingerprint_async.drift.contract.load import parse

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
HERE = Layout.of(ROOT)


def document() -> dict[str, Any]:
    """The document that code is generated from."""
    pinned = parse(HERE.pinned.read_bytes())
    corrected, _ = correct(pinned, parse((HERE.openapi / "corrections.yaml").read_bytes()))
    add(corrected, parse((HERE.openapi / "additions.yaml").read_bytes()))
    return corrected


def test_nothing_is_left_to_decide() -> None:
    """What the document and the client say of operations, filters, servers and models agrees."""
    assert decisions(document(), HERE.client) == []


def _operation(changed: dict[str, Any]) -> None:
    changed["paths"]["/lists"] = {
        "parameters": [],
        "get": {"operationId": "getLists", "responses": {}},
    }


def _nameless(changed: dict[str, Any]) -> None:
    changed["paths"]["/lists"] = {"delete": {"responses": {}}}


def _moved(changed: dict[str, Any]) -> None:
    changed["paths"]["/people/{visitor_id}"] = changed["paths"].pop("/visitors/{visitor_id}")


def _gone(changed: dict[str, Any]) -> None:
    del changed["paths"]["/edge"]


def _property(changed: dict[str, Any]) -> None:
    changed["components"]["schemas"]["EventUpdate"]["properties"]["caseId"] = {"type": "string"}


def _bounds(changed: dict[str, Any]) -> None:
    changed["components"]["parameters"] = {
        "age": {"name": "age", "in": "query", "schema": {"$ref": "#/components/schemas/Age"}}
    }
    changed["components"]["schemas"]["Age"] = {"type": "integer", "minimum": 3}
    changed["paths"]["/events"]["get"]["parameters"].append({"$ref": "#/components/parameters/age"})


def _server(changed: dict[str, Any]) -> None:
    changed["servers"].insert(0, {"url": "https://sa.api.fpjs.io/v4/"})


def _version(changed: dict[str, Any]) -> None:
    changed["servers"].append({"url": "https://eu.api.fpjs.io/v5"})


def _variable(changed: dict[str, Any]) -> None:
    changed["servers"].append({"url": "https://{region}.api.fpjs.io/v4"})


def _no_server(changed: dict[str, Any]) -> None:
    changed["servers"] = changed["servers"][:2]


def _schema(changed: dict[str, Any], name: str) -> dict[str, Any]:
    schema: dict[str, Any] = changed["components"]["schemas"][name]
    return schema


def _no_linked_id(changed: dict[str, Any]) -> None:
    del _schema(changed, "EventUpdate")["properties"]["linked_id"]


def _no_second_address(changed: dict[str, Any]) -> None:
    del _schema(changed, "EdgeRequest")["properties"]["ipv6_address"]


def _composed(changed: dict[str, Any]) -> None:
    rest = _schema(changed, "EventUpdate")
    rest["properties"].pop("tags")
    changed["components"]["schemas"]["EventUpdate"] = {"allOf": [rest]}


def _no_body(changed: dict[str, Any]) -> None:
    del changed["paths"]["/events/{event_id}/feedback"]["post"]["requestBody"]


def _parameters(changed: dict[str, Any], path: str) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = changed["paths"][path]["get"]["parameters"]
    return parameters


def _without(changed: dict[str, Any], path: str, name: str) -> None:
    parameters = _parameters(changed, path)
    parameters[:] = [each for each in parameters if each.get("name") != name]


def _no_ruleset(changed: dict[str, Any]) -> None:
    _without(changed, "/events/{event_id}", "ruleset_id")


def _more_of_an_event(changed: dict[str, Any]) -> None:
    given = {"in": "query", "name": "detail", "schema": {"type": "string"}}
    _parameters(changed, "/events/{event_id}").append(given)


def _no_bounded_filter(changed: dict[str, Any]) -> None:
    _without(changed, "/events", "total_hits")


def _no_time_filter(changed: dict[str, Any]) -> None:
    _without(changed, "/events", "end")


def _no_checked_filter(changed: dict[str, Any]) -> None:
    _without(changed, "/events", "ip_address")


def _other_id(changed: dict[str, Any]) -> None:
    changed["paths"]["/visitors/{visitor_id}"]["delete"]["operationId"] = "erasePerson"


def _other_parameter(changed: dict[str, Any]) -> None:
    paths = changed["paths"]
    paths["/visitors/{id}"] = paths.pop("/visitors/{visitor_id}")
    paths["/visitors/{id}"]["delete"]["parameters"][0]["name"] = "id"


def _other_method(changed: dict[str, Any]) -> None:
    item = changed["paths"]["/visitors/{visitor_id}"]
    item["post"] = item.pop("delete")


def _no_answer(changed: dict[str, Any]) -> None:
    changed["paths"]["/events/{event_id}"]["get"]["responses"].pop("200")


def _an_answer(changed: dict[str, Any]) -> None:
    responses = changed["paths"]["/events/{event_id}"]["patch"]["responses"]
    responses["200"] = {"content": {"application/json": {"schema": {"type": "object"}}}}


def _no_schema(changed: dict[str, Any]) -> None:
    schemas = changed["components"]["schemas"]
    schemas["Happening"] = schemas.pop("Event")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (_no_linked_id, "/events/{event_id}) has no property linked_id any more; events.update"),
        (_no_second_address, "(POST /edge) has no property ipv6_address any more; edge.analyze"),
        (
            _composed,
            "(PATCH /events/{event_id}) has no property tags any more; events.update sends",
        ),
        (_no_body, "no property reset_identification_confidence_score any more; events.feedback"),
        (_no_ruleset, "getEvent (GET /events/{event_id}) has no parameter ruleset_id any more"),
        (_more_of_an_event, "the parameter detail of getEvent (GET /events/{event_id}) is no arg"),
        (_no_bounded_filter, "the search has no filter total_hits any more; fingerprint_async/res"),
        (_no_time_filter, "the search has no filter end any more"),
        (_no_checked_filter, "the search has no filter ip_address any more"),
        (_other_id, "deleteVisitorData of fingerprint_async/_http/operations.py is called erasePe"),
        (
            _other_parameter,
            "deleteVisitorData (DELETE /visitors/{id}) is DELETE /visitors/{visitor",
        ),
        (_other_method, "deleteVisitorData (POST /visitors/{visitor_id}) is DELETE /visitors/"),
        (_no_answer, "a success of getEvent (GET /events/{event_id}) has no body, and a body in"),
        (_an_answer, "a success of updateEvent (PATCH /events/{event_id}) has a body, and no body"),
        (_no_schema, "the document has no schema for Event any more; fingerprint_async/"),
        (_operation, "the operation getLists (GET /lists) has no record"),
        (_nameless, "the operation delete /lists (DELETE /lists) has no record"),
        (_moved, "deleteVisitorData (DELETE /people/{visitor_id}) is DELETE /visitors/"),
        (_gone, "no operation analyzeRequestForAutomationIntelligence any more"),
        (_property, "caseId of the body of updateEvent (PATCH /events/{event_id}) is no argument"),
        (_bounds, "the filter age has bounds (minimum 3)"),
        (_server, "the server https://sa.api.fpjs.io/v4 (SA_API_FPJS_IO) belongs to no region"),
        (_version, "the server https://eu.api.fpjs.io/v5 (EU_API_FPJS_IO_V5) belongs to no"),
        (_variable, "the server 'https://{region}.api.fpjs.io/v4' has no address"),
        (_no_server, "needs the server AP_API_FPJS_IO, which the document lacks"),
    ],
)
def test_what_must_be_decided_is_one_line(
    edit: Callable[[dict[str, Any]], None], said: str
) -> None:
    """Each is told with its place in the document and the file where it is decided."""
    changed = copy.deepcopy(document())
    edit(changed)
    [line] = decisions(changed, HERE.client)
    assert line.startswith("to decide: ")
    assert said in line


async def test_records_say_what_is_sent() -> None:
    """The body and the parameters of a record are those that its method sends, all of them."""
    sent: dict[str, tuple[set[str], set[str]]] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        body = set(json.loads(request.content)) if request.content else set()
        name = f"{request.method} {request.url.path.removeprefix('/v4')}"
        sent[name] = (body, set(request.url.params) - {"ii"})
        return httpx.Response(200, json={"event_id": "e", "events": []})

    transport = httpx.MockTransport(answer)
    async with FingerprintClient("k", transport=transport, rate_limit=RateLimit.off()) as client:
        await client.events.get("e", ruleset_id="r")
        await client.events.search(limit=3)
        await client.events.update("e", linked_id="a", tags={"a": 1}, suspect=True)
        await client.events.feedback("e", reset_identification_confidence_score=True)
        await client.visitors.delete("e")
        await client.edge.analyze(
            method="GET",
            url="https://a.example/",
            headers=[("accept", "*/*")],
            ip=["192.0.2.1", "2001:db8::1"],
            linked_id="a",
            tags={"a": 1},
        )
    for record in OPERATIONS.values():
        body, query = sent.pop(f"{record.method} {re.sub('{.*?}', 'e', record.path)}")
        assert body == set(record.body)
        assert record.query is None or query == set(record.query)
    assert not sent


def _all_goes(changed: dict[str, Any]) -> None:
    """A server, an operation with its schemas, names, tags, a schema and an enum that go."""
    del changed["paths"]["/edge"]
    schemas = changed["components"]["schemas"]
    for name in [name for name in schemas if name.startswith("Edge")]:
        del schemas[name]
    _no_server(changed)
    _other_id(changed)
    _other_parameter(changed)
    changed["paths"]["/events"]["get"]["tags"] = ["Activity"]
    _no_ruleset(changed)
    text = json.dumps(changed).replace("#/components/schemas/EventUpdate", "#/components/schemas/C")
    changed.clear()
    changed.update(json.loads(text))
    changed["components"]["schemas"]["C"] = changed["components"]["schemas"].pop("EventUpdate")
    _without(changed, "/events", "ip_address")


def _pinned() -> dict[str, Any]:
    document: dict[str, Any] = parse(HERE.pinned.read_bytes())
    return document


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What generation and the client need of a checkout."""
    root = tmp_path / "checkout"
    for name in ("openapi", "generated", "fingerprint_async"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


USED = """
import sys
sys.path[:0] = [sys.argv[1], sys.argv[1] + "/generated"]
import fingerprint_async
from fingerprint_async import FingerprintClient, Region
assert fingerprint_async.__file__.startswith(sys.argv[1])
FingerprintClient("k", region="ap").edge.analyze
print(Region.AP.base_url)
"""


def used(root: Path) -> subprocess.CompletedProcess[str]:
    """Use the client of a checkout."""
    command = [sys.executable, "-c", USED, str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)


@pytest.mark.slow
def test_what_goes_is_kept_until_a_person_decides(checkout: Path, tmp_path: Path) -> None:
    """The client can be imported after whatever went, and each thing is told once."""
    layout = Layout.of(checkout)
    document = _pinned()
    _all_goes(document)
    source = tmp_path / "newer.yaml"
    source.write_text(write(document))
    lines = [line for line in sync(layout, str(source)).notes if line.startswith("to decide: ")]
    for part in (
        "the document has no operation analyzeRequestForAutomationIntelligence any more",
        "the operation deleteVisitorData of fingerprint_async/_http/operations.py is called eras",
        "needs the server AP_API_FPJS_IO, which the document lacks",
        "no schema for EdgeRequest any more",
        "no schema for EdgeResponse any more",
        "no schema for EventUpdate any more",
        "the search has no filter ip_address any more",
        "getEvent (GET /events/{event_id}) has no parameter ruleset_id any more; events.get sends",
    ):
        assert sum(part in line for line in lines) == 1, part
    assert len(lines) == 8
    assert used(checkout).stdout.strip() == "https://ap.api.fpjs.io/v4"
    assert check(layout) == []
    packaged = (layout.generated / "fingerprint_async_generated" / "openapi.json").read_text()
    assert "ap.api.fpjs.io" not in packaged
    # Taken in once more, it is still there, and still told.
    assert [line for line in sync(layout, str(source)).notes if line in lines] == lines
    assert check(layout) == []
    # A person decides about one: it goes, the rest stays.
    regions = layout.client / "regions.py"
    regions.write_text(
        regions.read_text()
        .replace("AP_API_FPJS_IO, ", "")
        .replace("Region.AP: AP_API_FPJS_IO", 'Region.AP: "https://elsewhere.example"')
    )
    assert check(layout) != []
    generate(layout)
    assert check(layout) == []
    assert "ap.api" not in layout.kept.read_text()
    assert "/edge" in layout.kept.read_text()
    assert used(checkout).stdout.strip() == "https://elsewhere.example"
    # A document that has all of it again leaves nothing to keep.
    assert sync(layout, str(_written(tmp_path, _pinned()))).changed
    assert layout.kept.read_text() == HERE.kept.read_text()


def _written(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "written.yaml"
    path.write_text(write(document))
    return path


@pytest.mark.slow
def test_a_client_that_would_break_stays_as_it_is(
    checkout: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code that needs what no document explains is named, and nothing is written."""
    layout = Layout.of(checkout)
    schemas = (layout.client / "resources" / "visitors.py").open("a")
    with schemas as file:
        file.write("\nfrom fingerprint_async_generated.models.event import Gone as Gone\n")
    document = _pinned()
    _filter_of(document, "newer")
    before = layout.pinned.read_bytes()
    assert main(checkout, [str(_written(tmp_path, document))]) == 2
    said = capsys.readouterr().err
    assert "the client could not be imported any more, so nothing was written: ImportError" in said
    assert "'Gone'" in said
    assert layout.pinned.read_bytes() == before


def _filter_of(changed: dict[str, Any], name: str) -> None:
    given = {"in": "query", "name": name, "schema": {"type": "boolean"}}
    _parameters(changed, "/events").append(given)


def test_a_record_without_a_method_is_told(tmp_path: Path) -> None:
    """A record alone is no way to call an operation."""
    client = tmp_path / "client"
    (client / "resources").mkdir(parents=True)
    for name in ("_http/operations.py", "regions.py", "resources/events.py"):
        (client / name).parent.mkdir(exist_ok=True)
        shutil.copy(HERE.client / name, client / name)
    lines = decisions(document(), client)
    assert any("has no method analyze in fingerprint_async/resources/edge.py" in x for x in lines)
    assert not any("has no method get " in line for line in lines)


def test_regions_follow_the_servers_of_the_document() -> None:
    """A document of another server version moves every region."""
    moved = {"servers": [{"url": region.base_url[:-1] + "5"} for region in Region]}
    assert server_constants(moved) == {
        "API_FPJS_IO": "https://api.fpjs.io/v5",
        "AP_API_FPJS_IO": "https://ap.api.fpjs.io/v5",
        "EU_API_FPJS_IO": "https://eu.api.fpjs.io/v5",
    }
    assert {region.base_url for region in Region} == set(server_constants(document()).values())


@pytest.mark.parametrize(
    "url", ["/v4", "http://api.fpjs.io/v4", "https://[/v4", "", "ftp://a.b", "https://{a}.b", 5]
)
def test_what_no_client_could_call_is_no_constant(url: object) -> None:
    """Only an absolute https address becomes the address of a region."""
    servers = {"servers": [{"url": url}, 7]}
    assert server_constants(servers) == {}
    compile(render_servers(servers, "# header"), "servers.py", "exec")


def test_servers_do_not_depend_on_their_order() -> None:
    """The same servers in another order, or twice, are the same module."""
    urls = ["https://a.test/v4", "https://a.test/v5", "https://b.test", "https://a.test/v4/"]
    forms = {
        render_servers({"servers": [{"url": url} for url in order]}, "#")
        for order in (urls, urls[::-1])
    }
    assert len(forms) == 1
    assert "A_TEST_V5: Final = 'https://a.test/v5'" in forms.pop()


def test_the_client_is_type_checked_against_generated_code(tmp_path: Path) -> None:
    """What no longer fits is told with its line.

    What fits, and a checkout without a client, says nothing.
    """
    assert type_errors(tmp_path) == []
    client = tmp_path / "fingerprint_async"
    client.mkdir()
    (tmp_path / "generated" / "made").mkdir(parents=True)
    (tmp_path / "generated" / "made" / "__init__.py").write_text("KEPT: int = 1\n")
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nmypy_path = ["generated"]\n')
    (client / "__init__.py").write_text("from made import KEPT\n")
    assert type_errors(tmp_path) == []
    (client / "__init__.py").write_text("from made import KEPT, GONE\n" * 25)
    lines = type_errors(tmp_path)
    assert "fingerprint_async/__init__.py:1: error" in lines[0].replace("\\", "/")
    assert lines[0].startswith("the client does not fit the generated code: ")
    assert len(lines) <= 21


def test_what_could_not_be_checked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is never shown as a good one."""
    (tmp_path / "fingerprint_async").mkdir()
    [line] = type_errors(tmp_path)
    assert line == "the types were not checked: the checkout has no pyproject.toml"
    (tmp_path / "pyproject.toml").touch()
    outcomes: list[Any] = [
        subprocess.CompletedProcess([], 1, "", f"{sys.executable}: No module named mypy"),
        subprocess.CompletedProcess([], 2, "", "INTERNAL ERROR"),
        subprocess.TimeoutExpired([], 1),
    ]

    def run(*_: Any, **__: Any) -> Any:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    monkeypatch.setattr(subprocess, "run", run)
    while outcomes:
        [line] = type_errors(tmp_path)
        assert line.startswith("the types were not checked: ")
