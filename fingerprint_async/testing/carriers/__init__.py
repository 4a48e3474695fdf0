"""How requests reach a service and its replies come back: a socket, ASGI, an httpx transport.

A carrier knows `Request`, `Reply` and the `Service` protocol, and nothing of what answers.
"""

from fingerprint_async.testing.carriers.message import Delivery, Reply, Request, Service

__all__ = ["Delivery", "Reply", "Request", "Service"]
