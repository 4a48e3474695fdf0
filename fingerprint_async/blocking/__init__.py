"""The client for code that blocks: Flask, Django, Celery, scripts, notebooks.

```python
with BlockingClient(api_key, region="eu") as client:
    event = client.events.get(event_id)
    for event in client.events.search(visitor_id=visitor_id):
        ...
```

It is the async client on an event loop in a thread of its own, with the same settings, methods and
errors. Threads may share one; after a fork, make one in each process.
"""

from __future__ import annotations

from fingerprint_async.blocking._client import BlockingClient
from fingerprint_async.blocking._portal import BlockingEventPager
from fingerprint_async.blocking._resources import (
    BlockingEdge,
    BlockingEdgeWithRawResponse,
    BlockingEvents,
    BlockingEventsWithRawResponse,
    BlockingVisitors,
    BlockingVisitorsWithRawResponse,
)

__all__ = [
    "BlockingClient",
    "BlockingEdge",
    "BlockingEdgeWithRawResponse",
    "BlockingEventPager",
    "BlockingEvents",
    "BlockingEventsWithRawResponse",
    "BlockingVisitors",
    "BlockingVisitorsWithRawResponse",
]
