"""Who may import whom, beyond the order of layers in `.importlinter`; annotations count as well."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import grimp
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).resolve().parents[2]
OURS = "fingerprint_async"
GENERATED = "fingerprint_async_generated"

SEEN_BY = {
    GENERATED: {
        f"{OURS}.models",
        f"{OURS}.regions",
        f"{OURS}.resources",
        f"{OURS}.blocking",
        f"{OURS}.drift.stubs",
    },
    "httpx": {
        f"{OURS}._http.backends",
        f"{OURS}.config",
        f"{OURS}.drift.fetch",
        f"{OURS}.testing.carriers.httpx_transport",
        f"{OURS}.testing.routes",
        f"{OURS}._runtime.request",
        f"{GENERATED}.api",
    },
    "httpx2": {f"{OURS}._http.backends", f"{OURS}.config"},
    "httpcore": {f"{OURS}._http.backends"},
    "httpcore2": {f"{OURS}._http.backends"},
    "pyreqwest": {f"{OURS}._http.backends.pyreqwest"},
    "redis": {f"{OURS}.ratelimit", f"{OURS}.replays"},
    "cryptography": {f"{OURS}.sealed", f"{OURS}.testing.signing"},
}
"""What only some modules may import."""

THE_EMULATOR = {
    f"{OURS}.testing.{name}"
    for name in ("emulator", "carriers", "signing", "factories", "synthetic")
}
SEES_ONLY = {
    f"{OURS}._runtime": {f"{OURS}._runtime"},
    GENERATED: {GENERATED, f"{OURS}._runtime"},
    # A fault that emulator and client share would be invisible.
    **dict.fromkeys(THE_EMULATOR, THE_EMULATOR),
    f"{OURS}.drift.contract": {f"{OURS}.drift.contract"},
}
"""All that some packages may import of ours."""


def within(module: str, packages: Iterable[str]) -> bool:
    """Whether a module is one of some packages, or stands in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    """All imports, those of annotations too."""
    return grimp.build_graph(OURS, GENERATED, include_external_packages=True, cache_dir=None)


@pytest.mark.parametrize("seen", sorted(SEEN_BY))
def test_a_module_is_seen_by_those_it_is_for(graph: grimp.ImportGraph, seen: str) -> None:
    """Nothing else imports it."""
    importers = {
        importer
        for module in graph.modules
        if within(module, [seen])
        for importer in graph.find_modules_that_directly_import(module)
    }
    assert importers
    assert sorted(name for name in importers if not within(name, {seen} | SEEN_BY[seen])) == []


def test_nothing_of_ours_imports_the_packages_front(graph: grimp.ImportGraph) -> None:
    """A module names the module that it means, so that no import goes up."""
    assert sorted(graph.find_modules_that_directly_import(OURS)) == []


@pytest.mark.parametrize("package", sorted(SEES_ONLY))
def test_a_package_sees_only_what_it_stands_on(graph: grimp.ImportGraph, package: str) -> None:
    """It imports nothing else of ours."""
    ours = [name for name in graph.modules if within(name, [OURS, GENERATED])]
    if not any(within(name, [package]) for name in ours):
        pytest.skip(f"{package} is not there yet")
    seen = {
        (importer, imported)
        for importer in ours
        if within(importer, [package])
        for imported in graph.find_modules_directly_imported_by(importer)
        if within(imported, [OURS, GENERATED])
    }
    assert sorted(pair for pair in seen if not within(pair[1], SEES_ONLY[package])) == []


def test_the_layers_hold() -> None:
    """Every module has a layer, imports go down, and no cycle stands anywhere."""
    run = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", run, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_a_module_without_a_layer_is_found(tmp_path: Path) -> None:
    """A new module fails the check until somebody decides where it stands."""
    package = tmp_path / OURS
    package.mkdir()
    for name in ("__init__", "errors", "nowhere"):
        (package / f"{name}.py").touch()
    rules = (ROOT / ".importlinter").read_text()
    (tmp_path / "rules.ini").write_text(
        f"[importlinter]\nroot_package = {OURS}\n\n"
        "[importlinter:contract:layers]\nname = Layers\ntype = layers\n"
        f"containers =\n    {OURS}\nexhaustive = True\nlayers =\n    errors\n"
    )
    assert rules.count("exhaustive = True") == rules.count("type = layers")
    run = "from importlinter.cli import lint_imports_command as main; main()"
    done = subprocess.run(
        [sys.executable, "-c", run, "--no-cache", "--config", "rules.ini"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "nowhere" in done.stdout
