"""Fetching a document: what is asked, what is kept, and when it counts as unreachable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import httpx
import pytest

from fingerprint_async.drift.contract.errors import DocumentError
from fingerprint_async.drift.fetch import (
    NEW_FOLDER,
    OLD_FOLDER,
    Fetcher,
    UnreachableError,
    pinned_side,
    read_side,
)

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"openapi: 3.1.0\npaths: {}\n"
ADDRESS = "https://schemas.test/a.yaml"


@attrs.define
class Server:
    """Answers in turn, and remembers what it was asked."""

    answers: list[Any]
    asked: list[httpx.Request] = attrs.field(factory=list)
    slept: list[float] = attrs.field(factory=list)

    def fetcher(self, **more: Any) -> Fetcher:
        """A fetcher that asks this server, with no time passing."""
        more = {"cache": None, "clock": lambda: sum(self.slept), **more}
        return Fetcher(transport=httpx.MockTransport(self._answer), sleep=self.slept.append, **more)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer) if isinstance(answer, int) else answer


def test_a_document_is_fetched() -> None:
    """One request, one document."""
    server = Server([httpx.Response(200, content=CONTENT)])
    assert server.fetcher().fetch(ADDRESS) == CONTENT
    assert [str(request.url) for request in server.asked] == [ADDRESS]


@pytest.mark.parametrize(
    "trouble", [503, 429, httpx.ConnectError("refused"), httpx.ReadTimeout("slow")]
)
def test_passing_trouble_is_waited_out(trouble: Any) -> None:
    """An overloaded server and a broken connection are asked again, later each time."""
    server = Server([trouble, trouble, httpx.Response(200, content=CONTENT)])
    assert server.fetcher().fetch(ADDRESS) == CONTENT
    assert server.slept == [1.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "says", "asked"),
    [
        (404, "answered 404", 1),
        (403, "answered 403", 1),
        (500, "answered 500", 3),
        (304, "answered 304", 1),
        (httpx.ConnectError("refused"), "refused", 3),
        (httpx.ReadTimeout(""), "ReadTimeout", 3),
        (httpx.TooManyRedirects("round"), "round", 1),
        (httpx.Response(200, html="<p>log in</p>"), "a web page, not a document", 1),
    ],
)
def test_what_can_not_be_reached_is_told_apart(answer: Any, says: str, asked: int) -> None:
    """Whatever keeps the document away is one kind of error, with the address and the reason."""
    server = Server([answer])
    with pytest.raises(UnreachableError) as caught:
        server.fetcher().fetch(ADDRESS)
    assert says in str(caught.value)
    assert ADDRESS in str(caught.value)
    assert len(server.asked) == asked


def test_time_is_limited_in_all() -> None:
    """A retry that would come after the limit is not waited for.

    A body that takes longer is given up.
    """
    server = Server([503])
    with pytest.raises(UnreachableError):
        server.fetcher(total=2.5).fetch(ADDRESS)
    assert server.slept == [1.0]
    ticks = iter([0.0, 100.0])
    slow = Server([httpx.Response(200, content=CONTENT)])
    with pytest.raises(UnreachableError, match="took longer than 60 s"):
        slow.fetcher(clock=lambda: next(ticks)).fetch(ADDRESS)


def test_size_is_limited() -> None:
    """A document beyond the limit is refused while it comes."""
    with pytest.raises(DocumentError, match="larger than"):
        Server([httpx.Response(200, content=b"x" * 100)]).fetcher(max_bytes=99).fetch(ADDRESS)


def test_an_address_that_is_none_is_said() -> None:
    """A malformed address is a mistake in usage."""
    with pytest.raises(DocumentError, match="not an address"):
        Fetcher(cache=None).fetch("http://a:b:c/")


def test_the_old_address_leads_to_the_new() -> None:
    """Documents that moved are found where they are now.

    What fails at both says what failed first.
    """
    server = Server([404, httpx.Response(200, content=CONTENT)])
    assert server.fetcher().fetch(f"{OLD_FOLDER}x.yaml") == CONTENT
    assert [f"{OLD_FOLDER}x.yaml", f"{NEW_FOLDER}x.yaml"] == [
        str(request.url) for request in server.asked
    ]
    with pytest.raises(UnreachableError, match="404"):
        Server([404, 410]).fetcher().fetch(f"{OLD_FOLDER}x.yaml")


def test_a_kept_document_is_asked_for_by_its_tag(tmp_path: Path) -> None:
    """The second fetch asks whether it changed, and takes the kept one when it did not."""
    headers = {"ETag": '"a"', "Last-Modified": "Tue, 01 Sep 2026 00:00:00 GMT"}
    server = Server(
        [
            httpx.Response(200, content=CONTENT, headers=headers),
            304,
            httpx.Response(200, content=b"new"),
        ]
    )
    fetcher = server.fetcher(cache=tmp_path / "cache")
    assert [fetcher.fetch(ADDRESS) for _ in range(3)] == [CONTENT, CONTENT, b"new"]
    first, second, _ = server.asked
    assert "If-None-Match" not in first.headers
    assert second.headers["If-None-Match"] == '"a"'
    assert second.headers["If-Modified-Since"] == headers["Last-Modified"]


def test_a_damaged_cache_is_no_cache(tmp_path: Path) -> None:
    """A kept document that is not what was kept is fetched anew.

    A folder that can't be written costs nothing else.
    """
    server = Server([httpx.Response(200, content=CONTENT, headers={"ETag": '"a"'})])
    fetcher = server.fetcher(cache=tmp_path)
    fetcher.fetch(ADDRESS)
    [kept] = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes() + b"more")
    fetcher.fetch(ADDRESS)
    kept.write_bytes(b"nonsense")
    fetcher.fetch(ADDRESS)
    assert not [request for request in server.asked if "If-None-Match" in request.headers]
    (tmp_path / "file").write_text("")
    assert server.fetcher(cache=tmp_path / "file").fetch(ADDRESS) == CONTENT


def test_paths_and_standard_input_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path, an address and `-` are read alike; what is no file is said."""
    file = tmp_path / "a.yaml"
    file.write_bytes(CONTENT)
    assert read_side(str(file)).document.raw["openapi"] == "3.1.0"
    with file.open("rb") as stream:
        monkeypatch.setattr("sys.stdin", type("Stdin", (), {"buffer": stream}))
        assert read_side("-").content == CONTENT
    assert (
        read_side(ADDRESS, fetcher=Server([httpx.Response(200, content=CONTENT)]).fetcher()).content
        == CONTENT
    )
    for missing, says in (
        (str(tmp_path / "b"), "no such file"),
        (str(tmp_path), "can't be read"),
        ("a\0b", "can't be read"),
    ):
        with pytest.raises(DocumentError, match=says):
            read_side(missing)


def test_the_pinned_document_is_in_the_package() -> None:
    """The installed package knows the schema that it was made from."""
    assert "/events" in pinned_side().document.raw["paths"]
