"""Webhook signatures, freshness, and the events inside."""

from __future__ import annotations

import hashlib
import hmac
import json
import pickle
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
        f" v2=ff , {VECTOR} ",
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
        ("v1", "no signature fits"),
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
