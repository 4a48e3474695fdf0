"""Look events up in Celery tasks, which block: one client a worker process."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_shutdown

from fingerprint_async import ServerError
from fingerprint_async.blocking import BlockingClient

app = Celery(
    "tasks",
    broker=os.environ.get("CELERY_BROKER", "memory://"),
    backend=os.environ.get("CELERY_BACKEND", "cache+memory://"),
)

_clients: dict[int, BlockingClient] = {}


def client() -> BlockingClient:
    """Return this process's client: the pool forks, and a client cannot be shared over a fork."""
    process = os.getpid()
    if process not in _clients:
        _clients[process] = BlockingClient()
    return _clients[process]


@worker_process_shutdown.connect
def close_client(**_: Any) -> None:
    """Close the client when a worker process ends."""
    if (mine := _clients.pop(os.getpid(), None)) is not None:
        mine.close()


@app.task(autoretry_for=(ServerError,), retry_backoff=True)
def score_of(event_id: str) -> int | None:
    """Return the suspect score of an event; None if there is no such event."""
    event = client().events.find(event_id)
    return event.suspect_score if event is not None else None


@app.task
def count_of(visitor_id: str) -> int:
    """Count the events of a visitor."""
    return sum(1 for _ in client().events.search(visitor_id=visitor_id))
