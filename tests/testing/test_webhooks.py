"""Webhooks are delivered, signed, and once more five minutes later where that failed."""

from __future__ import annotations

import base64
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from fingerprint_async.sealed import DecryptionKey, unseal
from fingerprint_async.testing import Clock, Emulator, Webhook, make_event, make_webhook, seal
from fingerprint_async.webhooks import verify

from .conftest import END, START

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "http://127.0.0.1:1/hook?a=b"


def emulator_with(*webhooks: Webhook) -> Emulator:
    """An emulator on a clock that stands still."""
    return Emulator(
        events=5, start=START, end=END, clock=Clock.frozen(END / 1000), webhooks=webhooks
    )


def test_a_new_event_is_sent_signed() -> None:
    """The body is the event, the signature the SDK's own check takes."""
    emulator = emulator_with(Webhook(URL, "s3"))
    event = emulator.add_event()
    sent: list[Any] = []

    def send(url: str, headers: dict[str, str], body: bytes) -> int:
        sent.append((url, headers, body))
        return 204

    (attempt,) = emulator.deliver_webhooks(send)
    ((url, headers, body),) = sent
    assert (url, attempt.delivered, attempt.number) == (URL, True, 1)
    assert msgspec.json.decode(body) == event
    verify(body, signature=headers["fpjs-event-signature"], secret="s3")
    emulator.clock.advance(1_000)
    assert emulator.deliver_webhooks(send) == []


@pytest.mark.parametrize("status", [0, 302, 404, 500])
def test_a_failure_is_sent_once_more_after_five_minutes(status: int) -> None:
    """The retry has the same event id and body, comes 5 minutes later, and is the last one."""
    emulator = emulator_with(Webhook(URL, "s"))
    emulator.add_event()
    (first,) = emulator.deliver_webhooks(lambda *_: status)
    emulator.clock.advance(299)
    assert emulator.deliver_webhooks(lambda *_: 200) == []
    emulator.clock.advance(1)
    (second,) = emulator.deliver_webhooks(lambda *_: status)
    assert (second.event_id, second.body, second.number) == (first.event_id, first.body, 2)
    emulator.clock.advance(1_000)
    assert emulator.deliver_webhooks(lambda *_: 200) == []


def test_a_webhook_has_its_source() -> None:
    """Edge events go where they are wanted only."""
    emulator = emulator_with(Webhook(URL, "s", source="edge"))
    emulator.add_event()
    edge = emulator.add_event(platform="edge", number=7)
    assert [one.event_id for one in emulator.deliver_webhooks(lambda *_: 200)] == [edge["event_id"]]


def test_live_events_are_sent_when_they_come() -> None:
    """An event of the data set is sent once its time has come."""
    clock = Clock.frozen(START / 1000)
    emulator = Emulator(
        events=50, start=START, end=END, live=True, clock=clock, webhooks=[Webhook(URL, "s")]
    )
    clock.advance((END - START) / 2_000)
    half = len(emulator.deliver_webhooks(lambda *_: 200))
    clock.advance(END - START)
    assert half + len(emulator.deliver_webhooks(lambda *_: 200)) == 49  # the first was there


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes webhooks."""
    bodies: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hook", bodies
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_delivers_by_itself(receiver: tuple[str, list[bytes]]) -> None:
    """While it serves, webhooks arrive over real sockets."""
    url, bodies = receiver
    emulator = Emulator(events=1, webhooks=[Webhook(url, "s")])
    with emulator.serve_in_thread():
        event = emulator.add_event()
        for _ in range(200):
            if bodies:
                break
            time.sleep(0.02)
    assert [msgspec.json.decode(body)["event_id"] for body in bodies] == [event["event_id"]]


def test_signed_and_sealed_by_hand() -> None:
    """`make_webhook` and `seal` are what the SDK verifies and unseals."""
    event = make_event(vpn=True)
    webhook = make_webhook(event, secret="s")
    verify(webhook.body, signature=webhook.headers["fpjs-event-signature"], secret="s")
    assert webhook.body not in repr(webhook).encode()
    key = base64.b64encode(bytes(range(32))).decode()
    opened = unseal(seal(event, key), [DecryptionKey(key)])
    assert opened.event_id == event["event_id"]
    for bad in ("", "x", base64.b64encode(b"short").decode()):
        with pytest.raises(ValueError, match="32 bytes"):
            seal(event, bad)
    with pytest.raises(ValueError, match="secret"):
        make_webhook(event, secret="")


def test_the_emulator_hands_out_sealed_results() -> None:
    """Any of its events is sealed with its key."""
    emulator = emulator_with()
    event_id = emulator.truth().ids[0]
    opened = unseal(emulator.sealed_result(event_id), [DecryptionKey(emulator.sealing_key)])
    assert opened.event_id == event_id
    with pytest.raises(KeyError):
        emulator.sealed_result("nothing")


@pytest.mark.parametrize(("url", "secret"), [("ftp://x", "s"), ("nothing", "s"), (URL, "")])
def test_bad_webhooks_are_refused(url: str, secret: str) -> None:
    """An address or secret that cannot be right is an error."""
    with pytest.raises(ValueError, match=r"url|secret"):
        Webhook(url, secret)
