"""The examples, as processes of their own, over real HTTP, against `fingerprint-async serve`."""

from __future__ import annotations

import ast
import asyncio
import base64
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import httpx
import pytest

from fingerprint_async import FingerprintClient, RateLimit, checks, webhooks
from fingerprint_async.blocking import BlockingClient
from fingerprint_async.testing import seal
from tests.examples.conftest import ROOT, answers, free_port, running, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fingerprint_async.models import Event

pytestmark = pytest.mark.slow

LOOPS = ["asyncio", *(["uvloop"] if find_spec("uvloop") else [])]

SETTINGS = {
    "FINGERPRINT_WEBHOOK_SECRET": "webhook-secret",
    "FINGERPRINT_SEALED_KEY": base64.b64encode(bytes(range(32))).decode(),
    "CURSOR_SECRET": "a secret of 16 bytes or more",
}
MANY = 20
"""Calls at once: enough for both workers to get some."""
YEAR_SECONDS = str(365 * 24 * 3600)


@pytest.fixture(scope="module")
def client(environment: dict[str, str]) -> Iterator[BlockingClient]:
    """What knows the events that the service holds."""
    with BlockingClient(
        environment["FINGERPRINT_SECRET_API_KEY"],
        base_url=environment["FINGERPRINT_BASE_URL"],
        rate_limit=RateLimit.off(),
    ) as client:
        yield client


@pytest.fixture(scope="module")
def good(client: BlockingClient) -> list[Event]:
    """Events of people, with an address and a page."""
    found = [
        event
        for event in client.events.search(bot="none")
        if event.identification and event.ip_address and event.url and not event.replayed
        if not {"rule_block"} & {one.code for one in checks.check_event(event, max_age=None)}
    ]
    assert len(found) >= 4
    return found


def origin_of(event: Event) -> str:
    """The origin of an event's page."""
    parts = urlsplit(str(event.url))
    return f"{parts.scheme}://{parts.netloc}"


def signed(event_id: str) -> dict[str, Any]:
    """Write a webhook as the service sends it."""
    body = json.dumps({"event_id": event_id, "timestamp": int(time.time() * 1000)}).encode()
    signature = webhooks.sign(body, secret=SETTINGS["FINGERPRINT_WEBHOOK_SECRET"])
    return {"content": body, "headers": {webhooks.SIGNATURE_HEADER: signature}}


@pytest.fixture
def shared(environment: dict[str, str], redis_url: str | None) -> dict[str, str]:
    """The settings of workers that share what was seen, where there is a Redis."""
    return {**environment, **({"REDIS_URL": redis_url} if redis_url else {})}


@attrs.frozen
class App:
    """The example of FastAPI, under uvicorn.

    Attributes:
        address: Where it listens.
        log: What the workers print: who answered what, by process.
        workers: How many there are.
    """

    address: str
    log: Path
    workers: int

    def post(self, path: str, **arguments: Any) -> httpx.Response:
        """Post over a connection of its own, which any worker may take."""
        with httpx.Client(base_url=self.address, trust_env=False) as browser:
            return browser.post(path, timeout=30, **arguments)

    def log_in(self, event: Event | str, ip: str | None = None) -> httpx.Response:
        """Log in with an event, from its own address unless another is given."""
        event_id = event if isinstance(event, str) else event.event_id
        ip = ip or (None if isinstance(event, str) else event.ip_address)
        return self.post(
            "/login",
            json={"user": "u", "password": "p", "event_id": event_id},
            headers={"X-Forwarded-For": ip} if ip else {},
        )

    def log_in_at_once(self, event: Event) -> Counter[str]:
        """Log in many times at once; count what was answered."""
        with ThreadPoolExecutor(MANY) as pool:
            answers = list(pool.map(lambda _: self.log_in(event), range(MANY)))
        return Counter(
            "let in" if answer.status_code == 200 else ",".join(answer.json()["detail"]["refused"])
            for answer in answers
        )

    def processes(self, request: str) -> set[str]:
        """The workers that answered such requests."""
        lines = self.log.read_text().splitlines()
        return {line.split()[0] for line in lines if f'"{request}' in line}


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(process)d %(message)s"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        name: {"handlers": ["out"], "level": "INFO", "propagate": False}
        for name in ("uvicorn", "uvicorn.error", "uvicorn.access")
    },
}
"""Every line begins with the process that wrote it."""


@contextmanager
def served(folder: Path, loop: str, *, workers: int = 2, **settings: str) -> Iterator[App]:
    """Run the example, and see that each worker ends cleanly."""
    pytest.importorskip("fastapi")
    port, log, config = free_port(), folder / "log", folder / "logging.json"
    config.write_text(json.dumps(LOGGING))
    command = [sys.executable, "-W", "always::ResourceWarning", "-m", "uvicorn", "app:app"]
    command += ["--port", str(port), "--loop", loop, "--workers", str(workers)]
    command += ["--log-config", str(config)]
    app = App(f"http://127.0.0.1:{port}", log, workers)
    with running(
        command, log, cwd=ROOT / "examples" / "fastapi", env={**SETTINGS, **settings}
    ) as process:
        wait_until(
            lambda: log.read_text().count("Application startup complete") == workers, process, log
        )
        yield app
    output = log.read_text()
    assert output.count("Application shutdown complete") == workers
    # Not every `ResourceWarning`: uvicorn leaves its own listening socket to the interpreter.
    for sign in ("Traceback", "unclosed transport", "unclosed resource", "never awaited"):
        assert sign not in output, output
    assert process.returncode in {0, -signal.SIGTERM}


@pytest.mark.parametrize("loop", LOOPS)
def test_fastapi_under_uvicorn(
    loop: str,
    shared: dict[str, str],
    client: BlockingClient,
    good: list[Event],
    tmp_path: Path,
) -> None:
    """Two workers refuse each bad login for its reason, receive webhooks once, and end cleanly."""
    shop = origin_of(good[0])
    settings = {**shared, "LOGIN_MAX_AGE_SECONDS": YEAR_SECONDS, "SHOP_ORIGIN": shop}
    workers = 2 if "REDIS_URL" in shared else 1
    with (
        served(tmp_path, loop, workers=workers, **settings) as app,
        httpx.Client(base_url=app.address, trust_env=False) as browser,
    ):
        event = next(
            event
            for event in good[LOOPS.index(loop) :]
            if origin_of(event) == shop and app.log_in(event).status_code == 200
        )
        assert app.log_in_at_once(event) == {"replayed": MANY}
        assert len(app.processes("POST /login")) == workers
        answer = app.log_in(good[1], "203.0.113.250")
        assert "ip_mismatch" in answer.json()["detail"]["refused"]
        bots = client.events.search(bot="bad", limit=1).first_page().events
        assert "bot" in app.log_in(bots[0]).json()["detail"]["refused"]
        for never in ("1500000000000.abcdef", "a b"):
            assert app.log_in(never).json()["detail"]["refused"] == ["invalid_id"]

        posted = signed(f"1767225600123.{loop:.6}")
        path = "/webhooks/fingerprint"
        assert {app.post(path, **posted).status_code for _ in range(6)} == {200}
        assert app.post(path, content=posted["content"]).status_code == 403

        assert browser.delete("/visitors/a%20b").status_code == 400
        assert app.post("/login", content=b"no json").status_code == 422

        blob = seal(event.to_dict(), SETTINGS["FINGERPRINT_SEALED_KEY"])
        answer = app.post("/sealed", json={"sealed_result": blob})
        assert answer.json()["event_id"] == event.event_id
        assert app.post("/sealed", json={"sealed_result": "AAAA"}).status_code == 400

        page = browser.get("/admin/events").json()
        seen = list(page["events"])
        while page["next"]:
            page = browser.get("/admin/events", params={"cursor": page["next"]}).json()
            seen += page["events"]
        assert len(seen) == len(set(seen)) >= 300
        assert browser.get("/admin/events", params={"cursor": "1.e30"}).status_code == 400

        assert bots[0].identification is not None
        visitor = bots[0].identification.visitor_id
        assert browser.delete(f"/visitors/{visitor}").status_code == 202
    assert app.log.read_text().count(f"webhook 1767225600123.{loop:.6}") == 1


def test_each_worker_remembers_for_itself_without_a_shared_store(
    environment: dict[str, str], good: list[Event], tmp_path: Path
) -> None:
    """A login is let in once a worker: what the docs warn of, and Redis mends."""
    shop = origin_of(good[2])
    settings = {**environment, "LOGIN_MAX_AGE_SECONDS": YEAR_SECONDS, "SHOP_ORIGIN": shop}
    with served(tmp_path, "asyncio", **settings) as app:
        answered = app.log_in_at_once(good[2])
        workers = len(app.processes("POST /login"))
    assert answered == {"let in": workers, "replayed": MANY - workers}


def test_a_login_without_a_verdict_is_an_answer(
    environment: dict[str, str], good: list[Event], tmp_path: Path
) -> None:
    """A service, or a store, that cannot be asked is no traceback."""
    nobody = f"127.0.0.1:{free_port()}"
    shop = origin_of(good[3])
    settings = {**environment, "LOGIN_MAX_AGE_SECONDS": YEAR_SECONDS, "SHOP_ORIGIN": shop}
    for number, missing in enumerate(
        ({"FINGERPRINT_BASE_URL": f"http://{nobody}/v4"}, {"REDIS_URL": f"redis://{nobody}"})
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with served(folder, "asyncio", workers=1, **(settings | missing)) as app:
            answer = app.log_in(good[3])
            assert answer.json()["detail"]["refused"] == ["try_again_later"]
            assert answer.status_code == 503


def test_a_stale_login_is_refused(
    environment: dict[str, str], good: list[Event], tmp_path: Path
) -> None:
    """By its id already, so that nothing is asked of the service."""
    with served(tmp_path, "asyncio", workers=1, **environment) as app:
        answer = app.log_in(good[-1])
    assert (answer.status_code, answer.json()["detail"]["refused"]) == (400, ["invalid_id"])


@pytest.mark.parametrize("loop", LOOPS)
def test_bots_are_blocked_at_the_edge(
    loop: str, environment: dict[str, str], client: BlockingClient, tmp_path: Path
) -> None:
    """The guard of each worker asks the service about each request, and does what it says."""
    settings = {**environment, "EDGE_GUARD": "on", "EDGE_GUARD_SECONDS": "30"}
    with served(tmp_path, loop, **settings) as app:

        def get(_: int) -> httpx.Response:
            return httpx.get(f"{app.address}/admin/events", trust_env=False, timeout=30)

        with ThreadPoolExecutor(MANY) as pool:
            answered = list(pool.map(get, range(MANY)))
        assert len(app.processes("GET /admin/events")) == app.workers
    asked = [
        event
        for event in client.events.search(source="edge")
        if str(event.url) == f"{app.address}/admin/events"
    ]
    unwanted = [
        event.bot_info is not None and event.bot_info.identity not in {"verified", "signed"}
        for event in asked
    ]
    blocked = [answer for answer in answered if answer.status_code == 403]
    assert len(asked) == MANY
    assert sum(unwanted) == len(blocked)
    assert {answer.text for answer in blocked} <= {"blocked"}
    assert {answer.status_code for answer in answered} <= {200, 403}


def test_aiohttp(environment: dict[str, str], good: list[Event], tmp_path: Path) -> None:
    """A login once, a webhook once, and a clean end."""
    port, log = free_port(), tmp_path / "log"
    env = {
        **environment,
        **SETTINGS,
        "PORT": str(port),
        "LOGIN_MAX_AGE_SECONDS": YEAR_SECONDS,
    }
    with (
        running([sys.executable, "app.py"], log, cwd=ROOT / "examples/aiohttp", env=env) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as browser,
    ):
        wait_until(answers(f"http://127.0.0.1:{port}/"), process, log)
        login = {"event_id": good[0].event_id}
        assert browser.post("/login", json=login).json() == login
        assert browser.post("/login", json=login).json() == {"refused": ["replayed"]}
        for never in ({"event_id": ".."}, {"event_id": [1]}, {}, [], "text", None):
            assert browser.post("/login", json=never).json() == {"refused": ["invalid_id"]}
        assert browser.post("/login", content=b"no json").status_code == 400
        unknown = {"event_id": "1767225600123.absent"}
        assert browser.post("/login", json=unknown, timeout=30).status_code == 403
        statuses = [
            browser.post("/webhooks/fingerprint", **signed("1767225600123.hooked")).status_code
            for _ in range(2)
        ]
        assert statuses == [200, 200]
    output = log.read_text()
    assert output.count("webhook 1767225600123.hooked") == 1
    assert "Traceback" not in output


CELERY = """
import json, sys, warnings
warnings.simplefilter("ignore")
from celery.contrib.testing.worker import start_worker
import tasks

with start_worker(tasks.app, perform_ping_check=False, pool="solo"):
    scores = [tasks.score_of.delay(event_id).get(timeout=30) for event_id in sys.argv[1:]]
tasks.close_client()
print(json.dumps(scores))
"""


def test_celery(environment: dict[str, str], good: list[Event], tmp_path: Path) -> None:
    """A worker looks events up, of which one is not there."""
    pytest.importorskip("celery")
    log = tmp_path / "log"
    ids = [good[1].event_id, "1767225600123.absent"]
    with running(
        [sys.executable, "-c", CELERY, *ids], log, cwd=ROOT / "examples/celery", env=environment
    ) as process:
        process.wait(90)
    assert json.loads(log.read_text().splitlines()[-1]) == [good[1].suspect_score, None]


@pytest.mark.parametrize("example", ["fastapi", "aiohttp", "celery"])
def test_examples_are_typed(example: str) -> None:
    """`mypy --strict` has nothing to say, and nor has pyright, which `scripts/check` runs."""
    if example == "celery" and find_spec("celery-stubs") is None:
        pytest.skip("celery-types is not installed")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), "."],
        cwd=ROOT / "examples" / example,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


async def test_notebook(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs, in order, in a loop that runs already."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    notebook = json.loads((ROOT / "examples/notebook/events.ipynb").read_text())
    cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    names: dict[str, Any] = {}
    shown = [await run_cell(cell, names) for cell in cells]
    assert len(shown[0]) == 5
    assert shown[2] is True
    assert names["client"].is_closed


async def run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell as a notebook does: with `await`, showing its last expression."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.Assign([ast.Name("_", ast.Store())], last.value)
        ast.fix_missing_locations(tree)
    code = compile(tree, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names.pop("_", None)
    running_cell = eval(code, names)  # noqa: S307 - a cell of our own notebook
    if asyncio.iscoroutine(running_cell):
        await running_cell
    return names.get("_")


async def test_a_client_can_be_overridden_in_tests(
    service: dict[str, Any], good: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """FastAPI's dependency is overridden, and nothing else of the example is touched.

    By default an event of two minutes ago is too old for a login, and costs no request.
    """
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.syspath_prepend(ROOT / "examples" / "fastapi")
    import app as example

    async with FingerprintClient(service["api_key"], base_url=service["base_url"]) as client:
        example.app.dependency_overrides[example.client_of] = lambda: client
        transport = httpx.ASGITransport(example.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as browser:
            assert len((await browser.get("/admin/events")).json()["events"]) == 20
            before = client.stats.requests
            login = {"user": "u", "password": "p", "event_id": good[-1].event_id}
            answer = await browser.post("/login", json=login)
            assert (answer.status_code, answer.json()["detail"]["refused"]) == (400, ["invalid_id"])
            assert client.stats.requests == before


@pytest.mark.parametrize(
    ("answer", "fails_open", "status"),
    [
        ({"bot_info": {"identity": "verified"}}, False, 200),
        ({"bot_info": {"identity": "signed"}}, False, 200),
        ({"bot_info": {"identity": "spoofed"}}, True, 403),
        ({"bot_info": {"identity": "of the future"}}, True, 403),
        ({}, False, 200),
        (None, True, 200),
        (None, False, 403),
    ],
)
async def test_the_guard_fails_open_or_shut(
    answer: dict[str, Any] | None,
    fails_open: bool,  # noqa: FBT001 - a case
    status: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By choice, and within its deadline; unknown identities are nobody's."""
    monkeypatch.syspath_prepend(ROOT / "examples" / "fastapi")
    from edge_guard import EdgeGuard

    async def reply(_: httpx.Request) -> httpx.Response:
        if answer is None:
            await asyncio.sleep(3600)
        return httpx.Response(200, json={"event_id": "a", "timestamp": 1, **(answer or {})})

    async def behind(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"let in"})

    async with FingerprintClient("sk_test", transport=httpx.MockTransport(reply)) as client:
        guard = EdgeGuard(behind, client=lambda: client, within_seconds=0.2, fails_open=fails_open)
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as browser:
            assert (await browser.get("/")).status_code == status


@pytest.mark.parametrize(
    ("status", "headers", "hops"),
    [
        (400, {}, 0),
        (413, {}, 0),
        (200, {}, 1),
        (200, {"x-forwarded-for": "6.6.6.6, "}, 1),
        (200, {f"x-{number}": "" for number in range(10_001)}, 0),
    ],
)
async def test_no_request_writes_itself_past_the_guard(
    status: int, headers: dict[str, str], hops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is too large or too odd to be judged, or came past the proxy: that is no failure."""
    monkeypatch.syspath_prepend(ROOT / "examples" / "fastapi")
    from edge_guard import EdgeGuard

    def reply(_: httpx.Request) -> httpx.Response:
        if status == 200:
            return httpx.Response(200, json={"event_id": "a", "timestamp": 1})
        code = "payload_too_large" if status == 413 else "request_cannot_be_parsed"
        return httpx.Response(status, json={"error": {"code": code, "message": "x"}})

    async def behind(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"let in"})

    async with FingerprintClient("sk_test", transport=httpx.MockTransport(reply)) as client:
        guard = EdgeGuard(behind, client=lambda: client, within_seconds=2, trusted_hops=hops)
        transport = httpx.ASGITransport(guard)
        async with httpx.AsyncClient(transport=transport, base_url="http://app") as browser:
            assert (await browser.get("/", headers=headers)).status_code == 403
