"""`fingerprint-async schema`: what changed between two schemas, and for whom it breaks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Parameter

from fingerprint_async.drift.contract.assess import FailOn  # noqa: TC001 -- read by cyclopts
from fingerprint_async.drift.contract.report import Format  # noqa: TC001 -- read by cyclopts
from fingerprint_async.drift.contract.rules import ChangeClass  # noqa: TC001 -- read by cyclopts

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.drift.contract.assess import Report, Side
    from fingerprint_async.drift.observe import Observation

DRIFT, USAGE, UNREACHABLE, CRASH = 1, 2, 3, 70

app = App(
    name="schema",
    help="""Compare API schemas: what changed, and for whom it breaks.

Exit codes: 0 no drift, or only what --fail-on lets pass; 1 drift; 2 wrong usage or a broken document; 3 an address that
can't be reached; 70 this command itself failed, which says nothing about drift.""",
)


@app.command
def diff(
    old: Annotated[str, Parameter(allow_leading_hyphen=True)],
    new: Annotated[str, Parameter(allow_leading_hyphen=True)],
    /,
    *,
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "text",  # noqa: A002 -- the option's name
    fail_on: FailOn = "any",
    level: ChangeClass = "docs-only",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    config: Path | None = None,
    used_by: list[Path] | None = None,
    docs: bool = False,
) -> int:
    """Compare two schemas.

    Args:
        old: The schema that the client was made from: a path, an address, or - for standard input. YAML or JSON,
            OpenAPI 3.0 or 3.1.
        new: The schema to compare with it.
        format: How to write the report.
        fail_on: What makes the exit code 1: any change of meaning (any, non-breaking), only what breaks (breaking),
            only what the code of --used-by touches (used), only what of that breaks (used-breaking), or nothing (never).
            Changes of wording never do.
        level: The least class of changes to list; what is below it is counted, and still decides the exit code.
        output: Write the report into this file instead of standard output.
        config: Decisions about drift, in TOML. Left out: fingerprint-drift.toml, where it exists.
        used_by: Python code to look for uses of what changed; a file or a folder.
        docs: Also list what changed in wording only.
    """
    return _guarded(
        lambda: _compare(
            _read(old),
            _read(new),
            form=format,
            fail_on=fail_on,
            level=level,
            output=output,
            config=config,
            used_by=used_by,
            docs=docs,
        )
    )


@app.command
def check(
    *,
    published: str | None = None,
    pinned: str | None = None,
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = "text",  # noqa: A002 -- the option's name
    fail_on: FailOn = "any",
    level: ChangeClass = "docs-only",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    config: Path | None = None,
    used_by: list[Path] | None = None,
    stubs: Path | None = None,
    timeout: float = 10.0,
    max_bytes: int = 32 * 1024 * 1024,
    cache: Annotated[bool, Parameter(negative="--no-cache")] = True,
) -> int:
    """Compare the schema that this SDK was made from with the published one.

    Args:
        published: The published schema; its official address when left out.
        pinned: The schema to compare with it; the one inside this package when left out.
        format: How to write the report.
        fail_on: What makes the exit code 1: any, non-breaking, breaking, used, used-breaking or never.
        level: The least class of changes to list; what is below it is counted, and still decides the exit code.
        output: Write the report into this file instead of standard output.
        config: Decisions about drift, in TOML. Left out: fingerprint-drift.toml, where it exists.
        used_by: Python code to look for uses of what changed; a file or a folder.
        stubs: Write the published models as stubs into this folder, for the type checker of code that uses them.
        timeout: Seconds to wait for a connection, and for the next byte.
        max_bytes: The largest document that is taken.
        cache: Ask whether the document changed since the last fetch, and keep it for the next.
    """

    def run() -> int:
        from fingerprint_async.drift.addresses import ADDRESS
        from fingerprint_async.drift.fetch import Fetcher, default_cache, pinned_side, read_side

        fetcher = Fetcher(
            timeout=timeout, max_bytes=max_bytes, cache=default_cache() if cache else None
        )
        old = read_side(pinned, fetcher=fetcher) if pinned is not None else pinned_side()
        new = read_side(published or ADDRESS, fetcher=fetcher)
        if stubs is not None:
            from fingerprint_async.drift.stubs import write_stubs

            write_stubs(old.document, new.document, stubs)
            sys.stderr.write(
                f"fingerprint-async: stubs are in {stubs}; check your code with MYPYPATH={stubs} mypy,"
                f" or pyright with stubPath {stubs}\n"
            )
        return _compare(
            old,
            new,
            form=format,
            fail_on=fail_on,
            level=level,
            output=output,
            config=config,
            used_by=used_by,
        )

    return _guarded(run)


@app.command
def sync(
    source: str | None = None,
    /,
    *,
    root: Path = Path(),
    schema_version: str | None = None,
) -> int:
    """Run `scripts/sync` of a checkout: take a published schema in and regenerate the client.

    Args:
        source: The schema to take in: a path or an address; the official address when left out.
        root: The checkout.
        schema_version: The vendor's version of the schema, for the record.
    """
    import os
    import subprocess

    script = root / "scripts" / "sync"
    if not script.is_file():
        return _say(
            f"{root}: no scripts/sync here; sync works in a checkout of the repository"
            " (git clone it, then run this there or with --root)",
            USAGE,
        )
    words = [sys.executable, str(script), *([] if source is None else ["--", source])]
    if schema_version is not None:
        words[2:2] = ["--schema-version", schema_version]
    sys.stdout.flush()
    environment = {**os.environ, "FINGERPRINT_ASYNC_ENV": "current"}
    code = subprocess.call(words, env=environment)  # noqa: S603 -- the script of a checkout that the caller named
    return code if code in {0, USAGE, UNREACHABLE} else CRASH


@app.command
def observe(
    *paths: Path,
    sample: int | None = None,
    base_url: str | None = None,
    region: str | None = None,
    source: list[str] | None = None,
    limit: int | None = None,
    format: Annotated[Literal["text", "json"], Parameter(name=["--format", "-f"])] = "text",  # noqa: A002 -- the option's name
) -> int:
    """Say what real events hold that the schema does not know. Values are counted, never shown.

    Exit codes: 0 the schema knows everything, 1 it does not.

    Args:
        paths: Files of events, one JSON object a line (a crawl's output), or folders of them.
        sample: Read this many of the newest events through the API instead; the key comes from
            FINGERPRINT_SECRET_API_KEY.
        base_url: The API's address, in place of a region's.
        region: us, eu or ap.
        source: Which events to sample: device (the default) or edge.
        limit: Read at most this many events of the files.
        format: How to write what was found.
    """

    def run() -> int:
        import json

        from fingerprint_async.drift.observe import observe_files

        if sample is None and not paths:
            return _say("give files of events, or --sample to read some through the API", USAGE)
        if sample is not None and (paths or sample < 1):
            return _say("--sample takes a number of events from 1, and no files", USAGE)
        found = (
            _sampled(sample, base_url, region, source)
            if sample is not None
            else observe_files(paths, limit=limit)
        )
        form = json.dumps(found.as_data(), indent=2) + "\n" if format == "json" else found.as_text()
        sys.stdout.write(form)
        return 0 if found.known else DRIFT

    return _guarded(run)


def _sampled(
    sample: int, base_url: str | None, region: str | None, source: list[str] | None
) -> Observation:
    import asyncio

    from fingerprint_async.client import FingerprintClient
    from fingerprint_async.drift.observe import observe_events

    async def read() -> Observation:
        filters: dict[str, Any] = {"source": source} if source and source != ["device"] else {}
        async with FingerprintClient(base_url=base_url, region=region) as client:
            return await observe_events(
                client.events.search(limit=min(sample, 100), **filters), limit=sample
            )

    return asyncio.run(read())


def _read(where: str) -> Side:
    from fingerprint_async.drift.fetch import read_side

    return read_side(where)


def _compare(
    old: Side,
    new: Side,
    *,
    form: Format,
    fail_on: FailOn,
    output: Path | None,
    config: Path | None,
    used_by: list[Path] | None,
    docs: bool = False,
    level: ChangeClass = "docs-only",
) -> int:
    from fingerprint_async.drift.check import check as check_documents
    from fingerprint_async.drift.contract.config import load_config

    decided = load_config(config)
    report, unread = check_documents(old, new, config=decided, docs=docs, used_by=used_by or ())
    for each in unread:
        sys.stderr.write(f"fingerprint-async: not read: {each}\n")
    failed = report.fails(fail_on)
    _write(report.above(level), form, output)
    return DRIFT if failed else 0


def _write(report: Report, form: Format, output: Path | None) -> None:
    from fingerprint_async.drift.contract.report import render

    if output is not None:
        output.write_text(render(report, form), encoding="utf-8")
        return
    sys.stdout.write(render(report, form, color=form == "text" and _wants_color()))


def _wants_color() -> bool:
    import os

    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def _guarded(run: Callable[[], int]) -> int:
    """Say what went wrong in one line, with the exit code that a CI can act on."""
    from fingerprint_async.drift.contract.errors import ContractError
    from fingerprint_async.drift.fetch import UnreachableError
    from fingerprint_async.errors import ArgumentError

    try:
        return run()
    except UnreachableError as error:
        return _say(str(error), UNREACHABLE)
    except (ArgumentError, ContractError) as error:
        return _say(str(error), USAGE)
    except RecursionError:
        return _say("a document is nested too deeply", USAGE)
    except OSError as error:
        return _say(f"{error.filename or ''}: {error.strerror or error}", USAGE)


def _say(line: str, code: int) -> int:
    plain = "".join(char if char.isprintable() else " " for char in line)
    sys.stderr.write(f"fingerprint-async: {plain[:500]}\n")
    return code
