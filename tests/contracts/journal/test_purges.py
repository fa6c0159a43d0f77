"""Purging deletes what is over for long enough, in small transactions, and never what anything that is left may need."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import text

from engine.core.commands import Ending
from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.journal.database import reading, writing
from engine.journal.journal import Journal
from engine.journal.purges import ROWS, SqlPurges
from engine.journal.records import SubscriptionRow
from engine.journal.wakers import NewChild
from engine.retention import DAY_MS, Retention
from tests.contracts.journal.stories import (
    DIGEST,
    FLOW,
    LEASE_MS,
    accept_run,
    change,
    claimed_run,
    deploy,
    let_pass,
    queued_run,
    webhook,
)

KEEP = Retention(
    succeeded=1 * DAY_MS,
    failed=10 * DAY_MS,
    uncertain=None,
    cancelled=1 * DAY_MS,
    poisoned=20 * DAY_MS,
    events=30 * DAY_MS,
    audit=40 * DAY_MS,
)
TIMES = {
    "runs": ("created_at", "started_at", "ended_at"),
    "steps": ("started_at", "ended_at"),
    "events": ("received_at",),
    "flow_versions": ("deployed_at",),
    "flows": ("deployed_at",),
    "subscriptions": ("good_at", "gap_from"),
    "audit": ("at",),
}


def age(journal: Journal, days: float) -> None:
    """As if so many days had gone by, in which nobody was there."""
    with writing(journal.engine) as db:
        for table, columns in TIMES.items():
            moved = ", ".join(f"{column} = {column} - :ms" for column in columns)
            db.execute(text(f"UPDATE {table} SET {moved}"), {"ms": round(days * DAY_MS)})


def ended(journal: Journal, key: str, status: RunStatus = RunStatus.SUCCEEDED, *, steps: int = 1) -> str:
    claimed = claimed_run(journal, key)
    changes = [change(f"s{number}", StepStatus.SUCCEEDED) for number in range(steps)]
    journal.runs.finish(claimed.claim, changes, Ending(status=status))
    return claimed.run.id


def swept(journal: Journal, keep: Retention = KEEP, *, rows: int = ROWS) -> dict[str, int]:
    """What one sweep deletes."""
    total: Counter[str] = Counter()
    for gone in SqlPurges(journal.engine, rows=rows).sweep(keep):
        total.update(gone)
    return {kind: count for kind, count in total.items() if count}


def ids(journal: Journal, table: str = "runs") -> set[str]:
    with reading(journal.engine) as db:
        return set(db.scalars(text(f"SELECT id FROM {table}")))


def test_each_status_has_its_own_time(journal: Journal) -> None:
    runs = {status: ended(journal, status.value, status) for status in sorted(RUN_FINAL)}
    left = dict(runs)
    for days, gone in (
        (0.9, set()),
        (0.2, {RunStatus.SUCCEEDED, RunStatus.CANCELLED}),
        (8, set()),
        (1, {RunStatus.FAILED}),
        (10, {RunStatus.POISONED}),
        (10_000, set()),
    ):
        age(journal, days)
        swept(journal)
        left = {status: run for status, run in left.items() if status not in gone}
        assert ids(journal) == set(left.values()), days

    assert set(left) == {RunStatus.UNCERTAIN}


def test_a_run_goes_with_all_that_is_recorded_of_it(journal: Journal) -> None:
    ended(journal, "old", steps=3)
    age(journal, 2)
    kept = ended(journal, "new", steps=2)

    assert swept(journal) == {"succeeded": 1}
    with reading(journal.engine) as db:
        assert set(db.scalars(text("SELECT run_id FROM steps"))) == {kept}


def test_what_is_not_over_stays_however_old_it_is(journal: Journal) -> None:
    parked = claimed_run(journal, "parked")
    journal.runs.park(parked.claim, [change("w", StepStatus.WAITING)], in_ms=LEASE_MS, waiting_for="spring")
    running, queued = claimed_run(journal, "running").run.id, queued_run(journal, "queued")
    age(journal, 10_000)

    assert swept(journal) == {}
    assert ids(journal) == {parked.run.id, running, queued}
    let_pass(journal, 2 * LEASE_MS)
    claimed = journal.runs.claim(parked.run.id, lease_ms=LEASE_MS)
    assert claimed is not None
    assert [step.path for step in claimed.steps] == ["w"]


def child_of(journal: Journal, run_id: str, *, path: str = "sub") -> str:
    deploy(journal, "below")
    let_pass(journal, 2 * LEASE_MS)
    claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
    assert claimed is not None
    child = NewChild(flow="below", digest=DIGEST, inputs={}, path=path, depth=1, wait=False)
    started = journal.runs.start_child(claimed.claim, [], child, lease_ms=LEASE_MS)
    assert started.run_id is not None
    return started.run_id


def end(journal: Journal, run_id: str, status: RunStatus = RunStatus.SUCCEEDED) -> None:
    let_pass(journal, 2 * LEASE_MS)
    claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
    assert claimed is not None
    journal.runs.finish(claimed.claim, [], Ending(status=status))


def test_a_caller_stays_while_a_run_that_it_started_is_not_over(journal: Journal) -> None:
    parent = queued_run(journal)
    child = child_of(journal, parent)
    end(journal, parent)
    age(journal, 100)
    assert swept(journal) == {}

    end(journal, child, RunStatus.FAILED)

    assert swept(journal) == {"succeeded": 1, "events": 1}
    assert ids(journal) == {child}


def test_what_a_run_started_stays_as_long_as_the_run(journal: Journal) -> None:
    parent = queued_run(journal)
    child = child_of(journal, parent)
    end(journal, child)
    age(journal, 5)
    assert swept(journal) == {}, "its caller is not over, and would start it again"

    end(journal, parent, RunStatus.FAILED)
    age(journal, 5)
    assert swept(journal) == {}, "its caller is kept"

    age(journal, 6)
    assert swept(journal) == {"failed": 1, "succeeded": 1}


def test_what_a_run_started_at_any_depth_stays_until_the_run_is_gone(journal: Journal) -> None:
    """Who does the run again is told by those below it under which keys their calls of unknown outcome were sent."""
    top = queued_run(journal)
    middle = child_of(journal, top)
    bottom = child_of(journal, middle)
    for run_id, status in ((bottom, RunStatus.CANCELLED), (middle, RunStatus.CANCELLED), (top, RunStatus.FAILED)):
        end(journal, run_id, status)
    age(journal, 9)
    assert swept(journal) == {}
    assert ids(journal) == {top, middle, bottom}
    age(journal, 2)

    order = [kind for gone in SqlPurges(journal.engine).sweep(KEEP) for kind, count in gone.items() if count]

    assert order[:3] == ["failed", "cancelled", "cancelled"]
    assert ids(journal) == set()


def test_a_run_that_is_being_done_again_stays_until_that_is_through(journal: Journal) -> None:
    origin, again = ended(journal, "origin"), queued_run(journal, "again")
    with writing(journal.engine) as db:
        db.execute(text("UPDATE runs SET origin_run = :origin WHERE id = :again"), {"origin": origin, "again": again})
    age(journal, 100)
    assert swept(journal) == {}

    end(journal, again)

    assert swept(journal) == {"succeeded": 1, "events": 1}
    assert ids(journal) == {again}


def test_an_event_stays_while_a_run_refers_to_it_and_for_its_own_time(journal: Journal) -> None:
    run = ended(journal, "kept", RunStatus.FAILED)
    journal.events.accept([webhook("for nobody")], ring_in_ms=0)
    age(journal, 29)
    assert swept(journal, replace(KEEP, failed=None)) == {}

    age(journal, 2)

    assert swept(journal, replace(KEEP, failed=None)) == {"events": 1}
    (event,) = journal.events.list()
    assert event.outcomes[0].run_id == run
    assert swept(journal) == {"failed": 1, "events": 1}


def test_an_event_that_may_be_delivered_again_is_a_duplicate_though_its_run_is_gone(journal: Journal) -> None:
    ended(journal, "twice")
    age(journal, 6.9)

    assert swept(journal, replace(KEEP, events=0)) == {"succeeded": 1}
    assert accept_run(journal, "twice").duplicate

    age(journal, 0.2)
    assert swept(journal, replace(KEEP, events=0)) == {"events": 1}


@pytest.fixture
def subscription(journal: Journal) -> SubscriptionRow:
    return journal.subscriptions.ensure(owner="o", connection="c", uses="u", given={}, public_url="http://h")


@pytest.mark.parametrize(("column", "later"), [("gap_from", None), ("good_at", None), ("good_at", "gap_from")])
def test_an_event_that_is_still_to_be_asked_for_stays(
    journal: Journal, subscription: SubscriptionRow, column: str, later: str | None
) -> None:
    """A gap that a restore opened begins later than the one that opens when the webhook is then found to be gone."""

    def deliver(key: str) -> str:
        event = webhook(key, subscription=subscription.id)
        return journal.events.accept([event], ring_in_ms=0)[0].event_id

    deliver("long before")
    age(journal, 8)
    before, elsewhere = deliver("before"), journal.events.accept([webhook("x")], ring_in_ms=0)[0].event_id
    with writing(journal.engine) as db:
        db.execute(text(f"UPDATE subscriptions SET {column} = (SELECT max(received_at) FROM events)"))
    age(journal, 1)
    after = deliver("after")
    assert elsewhere in ids(journal, "events")
    age(journal, 100)
    if later is not None:
        with writing(journal.engine) as db:
            db.execute(text(f"UPDATE subscriptions SET {later} = {column} + {50 * DAY_MS}"))

    assert swept(journal) == {"events": 2}
    assert ids(journal, "events") == {before, after}, "what came shortly before may have been made later"


def test_an_event_that_somebody_heard_or_may_hear_stays(journal: Journal, subscription: SubscriptionRow) -> None:
    def deliver(key: str) -> str:
        event = webhook(key, subscription=subscription.id)
        return journal.events.accept([event], ring_in_ms=0)[0].event_id

    too_early = deliver("too early")
    age(journal, 1)
    waiting = claimed_run(journal, "waiting")
    heard = deliver("heard")
    age(journal, 100)
    assert swept(journal) == {"events": 1}
    assert too_early not in ids(journal, "events")

    let_pass(journal, 2 * LEASE_MS)
    again = journal.runs.claim(waiting.run.id, lease_ms=LEASE_MS)
    assert again is not None
    journal.waits.await_event(again.claim, [], path="w", subscription_id=subscription.id, lease_ms=LEASE_MS)
    journal.subscriptions.delete(subscription.id)
    assert swept(journal) == {}
    assert [item.event_id for item in journal.waits.heard(waiting.run.id, "w")] == [heard]

    journal.runs.finish(again.claim, [], Ending(status=RunStatus.UNCERTAIN))
    assert swept(journal) == {"events": 1}


def test_a_version_stays_while_a_run_or_a_flow_refers_to_it(journal: Journal) -> None:
    ended(journal, "one", RunStatus.FAILED)
    old, newest = "b" * 64, "c" * 64
    deploy(journal, digest=old)
    deploy(journal, digest=newest)
    age(journal, 5)
    assert swept(journal) == {}
    age(journal, 26)

    assert swept(journal) == {"failed": 1, "events": 1, "versions": 2}
    assert [digest for digest, _ in journal.flows.versions(FLOW)] == [newest]
    journal.flows.remove(FLOW)
    assert swept(journal) == {"versions": 1}


def test_what_an_ended_run_left_behind_of_its_waits_goes_with_it(journal: Journal) -> None:
    run_id = ended(journal, "old")
    with writing(journal.engine) as db:
        db.execute(text("INSERT INTO waits VALUES (:run, 'w', 'sub')"), {"run": run_id})
        db.execute(text("INSERT INTO heard VALUES (:run, 'w', 'none', false)"), {"run": run_id})
    age(journal, 2)

    swept(journal)

    with reading(journal.engine) as db:
        assert db.execute(text("SELECT run_id FROM waits UNION SELECT run_id FROM heard")).all() == []


def test_entries_of_the_audit_log_have_their_time(journal: Journal) -> None:
    entry = text(
        "INSERT INTO audit (id, at, owner, actor, action, subject) VALUES (:id, 1700000000000, 'o', 'cli', 'a', 's')"
    )
    with writing(journal.engine) as db:
        db.execute(entry, [{"id": f"{number:026}"} for number in range(5)])

    assert swept(journal, replace(KEEP, audit=None)) == {}
    assert swept(journal, rows=2) == {"audit": 5}


def test_nothing_goes_when_everything_is_kept(journal: Journal) -> None:
    ended(journal, "old")
    deploy(journal, digest="b" * 64)
    age(journal, 10_000)
    forever = Retention(**dict.fromkeys(KEEP.kinds))

    assert swept(journal, forever) == {}
    assert not any(SqlPurges(journal.engine).plan(forever).values())


def test_a_plan_says_what_a_sweep_then_does(journal: Journal) -> None:
    parent = queued_run(journal)
    end(journal, child_of(journal, parent))
    end(journal, parent)
    ended(journal, "failed", RunStatus.FAILED)
    ended(journal, "for good", RunStatus.UNCERTAIN)
    deploy(journal, digest="b" * 64)
    deploy(journal, "below", digest="b" * 64)
    queued_run(journal, "active", flow="third")
    age(journal, 100)
    plan = SqlPurges(journal.engine).plan(KEEP)

    assert {kind: count for kind, count in plan.items() if count} == swept(journal)
    assert plan["succeeded"] == 2
    assert plan["versions"] == 1
    assert "uncertain" not in plan
    assert swept(journal) == {}
