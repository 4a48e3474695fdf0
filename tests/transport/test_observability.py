"""The recipe of docs/observability.md, run as it stands there, with the real instrumentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fingerprint_async import FingerprintClient, RateLimit, RetryPolicy
from fingerprint_async.testing.emulator import Emulator, Fault

pytest.importorskip(
    "opentelemetry.instrumentation.httpx",
    reason="opentelemetry-instrumentation-httpx is not installed",
)

DOCS = Path(__file__).parents[2] / "docs" / "observability.md"
END = 1_800_000_000_000


async def test_each_attempt_is_a_span_that_says_no_more_than_it_should() -> None:
    """Named after the operation, numbered, with the status and without the query."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    recipe = re.search(r"```python title=\"tracing\.py\"\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert recipe is not None
    names: dict[str, object] = {}
    exec(compile(recipe[1], str(DOCS), "exec"), names)  # noqa: S102 - our own documentation
    instrumentor = names["trace_calls"](provider)
    try:
        fault = Fault(kind="internal_error", times=1)
        emulator = Emulator(
            events=10, start=END - 10_000_000, end=END, detail="slim", faults=[fault]
        )
        async with (
            emulator.serve(port=0) as server,
            FingerprintClient(
                "test-key",
                base_url=server.base_url,
                rate_limit=RateLimit.off(),
                retry=RetryPolicy(base_delay=0),
            ) as client,
        ):
            await client.events.search(
                limit=1, start=END - 10_000_000, end=END, linked_id="somebody"
            )
    finally:
        instrumentor.uninstrument()
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == ["fingerprint searchEvents"] * 2
    assert [span.attributes["fingerprint.attempt"] for span in spans] == [1, 2]
    status = ("http.status_code", "http.response.status_code")
    assert [
        next(span.attributes[name] for name in status if name in span.attributes) for span in spans
    ] == [
        500,
        200,
    ]
    everything = str([dict(span.attributes) for span in spans])
    assert "somebody" not in everything
    assert "test-key" not in everything
