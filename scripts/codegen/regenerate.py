"""Generate the package from the pinned document, and pin a published document.

```
published document → normalise → openapi/ pinned document
→ corrections → generator + templates → generated/
```

Works in a checkout of the repository, where `openapi/` and `generated/` stand; a wheel has neither.
Nothing here imports the generated package, so that a broken one can be made anew.
"""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import attrs

from codegen import yaml_text
from codegen.corrections import add, correct
from codegen.decisions import decisions
from codegen.errors import GenerationError
from codegen.facade import import_error
from codegen.generator import (
    GENERATOR,
    HEADER,
    PACKAGE,
    format_code,
    generator_version,
    run_generator,
)
from codegen.keeping import join, kept_of
from codegen.published import Published, load
from codegen.python_code import Code
from codegen.refusals import refuse_unwritable
from codegen.servers import render_servers
from codegen.transaction import Transaction
from codegen.words import Words
from fingerprint_async.drift.addresses import ADDRESS
from fingerprint_async.drift.contract.load import parse
from fingerprint_async.drift.contract.normalise import normalise, to_json

__all__ = ["GenerationError", "Layout", "SyncReport", "check", "generate", "sync"]

TITLE: Final = "Fingerprint Server API"
_KEPT_HEADER: Final = """\
# What the pinned document lacks and the client's code still needs, from the document before:
# written by scripts/sync, joined for the generator, and dropped by scripts/generate when the client
# needs it no more.

"""


@attrs.frozen(kw_only=True)
class Layout:
    """Where the inputs and outputs of generation stand.

    Attributes:
        openapi: The folder with the pinned document, corrections, our words, names and templates.
        generated: The folder that holds the generated package.
    """

    openapi: Path
    generated: Path

    @property
    def client(self) -> Path:
        """The folder of the hand-written package, which need not be there."""
        return self.openapi.parent / "fingerprint_async"

    @classmethod
    def of(cls, root: Path) -> Layout:
        """Give the layout of a checkout of the repository."""
        return cls(
            openapi=root / "openapi",
            generated=root / "generated",
        )

    @property
    def pinned(self) -> Path:
        """The pinned document."""
        return self.openapi / "fingerprint-server-api-v4.yaml"

    @property
    def kept(self) -> Path:
        """What the pinned document lacks and the client still needs."""
        return self.openapi / "kept.yaml"

    @property
    def provenance(self) -> Path:
        """The record of what was generated from what."""
        return self.openapi / "provenance.json"


@attrs.frozen(kw_only=True)
class SyncReport:
    """What taking in a document did.

    Attributes:
        changed: Whether the pinned document is another one now.
        notes: Corrections that this document does not need, words that are missing.
    """

    changed: bool
    notes: list[str]


def generate(layout: Layout) -> list[str]:
    """Write the generated package, whole, from `layout.openapi`, and record its hash.

    Returns:
        Notes: corrections that the document does not need, words that are missing or no longer
        asked for, what a person must decide.

    Raises:
        GenerationError: A correction does not apply, the generator warned, or its code is not
            valid.
    """
    with tempfile.TemporaryDirectory() as folder, Transaction() as change:
        made = _make(layout, Path(folder))
        change.folder(layout.generated / PACKAGE, made.package)
        if made.kept != _kept_text(layout):
            change.file(layout.kept, made.kept)
        facts = {
            "generator": f"{GENERATOR} {generator_version()}",
            "tree_sha256": tree_hash(made.package),
        }
        change.file(layout.provenance, _record(layout, facts))
    return made.notes


def check(layout: Layout) -> list[str]:
    """Generate aside, and compare with what stands there.

    Returns:
        What differs, a line each; empty when regenerating would change nothing.

    Raises:
        GenerationError: As `generate`.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = _make(layout, Path(folder))
        wanted, found = _files(made.package), _files(layout.generated / PACKAGE)
        differences = [
            f"{layout.generated.name}/{PACKAGE}/{name}:"
            f" {_difference(wanted.get(name), found.get(name))}"
            for name in sorted(wanted.keys() | found.keys())
            if wanted.get(name) != found.get(name)
        ]
        if made.kept != _kept_text(layout):
            differences.append(f"{layout.openapi.name}/{layout.kept.name}: differs")
        recorded = _recorded(layout).get("tree_sha256")
        if not differences and recorded != tree_hash(made.package):
            differences.append(
                f"{layout.openapi.name}/{layout.provenance.name}: records another tree"
            )
    return differences


def sync(
    layout: Layout, source: str | Published, *, schema_version: str | None = None
) -> SyncReport:
    """Take in a published document: pin its facts, regenerate, and record where it came from.

    Whatever fails, and however, the checkout stays as it was.

    Args:
        layout: The checkout.
        source: A path or an address, or what was read from there. A file is recorded under the
            address that the vendor serves it at.
        schema_version: The vendor's version of the document, where it is known.

    Raises:
        PublishedError: The document cannot be read.
        GenerationError: As `generate`.
    """
    published = load(source) if isinstance(source, str) else source
    canonical = normalise(published.document, title=TITLE)
    text = yaml_text.write(canonical)
    before = layout.pinned.read_text(encoding="utf-8") if layout.pinned.exists() else None
    with tempfile.TemporaryDirectory() as folder, Transaction() as change:
        aside = attrs.evolve(layout, openapi=Path(folder) / "openapi")
        shutil.copytree(layout.openapi, aside.openapi)
        aside.pinned.write_text(text, encoding="utf-8")
        made = _make(aside, Path(folder), previous=_previous(layout), client=layout.client)
        _refuse_broken(layout.client, made.package)
        record = {
            "source": published.address or ADDRESS,
            "source_sha256": published.sha256,
            "api_version": canonical["info"]["version"],
            "generator": f"{GENERATOR} {generator_version()}",
            "tree_sha256": tree_hash(made.package),
        }
        if before != text or schema_version:
            record["schema_version"] = schema_version or ""
        change.file(layout.pinned, text)
        if made.kept != _kept_text(layout):
            change.file(layout.kept, made.kept)
        change.folder(layout.generated / PACKAGE, made.package)
        change.file(layout.provenance, _record(layout, record))
    return SyncReport(changed=before != text, notes=made.notes)


def _recorded(layout: Layout) -> dict[str, str]:
    if not layout.provenance.exists():
        return {}
    recorded: dict[str, str] = json.loads(layout.provenance.read_text(encoding="utf-8"))
    return recorded


def _record(layout: Layout, facts: dict[str, str]) -> str:
    """The record of what was generated from what, with these facts in it."""
    record = {key: value for key, value in sorted((_recorded(layout) | facts).items()) if value}
    return json.dumps(record, indent=2) + "\n"


def _difference(wanted: bytes | None, found: bytes | None) -> str:
    if found is None:
        return "missing"
    return "not generated" if wanted is None else "differs"


def tree_hash(package: Path) -> str:
    """Give one SHA-256 for all the files of a generated package, by path and content."""
    digest = hashlib.sha256()
    for name, content in sorted(_files(package).items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _files(package: Path) -> dict[str, bytes]:
    return {
        path.relative_to(package).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _read_yaml(path: Path) -> Any:
    try:
        return parse(path.read_bytes())
    except FileNotFoundError:
        raise GenerationError(
            f"{path} is missing: generation works in a checkout of the repository"
        ) from None


@attrs.frozen
class _Made:
    package: Path
    notes: list[str]
    kept: str


def _document(layout: Layout) -> tuple[dict[str, Any], list[str]]:
    """The pinned document, corrected, with the additions."""
    pinned = _read_yaml(layout.pinned)
    document, notes = correct(pinned, _read_yaml(layout.openapi / "corrections.yaml") or [])
    return document, notes + add(document, _read_yaml(layout.openapi / "additions.yaml") or {})


def _previous(layout: Layout) -> dict[str, Any]:
    """The document that code was generated from; empty where that cannot be told."""
    try:
        document, _ = _document(layout)
    except GenerationError:
        return {}
    join(document, _kept(layout))
    return document


def _kept(layout: Layout) -> dict[str, Any]:
    kept: dict[str, Any] = parse(layout.kept.read_bytes()) if layout.kept.exists() else {}
    return kept or {}


def _kept_text(layout: Layout) -> str:
    return layout.kept.read_text(encoding="utf-8") if layout.kept.exists() else _write_kept({})


def _write_kept(kept: dict[str, Any]) -> str:
    return _KEPT_HEADER + (yaml_text.write(kept) if kept else "{}\n")


def _refuse_broken(client: Path, package: Path) -> None:
    """Refuse code that the client cannot be imported with.

    Raises:
        GenerationError: It cannot be imported.
    """
    said = import_error(client, package) if client.is_dir() else None
    if said is not None:
        raise GenerationError(
            f"the client could not be imported any more, so nothing was written: {said}"
        )


def _make(
    layout: Layout,
    folder: Path,
    *,
    previous: dict[str, Any] | None = None,
    client: Path | None = None,
) -> _Made:
    client = client or layout.client
    document, notes = _document(layout)
    kept: dict[str, Any] = {}
    told: list[str] = []
    if client.is_dir():
        if previous is None:
            previous = copy.deepcopy(document)
            join(previous, _kept(layout))
        kept = kept_of(document, previous, client)
        told = decisions(document, client)
        join(document, kept)
    refuse_unwritable(document)
    code = Code(document, _read_yaml(layout.openapi / "config.yaml") or {})
    words = Words(_read_yaml(layout.openapi / "overlay.yaml") or {})
    package = folder / PACKAGE
    run_generator(document, layout.openapi / "templates", package, code, words)
    (package / "servers.py").write_text(render_servers(document, HEADER), encoding="utf-8")
    packaged = to_json(_read_yaml(layout.pinned))
    (package / "openapi.json").write_text(packaged, encoding="utf-8")
    (package / "py.typed").touch()
    format_code(package)
    notes += [
        f"openapi/config.yaml names a base of {name}, which the document has no schema of"
        for name in code.bases_of_nothing()
    ]
    notes += [f"openapi/overlay.yaml has no words for {key}" for key in words.missing()]
    notes += [
        f"openapi/overlay.yaml has words that nothing asks for: {key}" for key in words.stale()
    ]
    return _Made(package, [*notes, *told], _write_kept(kept))
