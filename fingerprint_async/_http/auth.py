"""Who asks: the key, the User-Agent, and the parameter `ii`; and whole addresses."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from fingerprint_async._http.inflate import ACCEPT_ENCODING
from fingerprint_async._http.message import HttpRequest
from fingerprint_async._secret import Secret
from fingerprint_async._version import __version__
from fingerprint_async.config import DEFAULT
from fingerprint_async.errors import ArgumentError

if TYPE_CHECKING:
    from fingerprint_async._runtime.request import Request
    from fingerprint_async.config import ClientOptions, RequestOptions

__all__ = ["Auth"]

_IDENTITY: Final = f"ii=fingerprint-async-python/{__version__}"
_MOST_URL_CHARACTERS: Final = 65_536
"""The longest address that httpx takes."""


class Auth:
    """Turn requests of generated code into HTTP requests of one client.

    Args:
        options: The client's settings.
    """

    __slots__ = ("_base_url", "_deadline", "_headers", "_json_headers", "_timeouts")

    def __init__(self, options: ClientOptions) -> None:
        self._base_url = str(options.base_url)
        self._timeouts = options.timeout
        self._deadline = options.deadline
        agent = f"fingerprint-async-python/{__version__} (python {platform.python_version()})"
        if options.user_agent_suffix:
            agent = f"{agent} {options.user_agent_suffix}"
        own: tuple[tuple[str, str | Secret], ...] = (
            ("Host", options.base_url.netloc),
            ("Accept", "*/*"),
            ("Accept-Encoding", ACCEPT_ENCODING),
            ("Connection", "keep-alive"),
            ("User-Agent", agent),
            ("Authorization", Secret(f"Bearer {options.api_key.reveal_text()}")),
        )
        json = (*own, ("Content-Type", "application/json"))
        self._headers = _merged(own, options.default_headers)
        self._json_headers = _merged(json, options.default_headers)

    def complete(self, request: Request[Any], options: RequestOptions | None) -> HttpRequest:
        """Return the HTTP request: address, headers, timeouts.

        Raises:
            ArgumentError: The address is longer than HTTP libraries take.
        """
        query = "".join([f"{name}={_quoted(value)}&" for name, value in request.query])
        url = f"{self._base_url}{request.path}?{query}{_IDENTITY}"
        if len(url) > _MOST_URL_CHARACTERS:
            raise ArgumentError(
                f"the request's address would be {len(url)} characters long, "
                f"{_MOST_URL_CHARACTERS} are possible: give fewer or shorter values"
            )
        headers = self._headers if request.content is None else self._json_headers
        timeouts, deadline = self._timeouts, self._deadline
        if options is not None:
            if options.headers:
                headers = _merged(headers, options.headers)
            if options.timeout is not DEFAULT:
                timeouts = options.timeout
            if options.deadline is not DEFAULT:
                deadline = options.deadline
        return HttpRequest(
            operation=request.operation_id,
            method=request.method,
            url=url,
            headers=headers,
            content=request.content,
            timeouts=timeouts,
            deadline=deadline,
        )


def _merged(
    headers: tuple[tuple[str, str | Secret], ...], more: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str | Secret], ...]:
    if not more:
        return headers
    replaced = {name.lower() for name, _ in more}
    return (*(pair for pair in headers if pair[0].lower() not in replaced), *more)


def _quoted(value: str) -> str:
    # Most values are digits and letters, for which a test is faster than quoting.
    if value.isascii() and value.isalnum():
        return value
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise ArgumentError("a filter holds lone surrogates, which have no bytes to send") from None
