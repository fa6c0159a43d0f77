"""The crew of one worker process on a real journal: what goes wrong with one run is said and does not touch the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event

import pytest

from engine.core.statuses import RunStatus
from engine.egress import Request
from engine.journal.records import Claim, ClaimedRun
from engine.runtime import crew as crew_module
from tests.engine_room import EngineRoom
from tests.eventually import eventually

STEPS = "steps:\n  - {id: a, uses: probe.read, with: {name: a}}\n"
PATIENCE = 20


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def test_a_claim_that_fails_unexpectedly_is_said_and_the_run_stays_due(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    claim = room.journal.runs.claim
    failures = [RuntimeError("a bug of the driver")]

    def fail_once(
        run_id: str, *, lease_ms: int, alone: bool, on_poisoned: Callable[[Sequence[str]], None]
    ) -> ClaimedRun | None:
        if failures:
            raise failures.pop()
        return claim(run_id, lease_ms=lease_ms, alone=alone, on_poisoned=on_poisoned)

    monkeypatch.setattr(room.journal.runs, "claim", fail_once)
    run_id = room.start(STEPS)
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.QUEUED
    assert [record.levelno for record in caplog.records if "left the run for later" in record.getMessage()] == [
        logging.ERROR
    ]
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.SUCCEEDED


def test_leases_are_renewed_again_after_a_renewal_that_failed_unexpectedly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crew_module, "RENEW_SECONDS", 0.02)
    with EngineRoom(tmp_path) as room:
        renew = room.journal.runs.renew
        renewed, release = Event(), Event()
        failures = [RuntimeError("a bug of the driver")]

        def fail_once(claims: list[Claim], *, lease_ms: int) -> object:
            if failures:
                raise failures.pop()
            renewed.set()
            return renew(claims, lease_ms=lease_ms)

        def hold(request: Request) -> None:
            release.wait(PATIENCE)

        monkeypatch.setattr(room.journal.runs, "renew", fail_once)
        room.service.before = hold
        run_id = room.start(STEPS)
        [future] = room.crew.take([run_id])
        assert renewed.wait(PATIENCE)
        release.set()
        future.result(PATIENCE)
        assert room.state(run_id).status is RunStatus.SUCCEEDED


def test_closing_with_runs_waiting_ends_everybody_who_waits_for_them(tmp_path: Path) -> None:
    with EngineRoom(tmp_path, threads=1) as room:
        entered = Event()

        def stop_soon(request: Request) -> None:
            entered.set()
            room.stopping.wait(PATIENCE)

        room.service.before = stop_soon
        run_ids = [room.start(STEPS.replace("name: a", f"name: n{number}")) for number in range(5)]
        futures = room.crew.take(run_ids)
        assert entered.wait(PATIENCE)
        room.crew.close()
        assert eventually(lambda: all(future.done() and not future.cancelled() for future in futures))
        assert len(room.service.requests) == 1
