"""Any order of deliveries, claims, writes, expiries and rings does what a model of one page says.

The model knows a run's status, its claim number, whether it is due, and its steps; it is what the journal's documentation promises.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from engine.core.commands import Ending
from engine.core.statuses import RUN_ACTIVE, RUN_FINAL, STEP_FINAL, STEP_OPEN, RunStatus, StepStatus
from engine.errors import ClaimLost
from engine.journal.journal import Journal
from engine.journal.records import Claim
from tests.contracts.journal.stories import change, deploy, let_pass, new_run, webhook

SHORT_MS, LONG_MS, LEAP_MS = 1_000_000, 1_000_000_000, 10_000_000
"""A leap is longer than every short time and shorter than every long one, and a test is shorter than all of them."""


@dataclass
class Expected:
    """One run of the model. ``left_ms``: until it is due, as if no time passed but by leaps."""

    status: RunStatus = RunStatus.QUEUED
    number: int = 0
    left_ms: int = 0
    steps: dict[str, StepStatus] = field(default_factory=dict)

    @property
    def overdue(self) -> bool:
        return self.status in RUN_ACTIVE and self.left_ms <= 0

    def holds(self, claim: Claim) -> bool:
        return self.status is RunStatus.RUNNING and self.number == claim.number


class JournalMachine(RuleBasedStateMachine):
    """Drives a journal and the model side by side."""

    journal: Journal
    runs = Bundle("runs")
    claims = Bundle("claims")
    times = st.sampled_from([SHORT_MS, LONG_MS])
    names = st.sampled_from(["one", "two"])

    def __init__(self) -> None:
        super().__init__()
        self.expected: dict[str, Expected] = {}
        self.keys: set[str] = set()
        deploy(self.journal)

    @rule(target=runs, key=st.sampled_from(["a", "b", "c"]), ring_in_ms=times)
    def deliver(self, key: str, ring_in_ms: int) -> object:
        (accepted,) = self.journal.events.accept([webhook(key, runs=[new_run()])], ring_in_ms=ring_in_ms)
        assert accepted.duplicate == (key in self.keys)
        self.keys.add(key)
        for run_id in accepted.run_ids:
            self.expected[run_id] = Expected(left_ms=ring_in_ms)
        return multiple(*accepted.run_ids)

    @rule(target=claims, run_id=runs, lease_ms=times)
    def claim(self, run_id: str, lease_ms: int) -> object:
        run = self.expected[run_id]
        claimed = self.journal.runs.claim(run_id, lease_ms=lease_ms)
        assert (claimed is not None) == (run.status is RunStatus.QUEUED or run.overdue)
        if claimed is None:
            return multiple()
        run.status, run.number, run.left_ms = RunStatus.RUNNING, run.number + 1, lease_ms
        assert claimed.claim.number == run.number
        assert {step.path: step.status for step in claimed.steps} == run.steps
        return claimed.claim

    @rule(claim=claims, lease_ms=times, name=names, status=st.sampled_from(StepStatus))
    def record(self, claim: Claim, lease_ms: int, name: str, status: StepStatus) -> None:
        run = self.expected[claim.run_id]

        def write() -> None:
            self.journal.runs.record(claim, [change(name, status)], lease_ms=lease_ms)

        if self.passes(claim, name, write):
            run.left_ms = lease_ms
            run.steps[name] = status

    @rule(claim=claims, in_ms=st.sampled_from([0, SHORT_MS, LONG_MS]))
    def park(self, claim: Claim, in_ms: int) -> None:
        run = self.expected[claim.run_id]
        if self.passes(claim, None, lambda: self.journal.runs.park(claim, [], in_ms=in_ms, waiting_for=None)):
            run.status, run.left_ms = (RunStatus.PARKED if in_ms else RunStatus.QUEUED), in_ms

    @rule(claim=claims, status=st.sampled_from(sorted(RUN_FINAL)))
    def finish(self, claim: Claim, status: RunStatus) -> None:
        run = self.expected[claim.run_id]
        if self.passes(claim, None, lambda: self.journal.runs.finish(claim, [], Ending(status=status))):
            run.status = status
            run.steps = {name: StepStatus.CANCELLED if step in STEP_OPEN else step for name, step in run.steps.items()}

    @rule(claim=claims, lease_ms=times)
    def renew(self, claim: Claim, lease_ms: int) -> None:
        run = self.expected[claim.run_id]
        renewed = claim in self.journal.runs.renew([claim], lease_ms=lease_ms)
        assert renewed == run.holds(claim)
        if renewed:
            run.left_ms = lease_ms

    @rule(again_in_ms=times)
    def ring(self, again_in_ms: int) -> None:
        due = {run_id for run_id, run in self.expected.items() if run.overdue}
        assert set(self.journal.runs.ring(limit=100, again_in_ms=again_in_ms)) == due
        for run_id in due:
            self.expected[run_id].status, self.expected[run_id].left_ms = RunStatus.QUEUED, again_in_ms

    @rule()
    def leap(self) -> None:
        let_pass(self.journal, LEAP_MS)
        for run in self.expected.values():
            run.left_ms -= LEAP_MS

    @invariant()
    def the_journal_is_as_the_model_says(self) -> None:
        for run_id, expected in self.expected.items():
            found = self.journal.runs.get(run_id)
            assert found is not None
            run, steps = found
            assert (run.status, run.claim_no) == (expected.status, expected.number)
            assert {step.path: step.status for step in steps} == expected.steps

    def passes(self, claim: Claim, name: str | None, write: Callable[[], object]) -> bool:
        """Do the write as the model says: True when it went through, and the right error otherwise."""
        run = self.expected[claim.run_id]
        ended = name is not None and run.steps.get(name) in STEP_FINAL
        if not run.holds(claim):
            with pytest.raises(ClaimLost):
                write()
        elif ended:
            with pytest.raises(RuntimeError):
                write()
        else:
            write()
        return run.holds(claim) and not ended


def test_the_journal_does_what_the_model_says(migrated_sqlite_file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:

        class OnSqlite(JournalMachine):
            def __init__(self) -> None:
                file = Path(folder) / "journal.db"
                shutil.copy(migrated_sqlite_file, file)
                self.journal = Journal.open(f"sqlite:///{file}")
                super().__init__()

            def teardown(self) -> None:
                self.journal.close()

        run_state_machine_as_test(
            OnSqlite,
            settings=settings(
                max_examples=25,
                stateful_step_count=40,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
