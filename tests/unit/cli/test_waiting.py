"""Waiting for a run's end: what a person is told meanwhile, once each, and that a database that falters ends no wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event
from types import SimpleNamespace
from typing import cast

import pytest

from engine.app import App
from engine.cli.run import NOBODY_AFTER, Waiting
from engine.core.statuses import RunStatus
from engine.errors import DatabaseUnavailable, NotFoundError
from engine.journal.records import Run, StepRow


def run(status: RunStatus, *, waiting_for: str | None = None, claim_no: int = 1, held: bool = False) -> Run:
    return Run(
        id="01hf7yat00aaaaaaaaaaaaaaaa",
        flow="f",
        digest="d" * 64,
        owner="local",
        status=status,
        event_id="e",
        inputs={},
        created_at=0,
        due_at=None,
        waiting_for=waiting_for,
        claim_no=claim_no,
        held=held,
    )


class NoNap(Event):
    """Waits for nothing."""

    def wait(self, timeout: float | None = None) -> bool:
        return False


@dataclass
class Looks:
    """A journal that shows one state after the other."""

    states: list[Run | DatabaseUnavailable | None]
    looked: int = field(default=0)

    def get(self, run_id: str, *, limit: int) -> tuple[Run, tuple[StepRow, ...]] | None:
        assert limit == 0, "a long run must not be read again and again"
        self.looked += 1
        state = self.states.pop(0)
        if isinstance(state, DatabaseUnavailable):
            raise state
        return None if state is None else (state, ())


def wait_for(states: Sequence[Run | DatabaseUnavailable | None]) -> Run:
    looks = Looks(list(states))
    app = SimpleNamespace(journal=SimpleNamespace(runs=looks), stopping=NoNap())
    return Waiting(cast(App, app), "01hf7yat00aaaaaaaaaaaaaaaa").until_final()


def test_what_a_parked_run_waits_for_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    parked = run(RunStatus.PARKED, waiting_for="a permit until 12:00:31")
    later = run(RunStatus.PARKED, waiting_for="a retry, at 12:01:00")
    ended = wait_for([run(RunStatus.RUNNING), parked, parked, later, later, run(RunStatus.FAILED)])
    assert ended.status is RunStatus.FAILED
    assert capsys.readouterr() == ("", "waits for a permit until 12:00:31\nwaits for a retry, at 12:01:00\n")


def test_a_run_that_nobody_takes_makes_a_person_look_for_a_worker(capsys: pytest.CaptureFixture[str]) -> None:
    queued = run(RunStatus.QUEUED, claim_no=0)
    wait_for([*[queued] * (NOBODY_AFTER + 5), run(RunStatus.SUCCEEDED)])
    assert capsys.readouterr().err.count("no worker has taken it yet") == 1


def test_a_held_run_says_what_it_waits_for_and_blames_no_worker(capsys: pytest.CaptureFixture[str]) -> None:
    held = run(RunStatus.QUEUED, waiting_for="its turn: at most 1 run at a time", claim_no=0, held=True)
    wait_for([*[held] * (NOBODY_AFTER + 5), run(RunStatus.SUCCEEDED)])
    assert capsys.readouterr().err == "held: waits for its turn: at most 1 run at a time\n"


def test_a_database_that_falters_ends_no_wait(capsys: pytest.CaptureFixture[str]) -> None:
    down = DatabaseUnavailable("the database does not answer")
    assert wait_for([down, down, run(RunStatus.SUCCEEDED)]).status is RunStatus.SUCCEEDED
    assert capsys.readouterr().err == "still waiting, although the database does not answer\n"


def test_a_run_that_is_gone_ends_the_wait() -> None:
    with pytest.raises(NotFoundError, match="not in the journal any more"):
        wait_for([run(RunStatus.RUNNING), None])
