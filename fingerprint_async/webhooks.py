# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Webhooks: whether the service sent it, whether it is fresh, and the event it tells of.

Pure functions over bytes, for any web framework and any event loop. The service POSTs an event and
signs the body. It takes any 2xx answer within 3 seconds as a success; otherwise it sends the same
event once more about 5 minutes later. `fingerprint_async.integrations` has ready-made endpoints.

```python
event = webhooks.parse_event(
    await request.body(),
    signature=request.headers.get(webhooks.SIGNATURE_HEADER),
    secret=SECRET,
    max_age=1800,
)
if await seen.add(f"webhook:{webhooks.dedupe_key(event)}"):
    ...
```

```
FingerprintError
└── WebhookError (ValueError)
    ├── SignatureError        not signed with any of the secrets
    └── StaleEventError       older, or further in the future, than is allowed
```

No error, and no frame of a traceback that leaves here, holds a secret or the body.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from fingerprint_async._moments import check_max_age, to_unix_seconds
from fingerprint_async._runtime.times import from_unix_ms
from fingerprint_async._secret import Secret
from fingerprint_async._secret_forms import SecretForm, is_one, unpack, wrap_each
from fingerprint_async._settings import kind_of
from fingerprint_async.errors import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from fingerprint_async.models import Event

    Secrets: TypeAlias = SecretForm | Iterable[SecretForm]

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


class WebhookError(FingerprintError, ValueError):
    """A webhook that must not be acted upon."""


class SignatureError(WebhookError):
    """The body is not signed with any of the secrets. Answer 4xx and do nothing else."""


class StaleEventError(WebhookError):
    """The event is older, or further in the future, than is allowed.

    Attributes:
        age: Seconds since the event, by this machine's clock.
    """

    def __init__(self, message: str, *, age: float) -> None:
        super().__init__(message)
        self.age = age

    def __reduce__(self) -> tuple[object, ...]:
        return _stale, (self.args[0], self.age)


def sign(body: bytes, *, secret: SecretForm) -> str:
    """Return the header's value for a body, as the service writes it. For tests of an endpoint.

    Raises:
        ArgumentError: The body is not bytes.
        ConfigurationError: The secret is empty or of another type.
    """
    content, key = Secret(body), Secret(secret)
    del body, secret
    return f"{_VERSION}={_digest(_as_body(content), _as_key(key))}"


def verify(body: bytes, *, signature: str | None, secret: Secrets) -> None:
    """Raise unless the service signed a body. Takes the same time wherever signatures differ.

    A signature does not say when it was made: who saw a request can send it again. See `check_age`
    and `dedupe_key`.

    Args:
        body: The request's body as it came, before any parsing: a document that was encoded again
            has another signature.
        signature: The value of the header `fpjs-event-signature`; None when there was none.
        secret: The webhook's secret; a list of several while you change it, any of which will do.
            Each is a str, bytes, or an object with `get_secret_value()`.

    Raises:
        SignatureError: There is no signature, none of a known version, or none that fits.
        ArgumentError: The body is not bytes, or the signature no text.
        ConfigurationError: There is no secret, or one that anybody could sign with.
    """
    content, secrets = Secret(body), Secret(secret)
    del body, secret
    _verify(_as_body(content), signature, read_secrets(secrets))


def parse_event(
    body: bytes,
    *,
    signature: str | None,
    secret: Secrets,
    max_age: float | None = None,
    strict: bool = False,
    now: float | datetime | None = None,
) -> Event:
    """Verify a webhook's body and read its event.

    Args:
        body: The request's body as it came.
        signature: The value of the header `fpjs-event-signature`; None when there was none.
        secret: The webhook's secret, or several while you change it.
        max_age: Refuse events that are older than this many seconds, or as far in the future.
            Longer than 5 minutes, after which the service sends an event again.
        strict: Refuse events that differ from the schema.
        now: Unix time in seconds or an aware datetime, in place of this machine's clock.

    Raises:
        SignatureError: The body is not signed with any of the secrets; nothing was parsed.
        StaleEventError: `max_age` was given, and the event is older.
        DecodeError: The body is signed but is no event.
        ArgumentError: The body is not bytes, or `max_age` or `now` is not a time.
        ConfigurationError: There is no secret, or one that anybody could sign with.
    """
    content, secrets = Secret(body), Secret(secret)
    del body, secret
    content = _as_body(content)
    check_max_age(max_age)
    to_unix_seconds(now)
    keys = read_secrets(secrets)
    return parse_signed(content, signature, keys, max_age=max_age, strict=strict, now=now)


def parse_signed(
    content: Secret,
    signature: str | None,
    keys: list[Secret],
    *,
    max_age: float | None,
    strict: bool,
    now: float | datetime | None = None,
) -> Event:
    """Do what `parse_event` does, with a body that is wrapped and secrets that were read."""
    _verify(content, signature, keys)
    event = _read(content, strict=strict)
    dedupe_key(event)
    if max_age is not None:
        check_age(event, max_age=max_age, now=now)
    return event


def read_secrets(secrets: Secret) -> list[Secret]:
    """Return the keys of one secret or of several.

    Raises:
        ConfigurationError: There is none, or one that anybody could sign with.
    """
    if is_one(secrets):
        return [_as_key(secrets)]
    return [_as_key(one) for one in wrap_each(secrets, name="secret")]


def check_age(event: Event, *, max_age: float, now: float | datetime | None = None) -> float:
    """Return an event's age in seconds by its own timestamp; raise if it is outside the limit.

    Args:
        event: The event.
        max_age: How many seconds it may be old, or in the future.
        now: Unix time in seconds or an aware datetime, in place of this machine's clock.

    Raises:
        StaleEventError: It is outside.
        DecodeError: It has no timestamp.
        ArgumentError: `max_age` or `now` is not a time.
    """
    longest = check_max_age(max_age)
    if longest is None:
        raise ArgumentError("max_age: expected a finite number of seconds, got None")
    moment = to_unix_seconds(now)
    made_at = from_unix_ms(_as_event(event).timestamp)
    if made_at is None:
        raise DecodeError("the event has no timestamp in Unix milliseconds")
    age = moment - made_at.timestamp()
    if abs(age) > longest:
        when = f"{age:.0f} s old" if age > 0 else f"{-age:.0f} s in the future"
        raise StaleEventError(f"the event is {when}, {longest:g} s are allowed", age=age)
    return age


def dedupe_key(event: Event) -> str:
    """Return what names a webhook's event: the same when it is sent again, or replayed.

    Raises:
        DecodeError: The event has no id.
    """
    event_id: object = _as_event(event).event_id
    if not isinstance(event_id, str) or not event_id:
        raise DecodeError("the body is no event: it has no event_id")
    return event_id


def _verify(content: Secret, signature: object, keys: list[Secret]) -> None:
    if signature is not None and not isinstance(signature, str):
        raise ArgumentError(
            f"signature: expected the text of the header or None, got {kind_of(signature)}"
        )
    given = _signatures(signature or "")
    if not given:
        raise SignatureError(
            f"the request has no {_VERSION} signature in its header {SIGNATURE_HEADER}"
        )
    if not _fits(content, given, keys):
        raise SignatureError(
            "no signature fits: another secret, or a body that was changed on the way"
        )


def _fits(content: Secret, given: list[bytes], keys: list[Secret]) -> bool:
    expected = [_digest(content, key).encode() for key in keys]
    # No early end: how long this takes does not tell which one fits.
    matches = [hmac.compare_digest(one, other) for one in given for other in expected]
    return any(matches)


def _signatures(header: str) -> list[bytes]:
    """Return the digests of the known version, read as the service's own SDKs read the header.

    Entries are parted by commas; one that is not exactly `version=digest` is skipped. Blanks are
    not removed.
    """
    found: list[bytes] = []
    for entry in header.split(","):
        parts = entry.split("=")
        if len(parts) == 2 and parts[0] == _VERSION:  # noqa: PLR2004 - version and digest
            found.append(parts[1].encode("utf-8", "surrogatepass"))
    return found


def _read(content: Secret, *, strict: bool) -> Event:
    from fingerprint_async.models import Event

    try:
        return Event.from_json(cast("bytes", content.hidden), strict=strict)
    except DecodeError as error:
        message, findings = str(error), error.findings
    # Raised outside: the frames of the original hold the body.
    raise DecodeError(message, findings)


def _as_event(event: object) -> Event:
    from fingerprint_async.models import Event

    if not isinstance(event, Event):
        raise ArgumentError(f"event: expected an Event, got {kind_of(event)}")
    return event


def _as_body(body: Secret) -> Secret:
    if isinstance(body.hidden, bytes):
        return body
    if isinstance(body.hidden, bytearray | memoryview):
        try:
            return Secret(bytes(cast("bytearray", body.hidden)))  # pyright: ignore[reportUnknownMemberType]
        except ValueError:
            raise ArgumentError("body: the memoryview was released") from None
    raise ArgumentError(
        f"body: expected the request's raw bytes, got {kind_of(body.hidden)}; "
        "what was parsed has another signature"
    )


def _as_key(secret: Secret) -> Secret:
    key = unpack(secret, name="secret")
    # HMAC fills a key up with NUL: one of nothing else is the empty key.
    if not any(map(_is_visible, cast("bytes", key.hidden).decode("utf-8", "replace"))):
        raise ConfigurationError("the webhook secret is empty: anybody could sign with it")
    return key


def _is_visible(character: str) -> bool:
    return character.isprintable() and not character.isspace()


def _digest(content: Secret, key: Secret) -> str:
    return hmac.new(
        cast("bytes", key.hidden), cast("bytes", content.hidden), hashlib.sha256
    ).hexdigest()


def _stale(message: str, age: float) -> StaleEventError:
    return StaleEventError(message, age=age)
