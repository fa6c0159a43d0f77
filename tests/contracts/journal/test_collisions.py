"""Transactions that get into each other's way: PostgreSQL ends one of two that wait for each other, and that one is made again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, select, text

from engine.core.statuses import RunStatus
from engine.errors import Collided, DatabaseUnavailable
from engine.journal.database import TRIES, repeated
from engine.journal.journal import Journal
from engine.journal.records import Binding
from engine.journal.tables import runs
from engine.journal.timetable import NewSchedule
from engine.journal.wakers import NewChild
from tests.contracts.journal.stories import DIGEST, LEASE_MS, at_once, claimed_run, deploy
from tests.eventually import eventually

WAITERS = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


@pytest.fixture
def on_postgresql(migrated_postgres_url: str) -> Iterator[Journal]:
    journal = Journal.open(migrated_postgres_url)
    yield journal
    journal.close()


def caller_and_child(journal: Journal) -> tuple[str, str]:
    deploy(journal, "below")
    claimed = claimed_run(journal, f"collision {journal.now()}")
    child = NewChild(flow="below", digest=DIGEST, inputs={}, path="sub", depth=1, wait=True)
    started = journal.runs.start_child(claimed.claim, [], child, lease_ms=LEASE_MS)
    assert started.run_id is not None
    return claimed.run.id, started.run_id


def waiting(journal: Journal) -> int:
    # A transaction of its own each time: within one, the server answers as it did first.
    with journal.engine.connect() as db:
        return int(db.execute(WAITERS).scalar_one())


@pytest.mark.postgres
def test_a_use_case_that_loses_a_deadlock_is_made_again(on_postgresql: Journal) -> None:
    caller, child = caller_and_child(on_postgresql)
    first, last = sorted((caller, child))
    seen: list[str] = []

    def lock(run_id: str) -> object:
        return other.execute(select(runs.c.id).where(runs.c.id == run_id).with_for_update())

    def note(context: object) -> None:
        seen.append(str(context.original_exception.sqlstate))  # type: ignore[attr-defined]

    event.listen(on_postgresql.engine, "handle_error", note)
    with on_postgresql.engine.connect() as other, ThreadPoolExecutor() as threads:
        lock(last)
        asked = threads.submit(on_postgresql.runs.request_cancel, caller)
        # It has the first row now and waits for the last one; who waits longest finds the deadlock, and loses.
        eventually(lambda: waiting(on_postgresql))
        lock(first)
        other.rollback()

        assert asked.result(timeout=20) is RunStatus.RUNNING

    assert seen == ["40P01"]
    found = on_postgresql.runs.get(caller)
    assert found is not None
    assert found[0].cancel_requested


def test_after_a_few_collisions_it_is_said_and_nothing_else_is_repeated() -> None:
    tries: list[str] = []

    @repeated
    def collide(error: Exception) -> None:
        tries.append(type(error).__name__)
        raise error

    with pytest.raises(DatabaseUnavailable):
        collide(Collided("again and again"))
    assert tries == ["Collided"] * TRIES

    with pytest.raises(DatabaseUnavailable):
        collide(DatabaseUnavailable("it is gone"))
    assert tries == ["Collided"] * TRIES + ["DatabaseUnavailable"]


def test_deploys_of_one_flow_at_the_same_instant_leave_what_one_of_them_wrote(journal: Journal) -> None:
    one, two = (
        journal.subscriptions.ensure(
            owner="local", connection="c", uses="calendly.invitee", given={"n": n}, public_url="https://h"
        ).id
        for n in range(2)
    )

    def replace_all(number: int) -> None:
        deploy(journal)
        wanted = [
            NewSchedule(trigger=f"trigger-{item}", uses="schedule.cron", given={"n": number}, next_at=number)
            for item in range(3)
        ]
        journal.schedules.bind("greet", "local", wanted)
        listening = [Binding(subscription_id=item, flow="greet", trigger=f"t{number % 2}") for item in (one, two)]
        journal.subscriptions.bind("greet", listening)

    for _ in range(5):
        at_once(6, replace_all)

        rows = [row for row in journal.schedules.list() if row.flow == "greet"]
        assert [row.trigger for row in rows] == ["trigger-0", "trigger-1", "trigger-2"]
        assert len({str(row.given) for row in rows}) == 1
        assert len({binding.trigger for binding in journal.subscriptions.bindings()}) == 1
        assert len(journal.subscriptions.bindings()) == 2
