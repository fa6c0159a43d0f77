"""Metrics as an operator meets them: what a process counted is served on the health port, and nowhere that is public."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore

import httpx
import pytest
from starlette.applications import Starlette

from engine.core.statuses import RunStatus
from engine.errors import ClaimLost
from engine.metrics import CONTENT_TYPE, Metrics
from engine.runtime.crew import Crew
from engine.runtime.segment import Segment, Workshop
from engine.web.app import make_app, make_health_app
from engine.web.hooks import Hooks
from tests.calendly_room import CalendlyRoom, flow_text, sample, signed
from tests.deliveries import deliver
from tests.eventually import eventually
from tests.integration.test_processes import Installation, free_port, status


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        yield room


def counted(counts: Metrics, name: str) -> Mapping[str, float]:
    [found] = [item for item in counts.readings() if item.metric.name == name]
    return found.values


def get(app: Starlette, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://web.example") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_deliveries_are_counted_by_what_became_of_them(room: CalendlyRoom) -> None:
    counts = Metrics()
    row = room.listen_for(flow_text())
    web = make_app(Hooks(room.ingest(), room.intake, counts), {})
    deliver(web, row, sample())
    deliver(web, row, sample())
    deliver(web, row, sample(), signed(sample(), "another key"))
    deliver(web, replace(row, id="nobody"), sample())
    assert counted(counts, "hookline_events_total") == {"accepted": 1, "duplicate": 1, "refused": 2}


def test_what_is_rendered_is_served_with_its_type_and_not_beside_the_webhooks(room: CalendlyRoom) -> None:
    answer = get(make_health_app({}, lambda: "hookline_x_total 1\n"), "/metrics")
    assert (answer.status_code, answer.headers["content-type"]) == (200, CONTENT_TYPE)
    assert answer.text == "hookline_x_total 1\n"
    assert get(room.web(), "/metrics").status_code == 404


def test_a_claim_that_another_worker_has_taken_is_counted(room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    counts = Metrics()
    row = room.listen_for(flow_text())
    deliver(room.web(), row, sample())

    def lose(self: Segment) -> object:
        raise ClaimLost("another worker has it")

    monkeypatch.setattr(Segment, "run", lose)
    workshop = Workshop(
        connections=room.connections,
        flows=room.flows,
        stopping=room.stopping,
        helpers=BoundedSemaphore(1),
        metrics=counts,
    )
    crew = Crew(workshop, threads=1)
    crew.take(room.rung)
    eventually(lambda: counted(counts, "hookline_claims_lost_total") == {"": 1})
    crew.close()
    assert [run.status for run in room.journal.runs.list()] == [RunStatus.RUNNING]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Installation]:
    site = Installation(tmp_path)
    yield site
    site.close()


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_every_role_serves_its_metrics_on_the_health_port(site: Installation, role: str) -> None:
    site.ok("migrate")
    port = free_port()
    process = site.start(role, HOOKLINE_HEALTH_PORT=str(port))
    url = f"http://127.0.0.1:{port}"
    eventually(lambda: status(f"{url}/readyz") == 200, saying=lambda: process.log)
    text = httpx.get(f"{url}/metrics", timeout=20).text
    for name in ("hookline_build_info", "hookline_runs", "hookline_events_total", "hookline_journal_up 1"):
        assert f"\n{name}" in text
    assert status(f"{url}/hooks/x") == 404
    if role == "web":
        assert status(f"http://127.0.0.1:{site.port}/metrics") == 404
