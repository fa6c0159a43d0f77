"""PostgreSQL's tables are changed while they are in use. The faults: the migration is cut off between any two of its statements; somebody holds a
table and does not let go.

Invariant: a migration that was cut off is finished by the next one; one that waits for a table keeps nobody else waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Engine, event, text

from engine.errors import DatabaseUnavailable
from engine.journal import growing, schema
from engine.journal.database import connect, writing
from tests.contracts.journal.test_schema import described
from tests.eventually import eventually
from tests.upgrade.conftest import NewDatabase
from tests.upgrade.releases import Release

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("kind", ["postgresql"], indirect=True)]


class CutOff(Exception):
    """The process dies here."""


@pytest.fixture
def left(new_database: NewDatabase, kind: str) -> Iterator[Engine]:
    """What the release before left."""
    url = new_database()
    Release(revision=schema.REVISIONS[-2], kind=kind).restore(url)
    engine = connect(url)
    yield engine
    engine.dispose()


def test_a_migration_that_is_cut_off_between_any_two_statements_is_finished_by_the_next_one(
    left: Engine, new_database: NewDatabase
) -> None:
    whole = connect(new_database())
    schema.migrate(whole)
    for statements in range(100):
        if not cut_off_after(left, statements):
            break
        assert schema.current(left) == schema.REVISIONS[-2]
    assert statements > 15, "there were places to cut at"
    assert schema.current(left) == schema.REVISIONS[-1]
    assert described(left) == described(whole)
    whole.dispose()


def cut_off_after(engine: Engine, statements: int) -> bool:
    """Migrate until so many statements of it are through; False when it was through before."""
    done = 0

    def count(connection: object, cursor: object, statement: str, *more: object) -> None:
        nonlocal done
        if statement.startswith(("ALTER", "CREATE", "UPDATE alembic")):
            if done == statements:
                raise CutOff
            done += 1

    event.listen(engine, "before_cursor_execute", count)
    try:
        schema.migrate(engine)
    except CutOff:
        return True
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return False


def test_an_index_that_was_left_half_built_is_built_anew(left: Engine) -> None:
    with left.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("CREATE INDEX ix_runs_event ON runs (event_id)"))
        db.execute(text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_runs_event'::regclass"))
    schema.migrate(left)
    with left.connect() as db:
        assert db.scalar(text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_runs_event'::regclass")) is True


def test_others_write_on_while_the_migration_waits_for_a_table(left: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "PAUSE_SECONDS", 0.2)
    waiting = Event()
    event.listen(
        left,
        "before_cursor_execute",
        lambda c, k, statement, *more: waiting.set() if "ALTER TABLE runs" in statement else None,
    )
    writes = 0

    def write() -> bool:
        nonlocal writes
        with writing(left) as db:
            writes += db.execute(text("UPDATE runs SET waiting_for = 'still here'")).rowcount
        return writes > 60

    with ThreadPoolExecutor(1) as pool:
        with left.connect() as dump:
            dump.execute(text("LOCK TABLE runs IN ACCESS SHARE MODE"))
            migrating = pool.submit(schema.migrate, left)
            assert waiting.wait(30)
            eventually(write)
            assert not migrating.done()
        assert migrating.result(timeout=60)[1] == schema.REVISIONS[-1]


def test_a_table_that_is_never_let_go_is_named(left: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(growing, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(growing, "LOCK_TIMEOUT_MS", 20)
    with left.connect() as dump:
        dump.execute(text("LOCK TABLE steps IN ACCESS SHARE MODE"))
        with pytest.raises(DatabaseUnavailable, match="the table steps is in use without a pause"):
            schema.migrate(left)
    assert schema.current(left) == schema.REVISIONS[-2]
    schema.migrate(left)
    assert schema.current(left) == schema.REVISIONS[-1]
