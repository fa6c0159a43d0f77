"""PostgreSQL as the journal needs it. Owns its timeouts, on both sides of the wire, and noticing dead connections; knows no table.

The server's timeouts do not help against a server that is stopped, paused or cut off, so that each wait has an end on this side too.
The driver is an extra of the package: it is imported when the first connection is made.
"""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy.exc
from sqlalchemy import Connection, Engine, event, text

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
CONNECT_TIMEOUT_S = 2
"""The least that libpq takes (https://www.postgresql.org/docs/current/libpq-connect.html)."""


def options(patience_ms: int) -> dict[str, Any]:
    """Arguments of create_engine."""
    return {
        "connect_args": {
            "connect_timeout": CONNECT_TIMEOUT_S,
            "application_name": "hookline",
            "options": f"-c statement_timeout={patience_ms} -c lock_timeout={patience_ms}"
            f" -c idle_in_transaction_session_timeout={10 * patience_ms} -c timezone=UTC",
        },
        # What the guards in the WHERE clauses rely on: each statement sees what was committed before it began.
        "isolation_level": "READ COMMITTED",
        "pool_size": 8,
        "max_overflow": 24,
        # One query less for each new connection.
        "use_native_hstore": False,
    }


def prepare(engine: Engine, patience_ms: int) -> None:
    """Make connections whose waits end, and give no connection out that the server has closed."""

    @event.listens_for(engine, "do_connect")
    def do_connect(dialect: object, record: object, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        from engine.journal.patient_connection import connect

        return connect(patience_ms / 1000, *args, **kwargs)

    @event.listens_for(engine, "checkout")
    def checkout(connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object) -> None:
        # An idle connection has nothing to read; if it has, that is the server's farewell. Costs no round trip, unlike pool_pre_ping.
        if connection.closed or _readable(connection.fileno()):
            raise sqlalchemy.exc.DisconnectionError


@contextmanager
def without_haste(connection: Connection, patience_s: float) -> Iterator[None]:
    """Let the statements of the connection's transaction take so long, at the server and here."""
    driver: Any = connection.connection.driver_connection
    usual = driver.patience_s
    connection.execute(text(f"SET LOCAL statement_timeout = {round(patience_s * 1000)}"))
    driver.be_patient_for(patience_s)
    try:
        yield
    finally:
        driver.patience_s = usual


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
