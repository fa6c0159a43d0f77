"""What the doctor reads: the database's name and clock, how late the work is, and an event's JSON beside its raw body."""

from __future__ import annotations

import time

from sqlalchemy import update

from engine.journal import schema
from engine.journal.database import writing
from engine.journal.inspection import inspect_database, inspect_work
from engine.journal.journal import Journal
from engine.journal.tables import runs
from tests.contracts.journal.stories import claimed_run, deploy, queued_run, webhook


def test_the_database_tells_its_name_and_its_clock(journal: Journal) -> None:
    facts = inspect_database(journal.engine)
    assert facts.product in ("SQLite", "PostgreSQL")
    assert facts.version[0].isdigit()
    assert abs(facts.now - time.time() * 1000) < 60_000
    assert schema.current(journal.engine) == schema.REVISIONS[-1]


def test_work_that_is_due_is_late_and_work_that_is_not_due_is_not(journal: Journal) -> None:
    assert inspect_work(journal.engine).active == 0
    claimed_run(journal, "held")
    waiting = queued_run(journal, "waiting")
    with writing(journal.engine) as db:
        db.execute(update(runs).where(runs.c.id == waiting).values(due_at=runs.c.created_at - 30_000))
    facts = inspect_work(journal.engine)
    assert facts.active == 2
    assert facts.late_ms >= 30_000


def test_an_event_comes_back_with_its_json(journal: Journal) -> None:
    deploy(journal)
    (accepted,) = journal.events.accept([webhook("one")], ring_in_ms=0)
    found = journal.events.get(accepted.event_id)
    assert found is not None
    assert found.event == webhook("one").event
