"""Purging in small transactions: how much one deletes, what becomes of a run that is too large for one, and others at work meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from engine.errors import DatabaseUnavailable
from engine.journal.database import reading, writing
from engine.journal.journal import Journal
from engine.journal.purges import AT_ONCE, FEWEST_ROWS, FIRST_ROWS, ROWS, SLOW_SECONDS, SqlPurges
from engine.journal.schema import migrate
from tests.contracts.journal.stories import accept_run, at_once, queued_run
from tests.contracts.journal.test_purges import KEEP, age, ended, ids, swept
from tests.postgres_server import PostgresServer


@contextmanager
def counting_deletions(journal: Journal) -> Iterator[list[int]]:
    """How many rows each transaction deletes."""
    counts = [0]

    def note(conn: object, cursor: object, statement: str, *more: object) -> None:
        if statement.startswith("DELETE"):
            counts[-1] += int(getattr(cursor, "rowcount", 0))

    def next_one(conn: object) -> None:
        counts.append(0)

    sqlalchemy_event.listen(journal.engine, "after_cursor_execute", note)
    sqlalchemy_event.listen(journal.engine, "commit", next_one)
    try:
        yield counts
    finally:
        sqlalchemy_event.remove(journal.engine, "after_cursor_execute", note)
        sqlalchemy_event.remove(journal.engine, "commit", next_one)


def test_no_transaction_deletes_more_rows_than_it_may_so_that_deliveries_are_never_held_up(journal: Journal) -> None:
    sizes = (0, 1, 2, 30, 3, 0, 1, 10, 11, 2, 9)
    for number, steps in enumerate(sizes):
        ended(journal, f"key {number}", steps=steps)
    age(journal, 100)

    with counting_deletions(journal) as counts:
        gone = swept(journal, rows=10)

    assert gone == {"succeeded": len(sizes), "events": len(sizes)}
    assert sum(counts) == 2 * len(sizes) + sum(sizes)
    assert max(counts) == 10
    assert ids(journal) == ids(journal, "events") == set()
    with reading(journal.engine) as db:
        assert db.scalar(text("SELECT count(*) FROM steps")) == 0


def test_what_one_transaction_may_delete_is_little() -> None:
    assert AT_ONCE <= 100
    assert ROWS <= 1_000


@pytest.mark.parametrize(("seconds", "largest"), [(1.0, FIRST_ROWS), (0.1, FIRST_ROWS), (0.001, ROWS)])
def test_slow_transactions_become_small_and_quick_ones_large(journal: Journal, seconds: float, largest: int) -> None:
    """Values may be large and disks slow; whoever delivers meanwhile waits."""
    ended(journal, "large", steps=4_000)
    age(journal, 100)
    clock = count()

    with counting_deletions(journal) as counts:
        purges = SqlPurges(journal.engine, clock=lambda: next(clock) * seconds)
        gone = sum((Counter(gone) for gone in purges.sweep(KEEP)), Counter())

    deleted = [rows for rows in counts if rows]
    assert gone == {"succeeded": 1, "events": 1}
    assert max(deleted) == largest
    assert (FEWEST_ROWS in deleted) == (seconds > SLOW_SECONDS)


def test_a_run_that_goes_in_several_transactions_is_marked_from_the_first_one_on(journal: Journal) -> None:
    run_id = ended(journal, "large", steps=30)
    age(journal, 2)
    broken_off = SqlPurges(journal.engine, rows=10).sweep(KEEP)

    assert next(broken_off) == {}

    found = journal.runs.get(run_id)
    assert found is not None
    assert found[0].purging
    assert len(found[1]) == 20
    assert swept(journal, rows=10) == {"succeeded": 1}
    assert ids(journal) == set()


def test_sweeps_at_once_delete_everything_once(journal: Journal) -> None:
    for number in range(40):
        ended(journal, f"key {number}", steps=3)
    age(journal, 100)

    gone = at_once(4, lambda number: Counter(swept(journal, rows=12)))

    again = swept(journal)
    assert sum(gone, Counter(again)) == {"succeeded": 40, "events": 40}
    assert ids(journal) == ids(journal, "events") == set()


def test_what_had_to_stay_when_it_was_looked_at_again_is_left(journal: Journal) -> None:
    """Between the look for candidates and their deletion one of them is being done again."""
    origin, other = ended(journal, "origin"), ended(journal, "other")
    age(journal, 2)
    again = queued_run(journal, "again")
    sweep = SqlPurges(journal.engine, rows=2).sweep(KEEP)
    assert next(sweep) == {"succeeded": 1}
    (left,) = {origin, other} & ids(journal)
    with writing(journal.engine) as db:
        db.execute(text("UPDATE runs SET origin_run = :origin WHERE id = :again"), {"origin": left, "again": again})

    assert sum((Counter(gone) for gone in sweep), Counter()) == {}
    assert left in ids(journal)


SLOW = "CREATE FUNCTION takes_long(at bigint) RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2.5); RETURN at; END $$"
SLOW_VIEW = "CREATE VIEW audit AS SELECT id, takes_long(at) AS at FROM audit_rows"


@pytest.mark.postgres
def test_looking_for_what_may_go_may_take_longer_than_anything_else(postgres_server: PostgresServer) -> None:
    """As it does over a million rows; what others wait for has its usual end afterwards."""
    url = postgres_server.create_database("slow")
    journal = Journal.open(url, patience_ms=1_000)
    migrate(journal.engine)
    with writing(journal.engine) as db:
        for statement in ("ALTER TABLE audit RENAME TO audit_rows", SLOW, SLOW_VIEW):
            db.execute(text(statement))
        db.execute(text("INSERT INTO audit_rows VALUES ('a', 0, 'o', 'p', 'q', 'r')"))
    purges = SqlPurges(journal.engine)

    assert purges.plan(KEEP)["audit"] == 1
    with pytest.raises(DatabaseUnavailable), reading(journal.engine) as db:
        db.execute(text("SELECT pg_sleep(10)"))
    journal.close()


@pytest.mark.postgres
def test_a_duplicate_that_is_purged_while_it_is_being_counted_is_new(migrated_postgres_url: str) -> None:
    """On SQLite nobody can come between the two statements."""
    journal, other = Journal.open(migrated_postgres_url), Journal.open(migrated_postgres_url)
    first = accept_run(journal, "purged meanwhile")
    purged: list[str] = []

    def purge(conn: object, cursor: object, statement: str, *more: object) -> None:
        if statement.startswith("UPDATE events") and not purged:
            purged.append(first.event_id)
            with writing(other.engine) as db:
                db.execute(text("DELETE FROM runs WHERE event_id = :id"), {"id": first.event_id})
                db.execute(text("DELETE FROM events WHERE id = :id"), {"id": first.event_id})

    sqlalchemy_event.listen(journal.engine, "before_cursor_execute", purge)
    again = accept_run(journal, "purged meanwhile")

    assert purged == [first.event_id]
    assert not again.duplicate
    assert again.run_ids
    journal.close()
    other.close()
