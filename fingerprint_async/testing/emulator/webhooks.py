"""Webhooks: every new event is POSTed to URLs, signed, and once more where that fails."""

from __future__ import annotations

import http.client
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from fingerprint_async.testing.signing import make_webhook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Post = Callable[[str, Mapping[str, str], bytes], int]

__all__ = ["Attempt", "Outbox", "Webhook", "post"]

ANSWER_SECONDS = 3.0
RETRY_MS = 300_000
_REMEMBERED = 1_000


def _url(_: object, __: object, url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"url must be an http or https address, not {url!r}")


def _secret(_: object, __: object, secret: str) -> None:
    if not secret:
        raise ValueError("secret must not be empty: the service signs with one")


@frozen
class Webhook:
    """Where new events are sent.

    Args:
        url: An http or https address.
        secret: What bodies are signed with.
        source: Which events are sent.
    """

    url: str = field(validator=_url)
    secret: str = field(validator=_secret, repr=False)
    source: Literal["device", "edge", "both"] = field(default="both", kw_only=True)


@frozen(kw_only=True)
class Attempt:
    """One attempt to deliver an event.

    Attributes:
        webhook: Where it is sent.
        event_id: The same one in every attempt: the receiver's idempotency key.
        number: 1, or 2 for the retry.
        due: Unix ms of the emulator's clock.
        status: What was answered; 0 when nothing was, `None` while it waits.
    """

    webhook: Webhook
    event_id: str
    number: int
    due: int
    status: int | None = None
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status <= 299  # noqa: PLR2004


def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
    """POST over a connection of its own; return the status, or 0 when none came within 3 s."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=ANSWER_SECONDS)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Outbox:
    """What is to be delivered, and what became of it.

    Args:
        webhooks: Where new events are sent.
    """

    def __init__(self, webhooks: Iterable[Webhook] = ()) -> None:
        self.webhooks = list(webhooks)
        self.waiting: list[Attempt] = []
        self.attempts: deque[Attempt] = deque(maxlen=_REMEMBERED)
        self._lock = threading.Lock()

    def add(self, event: dict[str, Any], *, now: int) -> None:
        """Queue an event for every webhook that wants it."""
        for webhook in self.webhooks:
            if webhook.source in ("both", event.get("source", "device")):
                signed = make_webhook(event, secret=webhook.secret)
                attempt = Attempt(
                    webhook=webhook,
                    event_id=event["event_id"],
                    number=1,
                    due=now,
                    body=signed.body,
                    headers=signed.headers,
                )
                self.waiting.append(attempt)

    def is_due(self, now: int) -> bool:
        """Return whether something waits to be delivered."""
        return any(attempt.due <= now for attempt in self.waiting)

    def deliver(self, now: int, send: Post = post) -> list[Attempt]:
        """Deliver what is due; queue failures once more for five minutes later."""
        with self._lock:
            due = [attempt for attempt in self.waiting if attempt.due <= now]
            self.waiting = [attempt for attempt in self.waiting if attempt.due > now]
            done: list[Attempt] = []
            for attempt in due:
                status = send(attempt.webhook.url, attempt.headers, attempt.body)
                tried = evolve(attempt, status=status)
                done.append(tried)
                if not tried.delivered and attempt.number == 1:
                    self.waiting.append(evolve(attempt, number=2, due=now + RETRY_MS))
            self.attempts.extend(done)
            return done
