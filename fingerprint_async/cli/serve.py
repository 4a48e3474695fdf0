"""`fingerprint-async serve`: the emulator as a process of its own."""

from __future__ import annotations

import asyncio
import inspect
import json
import signal
import sys
from contextlib import AsyncExitStack
from pathlib import Path  # noqa: TC003 -- read by cyclopts
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, Group, Parameter, validators

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fingerprint_async.testing import Emulator, EmulatorServer

__all__ = ["app"]

_DATA = Group("Events", sort_key=1)
_PACE = Group("Pace", sort_key=2)
_RULES = Group("Rules", sort_key=3)
_TROUBLE = Group("Trouble", sort_key=4)

app = App(
    name="serve",
    help="""Run the emulator: a server on this machine that behaves like the Fingerprint Server API v4.

It holds made-up events and answers search (all filters), get, update, delete and edge analysis with the
service's rules and errors.""",
    help_epilogue="""While it runs, at the same address without /v4: /_emulator/ is a page that shows
requests as they come. GET /_emulator/truth?start=&end=&source=&ids=1 says what it really holds,
GET /_emulator/stats and /_emulator/requests what was asked of it; POST /_emulator/limits {"rate", "burst"},
/_emulator/faults {"faults": [...]}, /_emulator/hostile {"hostile": [...]}, /_emulator/events {...},
/_emulator/clock {"advance", "speed"}, /_emulator/rulesets, /_emulator/keys, /_emulator/webhooks and
/_emulator/reset change it. Ctrl-C or SIGTERM stop it.""",
)


@app.default
def serve(
    *,
    host: str = "127.0.0.1",
    port: Annotated[int, Parameter(validator=validators.Number(gte=0, lte=65_535))] = 8700,
    ready_file: Path | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
    config: Path | None = None,
    admin_token: str | None = None,
    events: Annotated[int, Parameter(group=_DATA, validator=validators.Number(gte=0))] = 20_000,
    start: Annotated[str | None, Parameter(group=_DATA)] = None,
    end: Annotated[str | None, Parameter(group=_DATA)] = None,
    seed: Annotated[int, Parameter(group=_DATA)] = 0,
    detail: Annotated[Literal["full", "slim"], Parameter(group=_DATA)] = "full",
    tomorrow: Annotated[float, Parameter(group=_DATA)] = 0.0,
    live: Annotated[bool, Parameter(group=_DATA, negative="")] = False,
    late: Annotated[str | None, Parameter(group=_DATA)] = None,
    rate: Annotated[str, Parameter(group=_PACE)] = "off",
    burst: Annotated[float | None, Parameter(group=_PACE)] = None,
    retry_after: Annotated[
        Literal["none", "seconds", "fraction", "date", "nonsense"],
        Parameter(group=_PACE),
    ] = "none",
    latency: Annotated[str, Parameter(group=_PACE)] = "0",
    keep_alive: Annotated[float, Parameter(group=_PACE)] = 75.0,
    clock_speed: Annotated[float, Parameter(group=_PACE)] = 1.0,
    key: Annotated[list[str] | None, Parameter(group=_RULES, negative="")] = None,
    region: Annotated[Literal["us", "eu", "ap", "all"], Parameter(group=_RULES)] = "us",
    retention: Annotated[float | None, Parameter(group=_RULES)] = None,
    delete: Annotated[bool, Parameter(group=_RULES)] = True,
    edge: Annotated[bool, Parameter(group=_RULES)] = True,
    feedback: Annotated[bool, Parameter(group=_RULES)] = True,
    fresh: Annotated[float, Parameter(group=_RULES)] = 12.0,
    searchable_after: Annotated[float, Parameter(group=_RULES)] = 5.0,
    key_lifetime: Annotated[float | None, Parameter(group=_RULES)] = None,
    webhook: Annotated[list[str] | None, Parameter(group=_RULES, negative="")] = None,
    webhook_secret: Annotated[str, Parameter(group=_RULES)] = "webhook-secret",  # noqa: S107 - shown in the help
    fault: Annotated[list[str] | None, Parameter(group=_TROUBLE, negative="")] = None,
    hostile: Annotated[list[str] | None, Parameter(group=_TROUBLE, negative="")] = None,
    hostile_seed: Annotated[str | None, Parameter(group=_TROUBLE)] = None,
) -> int:
    """Run the emulator until it is stopped.

    Parameters
    ----------
    host
        Address to listen on.
    port
        Port to listen on; 0 takes any free one.
    ready_file
        A file to write once the server listens: {"base_url", "api_key", "port", "start", "end"} as JSON.
    quiet
        Say nothing but errors.
    config
        A TOML or JSON file with arguments of fingerprint_async.testing.Emulator by their names, for what
        has no option here (keys, rulesets, rates). Options given here are stronger.
    admin_token
        What controls below /_emulator/ must bring as x-emulator-token. One is made, and shown, where other
        machines can reach the server.
    events
        How many events it holds.
    start
        Time of the first event, Unix ms or RFC 3339. 30 days before the end when left out.
    end
        Time of the last event, Unix ms or RFC 3339. Now when left out.
    seed
        Another seed, other events.
    detail
        full: events of about 6 kB, like the service's. slim: about half a kB.
    tomorrow
        The share of devices whose events have fields and values of a later schema.
    live
        Events of the future come in when their time comes (give an --end that lies ahead).
    late
        SHARE:SECONDS; this share of events comes in late, by at most so many seconds: 0.1:30.
    rate
        Requests per second that are allowed, or off. The service's default is 5.
    burst
        What the token bucket holds. Three times the rate when left out.
    retry_after
        The form of the Retry-After header on a 429.
    latency
        Seconds that an answer takes: 0.3, or between two: 0.2:0.4.
    keep_alive
        Seconds after which an idle connection is closed.
    clock_speed
        How many of its seconds pass in a real one; 0 stands still until it is advanced.
    key
        A secret key to accept; can be given several times. test-key and some others when left out.
    region
        The region this server stands for; all: three ports in a row, for us, eu and ap.
    retention
        Days; an explicit start further back is refused. No bound when left out.
    delete
        Whether visitors can be deleted (the service allows it on request only).
    edge
        Whether edge analysis is enabled.
    feedback
        Whether event feedback is enabled.
    fresh
        Seconds during which an event that came in cannot be updated (409).
    searchable_after
        Seconds until a search finds an event that came in.
    key_lifetime
        Seconds until a pagination key is refused. No bound when left out.
    webhook
        An address to send new events to; can be given several times.
    webhook_secret
        What webhooks are signed with.
    fault
        [operation:]kind[=probability][xrun], several times: --fault search:reset=0.05 --fault
        unavailable=0.01x20.
        Kinds: rate_limited, search_overload, internal_error, bad_gateway, unavailable, gateway_timeout,
            state_not_ready,
        refused_key, read_timeout, empty_page, closed, reset, cut, truncated, drip, stall, wrong_type,
            empty, garbage.
    hostile
        behaviour[=share], several times: --hostile shuffled_pages=0.3 --hostile skewed_clock=-3600.
        Behaviours: shuffled_pages, repeated_pages, other_shapes, wrong_totals, repeating_keys,
            endless_empty_pages, blank_last_keys, odd_events, ids_twice, retention_on_keys, key_messages,
            skewed_clock (in seconds).
    hostile_seed
        Choose hostile behaviours by a seed.
    """
    options = {
        "events": events,
        "start": start,
        "end": end,
        "seed": seed,
        "detail": detail,
        "tomorrow": tomorrow,
        "live": live,
        "late": late,
        "burst": burst,
        "retry_after": retry_after,
        "latency": latency,
        "keys": key,
        "region": region,
        "retention": retention,
        "deletion": delete,
        "edge": edge,
        "feedback": feedback,
        "fresh": fresh,
        "searchable_after": searchable_after,
        "key_lifetime": key_lifetime,
        "faults": fault,
        "hostile": hostile,
        "admin_token": admin_token,
        "webhooks": [{"url": url, "secret": webhook_secret} for url in webhook or ()],
        "clock": {"speed": clock_speed},
    }
    try:
        _check_host(host)
        options["rate"] = None if rate == "off" else _number("--rate", rate)
        emulator = _emulator(options, config, hostile_seed)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"fingerprint-async: {error}\n")
        return 2
    try:
        asyncio.run(
            _run(
                emulator,
                host=host,
                port=port,
                keep_alive=keep_alive,
                ready_file=ready_file,
                quiet=quiet,
            )
        )
    except OSError as error:
        sys.stderr.write(
            f"fingerprint-async: can't serve on {host}:{port}: {error.strerror or error}\n"
        )
        return 1
    return 0


#: What an option that was not given has, where the command differs from the class.
_DEFAULTS: dict[str, Any] = {
    "events": 20_000,
    "deletion": True,
    "feedback": True,
    "latency": "0",
    "clock": {"speed": 1.0},
    "webhooks": [],
}


def _emulator(options: dict[str, Any], config: Path | None, hostile_seed: str | None) -> Emulator:
    """Make the emulator that the options, and a file, ask for."""
    from fingerprint_async.testing import Emulator, Hostile
    from fingerprint_async.testing.emulator.config import arguments_of, read_config

    standard = {
        name: parameter.default
        for name, parameter in inspect.signature(Emulator).parameters.items()
    } | _DEFAULTS
    given = {
        name: value
        for name, value in options.items()
        if value is not None and value != standard[name]
    }
    arguments = arguments_of(_DEFAULTS)
    if config is not None:
        arguments |= read_config(config)
    arguments |= arguments_of(given, prefix="--")
    if hostile_seed is not None:
        arguments["hostile"] = [*arguments.get("hostile", ()), *Hostile.draw(hostile_seed)]
    return Emulator(**arguments)


async def _run(
    emulator: Emulator,
    *,
    host: str,
    port: int,
    keep_alive: float,
    ready_file: Path | None,
    quiet: bool,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    regions: dict[str, EmulatorServer] = {}
    async with AsyncExitStack() as stack:
        if emulator.region == "all":
            served = await stack.enter_async_context(
                emulator.serve_regions(host=host, port=port, keep_alive=keep_alive)
            )
            regions.update(served.items())
        else:
            server = await stack.enter_async_context(
                emulator.serve(host=host, port=port, keep_alive=keep_alive)
            )
            regions[emulator.region] = server
        if not quiet:
            sys.stdout.write(_banner(regions))
            sys.stdout.flush()
        if ready_file is not None:
            _write_ready(ready_file, regions)
        await stop.wait()
    if not quiet:
        stats = emulator.stats()
        sys.stdout.write(
            f"Stopped after {stats['requests']:,} requests ({stats['too_many_requests']:,} answered 429).\n"
        )


def _write_ready(path: Path, regions: Mapping[str, EmulatorServer]) -> None:
    """Write the file whole: whoever waits for it never reads a part."""
    server = next(iter(regions.values()))
    emulator = server.emulator
    ready: dict[str, Any] = {
        "base_url": server.base_url,
        "api_key": server.api_key,
        "port": server.port,
        "start": emulator.searchable_start,
        "end": emulator.end,
        "regions": {region: one.base_url for region, one in regions.items()},
        "admin_token": server.admin_token,
        "sealing_key": emulator.sealing_key,
    }
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_text(json.dumps(ready) + "\n")
    unfinished.replace(path)


def _banner(regions: Mapping[str, EmulatorServer]) -> str:
    server = next(iter(regions.values()))
    emulator = server.emulator
    token = "" if server.admin_token is None else f"?token={server.admin_token}"
    others = "".join(
        f"\n  {region:<8} {one.base_url}" for region, one in regions.items() if one is not server
    )
    window = f"start={emulator.searchable_start}&end={emulator.end}"
    rate, burst = emulator.bucket.rate, emulator.bucket.burst
    pace = "no rate limit" if rate is None else f"{rate:g} requests/s, burst {burst:g}"
    held = len(emulator.dataset)
    newest = f"\n  newest   {emulator.dataset.event_id(held - 1)}" if held else ""
    return f"""\
The emulator listens at {server.base_url} (Ctrl-C stops it)
  events   {held:,} from {emulator.searchable_start} to {emulator.end} (Unix ms), {pace}{newest}
  key      {server.api_key}{others}
  status   {server.origin}/_emulator/{token}

Try it:
  export FINGERPRINT_BASE_URL={server.base_url} FINGERPRINT_SECRET_API_KEY={server.api_key}
  curl -H 'Authorization: Bearer {server.api_key}' '{server.base_url}/events?limit=2&{window}'
  curl '{server.origin}/_emulator/truth?{window}{token.replace("?", "&")}'
  FINGERPRINT_SECRET_API_KEY={server.api_key} fingerprint-async crawl out --base-url {server.base_url} \
--start {emulator.searchable_start} --end {emulator.end} --rate {"off" if rate is None else f"{rate:g}"}
"""


def _check_host(host: str) -> None:
    if not host.strip():
        raise ValueError("--host must name an address; 127.0.0.1 is this machine only")


def _number(option: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{option} is a number, not {text!r}") from None
