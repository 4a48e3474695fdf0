"""The tracing that the documentation shows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from fingerprint_async.config import RetryPolicy
from fingerprint_async.errors import ServerError
from tests._http.conftest import Script, answer, api_error, request_for

PAGE = Path(__file__).resolve().parents[2] / "docs" / "observability.md"


async def test_each_attempt_and_each_call_is_a_span_that_says_no_more_than_it_should(stack) -> None:
    """Named after the operation, numbered, with the status; nothing about people."""
    code = re.search(r'```python title="tracing.py"\n(.*?)```', PAGE.read_text("utf-8"), re.DOTALL)
    assert code is not None
    module: dict[str, Any] = {}
    exec(compile(code[1], "tracing.py", "exec"), module)  # noqa: S102 - the documentation's own
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    script = Script(api_error(503), answer(200, b'{"events":[]}'), api_error(500))
    pipeline = stack(script, hooks=module["tracing"](provider), retry=RetryPolicy(base_delay=0))
    request = request_for("searchEvents", query=(("linked_id", "ann"),))
    await pipeline.call(request, None)
    with pytest.raises(ServerError):
        await pipeline.call(request_for("updateEvent"), None)
    spans = exporter.get_finished_spans()
    assert [span.name for span in spans] == [
        "fingerprint searchEvents attempt",
        "fingerprint searchEvents attempt",
        "fingerprint searchEvents",
        "fingerprint updateEvent attempt",
        "fingerprint updateEvent",
    ]
    told = " ".join(span.to_json() for span in spans)
    assert "ann" not in told
    assert "sk_secret" not in told
