"""Whatever happened, and whenever it is purged: all that a run which is left needs is there, and what is over is gone in the end.

The history is of Hypothesis' making: deliveries, runs that end, run each other, wait for events and do each other again, days that go by. What must be
left is said here anew, from the rows as they were, in plain Python.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from engine.core.commands import Ending
from engine.core.statuses import RUN_ACTIVE, RUN_FINAL, RunStatus, StepStatus
from engine.journal.database import reading, writing
from engine.journal.journal import Journal
from engine.journal.purges import SqlPurges
from engine.journal.records import ClaimedRun
from engine.journal.wakers import NewChild
from engine.retention import DAY_MS, Retention
from tests.contracts.journal.stories import DIGEST, FLOW, change, deploy, new_run, webhook
from tests.contracts.journal.test_purges import age

KEEP = Retention(
    succeeded=2 * DAY_MS,
    failed=9 * DAY_MS,
    uncertain=None,
    cancelled=2 * DAY_MS,
    poisoned=20 * DAY_MS,
    events=8 * DAY_MS,
    audit=None,
)
LONG_MS = 10_000 * DAY_MS
Row = dict[str, Any]


class Rows:
    """The journal's rows at one instant, and what must not be purged of them."""

    def __init__(self, journal: Journal) -> None:
        with reading(journal.engine) as db:
            self.now = journal.now()
            self.runs = {row["id"]: row for row in _all(db, "runs")}
            self.events = {row["id"]: row for row in _all(db, "events")}
            self.steps = {(row["run_id"], row["path"], row["attempt"]) for row in _all(db, "steps")}
            self.heard = {row["event_id"] for row in _all(db, "heard")}
            self.versions = {(row["flow"], row["digest"]) for row in _all(db, "flow_versions")}
            self.deployed = {(row["id"], row["digest"]) for row in _all(db, "flows")}

    def is_active(self, run: Row) -> bool:
        return run["status"] in {status.value for status in RUN_ACTIVE}

    def is_old(self, run: Row) -> bool:
        kept = KEEP.kinds.get(run["status"])
        return not self.is_active(run) and kept is not None and run["ended_at"] < self.now - kept

    def must_stay(self, run: Row) -> bool:
        """A run that is not old, or that one which is not over is tied to."""
        caller = self.runs.get(run["parent_run"])
        tied = [
            other
            for other in self.runs.values()
            if self.is_active(other) and run["id"] in (other["parent_run"], other["origin_run"])
        ]
        return not self.is_old(run) or bool(tied) or (caller is not None and not self.is_old(caller))

    def may_be_heard(self, event: Row) -> bool:
        awaited = event["subscription_id"] is not None and not event["subscription_id"].startswith("gone")
        return awaited and any(
            self.is_active(run) and run["created_at"] <= event["received_at"] for run in self.runs.values()
        )

    def event_must_stay(self, event: Row, left: Sequence[Row]) -> bool:
        needed = event["id"] in self.heard or any(run["event_id"] == event["id"] for run in left)
        return needed or event["received_at"] >= self.now - 8 * DAY_MS or self.may_be_heard(event)


def _all(db: Any, table: str) -> list[Row]:
    return [dict(row._mapping) for row in db.execute(text(f"SELECT * FROM {table}"))]


class History(RuleBasedStateMachine):
    """Drives a journal through its ports; only a run that does another again is tied to it by hand."""

    journal: Journal
    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.claims: list[ClaimedRun] = []
        self.numbers = count()
        self.subscription = ""

    @initialize()
    def begin(self) -> None:
        deploy(self.journal)
        self.subscription = self.journal.subscriptions.ensure(
            owner="o", connection="c", uses="u", given={}, public_url="http://h"
        ).id

    @rule(known=st.booleans(), starts=st.integers(0, 2))
    def deliver(self, known: bool, starts: int) -> None:
        event = webhook(
            f"key {next(self.numbers)}",
            subscription=self.subscription if known else "gone",
            runs=[new_run() for _ in range(starts)],
        )
        for run_id in self.journal.events.accept([event], ring_in_ms=0)[0].run_ids:
            claimed = self.journal.runs.claim(run_id, lease_ms=LONG_MS)
            assert claimed is not None
            self.claims.append(claimed)

    @rule(data=st.data(), wait=st.booleans())
    def start_another(self, data: st.DataObject, wait: bool) -> None:
        if claimed := self._some(data):
            path = f"sub{next(self.numbers)}"
            child = NewChild(flow=FLOW, digest=DIGEST, inputs={}, path=path, depth=1, wait=wait)
            started = self.journal.runs.start_child(claimed.claim, [], child, lease_ms=LONG_MS)
            taken = self.journal.runs.claim(started.run_id or "", lease_ms=LONG_MS)
            assert taken is not None
            self.claims.append(taken)

    @rule(data=st.data())
    def await_event(self, data: st.DataObject) -> None:
        if claimed := self._some(data):
            self.journal.waits.await_event(
                claimed.claim, [], path="w", subscription_id=self.subscription, lease_ms=LONG_MS
            )

    @rule(data=st.data(), status=st.sampled_from(sorted(RUN_FINAL)), steps=st.integers(0, 7))
    def finish(self, data: st.DataObject, status: RunStatus, steps: int) -> None:
        if claimed := self._some(data):
            self.claims.remove(claimed)
            changes = [change(f"s{number}", StepStatus.SUCCEEDED) for number in range(steps)]
            self.journal.runs.finish(claimed.claim, changes, Ending(status=status))

    @rule(data=st.data())
    def do_again(self, data: st.DataObject) -> None:
        over = sorted(run for run, row in Rows(self.journal).runs.items() if row["ended_at"] is not None)
        if over and (claimed := self._some(data)):
            origin = data.draw(st.sampled_from(over))
            again = text("UPDATE runs SET origin_run = :origin WHERE id = :id")
            with writing(self.journal.engine) as db:
                db.execute(again, {"origin": origin, "id": claimed.run.id})

    @rule()
    def deploy_another(self) -> None:
        deploy(self.journal, digest=f"{next(self.numbers):064}")
        deploy(self.journal)

    @rule(days=st.sampled_from([1, 3, 10, 40]))
    def let_days_go_by(self, days: int) -> None:
        age(self.journal, days)

    @rule(steps=st.integers(1, 5), whole=st.booleans())
    def purge(self, steps: int, whole: bool) -> None:
        before = Rows(self.journal)
        sweep = SqlPurges(self.journal.engine, rows=4).sweep(KEEP)
        for _ in sweep if whole else islice(sweep, steps):
            pass
        after = Rows(self.journal)
        staying = [run for run in before.runs.values() if before.must_stay(run)]
        assert {run["id"] for run in staying} <= set(after.runs)
        assert {step for step in before.steps if step[0] in {run["id"] for run in staying}} <= after.steps
        keeping = [event for event in before.events.values() if before.event_must_stay(event, staying)]
        assert {event["id"] for event in keeping} <= set(after.events)
        if whole:
            assert set(after.runs) == {run["id"] for run in staying}
            assert set(after.events) == {event["id"] for event in keeping}

    @invariant()
    def what_is_left_hangs_together(self) -> None:
        rows = Rows(self.journal)
        assert rows.deployed <= rows.versions
        assert {run for run, _, _ in rows.steps} <= set(rows.runs)
        for run in rows.runs.values():
            assert run["event_id"] in rows.events
            assert (run["flow"], run["digest"]) in rows.versions
        for claimed in self.claims:
            assert self.journal.runs.get(claimed.run.id) is not None

    def _some(self, data: st.DataObject) -> ClaimedRun | None:
        if not self.claims:
            return None
        return self.claims[data.draw(st.integers(0, len(self.claims) - 1))]


def test_any_history_can_be_purged_at_any_time(migrated_sqlite_file: Path) -> None:
    class OnAFreshFile(History):
        def __init__(self) -> None:
            self.folder = tempfile.TemporaryDirectory()
            file = Path(self.folder.name) / "journal.db"
            shutil.copy(migrated_sqlite_file, file)
            self.journal = Journal.open(f"sqlite:///{file}")
            super().__init__()

        def teardown(self) -> None:
            self.journal.close()
            self.folder.cleanup()

    run_state_machine_as_test(OnAFreshFile, settings=_settings(examples=40))


@pytest.mark.postgres
def test_any_history_can_be_purged_on_postgresql(request: pytest.FixtureRequest) -> None:
    url: str = request.getfixturevalue("migrated_postgres_url")

    class OnPostgresql(History):
        def __init__(self) -> None:
            self.journal = Journal.open(url)
            with writing(self.journal.engine) as db:
                db.execute(
                    text("TRUNCATE runs, steps, events, waits, heard, subscriptions, flows, flow_versions CASCADE")
                )
            super().__init__()

        def teardown(self) -> None:
            self.journal.close()

    run_state_machine_as_test(OnPostgresql, settings=_settings(examples=10))


def _settings(*, examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
