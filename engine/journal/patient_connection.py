"""A PostgreSQL connection whose every wait ends. Owns that deadline; imported only when PostgreSQL is used."""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

T = TypeVar("T")


class PatientConnection(psycopg.Connection[Any]):
    """Closes itself and raises OperationalError when the server says nothing for ``patience_s`` seconds."""

    patience_s: float | None = None

    def be_patient_for(self, statement_s: float) -> None:
        """A little longer than the server's own timeout, which ends the statement and leaves the connection usable."""
        self.patience_s = statement_s + 0.5

    def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        try:
            return super().wait(gen, interval, self.patience_s if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
                raise
            # Still no answer. What the server makes of the statement is unknown; closing rolls it back unless it was the commit.
            self.pgconn.finish()
            raise psycopg.OperationalError(f"no answer within {self.patience_s:g} s") from None


def connect(patience_s: float, *args: Any, **kwargs: Any) -> PatientConnection:
    """Like psycopg.connect."""
    connection = PatientConnection.connect(*args, **kwargs)
    connection.be_patient_for(patience_s)
    return connection
