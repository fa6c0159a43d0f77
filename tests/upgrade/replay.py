"""An earlier release at work, by what it asked of its database: its very statements, on connections that are set up as it did.

Stories are told again under ids of their own, as many times and at once as a test likes. What a statement returns is not looked at: the
release decided on it when it was recorded, and a test looks at what is stored in the end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, Protocol

from tests.upgrade.releases import Release, Transaction

PATIENCE_MS = 5_000
"""For how long that release's statements wait for a lock."""
TRIES = 4
"""How often that release makes a transaction that PostgreSQL ended for a deadlock."""
_again = count(1)


class Teller(Protocol):
    """One connection of the release. ``tell`` raises what the driver raises."""

    def tell(self, transaction: Transaction, names: Mapping[str, str]) -> None: ...

    def close(self) -> None: ...


def connect(release: Release, url: str) -> Teller:
    return _Sqlite(url) if release.kind == "sqlite" else _Postgresql(url)


def story(release: Release, name: str) -> Sequence[Transaction]:
    """The transactions of one story, without what its flow's deploy asked."""
    return [item for item in release.transactions if item.story == name]


def new_names(release: Release, transactions: Sequence[Transaction]) -> Mapping[str, str]:
    """For every id that these transactions made, another one that is not there yet."""
    made = {
        value for item in transactions for text, given, _ in item.statements for value in _texts(given) if _is_id(value)
    }
    number = next(_again)
    names = {value: f"again{number:06d}{value[11:]}" for value in made}
    for run_ids in release.runs.values():
        assert all(run_id in names for run_id in run_ids if run_id in made)
    return names


def _is_id(value: str) -> bool:
    return len(value) == 26 and value.isalnum()


def _texts(value: Any) -> Sequence[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
        case list():
            return [text for item in value for text in _texts(item)]
        case _:
            return []


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case str():
            for old, new in names.items():
                value = value.replace(old, new)
            return value
        case dict():
            return {name: _renamed(item, names) for name, item in value.items()}
        case list():
            return [_renamed(item, names) for item in value]
        case _:
            return value


class _Sqlite:
    """As the releases since 0001 open SQLite."""

    def __init__(self, url: str) -> None:
        self._db = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=PATIENCE_MS / 1000, isolation_level=None)
        self._db.execute("PRAGMA foreign_keys=ON")

    def tell(self, transaction: Transaction, names: Mapping[str, str]) -> None:
        self._db.execute("BEGIN" if transaction.reads else "BEGIN IMMEDIATE")
        try:
            for text, given, many in transaction.statements:
                if many:
                    self._db.executemany(text, _renamed(given, names))
                else:
                    self._db.execute(text, _renamed(given, names)).fetchall()
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def close(self) -> None:
        self._db.close()


class _Postgresql:
    """As the releases since 0001 connect to PostgreSQL."""

    def __init__(self, url: str) -> None:
        import psycopg

        timeouts = f"-c statement_timeout={PATIENCE_MS} -c lock_timeout={PATIENCE_MS} -c timezone=UTC"
        # A prepared statement whose columns a migration changed is refused once, and prepared anew. (0002 changed the collation of one.) To a
        # process that is a run left for later, or a delivery answered 503: it comes again.
        changed = psycopg.errors.FeatureNotSupported
        self._collisions = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure, changed)
        self._db = psycopg.connect(url, options=timeouts)

    def tell(self, transaction: Transaction, names: Mapping[str, str]) -> None:
        for left in reversed(range(TRIES)):
            try:
                self._tell(transaction, names)
                break
            except self._collisions:
                if left == 0:
                    raise

    def _tell(self, transaction: Transaction, names: Mapping[str, str]) -> None:
        from psycopg import IsolationLevel

        self._db.isolation_level = (
            IsolationLevel.REPEATABLE_READ if transaction.reads else IsolationLevel.READ_COMMITTED
        )
        self._db.read_only = transaction.reads
        with self._db.transaction(), self._db.cursor() as cursor:
            for text, given, many in transaction.statements:
                if many:
                    cursor.executemany(text, _renamed(given, names))
                else:
                    cursor.execute(text, _renamed(given, names))

    def close(self) -> None:
        self._db.close()
