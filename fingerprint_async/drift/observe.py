# JSON of any shape is read here.
# pyright: reportUnknownArgumentType=false
# pyright: reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false
"""What real responses hold that the schema does not know.

Fields, enum values, types. Values are counted and never shown, but for unknown values of enums:
those are the vendor's words, and to know them is what this is for.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import zlib
from typing import IO, TYPE_CHECKING, Any

import attrs

from fingerprint_async.drift.contract.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Iterable, Iterator
    from pathlib import Path

    from fingerprint_async.models import Event

__all__ = ["Observation", "Seen", "observe_events", "observe_files"]

_ENDINGS = (".jsonl", ".ndjson", ".json")
_PACKED = ("", ".gz", ".zst")
MAX_VALUES = 20
"""Unknown values that are named at one place."""
_WORD = re.compile(r"[\w.:/+<>-]{1,64}")
_LEVELS = ("unknown_field", "unknown_enum_value", "unknown_variant", "wrong_type", "missing_field")


@attrs.define(kw_only=True)
class Seen:
    """One kind of difference at one place.

    Attributes:
        place: Where in an event, with `[]` for any index: `plugins[].name`.
        kind: `unknown_field`, `unknown_enum_value`, `unknown_variant`, `wrong_type` or
            `missing_field`.
        expected: What the schema says stands there.
        found: The JSON types that stood there.
        events: How many events have it.
        times: How often it occurs in them.
        example: The file and line, or the number of the event, and the JSON pointer inside it.
        values: The unknown values of an enum, with how often each occurs.
    """

    place: str
    kind: str
    expected: str
    example: str
    found: set[str] = attrs.field(factory=set)
    events: int = 0
    times: int = 0
    values: dict[str, int] = attrs.field(factory=dict)

    def name(self, value: Any) -> None:
        """Count an unknown value of an enum; what is no word, or one too many, stays unnamed."""
        said = str(value)
        if _WORD.fullmatch(said) and (said in self.values or len(self.values) < MAX_VALUES):
            self.values[said] = self.values.get(said, 0) + 1


@attrs.define(kw_only=True)
class Observation:
    """What was observed.

    Attributes:
        events: How many events were read.
        seen: What the schema does not know, by place and kind.
        unreadable: Places of lines that are no events.
    """

    events: int = 0
    seen: dict[tuple[str, str], Seen] = attrs.field(factory=dict)
    unreadable: list[str] = attrs.field(factory=list)

    def add(self, event: Event, where: str) -> None:
        """Count what one event holds that the schema does not know."""
        raw: dict[str, Any] | None = None
        self.events += 1
        counted: set[tuple[str, str]] = set()
        for finding in event.findings():
            if finding.kind == "unknown_enum_value" and raw is None:
                raw = event.to_dict()
            key = _place(finding.path), finding.kind
            seen = self.seen.get(key)
            if seen is None:
                seen = self.seen[key] = Seen(
                    place=key[0],
                    kind=finding.kind,
                    expected=finding.expected,
                    example=f"{where} {finding.pointer}",
                )
            seen.times += 1
            seen.found.add(finding.found)
            if finding.kind == "unknown_enum_value" and raw is not None:
                seen.name(_value_at(raw, finding.path))
            if key not in counted:
                counted.add(key)
                seen.events += 1

    @property
    def known(self) -> bool:
        """Whether everything could be read, and the schema knows all of it."""
        return not self.seen and not self.unreadable

    def sorted(self) -> list[Seen]:
        """What was seen, new fields first, then by place."""
        return sorted(self.seen.values(), key=lambda each: (_LEVELS.index(each.kind), each.place))

    def as_data(self) -> dict[str, Any]:
        """The observation as JSON data."""
        return {
            "format": 1,
            "events": self.events,
            "findings": [
                {
                    "place": each.place,
                    "kind": each.kind,
                    "expected": each.expected,
                    "found": sorted(each.found),
                    "events": each.events,
                    "times": each.times,
                    "example": each.example,
                    "values": dict(sorted(each.values.items())),
                }
                for each in self.sorted()
            ],
            "unreadable": self.unreadable,
        }

    def as_text(self) -> str:
        """The observation for people."""
        lines = [f"{self.events} events, {len(self.seen)} things that the schema does not know."]
        for each in self.sorted():
            found = " or ".join(sorted(each.found))
            said = {
                "unknown_field": f"a field that is not listed, {found}",
                "missing_field": f"missing, expected {each.expected}",
            }.get(
                each.kind,
                f"{each.kind.replace('_', ' ')}: {found} where {each.expected} was expected",
            )
            lines.append(f"  {each.place or '(the event)'}: {said}")
            lines.append(
                f"    in {each.events} events ({each.times} times), such as {each.example}"
            )
            if each.values:
                named = (f"{value} ({times})" for value, times in sorted(each.values.items()))
                lines.append(f"    values: {', '.join(named)}")
        if self.unreadable:
            lines.append(
                f"  {len(self.unreadable)} places hold no event that can be read,"
                f" such as {self.unreadable[0]}"
            )
        return "\n".join(lines) + "\n"


def _place(path: tuple[str | int, ...]) -> str:
    said = ""
    for step in path:
        said += "[]" if isinstance(step, int) else f".{step}" if said else step
    return said


def _value_at(raw: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        raw = raw[step]
    return raw


def observe_files(paths: Iterable[Path], *, limit: int | None = None) -> Observation:
    """Read events from files, one JSON object a line, such as a crawl's output.

    Args:
        paths: Files (.jsonl, .ndjson, .json; .gz and .zst of these), or folders of them.
        limit: How many events to read at most.

    Raises:
        DocumentError: There is no such file, nothing to read in a folder, or no event in any file.
    """
    from fingerprint_async.models import Event

    observation = Observation()
    for path in paths:
        for file in _files(path):
            for where, raw in _objects(file, observation):
                if limit is not None and observation.events >= limit:
                    return observation
                observation.add(Event.from_dict(raw), where)
    if not observation.events and observation.unreadable:
        source = observation.unreadable[0]
        raise DocumentError("no event in any of these files", source=source)
    return observation


async def observe_events(events: AsyncIterable[Event], *, limit: int) -> Observation:
    """Observe events as they come, such as those of a search.

    Args:
        events: The events.
        limit: How many to read at most.
    """
    observation = Observation()
    if limit <= 0:
        return observation
    async for event in events:
        observation.add(event, f"event {observation.events + 1}")
        if observation.events >= limit:
            break
    return observation


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        wanted = {f"{ending}{packed}" for ending in _ENDINGS for packed in _PACKED}
        found = sorted(
            each
            for each in path.rglob("*")
            if each.is_file()
            and any(each.name.endswith(end) for end in wanted)
            and not _is_of_a_crawl(each)
        )
        if not found:
            raise DocumentError("no JSON lines in this folder", source=str(path))
        return found
    if not path.exists():
        raise DocumentError("no such file or folder", source=str(path))
    return [path]


def _is_of_a_crawl(path: Path) -> bool:
    """Tell whether a file is what a crawl wrote about its output, not the output."""
    return path.name == "manifest.json" and (path.parent / ".crawl").exists()


class _Zstandard(io.RawIOBase):
    """Reads zstd frames, several of which a resumed crawl writes; one that breaks off is an error.

    Args:
        file: The packed file; closed with this one.
    """

    def __init__(self, file: IO[bytes]) -> None:
        import zstandard

        self._file, self._make = file, zstandard.ZstdDecompressor().decompressobj
        self._frame = self._make()
        self._begun = False
        self._packed = self._plain = b""

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def close(self) -> None:
        """Close the packed file too."""
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer.

        Raises:
            EOFError: A frame breaks off.
        """
        while not self._plain:
            packed = self._packed or self._file.read(io.DEFAULT_BUFFER_SIZE)
            if not packed:
                if self._begun:
                    raise EOFError("a frame breaks off")
                return 0
            self._begun = True
            self._plain = self._frame.decompress(packed)
            self._packed = b""
            if self._frame.eof:
                self._packed = self._frame.unused_data
                self._frame, self._begun = self._make(), False
        size = min(len(buffer), len(self._plain))
        buffer[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size


def _open(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return gzip.open(path)  # type: ignore[return-value]
    if path.suffix == ".zst":
        return io.BufferedReader(_Zstandard(path.open("rb")))
    return path.open("rb")


def _objects(path: Path, observation: Observation) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a file: of its lines, or of a whole page as the API sends it."""
    number = 0
    try:
        with _open(path) as file:
            for number, line in enumerate(file, start=1):
                where = f"{path.as_posix()}:{number}"
                if not line.strip():
                    continue
                try:
                    value = json.loads(line)
                except (ValueError, RecursionError):
                    value = _whole(path) if number == 1 else None
                    if value is None:
                        observation.unreadable.append(where)
                        continue
                    yield from _events(value, where, observation)
                    return
                yield from _events(value, where, observation)
    except (OSError, EOFError, zlib.error) as error:
        # What was read before counts, and so do the files after this one.
        where = f"{path.as_posix()}:{number + 1}"
        observation.unreadable.append(f"{where} (breaks off: {type(error).__name__})")
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "zstandard":
            raise
        observation.unreadable.append(f"{path.as_posix()}:{number + 1} (breaks off: zstd)")


def _whole(path: Path) -> Any:
    if path.suffix != ".json":
        return None
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None


# What tells an event from other JSON, also one without an id.
_FIELDS = frozenset({"event_id", "timestamp", "identification", "browser_details", "ip_info"})


def _events(
    value: Any, where: str, observation: Observation
) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict) and isinstance(value.get("events"), list):
        value = value["events"]
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and not _FIELDS.isdisjoint(each):
            yield where, each
        else:
            observation.unreadable.append(where)
