"""Whatever happened, and whenever it is purged: all that a run which is left needs is there, and what is over is gone in the end.

The history is of Hypothesis' making: deliveries, runs that end, run each other, wait for events and do each other again, days that go by. What must be
left is said here anew, from the rows as they were, in plain Python.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from itertools import count, islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from engine.core.commands import Ending
from engine.core.statuses import RUN_ACTIVE, RUN_FINAL, StepStatus
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
            self.subscriptions = {row["id"] for row in _all(db, "subscriptions")}
            self.versions = {(row["flow"], row["digest"]) for row in _all(db, "flow_versions")}
            self.deployed = {(row["id"], row["digest"]) for row in _all(db, "flows")}

    def is_active(self, run: Row) -> bool:
        return run["status"] in {status.value for status in RUN_ACTIVE}

    def is_old(self, run: Row) -> bool:
        kept = KEEP.kinds.get(run["status"])
        return not self.is_active(run) and kept is not None and run["ended_at"] < self.now - kept

    def must_stay(self, run: Row) -> bool:
        """A run that is not old, or that one which is not over is tied to; what a run that stays has started."""
        caller = self.runs.get(run["parent_run"])
        tied = [
            other
            for other in self.runs.values()
            if self.is_active(other) and run["id"] in (other["parent_run"], other["origin_run"])
        ]
        return not self.is_old(run) or bool(tied) or (caller is not None and self.must_stay(caller))

    def may_be_heard(self, event: Row) -> bool:
        return event["subscription_id"] in self.subscriptions and any(
            self.is_active(run) and run["created_at"] <= event["received_at"] for run in self.runs.values()
        )

    def event_must_stay(self, event: Row, left: Sequence[Row]) -> bool:
        needed = event["id"] in self.heard or any(run["event_id"] == event["id"] for run in left)
        return needed or event["received_at"] >= self.now - 8 * DAY_MS or self.may_be_heard(event)


def _all(db: Any, table: str) -> list[Row]:
    return [dict(row._mapping) for row in db.execute(text(f"SELECT * FROM {table}"))]


class History:
    """Drives a journal through its ports; only a run that does another again is tied to it by hand. Each act takes a number, for what it chooses."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.claims: list[ClaimedRun] = []
        self.keys = count()
        deploy(journal)
        self.subscription = journal.subscriptions.ensure(
            owner="o", connection="c", uses="u", given={}, public_url="http://h"
        ).id

    def deliver(self, number: int) -> None:
        subscription = self.subscription if number % 3 else "gone"
        event = webhook(
            f"key {next(self.keys)}", subscription=subscription, runs=[new_run() for _ in range(number % 4 % 3)]
        )
        for run_id in self.journal.events.accept([event], ring_in_ms=0)[0].run_ids:
            self._claim(run_id)

    def start_another(self, number: int) -> None:
        if claimed := self._chosen(number):
            path = f"sub{next(self.keys)}"
            child = NewChild(flow=FLOW, digest=DIGEST, inputs={}, path=path, depth=1, wait=bool(number % 2))
            started = self.journal.runs.start_child(claimed.claim, [], child, lease_ms=LONG_MS)
            assert started.run_id is not None
            self._claim(started.run_id)

    def await_event(self, number: int) -> None:
        if claimed := self._chosen(number):
            self.journal.waits.await_event(
                claimed.claim, [], path="w", subscription_id=self.subscription, lease_ms=LONG_MS
            )

    def finish(self, number: int) -> None:
        if claimed := self._chosen(number):
            self.claims.remove(claimed)
            status = sorted(RUN_FINAL)[number % len(RUN_FINAL)]
            changes = [change(f"s{step}", StepStatus.SUCCEEDED) for step in range(number % 7)]
            self.journal.runs.finish(claimed.claim, changes, Ending(status=status))

    def do_again(self, number: int) -> None:
        over = sorted(run for run, row in Rows(self.journal).runs.items() if row["ended_at"] is not None)
        if over and (claimed := self._chosen(number)):
            again = text("UPDATE runs SET origin_run = :origin WHERE id = :id")
            with writing(self.journal.engine) as db:
                db.execute(again, {"origin": over[number % len(over)], "id": claimed.run.id})

    def deploy_another(self, number: int) -> None:
        deploy(self.journal, digest=f"{next(self.keys):064}")
        deploy(self.journal)

    def let_days_go_by(self, number: int) -> None:
        age(self.journal, (1, 3, 10, 40)[number % 4])

    def unsubscribe(self, number: int) -> None:
        """What it delivered cannot be waited for any more, but was heard."""
        self.journal.subscriptions.delete(self.subscription)

    def purge(self, number: int) -> None:
        whole = number % 3 > 0
        before = Rows(self.journal)
        sweep = SqlPurges(self.journal.engine, rows=4).sweep(KEEP)
        for _ in sweep if whole else islice(sweep, 1 + number % 5):
            pass
        after = Rows(self.journal)
        staying = {run["id"]: run for run in before.runs.values() if before.must_stay(run)}
        assert set(staying) <= set(after.runs)
        assert {step for step in before.steps if step[0] in staying} <= after.steps
        keeping = {
            event["id"] for event in before.events.values() if before.event_must_stay(event, list(staying.values()))
        }
        assert keeping <= set(after.events)
        if whole:
            assert (set(after.runs), set(after.events)) == (set(staying), keeping)
        self._hangs_together(after)

    def _hangs_together(self, rows: Rows) -> None:
        assert rows.deployed <= rows.versions
        assert {run for run, _, _ in rows.steps} <= set(rows.runs)
        assert rows.heard <= set(rows.events)
        for run in rows.runs.values():
            assert run["event_id"] in rows.events
            assert (run["flow"], run["digest"]) in rows.versions
        assert {claimed.run.id for claimed in self.claims} <= set(rows.runs)

    def _claim(self, run_id: str) -> None:
        claimed = self.journal.runs.claim(run_id, lease_ms=LONG_MS)
        assert claimed is not None
        self.claims.append(claimed)

    def _chosen(self, number: int) -> ClaimedRun | None:
        return self.claims[number % len(self.claims)] if self.claims else None


ACTS: Sequence[Callable[[History, int], None]] = (
    *([History.deliver] * 3),
    *([History.finish] * 3),
    History.start_another,
    History.start_another,
    History.await_event,
    History.do_again,
    History.deploy_another,
    History.let_days_go_by,
    History.let_days_go_by,
    History.unsubscribe,
    History.purge,
)
histories = st.lists(st.tuples(st.sampled_from(range(len(ACTS))), st.integers(0, 1_000)), min_size=15, max_size=40)


def _play(journal: Journal, acts: Sequence[tuple[int, int]]) -> None:
    history = History(journal)
    for act, number in acts:
        ACTS[act](history, number)
    history.let_days_go_by(2)
    history.purge(1)
    history.purge(1)


def _settings(*, examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


@_settings(examples=60)
@given(acts=histories)
def test_any_history_can_be_purged_at_any_time(migrated_sqlite_file: Path, acts: Sequence[tuple[int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.db"
        shutil.copy(migrated_sqlite_file, file)
        journal = Journal.open(f"sqlite:///{file}")
        _play(journal, acts)
        journal.close()


@pytest.mark.postgres
@_settings(examples=8)
@given(acts=histories)
def test_any_history_can_be_purged_on_postgresql(migrated_postgres_url: str, acts: Sequence[tuple[int, int]]) -> None:
    journal = Journal.open(migrated_postgres_url)
    with writing(journal.engine) as db:
        db.execute(text("TRUNCATE runs, steps, events, waits, heard, subscriptions, flows, flow_versions CASCADE"))
    _play(journal, acts)
    journal.close()
