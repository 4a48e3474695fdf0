"""The emulator's own address space, for whoever drives it from another process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, get_args
from urllib.parse import parse_qsl

import msgspec

from fingerprint_async.testing.carriers import Reply, Request
from fingerprint_async.testing.emulator.errors import ApiError, bad_request
from fingerprint_async.testing.emulator.faults import Fault
from fingerprint_async.testing.emulator.filters import PREDICATES
from fingerprint_async.testing.emulator.hostile import Hostile
from fingerprint_async.testing.emulator.search import to_ms
from fingerprint_async.testing.emulator.service import TruthSource
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
        }

    def answer(self, request: Request) -> Reply:
        """Return the reply to one request below `/_emulator/`."""
        action = self._actions.get((request.method, request.path[len(PREFIX) :]))
        if action is None:
            return Reply(404, encode(make_error("failed", "no such emulator control")))
        try:
            return Reply(200, encode(action(request)))
        except ApiError as error:
            return Reply(error.status, encode(make_error(error.code, error.message)))
        except (TypeError, ValueError, KeyError) as error:
            return Reply(400, encode(make_error("request_cannot_be_parsed", str(error))))

    def _stats(self, request: Request) -> object:
        del request
        return self._service.stats()

    def _reset(self, request: Request) -> object:
        del request
        self._service.reset()
        return {}

    def _limits(self, request: Request) -> object:
        given = _object(request)
        rate = given.get("rate")
        self._service.set_limits(
            rate=None if rate in (None, "off") else float(rate), burst=given.get("burst")
        )
        self._service.retry_after = given.get("retry_after", self._service.retry_after)
        return self._service.bucket.stats()

    def _faults(self, request: Request) -> object:
        listed = _object(request).get("faults", [])
        self._service.set_faults(
            *(Fault.parse(one) if isinstance(one, str) else Fault(**one) for one in listed)
        )
        return {}

    def _hostile(self, request: Request) -> object:
        listed = _object(request).get("hostile", [])
        self._service.set_hostile(*(Hostile.parse(one) for one in listed))
        return {}

    def _truth(self, request: Request) -> object:
        given = dict(parse_qsl(request.query))
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


def _object(request: Request) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("request body is not valid") from None
    if not isinstance(value, dict):
        raise bad_request("request body is not valid")
    return cast("dict[str, Any]", value)
