"""Stored connections. Owns that a connection is found under its owner only; secrets come sealed and stay so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Column, Engine, Row, delete, select, update
from sqlalchemy.exc import IntegrityError

from engine.errors import BusyError
from engine.journal.clock import now_ms
from engine.journal.database import insert_into, reading, repeated, writing
from engine.journal.records import ConnectionRow
from engine.journal.tables import connections
from engine.strictjson import JsonObject


class SqlConnections:
    """The Connections port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @repeated
    def save(
        self,
        *,
        connection_id: str,
        owner: str,
        name: str,
        connector: str,
        settings: JsonObject,
        secrets: Mapping[str, str],
    ) -> ConnectionRow:
        """As the port says. Facts stay; health becomes unknown, because what is stored now was never tested.

        An id that belongs to another owner is refused like a taken name.
        """
        statement = insert_into(self._engine, connections).values(
            id=connection_id,
            owner=owner,
            name=name,
            connector=connector,
            settings=settings,
            secrets=dict(secrets),
            facts={},
            health="unknown",
            created_at=now_ms(),
            updated_at=now_ms(),
        )
        replaced = ("name", "connector", "settings", "secrets", "health", "health_message", "updated_at")
        saved = statement.on_conflict_do_update(
            index_elements=[connections.c.id],
            set_={column: statement.excluded[column] for column in replaced},
            where=connections.c.owner == owner,
        ).returning(*_columns())
        try:
            with writing(self._engine) as db:
                row = db.execute(saved).one_or_none()
        except IntegrityError:
            row = None
        if row is None:
            raise BusyError(
                f"the name {name!r} is taken by another connection", remedy="Choose another name, or remove that one."
            )
        return _to_connection(row)

    def get(self, name: str, *, owner: str) -> ConnectionRow | None:
        found = select(*_columns()).where(connections.c.name == name, connections.c.owner == owner)
        with reading(self._engine) as db:
            row = db.execute(found).one_or_none()
            return None if row is None else _to_connection(row)

    def list(self, *, owner: str | None = None) -> Sequence[ConnectionRow]:
        found = select(*_columns()).order_by(connections.c.owner, connections.c.name)
        with reading(self._engine) as db:
            return [
                _to_connection(row)
                for row in db.execute(found if owner is None else found.where(connections.c.owner == owner))
            ]

    @repeated
    def note_test(self, connection_id: str, *, health: str, message: str | None, facts: JsonObject | None) -> None:
        values: dict[str, object] = {"health": health, "health_message": message, "updated_at": now_ms()}
        if facts is not None:
            values["facts"] = facts
        with writing(self._engine) as db:
            db.execute(update(connections).where(connections.c.id == connection_id).values(**values))

    @repeated
    def note_call(self, connection_id: str) -> None:
        with writing(self._engine) as db:
            db.execute(update(connections).where(connections.c.id == connection_id).values(called_at=now_ms()))

    @repeated
    def remove(self, connection_id: str) -> bool:
        with writing(self._engine) as db:
            return db.execute(delete(connections).where(connections.c.id == connection_id)).rowcount > 0


def _columns() -> Sequence[Column[Any]]:
    return [connections.c[field.name] for field in fields(ConnectionRow)]


def _to_connection(row: Row[Any]) -> ConnectionRow:
    return ConnectionRow(**row._mapping)
