"""The emulator's own address space, for whoever drives it from another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args
from urllib.parse import parse_qsl

import msgspec

from fingerprint_async.testing.carriers import Reply, Request
from fingerprint_async.testing.emulator.access import ApiKey
from fingerprint_async.testing.emulator.errors import ApiError, bad_request
from fingerprint_async.testing.emulator.faults import Fault, RetryAfter
from fingerprint_async.testing.emulator.filters import PREDICATES
from fingerprint_async.testing.emulator.hostile import Hostile
from fingerprint_async.testing.emulator.options import rulesets_of
from fingerprint_async.testing.emulator.search import to_ms
from fingerprint_async.testing.emulator.status import status_page
from fingerprint_async.testing.emulator.truth import TruthSource
from fingerprint_async.testing.emulator.webhooks import Webhook
from fingerprint_async.testing.factories import encode, make_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from fingerprint_async.testing.emulator.service import EmulatedService

__all__ = ["PREFIX", "Control"]

PREFIX = "/_emulator/"


class Control:
    """Answers requests that drive an emulator.

    Args:
        service: What is driven.
    """

    def __init__(self, service: EmulatedService) -> None:
        self._service = service
        self._actions: dict[tuple[str, str], Callable[[Request], object]] = {
            ("GET", "stats"): self._stats,
            ("GET", "truth"): self._truth,
            ("POST", "reset"): self._reset,
            ("POST", "limits"): self._limits,
            ("POST", "faults"): self._faults,
            ("POST", "hostile"): self._hostile,
            ("GET", "requests"): self._requests,
            ("GET", "clock"): self._clock,
            ("POST", "clock"): self._set_clock,
            ("POST", "events"): self._add_event,
            ("POST", "rulesets"): self._rulesets,
            ("POST", "keys"): self._keys,
            ("GET", "webhooks"): self._webhooks,
            ("POST", "webhooks"): self._set_webhooks,
            ("GET", "sealed"): self._sealed,
        }

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request below `/_emulator/`."""
        name = request.path[len(PREFIX) :]
        if request.method == "GET" and name == "":
            return status_page()
        action = self._actions.get((request.method, name))
        if action is None:
            return Reply(404, encode(make_error("failed", "no such emulator control")))
        try:
            return Reply(200, encode(action(request)))
        except ApiError as error:
            return Reply(error.status, encode(make_error(error.code, error.message)))
        except (TypeError, ValueError, AttributeError) as error:
            return Reply(400, encode(make_error("request_cannot_be_parsed", str(error))))
        except KeyError as error:
            return Reply(404, encode(make_error("event_not_found", f"there is no event {error}")))

    def _stats(self, request: Request) -> object:
        del request
        return self._service.stats()

    def _reset(self, request: Request) -> object:
        del request
        self._service.reset()
        return {}

    def _limits(self, request: Request) -> object:
        given = _object(request, "rate", "burst", "retry_after")
        rate = given.get("rate")
        self._service.set_limits(
            rate=None if rate in (None, "off") else float(rate), burst=given.get("burst")
        )
        form = given.get("retry_after", self._service.retry_after)
        if form not in get_args(RetryAfter):
            raise bad_request(f"retry_after is one of {', '.join(get_args(RetryAfter))}")
        self._service.retry_after = form
        return self._service.bucket.stats()

    def _faults(self, request: Request) -> object:
        listed = _object(request, "faults").get("faults", [])
        self._service.set_faults(
            *(Fault.parse(one) if isinstance(one, str) else Fault(**one) for one in listed)
        )
        return {}

    def _hostile(self, request: Request) -> object:
        listed = _object(request, "hostile").get("hostile", [])
        self._service.set_hostile(*(Hostile.parse(one) for one in listed))
        return {}

    def _requests(self, request: Request) -> object:
        given = dict(parse_qsl(request.query))
        since = int(given.get("since", 0))
        seen = [one for one in self._service.requests if one.number > since]
        return {
            "stats": self._service.stats(),
            "clock": self._service.clock(),
            "requests": [
                {
                    "number": one.number,
                    "at": one.at,
                    "operation": one.operation,
                    "method": one.request.method,
                    "path": one.request.path,
                    "query": one.request.query,
                    "headers": dict(one.request.headers),
                    "body": one.request.body.decode("utf-8", "replace"),
                    "status": one.status,
                    "fault": one.fault,
                }
                for one in seen[-int(given.get("limit", 1_000)) :]
            ],
        }

    def _clock(self, request: Request) -> object:
        del request
        return {"now": self._service.clock(), "speed": self._service.clock.speed}

    def _set_clock(self, request: Request) -> object:
        given = _object(request, "advance", "speed")
        if "speed" in given:
            self._service.clock.set_speed(float(given["speed"]))
        self._service.clock.advance(float(given.get("advance", 0)))
        return self._clock(request)

    def _add_event(self, request: Request) -> object:
        return self._service.add_event(**_object(request))

    def _rulesets(self, request: Request) -> object:
        given = rulesets_of(_object(request))
        self._service.rulesets.update(given)
        return {"rulesets": sorted(self._service.rulesets)}

    def _keys(self, request: Request) -> object:
        given = {name: ApiKey(**settings) for name, settings in _object(request).items()}
        self._service.keys.update(given)
        return {"keys": len(self._service.keys)}

    def _webhooks(self, request: Request) -> object:
        del request
        outbox = self._service.outbox
        return {
            "waiting": len(outbox.waiting),
            "attempts": [
                {
                    "url": one.webhook.url,
                    "event_id": one.event_id,
                    "number": one.number,
                    "status": one.status,
                }
                for one in outbox.attempts
            ],
        }

    def _set_webhooks(self, request: Request) -> object:
        listed = _object(request, "webhooks").get("webhooks", [])
        self._service.outbox.webhooks[:] = [Webhook(**one) for one in listed]
        return {"webhooks": len(self._service.outbox.webhooks)}

    def _sealed(self, request: Request) -> object:
        event_id = dict(parse_qsl(request.query)).get("event_id", "")
        return {
            "sealed_result": self._service.sealed_result(event_id),
            "key": self._service.sealing_key,
        }

    def _truth(self, request: Request) -> object:
        given = dict(parse_qsl(request.query))
        given.pop("token", None)
        times: dict[str, int | None] = {}
        for name in ("start", "end"):
            text = given.pop(name, None)
            times[name] = None if text is None else to_ms(text)
            if text is not None and times[name] is None:
                raise bad_request(f"invalid {name} time")
        source = given.pop("source", "device")
        listed = given.pop("ids", "") in ("1", "true")
        if source not in get_args(TruthSource):
            raise bad_request("source is device, edge or both")
        if unknown := set(given) - set(PREDICATES):
            raise bad_request(f"unknown filter {', '.join(sorted(unknown))}")
        truth = self._service.truth(
            start=times["start"],
            end=times["end"],
            source=cast("TruthSource", source),
            ids=listed,
            **given,
        )
        return {"count": truth.count, "ids": truth.ids} if listed else {"count": truth.count}


def _object(request: Request, *known: str) -> dict[str, Any]:
    """Return the body of a request.

    Raises:
        ApiError: It is no object, or has other names than the known ones, if those are given.
    """
    try:
        value = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("request body is not valid") from None
    if not isinstance(value, dict):
        raise bad_request("request body is not valid")
    given = cast("dict[str, Any]", value)
    if known and (unknown := sorted(given.keys() - set(known))):
        raise bad_request(f"unknown {', '.join(unknown)}; there are {', '.join(known)}")
    return given
