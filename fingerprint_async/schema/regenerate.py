"""From the pinned document to the generated package, and from a published document to the pinned one.

```
published document → normalise → openapi/ pinned document → corrections → generator + templates → generated/
```

Works in a checkout of the repository, where `openapi/` and `generated/` stand; a wheel has neither.
Nothing here imports the generated package, so that a broken one can be made anew.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from fingerprint_async.schema import _pointer, _yaml
from fingerprint_async.schema.normalise import normalise, to_json
from fingerprint_async.schema.published import ADDRESS, load

if TYPE_CHECKING:
    from fingerprint_async.schema._code import Code, Words

__all__ = ["GenerationError", "Layout", "SyncReport", "check", "generate", "sync"]

PACKAGE: Final = "fingerprint_async_generated"
GENERATOR: Final = "openapi-python-client"


class GenerationError(Exception):
    """The client cannot be generated as it must be; the message says what to look at."""


@attrs.frozen(kw_only=True)
class Layout:
    """Where the inputs and outputs of generation stand.

    Attributes:
        openapi: The folder with the pinned document, corrections, our words, names and templates.
        generated: The folder that holds the generated package.
        facade: The folder of the `fingerprint_async` package, whose `models.py` is written too; None for
            the generated package alone.
    """

    openapi: Path
    generated: Path
    facade: Path | None = None

    @classmethod
    def of(cls, root: Path) -> Layout:
        """Give the layout of a checkout of the repository."""
        return cls(
            openapi=root / "openapi",
            generated=root / "generated",
            facade=root / "fingerprint_async",
        )

    @property
    def pinned(self) -> Path:
        """The pinned document."""
        return self.openapi / "fingerprint-server-api-v4.yaml"

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
    """Write the generated package, whole, from what stands in `layout.openapi`, and record its hash.

    Returns:
        Notes: corrections that the document does not need, words that are missing or no longer asked for.

    Raises:
        GenerationError: A correction does not apply, the generator warned, or its code is not valid.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = _make(layout, Path(folder))
        package = layout.generated / PACKAGE
        if package.exists():
            shutil.rmtree(package)
        layout.generated.mkdir(parents=True, exist_ok=True)
        shutil.copytree(made.package, package)
        if layout.facade is not None:
            shutil.copy(made.facade, layout.facade / "models.py")
    _record(
        layout,
        {"generator": f"{GENERATOR} {_generator_version()}", "tree_sha256": tree_hash(package)},
    )
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
            f"{layout.generated.name}/{PACKAGE}/{name}: {_difference(wanted.get(name), found.get(name))}"
            for name in sorted(wanted.keys() | found.keys())
            if wanted.get(name) != found.get(name)
        ]
        if layout.facade is not None:
            path = layout.facade / "models.py"
            facade = path.read_bytes() if path.exists() else None
            if facade != made.facade.read_bytes():
                differences.append(f"{path.parent.name}/{path.name}: {_difference(b'', facade)}")
        recorded = _recorded(layout).get("tree_sha256")
        if not differences and recorded != tree_hash(made.package):
            differences.append(
                f"{layout.openapi.name}/{layout.provenance.name}: records another tree"
            )
    return differences


def sync(layout: Layout, source: str, *, schema_version: str | None = None) -> SyncReport:
    """Take in a published document: pin its facts, regenerate, and record where it came from.

    Args:
        layout: The checkout.
        source: A path or an address. A file is recorded under the address that the vendor serves it at.
        schema_version: The vendor's version of the document, where it is known.

    Raises:
        PublishedError: The document cannot be read.
        GenerationError: As `generate`; the pinned document is left as it was then.
    """
    published = load(source)
    text = _yaml.write(normalise(published.document))
    before = layout.pinned.read_text(encoding="utf-8") if layout.pinned.exists() else None
    layout.pinned.write_text(text, encoding="utf-8")
    try:
        notes = generate(layout)
    except GenerationError:
        if before is None:
            layout.pinned.unlink()
        else:
            layout.pinned.write_text(before, encoding="utf-8")
        raise
    record = {
        "source": published.address or ADDRESS,
        "source_sha256": published.sha256,
        "api_version": normalise(published.document)["info"]["version"],
    }
    if before != text or schema_version:
        record["schema_version"] = schema_version or ""
    _record(layout, record)
    return SyncReport(changed=before != text, notes=notes)


def _recorded(layout: Layout) -> dict[str, str]:
    if not layout.provenance.exists():
        return {}
    recorded: dict[str, str] = json.loads(layout.provenance.read_text(encoding="utf-8"))
    return recorded


def _record(layout: Layout, facts: dict[str, str]) -> None:
    record = {key: value for key, value in sorted((_recorded(layout) | facts).items()) if value}
    layout.provenance.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def _difference(wanted: bytes | None, found: bytes | None) -> str:
    if found is None:
        return "missing"
    return "not generated" if wanted is None else "differs"


def _generator_version() -> str:
    from importlib.metadata import version

    return version(GENERATOR)


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
        return _yaml.parse(path.read_bytes())
    except FileNotFoundError:
        raise GenerationError(
            f"{path} is missing: generation works in a checkout of the repository"
        ) from None


@attrs.frozen
class _Made:
    package: Path
    facade: Path
    notes: list[str]


def _make(layout: Layout, folder: Path) -> _Made:
    from fingerprint_async.schema._code import Code, Words

    pinned = _read_yaml(layout.pinned)
    document, notes = correct(pinned, _read_yaml(layout.openapi / "corrections.yaml") or [])
    code = Code(document, _read_yaml(layout.openapi / "config.yaml") or {})
    words = Words(_read_yaml(layout.openapi / "overlay.yaml") or {})
    made = _Made(folder / PACKAGE, folder / "models.py", notes)
    _run_generator(document, layout.openapi / "templates", made, code, words)
    (made.package / "openapi.json").write_text(to_json(pinned), encoding="utf-8")
    (made.package / "py.typed").touch()
    _format(made.package, made.facade)
    notes += [f"openapi/overlay.yaml has no words for {key}" for key in words.missing()]
    notes += [
        f"openapi/overlay.yaml has words that nothing asks for: {key}" for key in words.stale()
    ]
    return made


def correct(
    document: dict[str, Any], corrections: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """Apply the corrections to a copy of the document.

    Returns:
        The corrected document, and a note for each correction that the document does not need.

    Raises:
        GenerationError: A place to correct is gone or holds something else.
    """
    document = copy.deepcopy(document)
    notes: list[str] = []
    schemas = document.get("components", {}).get("schemas", {})
    for correction in corrections:
        pointer = correction["pointer"]
        since = correction.get("since")
        if since is not None and since not in schemas:
            notes.append(f"the correction of {pointer} is not needed: the document has no {since}")
            continue
        parent, key = _locate(document, pointer)
        found = None if parent is None else parent.get(key)
        if parent is not None and found == correction["expect"]:
            parent[key] = copy.deepcopy(correction["replace"])
        elif found in (correction.get("unless") or []):
            notes.append(
                f"the correction of {pointer} is not needed: it stands there as {json.dumps(found)}"
            )
        else:
            expected = json.dumps(correction["expect"])
            raise GenerationError(
                f"the correction of {pointer} no longer applies: it expects {expected}, the document has"
                f" {json.dumps(found)}; see openapi/corrections.yaml, which says why: {correction['why'].strip()}"
            )
    return document, notes


def _locate(document: dict[str, Any], pointer: str) -> tuple[dict[str, Any] | None, str]:
    *parents, key = _pointer.steps(pointer)
    place: Any = document
    for part in parents:
        place = place.get(part) if isinstance(place, dict) else None
    return (place if isinstance(place, dict) else None), key


def _run_generator(
    document: dict[str, Any], templates: Path, made: _Made, code: Code, words: Words
) -> None:
    try:
        from openapi_python_client import Project
        from openapi_python_client.config import Config, ConfigFile, MetaType
        from openapi_python_client.parser import GeneratorData
        from openapi_python_client.parser.errors import GeneratorError
    except ModuleNotFoundError:
        raise GenerationError(
            f"{GENERATOR} is not installed: it comes with the dev dependency group"
        ) from None

    config = Config.from_sources(
        ConfigFile(post_hooks=[], package_name_override=PACKAGE),
        MetaType.NONE,
        Path("pinned"),
        "utf-8",
        overwrite=True,
        output_path=made.package,
    )
    data = GeneratorData.from_dict(_for_the_generator(document), config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(f"{data.header}: {data.detail}")
    project = Project(openapi=data, config=config, custom_template_path=templates)
    project.env.globals.update(code=code, words=words)
    try:
        code.attach(data)
        with contextlib.redirect_stdout(io.StringIO()):
            problems = project.build()
    except ValueError as error:
        raise GenerationError(str(error)) from error
    if problems:
        told = "\n".join(
            f"{problem.header or ''} {problem.detail or ''}".strip() for problem in problems
        )
        raise GenerationError(f"the generator warned, so nothing was written:\n{told}")
    for template, path in (
        ("query.py.jinja", made.package / "query.py"),
        ("facade_models.py.jinja", made.facade),
    ):
        path.write_text(project.env.get_template(template).render(), encoding="utf-8")


def _for_the_generator(value: Any, key: str = "") -> Any:
    """Say the same in the way that the generator reads without loss."""
    if isinstance(value, list):
        return [_for_the_generator(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: _for_the_generator(item, name) for name, item in value.items()}
    if key == "responses":
        # OpenAPI demands a description; those of the responses are gone with the prose. A property of this name
        # gets one too, which says nothing.
        return {
            status: {"description": "", **response} if isinstance(response, dict) else response
            for status, response in value.items()
        }
    if len(value.get("allOf") or []) == 1 and "properties" in value:
        # It takes a single reference for the whole schema, and would forget the properties beside it.
        own = {name: value.pop(name) for name in ("properties", "required") if name in value}
        value["allOf"] = [*value["allOf"], own]
    return value


def _format(*targets: Path) -> None:
    settings = (
        "--isolated",
        "--no-cache",
        "--quiet",
        "--line-length=100",
        "--target-version=py311",
    )
    for command in (("check", "--fix", "--select=I,F,UP,RUF022"), ("format",)):
        done = subprocess.run(  # noqa: S603 -- our own formatter on our own files
            [sys.executable, "-m", "ruff", *command, *settings, *map(str, targets)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise GenerationError(
                f"ruff {command[0]} refuses the generated code:\n{done.stdout}{done.stderr}"
            )
