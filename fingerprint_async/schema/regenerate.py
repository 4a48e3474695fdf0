"""From the pinned document to the generated package, and from a published document to the pinned one.

```
published document → normalise → openapi/ pinned document → corrections → generator + templates → generated/
```

Works in a checkout of the repository, where `openapi/` and `generated/` stand; an installed wheel has neither. Nothing
here imports the generated package, so that a broken one can be made anew.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from fingerprint_async.schema.normalise import from_yaml, normalise, to_json, to_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["GenerationError", "Layout", "SyncReport", "check", "generate", "sync"]

PACKAGE: Final = "fingerprint_async_generated"
GENERATOR: Final = "openapi-python-client"


class GenerationError(Exception):
    """The client cannot be generated as it must be; the message says what to look at."""


@attrs.frozen(kw_only=True)
class Layout:
    """Where the inputs and outputs of generation stand.

    Attributes:
        openapi: The folder with the pinned document, the corrections, our words, the names and the templates.
        generated: The folder that holds the generated package.
        facade: The folder of the `fingerprint_async` package, whose `models.py` is written too; None leaves it alone.
    """

    openapi: Path
    generated: Path
    facade: Path | None = None

    @classmethod
    def of(cls, root: Path) -> Layout:
        """Give the layout of a checkout of the repository."""
        return cls(openapi=root / "openapi", generated=root / "generated", facade=root / "fingerprint_async")

    @property
    def pinned(self) -> Path:
        """The pinned document."""
        return self.openapi / "fingerprint-server-api-v4.yaml"

    @property
    def provenance(self) -> Path:
        """The record of what was generated from what."""
        return self.openapi / "provenance.json"


def generate(layout: Layout) -> list[str]:
    """Write the generated package, whole, from what stands in `layout.openapi`.

    Returns:
        Notes: corrections that this document does not need, words that are missing.

    Raises:
        GenerationError: A correction does not apply, the generator warned, or the generated code is not valid.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / PACKAGE
        facade = Path(folder) / "models.py"
        notes = _generate(layout, target, facade)
        package = layout.generated / PACKAGE
        if package.exists():
            shutil.rmtree(package)
        layout.generated.mkdir(parents=True, exist_ok=True)
        shutil.copytree(target, package)
        if layout.facade is not None:
            shutil.copy(facade, layout.facade / "models.py")
    return notes


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
        return from_yaml(path.read_bytes())
    except FileNotFoundError:
        raise GenerationError(
            f"{path} is missing: generation works in a checkout of the repository"
        ) from None


def _generate(layout: Layout, target: Path, facade: Path) -> list[str]:
    from fingerprint_async.schema._code import Code, Words

    pinned = _read_yaml(layout.pinned)
    document, notes = correct(pinned, _read_yaml(layout.openapi / "corrections.yaml") or [])
    overlay = _read_yaml(layout.openapi / "overlay.yaml") or {}
    names = _read_yaml(layout.openapi / "config.yaml") or {}
    words = Words(overlay)
    _run_generator(document, layout.openapi / "templates", target, facade, Code(document, names), words)
    (target / "openapi.json").write_text(to_json(pinned), encoding="utf-8")
    (target / "py.typed").touch()
    _format(target, facade)
    return notes + [f"no words in openapi/overlay.yaml for {missing}" for missing in words.missing()]


def correct(document: dict[str, Any], corrections: list[dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
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
            notes.append(f"correction of {pointer} not needed: the document has no {since}")
            continue
        parent, key = _locate(document, pointer)
        found = None if parent is None else parent.get(key)
        if found == correction["expect"]:
            parent[key] = copy.deepcopy(correction["replace"])
        elif found in correction.get("unless", []):
            notes.append(f"correction of {pointer} not needed: it stands there as {json.dumps(found)}")
        else:
            raise GenerationError(
                f"the correction of {pointer} no longer applies: it expects {json.dumps(correction['expect'])}, the "
                f"document has {json.dumps(found)}; change or drop it in openapi/corrections.yaml ({correction['why']})"
            )
    return document, notes


def _locate(document: dict[str, Any], pointer: str) -> tuple[Any, str]:
    *parents, key = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    place: Any = document
    for part in parents:
        place = place.get(part) if isinstance(place, dict) else None
    return (place if isinstance(place, dict) else None), key


def _run_generator(
    document: dict[str, Any], templates: Path, target: Path, facade: Path, code: Any, words: Any
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
        output_path=target,
    )
    data = GeneratorData.from_dict(_answerable(document), config=config)
    if isinstance(data, GeneratorError):
        raise GenerationError(f"{data.header}: {data.detail}")
    code.attach(data)
    project = Project(openapi=data, config=config, custom_template_path=templates)
    project.env.globals.update(code=code, words=words)
    with contextlib.redirect_stdout(io.StringIO()):
        problems = project.build()
    if problems:
        told = "\n".join(f"{problem.header or ''} {problem.detail or ''}".strip() for problem in problems)
        raise GenerationError(f"the generator warned, so nothing was written:\n{told}")
    for template, path in (("query.py.jinja", target / "query.py"), ("facade_models.py.jinja", facade)):
        path.write_text(project.env.get_template(template).render(), encoding="utf-8")


def _answerable(document: dict[str, Any]) -> dict[str, Any]:
    # OpenAPI demands a description of every response; ours are gone with the prose.
    document = copy.deepcopy(document)
    operations = [
        operation
        for place in ("paths", "webhooks")
        for item in document.get(place, {}).values()
        for operation in item.values()
        if isinstance(operation, dict)
    ]
    for operation in operations:
        for response in operation.get("responses", {}).values():
            response.setdefault("description", "")
    return document


def _format(*targets: Path) -> None:
    settings = ["--isolated", "--no-cache", "--line-length", "110", "--target-version", "py311", "--quiet"]
    commands = (
        [
            "check",
            "--isolated",
            "--no-cache",
            "--line-length",
            "110",
            "--target-version",
            "py311",
            "--quiet",
            "--fix",
        ]
        + ["--select", "I,F,UP"],
        ["format", *settings],
    )
    for command in commands:
        done = subprocess.run(  # noqa: S603  # our own formatter on our own files
            [sys.executable, "-m", "ruff", *command, *map(str, targets)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise GenerationError(
                f"ruff {command[0]} refuses the generated code:\n{done.stdout}{done.stderr}"
            )
