"""The package as it is imported."""

from __future__ import annotations

import ast
import importlib
import json
import pydoc
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import fingerprint_async
from fingerprint_async import config, errors, hooks

HEAVY = (
    "httpx",
    "httpcore",
    "attrs",
    "attr",
    "msgspec",
    "asyncio",
    "anyio",
    "ssl",
    "json",
    "inspect",
)


def modules_after(statement: str) -> set[str]:
    """Run a statement in a new interpreter and give what it has loaded then."""
    code = (
        f"{statement}\nimport sys; names = list(sys.modules); import json; print(json.dumps(names))"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return set(json.loads(run.stdout))


def test_importing_the_package_loads_nothing_else() -> None:
    """No HTTP library, no models, no extra: not before a name is asked for."""
    loaded = modules_after("import fingerprint_async") - modules_after("")
    assert {name for name in loaded if name.partition(".")[0].startswith("fingerprint_async")} == {
        "fingerprint_async"
    }
    assert not loaded & set(HEAVY)


def test_naming_the_client_loads_no_http_library() -> None:
    """Making a client doesn't either: the first call does."""
    loaded = modules_after(
        "from fingerprint_async import FingerprintClient; FingerprintClient('sk')"
    )
    assert not {name for name in loaded if name.partition(".")[0] in {"httpx", "httpcore"}}


def test_naming_a_crawl_loads_no_http_library() -> None:
    """Looking at an output that is there needs no transport."""
    loaded = modules_after("from fingerprint_async.crawl import crawl, crawl_status, export")
    assert not {name for name in loaded if name.partition(".")[0] in {"httpx", "httpcore"}}


def test_a_call_loads_its_dependencies_and_nothing_else() -> None:
    """No extra, no other HTTP library: what is declared, and the standard library."""
    code = (
        "import asyncio, httpx\n"
        "from fingerprint_async import FingerprintClient\n"
        "answer = httpx.Response(200, json={'event_id': 'a', 'timestamp': 1})\n"
        "transport = httpx.MockTransport(lambda _: answer)\n"
        "async def main():\n"
        "    async with FingerprintClient('sk', transport=transport) as client:\n"
        "        await client.events.get('a')\n"
        "asyncio.run(main())"
    )
    alone = modules_after("import asyncio, httpx, httpcore, attrs, msgspec")
    own = {"fingerprint_async", "fingerprint_async_generated", "idna"}
    loaded = {name.partition(".")[0] for name in modules_after(code) - alone}
    assert loaded - own <= set(sys.stdlib_module_names)


CLASSES = [
    value
    for name in fingerprint_async.__all__
    if isinstance(value := getattr(fingerprint_async, name), type)
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_class_can_be_looked_up(cls: type) -> None:
    """`help()` reads annotations at run time, also of types imported for type checkers only."""
    assert f"class {cls.__name__}" in pydoc.render_doc(cls, renderer=pydoc.plaintext)


def test_all_is_what_is_exported() -> None:
    """Every name of `__all__` is there, `dir()` gives the same.

    Nothing else of it is public.
    """
    names = fingerprint_async.__all__
    assert sorted(dir(fingerprint_async)) == sorted(names)
    for name in names:
        assert getattr(fingerprint_async, name) is not None
    own = {name for name in vars(fingerprint_async) if name.isidentifier() and name[0] != "_"}
    rooms = {path.stem for path in Path(fingerprint_async.__file__).parent.iterdir()}
    assert own - rooms - set(names) <= {"annotations", "import_module", "TYPE_CHECKING"}


def test_type_checkers_see_what_is_exported() -> None:
    """The names imported for type checkers are those of `__all__`."""
    tree = ast.parse(Path(fingerprint_async.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.asname
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen | {"__version__"} == set(fingerprint_async.__all__)


def test_every_error_and_option_is_exported() -> None:
    """An error that can be raised can be caught by its public name."""
    assert set(errors.__all__) <= set(fingerprint_async.__all__)
    assert set(config.__all__) <= set(fingerprint_async.__all__)
    assert set(hooks.__all__) <= set(fingerprint_async.__all__)


def test_the_version_is_that_of_the_distribution() -> None:
    """There is one place that says it."""
    assert fingerprint_async.__version__ == version("fingerprint-async")


def test_the_models_are_an_attribute() -> None:
    """`fingerprint_async.models` needs no import of its own."""
    code = "import fingerprint_async as f; f.models.Event; f.webhooks.parse_event; f.sealed.unseal"
    assert "fingerprint_async_generated.models.event" in modules_after(code)
    assert fingerprint_async.__getattr__("models") is fingerprint_async.models  # type: ignore[attr-defined]


def test_an_unknown_name_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(
        AttributeError, match="module 'fingerprint_async' has no attribute 'Client'"
    ):
        _ = fingerprint_async.Client  # type: ignore[attr-defined]


def test_loading_the_command_runs_nothing() -> None:
    """As tools do that import every module."""
    assert importlib.import_module("fingerprint_async.__main__").__name__.endswith("__main__")
