"""What a person must still decide after a document was taken in."""

from __future__ import annotations

import copy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from codegen.corrections import add, correct
from codegen.decisions import decisions
from codegen.facade import type_errors
from codegen.regenerate import Layout
from codegen.servers import render_servers, server_constants
from fingerprint_async import Region
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
    """Every operation, body, bounded filter and server of the document has its place in the client."""
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


@pytest.mark.parametrize(
    ("edit", "said"),
    [
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
    """What no longer fits is told with its line; what fits, and a checkout without a client, says nothing."""
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
