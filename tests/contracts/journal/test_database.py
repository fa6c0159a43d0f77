"""Which databases can be named, how they are set up, and their clock."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text

from engine.errors import SettingsError
from engine.journal.clock import now_ms
from engine.journal.database import connect, reading, writing
from engine.journal.journal import Journal


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite://", "sqlite:///:memory:", "mysql://u:pass-w0rd@h/d", "postgresql://u:pass-w0rd@h:x/d"],
)
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(SettingsError, match="HOOKLINE_DATABASE_URL") as caught:
        connect(url)

    assert "pass-w0rd" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_may_be_spelt_as_its_users_do(scheme: str) -> None:
    assert connect(f"{scheme}://u@h/d").url.drivername == "postgresql+psycopg"


@pytest.fixture
def sqlite(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path}/a%20b.db", patience_ms=1_234)


def test_sqlite_is_set_up_to_last_and_to_wait(sqlite: Engine, tmp_path: Path) -> None:
    def pragma(name: str) -> object:
        return db.scalar(text(f"PRAGMA {name}"))

    with reading(sqlite) as db:
        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2
        assert pragma("foreign_keys") == 1
        assert pragma("busy_timeout") == 1_234
    sqlite.dispose()
    assert (tmp_path / "a b.db").exists()


def test_a_new_sqlite_file_is_for_its_owner_alone_even_in_a_folder_that_all_can_enter(
    sqlite: Engine, tmp_path: Path
) -> None:
    tmp_path.chmod(0o755)
    with writing(sqlite) as db:
        db.execute(text("CREATE TABLE t (a)"))
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    sqlite.dispose()

    assert modes == {"a b.db": 0o600, "a b.db-wal": 0o600, "a b.db-shm": 0o600, "a b.db.lock": 0o600}


def test_a_sqlite_file_that_is_there_keeps_the_mode_that_its_operator_gave_it(sqlite: Engine, tmp_path: Path) -> None:
    file = tmp_path / "a b.db"
    file.touch()
    file.chmod(0o640)
    with reading(sqlite):
        pass
    sqlite.dispose()

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.postgres
def test_postgresql_is_set_up_to_give_up_in_time(migrated_postgres_url: str) -> None:
    engine = connect(migrated_postgres_url, patience_ms=1_234)
    with writing(engine) as db:
        names = ("statement_timeout", "lock_timeout", "application_name", "transaction_isolation")
        found = [db.scalar(text(f"SHOW {name}")) for name in names]
    engine.dispose()

    assert found == ["1234ms", "1234ms", "hookline", "read committed"]


def test_the_databases_clock_counts_milliseconds(journal: Journal) -> None:
    for _ in range(100):
        earliest = time.time_ns() // 1_000_000
        with reading(journal.engine) as db:
            now = db.execute(select(now_ms())).scalar_one()
        latest = time.time_ns() // 1_000_000

        assert earliest <= now <= latest


def test_the_clock_stands_still_within_a_statement(journal: Journal) -> None:
    with reading(journal.engine) as db:
        assert len(set(db.execute(select(*[now_ms() for _ in range(50)])).one())) == 1
