"""Webhooks: is it from the service, is it fresh, was it here before, and what does it say.

Pure functions over bytes, for any web framework and any event loop. The service POSTs an event, signs the
body, and takes any 2xx answer within 3 seconds; else it sends the same event once more about 5 minutes
later.

```python
event = webhooks.parse_event(
    await request.body(), signature=request.headers.get(webhooks.SIGNATURE_HEADER), secret=SECRET, max_age=1800
)
if await seen.add(webhooks.dedupe_key(event)):
    ...
```

```
FingerprintError
└── WebhookError (ValueError)
    ├── SignatureError        not signed with any of the secrets
    └── StaleEventError       older, or further in the future, than was allowed
```
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Final, TypeAlias

from fingerprint_async.errors import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fingerprint_async.models import Event

    Secrets: TypeAlias = str | bytes | Iterable[str | bytes]

__all__ = [
    "SIGNATURE_HEADER",
    "SignatureError",
    "StaleEventError",
    "WebhookError",
    "check_age",
    "dedupe_key",
    "parse_event",
    "sign",
    "verify",
]

SIGNATURE_HEADER: Final = "fpjs-event-signature"
"""The header that holds the signatures."""

_VERSION: Final = "v1"
_MILLISECONDS: Final = 1000


class WebhookError(FingerprintError, ValueError):
    """A webhook that is not to be acted upon."""


class SignatureError(WebhookError):
    """The body is not signed with any of the secrets. Answer 4xx, and do nothing else."""


class StaleEventError(WebhookError):
    """The event is older, or further in the future, than was allowed.

    Attributes:
        age: Seconds since the event, by this machine's clock.
    """

    def __init__(self, message: str, *, age: float) -> None:
        super().__init__(message)
        self.age = age

    def __reduce__(self) -> tuple[object, ...]:
        return _stale, (self.args[0], self.age)


def sign(body: bytes, *, secret: str | bytes) -> str:
    """Write the header's value for a body, as the service does. For tests of your own endpoint.

    Raises:
        ArgumentError: The body is not bytes.
        ConfigurationError: The secret is empty.
    """
    return f"{_VERSION}={_digest(_as_body(body), _as_secret(secret))}"


def verify(body: bytes, *, signature: str | None, secret: Secrets) -> None:
    """See that a body was signed by the service. Comparing takes the same time wherever signatures differ.

    A signature says nothing of when it was made: who has seen a request can send it again. See `check_age`
    and `dedupe_key`.

    Args:
        body: The request's body as it came, before any parsing: a re-encoded document has another signature.
        signature: The value of the header `fpjs-event-signature`; None when there was none.
        secret: The webhook's secret, or several while you change it. Any one that fits is enough.

    Raises:
        SignatureError: There is no signature, none of a known version, or none that fits.
        ArgumentError: The body is not bytes.
        ConfigurationError: There is no secret, or an empty one, with which anybody could sign.
    """
    body = _as_body(body)
    secrets = [secret] if isinstance(secret, str | bytes) else list(secret)
    if not secrets:
        raise ConfigurationError("no webhook secret was given")
    expected = [_digest(body, _as_secret(one)).encode() for one in secrets]
    given = []
    for entry in (signature or "").split(","):
        version, _, digest = entry.strip().partition("=")
        if version == _VERSION:
            given.append(digest.strip().encode())
    if not given:
        raise SignatureError(
            f"the request has no {_VERSION} signature in its header {SIGNATURE_HEADER}"
        )
    # No early end: how long this takes says nothing of which one fits.
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    if not any(matches):
        raise SignatureError(
            "no signature fits: another secret, or a body that was changed on the way"
        )


def parse_event(
    body: bytes,
    *,
    signature: str | None,
    secret: Secrets,
    max_age: float | None = None,
    strict: bool = False,
    now: float | None = None,
) -> Event:
    """Verify a webhook's body and read its event.

    Args:
        body: The request's body as it came.
        signature: The value of the header `fpjs-event-signature`; None when there was none.
        secret: The webhook's secret, or several while you change it.
        max_age: Refuse events older than this many seconds. Leave room for the service's second attempt
            some 5 minutes later.
        strict: Refuse events that differ from the schema, instead of keeping what they hold.
        now: Unix time in seconds, in place of this machine's clock.

    Raises:
        SignatureError: The body is not signed with any of the secrets; nothing was parsed.
        StaleEventError: `max_age` was given, and the event is older.
        DecodeError: The body is signed, and is no event.
        ArgumentError: The body is not bytes.
        ConfigurationError: There is no secret.
    """
    from fingerprint_async.models import Event

    verify(body, signature=signature, secret=secret)
    event = Event.from_json(body, strict=strict)
    dedupe_key(event)
    if max_age is not None:
        check_age(event, max_age=max_age, now=now)
    return event


def check_age(event: Event, *, max_age: float, now: float | None = None) -> float:
    """Give an event's age in seconds, by its own timestamp; refuse one that is too old, or as far in the future.

    Args:
        event: The event.
        max_age: Seconds.
        now: Unix time in seconds, in place of this machine's clock.

    Raises:
        StaleEventError: It is outside.
        DecodeError: It has no timestamp.
    """
    timestamp: object = event.timestamp
    if isinstance(timestamp, bool) or not isinstance(timestamp, int | float):
        raise DecodeError("the event has no timestamp in Unix milliseconds")
    age = (time.time() if now is None else now) - timestamp / _MILLISECONDS
    if abs(age) > max_age:
        when = f"{age:.0f} s old" if age > 0 else f"{-age:.0f} s in the future"
        raise StaleEventError(f"the event is {when}, {max_age:g} s are allowed", age=age)
    return age


def dedupe_key(event: Event) -> str:
    """Give what names a webhook's event: the same when the service sends it again, or somebody replays it.

    Raises:
        DecodeError: The event has no id.
    """
    event_id: object = event.event_id
    if not isinstance(event_id, str) or not event_id:
        raise DecodeError("the body is no event: it has no event_id")
    return event_id


def _as_body(body: object) -> bytes:
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    raise ArgumentError(
        f"body: expected the request's raw bytes, got {type(body).__name__}; what was parsed has another signature"
    )


def _as_secret(secret: str | bytes) -> bytes:
    key = secret.encode() if isinstance(secret, str) else bytes(secret)
    if not key.strip():
        raise ConfigurationError("the webhook secret is empty: anybody could sign with it")
    return key


def _digest(body: bytes, secret: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def _stale(message: str, age: float) -> StaleEventError:
    return StaleEventError(message, age=age)
