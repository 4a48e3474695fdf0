"""Webhook signatures, freshness, and the events inside."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import pickle
import traceback
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fingerprint_async import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
    models,
    webhooks,
)

# The service's own vector: secret "secret", body "data".
VECTOR = "v1=1b2c16b75bd2a870c114153ccda5bcfca63314bc722fa160d690de133ccbb9db"
EVENT = {"event_id": "1708102555327.NLOjmg", "timestamp": 1708102555327}
BODY = json.dumps(EVENT).encode()


def test_the_services_vector_verifies() -> None:
    """The published signature of a published body, and nothing near it."""
    webhooks.verify(b"data", signature=VECTOR, secret="secret")
    assert webhooks.sign(b"data", secret="secret") == VECTOR
    for body, secret in ((b"data\n", "secret"), (b"data", "Secret"), (b"", "secret")):
        with pytest.raises(webhooks.SignatureError, match="no signature fits"):
            webhooks.verify(body, signature=VECTOR, secret=secret)


@pytest.mark.parametrize(
    "signature",
    [
        f"v1=00,{VECTOR}",
        f"{VECTOR},v1=00",
        f"v2=ff,{VECTOR}",
        f"{VECTOR},{VECTOR}",
        f",,{VECTOR},",
    ],
)
def test_any_signature_of_a_known_version_is_enough(signature: str) -> None:
    """While the service changes secrets it signs with both; versions of the future are skipped."""
    webhooks.verify(b"data", signature=signature, secret="secret")


@pytest.mark.parametrize(
    "secret", [["new", "secret"], ["secret", "new"], (b"secret",), b"secret", iter(["secret"])]
)
def test_any_secret_of_several_is_enough(secret: Any) -> None:
    """While you change secrets, both are good; text and bytes are the same."""
    webhooks.verify(b"data", signature=VECTOR, secret=secret)


@pytest.mark.parametrize(
    ("signature", "says"),
    [
        (None, "has no v1 signature in its header fpjs-event-signature"),
        ("", "has no v1 signature"),
        (VECTOR.replace("v1", "v2"), "has no v1 signature"),
        (VECTOR.removeprefix("v1="), "has no v1 signature"),
        ("v1=", "no signature fits"),
        ("v1", "has no v1 signature"),
        (VECTOR + "=", "has no v1 signature"),
        (VECTOR.replace("=", " = "), "has no v1 signature"),
        (VECTOR.replace("=", "= "), "no signature fits"),
        (f" {VECTOR}", "has no v1 signature"),
        ("v1=\ud800", "no signature fits"),
        (VECTOR[:-1], "no signature fits"),
        (VECTOR + "0", "no signature fits"),
        (VECTOR.upper().replace("V1", "v1"), "no signature fits"),
        ("v1=\u0131\u00e9", "no signature fits"),
    ],
)
def test_what_is_not_signed_is_refused(signature: str | None, says: str) -> None:
    """No header, no known version, half a signature, letters that are none: one error."""
    with pytest.raises(webhooks.SignatureError, match=says):
        webhooks.verify(b"data", signature=signature, secret="secret")


class Holder:
    """An object with a secret inside, as those of settings libraries."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def get_secret_value(self) -> Any:
        """Return the secret, or fail with it in the text."""
        if isinstance(self.value, Exception):
            raise self.value
        return self.value


@pytest.mark.parametrize("secret", [Holder("secret"), Holder(b"secret"), [Holder("secret")]])
def test_a_secret_can_be_inside_an_object(secret: Any) -> None:
    """Settings libraries wrap secrets; no unwrapping by hand is needed."""
    webhooks.verify(b"data", signature=VECTOR, secret=secret)
    one = secret[0] if isinstance(secret, list) else secret
    assert webhooks.sign(b"data", secret=one) == VECTOR


def keys_of(secret: Any) -> set[bytes]:
    """Keys that an odd secret could be turned into by mistake."""
    shown = {repr(secret), str(secret)}
    return {b"", b"\0", b"\0" * 6, *(text.encode("utf-8", "surrogatepass") for text in shown)}


@pytest.mark.parametrize(
    "secret",
    [
        *("\0", b"\0\0", " \0", "\u200b", "\t\n", b"\x00\x20"),
        *(memoryview(b"secret"), bytearray(b"secret"), [1, 2], [b"secret", None], [["secret"]]),
        *(None, 6, 1.5, True, {"secret": 1}, {"secret"} - {"secret"}, object(), Holder),
        *(Holder(None), Holder(6), Holder(""), Holder(bytearray(b"a")), Holder(ValueError("x"))),
        *("\ud800", ["a"] * 17, range(3), (one for one in [b""])),
    ],
    ids=lambda secret: type(secret).__name__,
)
def test_nobody_can_sign_with_an_odd_secret(secret: Any) -> None:
    """A secret of another type, or of nothing visible, is refused, whatever the signature is."""
    signature = ",".join(
        "v1=" + hmac.new(key, b"data", hashlib.sha256).hexdigest() for key in keys_of(secret)
    )
    with pytest.raises(ConfigurationError, match="secret"):
        webhooks.verify(b"data", signature=signature, secret=secret)


@pytest.mark.parametrize("signature", [b"v1=00", 5, ["v1=00"]])
def test_a_signature_that_is_no_text_is_a_mistake(signature: Any) -> None:
    """Frameworks hand over bytes in places; the error names the argument."""
    with pytest.raises(ArgumentError, match="signature: expected the text"):
        webhooks.verify(b"data", signature=signature, secret="secret")


NOT_SECONDS = [float("nan"), float("inf"), True, 10**400, "60", -1, b"1"]


@pytest.mark.parametrize("value", NOT_SECONDS, ids=lambda value: repr(value)[:8])
def test_an_age_is_a_finite_number(value: Any) -> None:
    """Whatever else would turn the check off, or fail untyped."""
    with pytest.raises(ArgumentError, match="max_age: expected a finite number"):
        parse(max_age=value)
    with pytest.raises(ArgumentError, match="max_age: expected a finite number"):
        webhooks.check_age(parse(), max_age=value)


@pytest.mark.parametrize(
    "now",
    [float("nan"), True, 10**400, "60", 1708102555327, datetime(2024, 1, 1)],  # noqa: DTZ001
    ids=lambda value: repr(value)[:8],
)
def test_now_is_a_moment(now: Any) -> None:
    """Milliseconds, a naive datetime, no number: none of them can be meant."""
    with pytest.raises(ArgumentError, match="now: "):
        parse(max_age=60, now=now)


def values_in_frames(error: BaseException) -> str:
    """Show the locals of every frame but this test's, of an error and of all that led to it."""
    shown: list[str] = []
    at: BaseException | None = error
    while at is not None:
        for frame, _ in traceback.walk_tb(at.__traceback__):
            if frame.f_code.co_filename != __file__:
                shown.append(repr(frame.f_locals))
        shown.extend((repr(at), repr(vars(at))))
        at = at.__cause__ or at.__context__
    return "\n".join(shown)


@pytest.mark.parametrize(
    ("body", "secret", "signature", "arguments"),
    [
        (b"PRIVATE", "SECRET-7", "v1=00", {}),
        (b"PRIVATE", ["SECRET-7", b"SECRET-7", Holder("SECRET-7")], None, {}),
        (b"PRIVATE", ["SECRET-7", 5], "v1=00", {}),
        (b"PRIVATE", "SECRET-7\ud800", "v1=00", {}),
        (b"PRIVATE", Holder(ValueError("SECRET-7")), "v1=00", {}),
        (b"PRIVATE", "SECRET-7", 5, {}),
        ("PRIVATE", "SECRET-7", "v1=00", {}),
        (b"{PRIVATE", "SECRET-7", "right", {}),
        (b'{"event_id": "a", "vpn": "PRIVATE"}', "SECRET-7", "right", {"strict": True}),
        (b'{"event_id": 5, "ip_address": "PRIVATE"}', "SECRET-7", "right", {}),
        (b"PRIVATE", "SECRET-7", "v1=00", {"max_age": float("nan")}),
    ],
)
def test_no_frame_of_an_error_holds_the_secret_or_the_body(
    body: Any, secret: Any, signature: Any, arguments: Any
) -> None:
    """Error trackers send the locals of every frame.

    They find neither, nor a signature that fits.
    """
    right = webhooks.sign(body.encode() if isinstance(body, str) else body, secret="SECRET-7")
    with pytest.raises(FingerprintError) as caught:
        webhooks.parse_event(
            body, signature=right if signature == "right" else signature, secret=secret, **arguments
        )
    shown = values_in_frames(caught.value)
    assert "SECRET-7" not in shown
    assert "PRIVATE" not in shown
    assert signature == "right" or right.removeprefix("v1=") not in shown


@pytest.mark.parametrize("secret", ["", b"", " ", [], ["secret", ""]])
def test_an_empty_secret_is_a_mistake_not_a_mismatch(secret: Any) -> None:
    """A secret that was never set would let anybody sign."""
    signature = "v1=" + hmac.new(b"", b"data", hashlib.sha256).hexdigest()
    with pytest.raises(ConfigurationError, match="secret"):
        webhooks.verify(b"data", signature=f"{signature},{VECTOR}", secret=secret)


@pytest.mark.parametrize("body", ["data", {"event_id": "a"}, None])
def test_a_body_that_was_parsed_is_a_mistake(body: Any) -> None:
    """Only the bytes as they came have the signature."""
    with pytest.raises(ArgumentError, match="expected the request's raw bytes"):
        webhooks.verify(body, signature=VECTOR, secret="secret")


@given(st.binary(), st.text(min_size=1).filter(str.strip).filter(str.isprintable))
def test_what_is_signed_verifies(body: bytes, secret: str) -> None:
    """For any body and secret; a changed body does not."""
    signature = webhooks.sign(body, secret=secret)
    webhooks.verify(bytearray(body), signature=signature, secret=secret)  # type: ignore[arg-type]
    with pytest.raises(webhooks.SignatureError):
        webhooks.verify(body + b"\x00", signature=signature, secret=secret)


@given(st.text())
def test_no_header_leads_to_another_error(signature: str) -> None:
    """Whatever strangers send, it is a `SignatureError`."""
    with pytest.raises(webhooks.SignatureError):
        webhooks.verify(b"data", signature=signature, secret="other")


def parse(body: bytes = BODY, **arguments: Any) -> models.Event:
    """Parse a body that is signed."""
    return webhooks.parse_event(
        body, signature=webhooks.sign(body, secret="s"), secret="s", **arguments
    )


def test_a_signed_body_is_its_event() -> None:
    """The event's JSON, by the same models that calls give."""
    event = parse()
    assert isinstance(event, models.Event)
    assert event.to_dict() == EVENT
    assert webhooks.dedupe_key(event) == "1708102555327.NLOjmg"


def test_nothing_is_parsed_before_the_signature_fits() -> None:
    """A stranger's body reaches no decoder."""
    with pytest.raises(webhooks.SignatureError):
        webhooks.parse_event(b"{", signature=VECTOR, secret="s")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"event_id": ""}', b'{"event_id": 5}'])
def test_a_signed_body_that_is_no_event_is_a_decode_error(body: bytes) -> None:
    """Not JSON, no object, or without the id that names it."""
    with pytest.raises(DecodeError):
        parse(body)


def test_strict_refuses_what_the_schema_does_not_say() -> None:
    """Leniently it is kept."""
    body = json.dumps({**EVENT, "vpn": "yes"}).encode()
    assert [finding.kind for finding in parse(body).findings()] == ["wrong_type"]
    with pytest.raises(DecodeError):
        parse(body, strict=True)


def test_age_is_by_the_events_own_timestamp() -> None:
    """As old as allowed is fresh; older, or as far in the future, is stale."""
    then = EVENT["timestamp"] / 1000  # type: ignore[operator]
    assert parse(max_age=60, now=then + 60) is not None
    assert webhooks.check_age(parse(), max_age=60, now=then + 5) == pytest.approx(5)
    with pytest.raises(
        webhooks.StaleEventError, match="the event is 61 s old, 60 s are allowed"
    ) as caught:
        parse(max_age=60, now=then + 61)
    assert caught.value.age == pytest.approx(61)
    with pytest.raises(webhooks.StaleEventError, match="61 s in the future"):
        parse(max_age=60, now=then - 61)
    with pytest.raises(webhooks.StaleEventError):
        parse(max_age=60)
    assert parse(max_age=60, now=datetime.fromtimestamp(then + 60, UTC)) is not None


def test_an_event_without_a_timestamp_has_no_age() -> None:
    """It is refused when an age was asked for."""
    body = b'{"event_id": "a", "timestamp": "now"}'
    assert parse(body).event_id == "a"
    with pytest.raises(DecodeError, match="no timestamp"):
        parse(body, max_age=60)


def test_errors_are_of_the_tree_and_can_be_pickled() -> None:
    """A worker process can hand them over."""
    error = webhooks.StaleEventError("old", age=3.0)
    assert isinstance(error, FingerprintError)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert (type(again), str(again), again.age) == (webhooks.StaleEventError, "old", 3.0)


def test_a_released_memoryview_is_a_mistake() -> None:
    """It has no bytes any more."""
    view = memoryview(b"data")
    view.release()
    with pytest.raises(ArgumentError, match="released"):
        webhooks.verify(view, signature="v1=00", secret="secret")


def test_freshness_needs_an_event_and_a_bound() -> None:
    """Anything else is a mistake of the caller."""
    odd: Any = {"timestamp": 1}
    with pytest.raises(ArgumentError, match="event"):
        webhooks.check_age(odd, max_age=5)
    none: Any = None
    with pytest.raises(ArgumentError, match="max_age"):
        webhooks.check_age(EVENT_OF_1970, max_age=none)


EVENT_OF_1970 = models.Event.from_dict({"event_id": "a", "timestamp": 1})


class OddMoment(datetime):
    """A datetime whose zone breaks, as those of other libraries can."""

    def utcoffset(self) -> Any:
        """Break."""
        raise RuntimeError


def test_a_moment_that_breaks_is_a_mistake() -> None:
    """A type of another library, whatever it raises."""
    with pytest.raises(ArgumentError, match="not a moment"):
        webhooks.check_age(EVENT_OF_1970, max_age=5, now=OddMoment(2026, 1, 1))


class EndlessMoment(datetime):
    """A datetime whose differences are no numbers."""

    def utcoffset(self) -> Any:
        """Claim UTC."""
        return timedelta(0)

    def __sub__(self, other: Any) -> Any:
        """Give what is no time."""
        return SimpleNamespace(total_seconds=lambda: math.nan)


def test_a_moment_without_a_number_is_a_mistake() -> None:
    """As of a missing time of another library."""
    now = EndlessMoment(2026, 1, 1, tzinfo=UTC)
    with pytest.raises(ArgumentError, match="not a moment"):
        webhooks.check_age(EVENT_OF_1970, max_age=5, now=now)
