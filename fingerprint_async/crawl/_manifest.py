"""The manifest: what an output holds, for whoever reads it without this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ._folder import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from .checkpoint import FileState
    from .plan import Position

__all__ = ["write_manifest"]


def write_manifest(folder: Path, crawl: Mapping[str, Any], files: Iterable[FileState]) -> None:
    """Write the manifest of an output, whole or not at all.

    Args:
        folder: The output folder.
        crawl: What is said of the crawl; `complete` is whether all was fetched.
        files: The files of the checkpoint.
    """
    filled = [file for file in files if file.events]
    is_staged = any(file.kind == "stage" for file in filled)
    manifest = {
        **crawl,
        "complete": crawl["complete"] and not is_staged,
        "events": sum(file.events for file in filled if file.kind == "events"),
        "quarantined": sum(file.events for file in filled if file.kind == "quarantine"),
        "files": [_listed(file) for file in filled if file.kind == "events"],
        "quarantine": [_listed(file) for file in filled if file.kind == "quarantine"],
    }
    path = folder / MANIFEST
    fresh = path.with_suffix(".json.new")
    fresh.write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
    fresh.replace(path)


def _listed(file: FileState) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size,
        "crc32": None if file.crc32 is None else f"{file.crc32:08x}",
        "events": file.events,
        "first": _event(file.first),
        "last": _event(file.last),
    }


def _event(position: Position | None) -> dict[str, Any] | None:
    return None if position is None else {"timestamp": position[0], "event_id": position[1]}
