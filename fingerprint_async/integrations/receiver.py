# Annotations bind no caller at run time.
# pyright: reportUnnecessaryIsInstance=false
"""Receive webhooks: read the body, verify, parse, deduplicate, hand the event on, answer in time.

No framework is needed here; `integrations.starlette` and `integrations.aiohttp` bind it to theirs.
The answers, of which the service takes any 2xx as a success:

| status | when | sent again |
| --- | --- | --- |
| 200 | the handler is done, or the event was received before | no |
| 202 | the handler is still at work when the time for an answer is over | no |
| 400 | signed, but no event; older than `max_age`; or the body ends early | yes |
| 403 | not signed with any of the secrets | yes |
| 408 | the body did not come in time | yes |
| 413 | the body is larger than `max_body_bytes` | yes |
| 500 | the handler failed in time; the event is forgotten | yes |
| 503 | the store cannot be asked, too many handlers are at work, or it is closed | yes |

An event whose handler fails after a 202 is not sent again: the failure is logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterable
from inspect import isasyncgenfunction, isawaitable, isgeneratorfunction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import attrs

from fingerprint_async import webhooks
from fingerprint_async._moments import check_max_age
from fingerprint_async._secret import Secret
from fingerprint_async._settings import has_method, is_number, kind_of, shown
from fingerprint_async.errors import (
    ArgumentError,
    ConfigurationError,
    DecodeError,
    FingerprintError,
)
from fingerprint_async.replays import MemorySeenStore, SeenStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fingerprint_async.models import Event
    from fingerprint_async.webhooks import Secrets

    Handler: TypeAlias = Callable[[Event], Awaitable[Any]]

__all__ = ["Answer", "RefusedWebhookError", "WebhookGate", "WebhookReceiver"]

logger = logging.getLogger("fingerprint_async.webhooks")

DEFAULT_MAX_AGE_SECONDS: Final = 1800.0
DEFAULT_MAX_BODY_BYTES: Final = 1024 * 1024
DEFAULT_ANSWER_WITHIN_SECONDS: Final = 2.0
DEFAULT_MAX_RUNNING: Final = 100
_SERVICE_WAITS_SECONDS: Final = 3.0
_FORGET_WITHIN_SECONDS: Final = 0.5


@attrs.frozen
class Answer:
    """What to answer the service with.

    Attributes:
        status: The HTTP status.
        text: A few words; nothing of the event.
    """

    status: int
    text: str


_FULL: Final = Answer(503, "no more events are taken now")


class RefusedWebhookError(FingerprintError):
    """A request that is answered at once, and handed on to nobody.

    Attributes:
        answer: What to answer with. It is a 2xx for an event that was received before.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.answer,)


class WebhookGate:
    """Let through the events that the service signed, each once.

    Args:
        secret: The webhook's secret; a list of several while you change it.
        seen: What remembers events; by default a `MemorySeenStore`, which knows of this process
            only. It must remember them for longer than `max_age`, as far as it tells its
            `ttl_seconds`.
        max_age: Refuse events that are older than this many seconds; None for no limit.
        max_body_bytes: The largest body.
        read_within: How many seconds the body and the store may take together.
        strict: Refuse events that differ from the schema.

    Raises:
        ConfigurationError: An argument cannot be right.
    """

    def __init__(
        self,
        *,
        secret: Secrets,
        seen: SeenStore | None = None,
        max_age: float | None = DEFAULT_MAX_AGE_SECONDS,
        max_body_bytes: int = DEFAULT_MAX_BODY_BYTES,
        read_within: float = DEFAULT_ANSWER_WITHIN_SECONDS,
        strict: bool = False,
    ) -> None:
        given = Secret(secret)
        del secret
        self._keys = webhooks.read_secrets(given)
        # A set has methods of these names, which cannot be awaited.
        if seen is not None and not _is_store(seen):
            raise ConfigurationError(f"seen must be a SeenStore or None, not {kind_of(seen)}")
        if (
            isinstance(max_body_bytes, bool)
            or not isinstance(max_body_bytes, int)
            or max_body_bytes < 1
        ):
            raise ConfigurationError(
                f"max_body_bytes must be a whole number above 0, not {shown(max_body_bytes)}"
            )
        if not isinstance(strict, bool):
            raise ConfigurationError(f"strict must be True or False, not {kind_of(strict)}")
        self._seen: SeenStore = MemorySeenStore() if seen is None else seen
        self._max_age = check_max_age(max_age)
        _check_memory(self._seen, self._max_age)
        self._max_body_bytes = max_body_bytes
        self._read_within = check_seconds("read_within", read_within)
        self._strict = strict

    async def accept(self, body: AsyncIterable[bytes], *, signature: str | None) -> Event:
        """Read a request and return its event. The event counts as received from then on.

        Args:
            body: The parts of the body as they come.
            signature: The value of the header `fpjs-event-signature`; None when there was none.

        Raises:
            RefusedWebhookError: The event must not be handed on; answer with its `answer`.
            ArgumentError: The body does not come in parts, or the signature is no text.
        """
        if not isinstance(body, AsyncIterable):
            raise ArgumentError(f"body: expected its parts as they come, got {kind_of(body)}")
        until = asyncio.get_running_loop().time() + self._read_within
        event = self._parse(await self._read(body, until), signature)
        if not await self._record(event, until):
            raise RefusedWebhookError(Answer(200, "received before"))
        return event

    async def forget(self, event: Event) -> None:
        """Let an event in again: it reached no handler, or its handler has failed."""
        try:
            async with asyncio.timeout(_FORGET_WITHIN_SECONDS):
                await self._seen.discard(_key_of(event))
        except Exception as error:  # noqa: BLE001 - a store can be anybody's
            logger.warning("an event could not be forgotten (%s)", kind_of(error))

    async def _read(self, body: AsyncIterable[bytes], until: float) -> Secret:
        failure: str
        try:
            async with asyncio.timeout_at(until):
                return await self._join(body)
        except FingerprintError:
            raise
        except TimeoutError:
            raise RefusedWebhookError(Answer(408, "the body did not come in time")) from None
        except Exception as error:  # noqa: BLE001 - a framework's: the client is gone
            failure = kind_of(error)
        logger.warning("a webhook is refused: its body cannot be read (%s)", failure)
        raise RefusedWebhookError(Answer(400, "the body cannot be read"))

    async def _join(self, body: AsyncIterable[bytes]) -> Secret:
        parts: list[Secret] = []
        size = 0
        async for part in body:
            if not isinstance(part, bytes | bytearray | memoryview):
                raise ArgumentError(f"body: expected parts in bytes, got {kind_of(part)}")
            # A frame of an error holds what is wrapped only.
            parts.append(Secret(bytes(part)))
            del part
            size += len(cast("bytes", parts[-1].hidden))
            if size > self._max_body_bytes:
                break
        if size > self._max_body_bytes:
            raise RefusedWebhookError(
                Answer(413, f"the body is larger than {self._max_body_bytes} bytes")
            )
        return Secret(b"".join(cast("bytes", part.hidden) for part in parts))

    async def _record(self, event: Event, until: float) -> bool:
        """Record an event, and return whether it was new."""
        try:
            async with asyncio.timeout_at(until):
                return await self._seen.add(_key_of(event))
        except Exception as error:  # noqa: BLE001 - a store can be anybody's
            logger.warning(
                "a webhook is refused: its event cannot be recorded (%s)", kind_of(error)
            )
        except BaseException:
            # Whoever asked is gone: nobody gets the event.
            await self.forget(event)
            raise
        # It may have been recorded all the same, and will be sent again.
        await self.forget(event)
        raise RefusedWebhookError(Answer(503, "the event cannot be recorded"))

    def _parse(self, content: Secret, signature: str | None) -> Event:
        try:
            return webhooks.parse_signed(
                content, signature, self._keys, max_age=self._max_age, strict=self._strict
            )
        except webhooks.SignatureError:
            answer = Answer(403, "the body is not signed with the webhook's secret")
        except webhooks.StaleEventError:
            answer = Answer(400, "the event is too old, or in the future")
        except DecodeError:
            answer = Answer(400, "the body is no event")
        raise RefusedWebhookError(answer)


class WebhookReceiver:
    """Hand each event to a handler, and answer the service in time.

    The handler runs as a task of its own. If it is not done in time, the service is answered and
    the handler goes on. Its task is not ended when the request is: call `aclose` at shutdown.

    Args:
        handler: An async function that gets each event once.
        gate: What lets events through.
        answer_within: After how many seconds the service is answered at the latest. It waits 3.
        max_running: How many handlers may be at work at once.
    """

    def __init__(
        self,
        handler: Handler,
        gate: WebhookGate,
        *,
        answer_within: float = DEFAULT_ANSWER_WITHIN_SECONDS,
        max_running: int = DEFAULT_MAX_RUNNING,
    ) -> None:
        if not callable(handler) or isgeneratorfunction(handler) or isasyncgenfunction(handler):
            raise ConfigurationError(f"handler must be an async function, not {kind_of(handler)}")
        check_gate(gate)
        if isinstance(max_running, bool) or not isinstance(max_running, int) or max_running < 1:
            raise ConfigurationError(
                f"max_running must be a whole number above 0, not {shown(max_running)}"
            )
        self._handler = handler
        self._gate = gate
        self._answer_within = check_seconds("answer_within", answer_within)
        self._max_running = max_running
        self._running: set[asyncio.Task[bool]] = set()
        self._is_closed = False

    @property
    def running(self) -> int:
        """How many handlers are at work."""
        return len(self._running)

    async def receive(self, body: AsyncIterable[bytes], *, signature: str | None) -> Answer:
        """Receive one request and return what to answer with.

        Args:
            body: The parts of the body as they come.
            signature: The value of the header `fpjs-event-signature`; None when there was none.
        """
        if self._is_full():
            return _FULL
        answer_at = asyncio.get_running_loop().time() + self._answer_within
        try:
            event = await self._gate.accept(body, signature=signature)
        except RefusedWebhookError as error:
            return error.answer
        # Others may have begun, or the receiver was closed, while this one was read.
        if self._is_full():
            await self._gate.forget(event)
            return _FULL
        task = asyncio.create_task(self._run(event))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        rest = answer_at - asyncio.get_running_loop().time()
        await asyncio.wait([task], timeout=max(0.0, rest))
        if not task.done():
            return Answer(202, "received")
        if task.cancelled() or not task.result():
            return Answer(500, "the event could not be handled")
        return Answer(200, "handled")

    async def aclose(self, *, within: float | None = 30.0) -> None:
        """Take no more events, and wait for the handlers that are at work.

        Args:
            within: How many seconds to wait before the handlers are cancelled; None for no limit.

        Raises:
            ArgumentError: `within` is no number of seconds.
        """
        self._is_closed = True
        if within is not None and (not is_number(within) or within < 0):
            raise ArgumentError(
                f"within: expected a finite number of seconds or None, got {shown(within)}"
            )
        if not self._running:
            return
        _, pending = await asyncio.wait(self._running, timeout=within)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)

    def _is_full(self) -> bool:
        return self._is_closed or len(self._running) >= self._max_running

    async def _run(self, event: Event) -> bool:
        """Run the handler and return whether it succeeded."""
        try:
            outcome: object = self._handler(event)
            if isawaitable(outcome):
                await outcome
            else:
                # Its work is done: if this were a failure, the event would come again.
                logger.error("the handler of a webhook is no async function: it blocks the loop")
        except Exception:
            logger.exception("the handler of a webhook failed; the event is forgotten")
            await self._gate.forget(event)
            return False
        except BaseException:
            await self._gate.forget(event)
            raise
        return True


def _is_store(seen: object) -> bool:
    return has_method(seen, "add") and has_method(seen, "discard") and not isinstance(seen, set)


def _check_memory(seen: object, max_age: float | None) -> None:
    """Raise if a store forgets events that are still taken."""
    ttl_seconds: object = getattr(seen, "ttl_seconds", None)
    if max_age is None or not isinstance(ttl_seconds, int | float) or ttl_seconds > max_age:
        return
    raise ConfigurationError(
        f"seen must remember events for longer than max_age, {max_age:g} s; its ttl_seconds is"
        f" {shown(ttl_seconds)}"
    )


def check_gate(gate: object) -> None:
    """Raise a `ConfigurationError` for what is no gate."""
    if not isinstance(gate, WebhookGate):
        raise ConfigurationError(f"gate must be a WebhookGate, not {kind_of(gate)}")


def check_receiver(receiver: object) -> None:
    """Raise a `ConfigurationError` for what is no receiver."""
    if not isinstance(receiver, WebhookReceiver):
        raise ConfigurationError(f"receiver must be a WebhookReceiver, not {kind_of(receiver)}")


def check_seconds(name: str, value: object) -> float:
    """Return a time within which the service still waits for an answer, or raise."""
    if (
        not is_number(value)
        or not isinstance(value, int | float)
        or not 0 < value <= _SERVICE_WAITS_SECONDS
    ):
        raise ConfigurationError(
            f"{name} must be a number above 0, at most {_SERVICE_WAITS_SECONDS:g}, "
            f"not {shown(value)}"
        )
    return float(value)


def _key_of(event: Event) -> str:
    return f"webhook:{webhooks.dedupe_key(event)}"
