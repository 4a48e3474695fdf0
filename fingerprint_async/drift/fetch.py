"""Reading a document from a path or an address.

An address is asked with a timeout, retries and a size limit, and conditionally when the document
was fetched before. The old
address of the published documents leads to the new one. What can't be reached is told apart from
what is broken.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from fingerprint_async.drift.addresses import NEW_FOLDER, OLD_FOLDER
from fingerprint_async.drift.contract.assess import Side
from fingerprint_async.drift.contract.document import Document
from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.contract.load import MAX_BYTES, decode
from fingerprint_async.errors import FingerprintError

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

__all__ = ["Fetcher", "UnreachableError", "default_cache", "pinned_side", "read_side", "side_of"]


class UnreachableError(FingerprintError):
    """A document could not be fetched: says nothing about drift."""


_MOVED = frozenset({301, 308})
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


def default_cache() -> Path:
    """The folder that fetched documents are kept in."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "fingerprint-async" / "schema"


def _say(line: str) -> None:
    sys.stderr.write(f"fingerprint-async: {line}\n")


@attrs.define(kw_only=True)
class Fetcher:
    """Fetches documents from addresses.

    Args:
        timeout: Seconds to connect, and seconds without a byte.
        total: Seconds that one fetch may take, its retries included.
        attempts: How often an address is asked before it counts as unreachable.
        max_bytes: The largest document that is taken.
        cache: The folder for conditional requests; None asks for the whole document each time.
        transport: Sends the requests; for tests.
        sleep: Waits between attempts; for tests.
        clock: Seconds that only go on; for tests.
        say: Takes what the user should know; standard error when left out.
    """

    timeout: float = 10.0
    total: float = 60.0
    attempts: int = 3
    max_bytes: int = MAX_BYTES
    cache: Path | None = attrs.field(factory=default_cache)
    transport: httpx.BaseTransport | None = None
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    say: Callable[[str], None] = _say

    def fetch(self, address: str) -> bytes:
        """The bytes of a document.

        Args:
            address: http or https. An old address of the published documents falls back to the new
                one.

        Raises:
            UnreachableError: No server answered with a document.
            DocumentError: The document is too large.
        """
        addresses = [address]
        if address.startswith(OLD_FOLDER):
            addresses.append(NEW_FOLDER + address.removeprefix(OLD_FOLDER))
        problem: UnreachableError | None = None
        deadline = self.clock() + self.total
        for each in addresses:
            try:
                return self._fetch(each, deadline)
            except UnreachableError as error:
                problem = problem or error
        raise problem or UnreachableError(f"{address}: can't be reached")

    def _fetch(self, address: str, deadline: float) -> bytes:
        import httpx

        kept = _Kept.of(self.cache, address)
        problem = ""
        limits = httpx.Timeout(self.timeout)
        with httpx.Client(
            transport=self.transport, timeout=limits, follow_redirects=True, max_redirects=5
        ) as client:
            for attempt in range(self.attempts):
                if attempt:
                    wait = min(2.0**attempt / 2, 8.0)
                    if self.clock() + wait >= deadline:
                        break
                    self.sleep(wait)
                try:
                    with client.stream("GET", address, headers=kept.conditions) as response:
                        status = response.status_code
                        if status == HTTPStatus.NOT_MODIFIED and kept.content is not None:
                            return kept.content
                        if status == HTTPStatus.OK:
                            self._moved(address, response)
                            if "html" in response.headers.get("content-type", ""):
                                raise UnreachableError(
                                    f"{address}: answered with a web page, not a document"
                                )
                            content = self._read(address, response, deadline)
                            kept.keep(content, response.headers)
                            return content
                        problem = f"answered {status}"
                        if status not in _RETRIED:
                            break
                except httpx.InvalidURL as error:
                    raise DocumentError(f"not an address: {error}", source=address) from None
                except httpx.TransportError as error:
                    problem = str(error) or type(error).__name__
                except httpx.HTTPError as error:
                    problem = str(error) or type(error).__name__
                    break
        raise UnreachableError(f"{address}: can't be reached: {problem}")

    def _moved(self, address: str, response: httpx.Response) -> None:
        """Say that an address has moved for good."""
        permanent = all(each.status_code in _MOVED for each in response.history)
        if response.history and permanent:
            self.say(f"{address}: has moved for good to {response.url}")

    def _read(self, address: str, response: httpx.Response, deadline: float) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self.max_bytes:
                raise DocumentError(
                    f"larger than {self.max_bytes / 1024 / 1024:g} MiB", source=address
                )
            if self.clock() > deadline:
                raise UnreachableError(f"{address}: took longer than {self.total:g} s")
            chunks.append(chunk)
        return b"".join(chunks)


@attrs.frozen
class _Kept:
    """A document as it was fetched before.

    And the header fields to ask whether it is still that.
    """

    path: Path | None
    content: bytes | None = None
    conditions: dict[str, str] = attrs.field(factory=dict[str, str])

    @classmethod
    def of(cls, cache: Path | None, address: str) -> _Kept:
        if cache is None:
            return cls(None)
        path = cache / f"{hashlib.sha256(address.encode()).hexdigest()}.json"
        try:
            head, _, content = path.read_bytes().partition(b"\n")
            stored = json.loads(head)
            intact = stored["sha256"] == hashlib.sha256(content).hexdigest()
            conditions = {str(name): str(value) for name, value in stored["conditions"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls(path)  # nothing kept, or nothing that can be trusted
        return cls(path, content, conditions) if intact else cls(path)

    def keep(self, content: bytes, headers: httpx.Headers) -> None:
        conditions = {}
        if "etag" in headers:
            conditions["If-None-Match"] = headers["etag"]
        if "last-modified" in headers:
            conditions["If-Modified-Since"] = headers["last-modified"]
        if self.path is None or not conditions:
            return
        head = json.dumps({"conditions": conditions, "sha256": hashlib.sha256(content).hexdigest()})
        beside = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(head.encode() + b"\n" + content)
            beside.replace(self.path)
        except OSError:
            return  # a cache that can't be written only costs the next fetch


def read_side(where: str, *, fetcher: Fetcher | None = None) -> Side:
    """Read a document from a path, an address, or `-` for standard input.

    Raises:
        DocumentError: There is no such file, or it holds no OpenAPI document.
        UnreachableError: The address can't be reached.
    """
    if where.startswith(("http://", "https://")):
        content = (fetcher or Fetcher()).fetch(where)
    elif where == "-":
        content = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        content = _file(where)
    return side_of(content, source=where)


def pinned_side() -> Side:
    """The document that this package was made from."""
    from importlib.resources import files

    content = files("fingerprint_async_generated").joinpath("openapi.json").read_bytes()
    side = side_of(content, source="the schema of this package")
    return attrs.evolve(side, file="openapi.json")


def side_of(content: bytes, *, source: str) -> Side:
    """A document from its bytes."""
    return Side(
        source=source,
        document=Document(decode(content, source=source), source=source),
        content=content,
        file=_shown(source),
    )


def _shown(source: str) -> str:
    """A path below the working directory; for what is elsewhere, the name that it has there."""
    if "://" in source or source == "-":
        name = source.partition("?")[0].rstrip("/").rpartition("/")[2]
        return name if name not in {"", "-"} else "openapi.json"
    try:
        return Path(source).resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return Path(source).name


def _file(where: str) -> bytes:
    try:
        with Path(where).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise DocumentError("no such file", source=where) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DocumentError(f"can't be read: {reason}", source=where) from None
