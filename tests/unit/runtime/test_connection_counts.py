"""What a connection's clients count for the operator: waits for permits, and refusals of the service."""

from __future__ import annotations

import pytest

from engine.runtime import connection_client, permits
from engine.runtime.permits import PermitWait
from tests.unit.runtime.outside import Bench, answered


def test_waits_and_429s_are_counted_by_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(limit=2, seconds=1.0)
    monkeypatch.setattr(permits, "monotonic", bench.clock)
    monkeypatch.setattr(connection_client, "monotonic", bench.clock)
    bench.use_up()
    bench.client().get("/a")
    assert bench.metrics.permit_waits.read().values == {"probe/mine": 1}
    assert bench.metrics.permit_wait_seconds.read().values["probe/mine"] == pytest.approx(1.0, abs=0.01)
    assert bench.metrics.throttled_answers.read().values == {}
    bench.service.answers = [answered(429)]
    with pytest.raises(PermitWait):
        bench.client(ticket="other").get("/b")
    assert bench.metrics.throttled_answers.read().values == {"probe/mine": 1}
