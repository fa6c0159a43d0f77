"""Subscriptions and who listens to them. Owns that there is one per (owner, connection, uses, given); calls no service."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from engine import strictjson
from engine.errors import NotFoundError
from engine.journal import tables
from engine.journal.clock import now_ms
from engine.journal.database import insert_into, reading, repeated, writing
from engine.journal.flows import select_flows, to_flow
from engine.journal.locks import lock_deploys
from engine.journal.records import Binding, BoundFlow, SubscriptionRow, SubscriptionState
from engine.journal.tables import flows, subscriptions
from engine.strictjson import JsonObject

OVERLAP_MS = 120_000
"""How long what comes through a webhook that a flow's changed trigger has left starts its runs, when the new one is there: what was on its way."""


class SqlSubscriptions:
    """The Subscriptions port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # Built once: each delivery asks.
        self._missed = _listeners()
        self._listeners = _listeners().where(or_(tables.bindings.c.left_at.is_(None), ~_has_gone_over()))

    @repeated
    def ensure(self, *, owner: str, connection: str, uses: str, given: JsonObject, public_url: str) -> SubscriptionRow:
        identity = hashlib.sha256(strictjson.canonical([owner, connection, uses, given]).encode()).hexdigest()
        # 128 random bits: who knows the address can reach the signature check, and no one guesses it.
        new_id = secrets.token_hex(16)
        wanted = (
            insert_into(self._engine, subscriptions)
            .values(
                id=new_id,
                identity=identity,
                owner=owner,
                connection=connection,
                uses=uses,
                given=given,
                callback_url=f"{public_url.rstrip('/')}/hooks/{new_id}",
                state=SubscriptionState.PENDING,
                created_at=now_ms(),
                updated_at=now_ms(),
            )
            .on_conflict_do_nothing(index_elements=[subscriptions.c.identity])
        )
        with writing(self._engine) as db:
            db.execute(wanted)
            return _to_subscription(db.execute(select(*_columns()).where(subscriptions.c.identity == identity)).one())

    @repeated
    def set_state(
        self,
        subscription_id: str,
        state: SubscriptionState,
        *,
        remote_uri: str | None = None,
        detail: str | None = None,
        signing_key: str | None = None,
        callback_url: str | None = None,
        good: bool = False,
    ) -> None:
        kept_when_none = {"remote_uri": remote_uri, "signing_key": signing_key, "callback_url": callback_url}
        values: dict[str, object] = {column: value for column, value in kept_when_none.items() if value is not None}
        if good:
            values["good_at"] = now_ms()
        changed = (
            update(subscriptions)
            .where(subscriptions.c.id == subscription_id)
            .values(state=state, detail=detail, checked_at=now_ms(), updated_at=now_ms(), **values)
        )
        with writing(self._engine) as db:
            db.execute(changed)

    def get(self, subscription_id: str) -> SubscriptionRow | None:
        if not subscription_id.isascii() or not subscription_id.isprintable():
            # What strangers ask for: PostgreSQL refuses U+0000, and neither driver encodes a lone surrogate. No id of ours has such signs.
            return None
        with reading(self._engine) as db:
            row = db.execute(select(*_columns()).where(subscriptions.c.id == subscription_id)).one_or_none()
            return None if row is None else _to_subscription(row)

    def list(self) -> Sequence[SubscriptionRow]:
        with reading(self._engine) as db:
            found = select(*_columns()).order_by(subscriptions.c.created_at, subscriptions.c.id)
            return [_to_subscription(row) for row in db.execute(found)]

    def unchecked(self, *, for_ms: int) -> Sequence[tuple[SubscriptionRow, int]]:
        age = now_ms() - func.coalesce(subscriptions.c.checked_at, 0)
        unlocked = or_(subscriptions.c.locked_until.is_(None), subscriptions.c.locked_until < now_ms())
        found: Select[Any] = (
            select(*_columns(), age.label("age"))
            .where(subscriptions.c.state == SubscriptionState.ACTIVE, age >= for_ms, unlocked)
            .order_by(age.desc(), subscriptions.c.id)
        )
        with reading(self._engine) as db:
            return [(_to_subscription(row), row._mapping["age"]) for row in db.execute(found).all()]

    @repeated
    def open_gap(self, subscription_id: str, *, since: int, note: str) -> None:
        values = {"gap_from": _opened(since), "gap_note": note}
        opened = update(subscriptions).where(subscriptions.c.id == subscription_id).values(values)
        with writing(self._engine) as db:
            db.execute(opened)

    def gaps(self) -> Sequence[SubscriptionRow]:
        found = select(*_columns()).where(_is_to_be_filled()).order_by(subscriptions.c.gap_from, subscriptions.c.id)
        with reading(self._engine) as db:
            return [_to_subscription(row) for row in db.execute(found)]

    @repeated
    def take_gap(self, subscription_id: str, *, for_ms: int) -> SubscriptionRow | None:
        taken = (
            update(subscriptions)
            .where(subscriptions.c.id == subscription_id, _is_to_be_filled())
            .values(filling_until=now_ms() + for_ms)
            .returning(*_columns())
        )
        with writing(self._engine) as db:
            row = db.execute(taken).one_or_none()
            return None if row is None else _to_subscription(row)

    @repeated
    def keep_gap(self, subscription_id: str, *, for_ms: int, note: str | None = None) -> None:
        values: dict[str, object] = {"filling_until": now_ms() + for_ms}
        if note is not None:
            values["gap_note"] = note
        with writing(self._engine) as db:
            db.execute(update(subscriptions).where(subscriptions.c.id == subscription_id).values(values))

    @repeated
    def close_gap(self, subscription_id: str, *, gap_from: int | None, note: str) -> bool:
        own = subscriptions.c.id == subscription_id
        noted = update(subscriptions).where(own).values(gap_note=note, filling_until=None)
        closed = update(subscriptions).where(own, subscriptions.c.gap_from == gap_from).values(gap_from=None)
        with writing(self._engine) as db:
            db.execute(noted)
            return gap_from is not None and db.execute(closed.returning(subscriptions.c.id)).one_or_none() is not None

    @repeated
    def lock(self, subscription_id: str, *, for_ms: int) -> bool:
        free = or_(subscriptions.c.locked_until.is_(None), subscriptions.c.locked_until < now_ms())
        taken = (
            update(subscriptions)
            .where(subscriptions.c.id == subscription_id, free)
            .values(locked_until=now_ms() + for_ms)
            .returning(subscriptions.c.id)
        )
        with writing(self._engine) as db:
            return db.execute(taken).one_or_none() is not None

    @repeated
    def unlock(self, subscription_id: str) -> None:
        freed = update(subscriptions).where(subscriptions.c.id == subscription_id).values(locked_until=None)
        with writing(self._engine) as db:
            db.execute(freed)

    @repeated
    def delete(self, subscription_id: str) -> None:
        with writing(self._engine) as db:
            db.execute(delete(subscriptions).where(subscriptions.c.id == subscription_id))

    @repeated
    def delete_unwanted(self, subscription_id: str) -> bool:
        own, table = subscriptions.c.id == subscription_id, tables.bindings
        wanted = exists().where(
            table.c.subscription_id == subscription_id,
            table.c.left_at.is_(None),
            table.c.flow == flows.c.id,
            flows.c.enabled,
        )
        with writing(self._engine) as db:
            # Whoever binds a flow to it at this moment has its row: the next statement sees what came of that.
            db.execute(select(subscriptions.c.id).where(own).with_for_update())
            return db.execute(delete(subscriptions).where(own, ~wanted)).rowcount == 1

    @repeated
    def bind(self, flow_id: str, bindings: Sequence[Binding]) -> None:
        """As the port says. Raises NotFoundError when a subscription is not there (any more); the old bindings then stay."""
        table = tables.bindings
        own = table.c.flow == flow_id
        gone_over = [binding.trigger for binding in bindings if binding.purpose == "start"]
        left = own & (table.c.purpose == "start") & table.c.trigger.in_(gone_over)
        with self._binding(flow_id) as db:
            db.execute(delete(table).where(own, ~left))
            db.execute(update(table).where(left, table.c.left_at.is_(None)).values(left_at=now_ms()))
            self._listen(db, flow_id, bindings)

    @repeated
    def listen_too(self, flow_id: str, bindings: Sequence[Binding]) -> None:
        """As the port says. Raises NotFoundError as ``bind``."""
        with self._binding(flow_id) as db:
            self._listen(db, flow_id, bindings)

    @repeated
    def forget_left(self, *, after_ms: int) -> None:
        with writing(self._engine) as db:
            db.execute(delete(tables.bindings).where(tables.bindings.c.left_at < now_ms() - after_ms))

    @contextmanager
    def _binding(self, flow_id: str) -> Iterator[Connection]:
        try:
            with writing(self._engine) as db:
                lock_deploys(db, flow_id)
                yield db
        except IntegrityError:
            raise NotFoundError(
                f"a subscription that flow {flow_id} should listen to is not there", remedy="Deploy the flow again."
            ) from None

    def _listen(self, db: Connection, flow_id: str, bindings: Sequence[Binding]) -> None:
        table = tables.bindings
        insert = insert_into(self._engine, table)
        added = insert.on_conflict_do_update(
            index_elements=list(table.primary_key), set_={"purpose": insert.excluded.purpose, "left_at": None}
        )
        for binding in bindings:
            db.execute(
                added.values(
                    flow=flow_id,
                    trigger=binding.trigger,
                    subscription_id=binding.subscription_id,
                    purpose=binding.purpose,
                )
            )

    def bindings(self) -> Sequence[Binding]:
        found = select(tables.bindings).order_by(
            tables.bindings.c.flow, tables.bindings.c.trigger, tables.bindings.c.subscription_id
        )
        with reading(self._engine) as db:
            return [Binding(**row._mapping) for row in db.execute(found)]

    def listeners(self, subscription_id: str, *, recovered: bool = False) -> Sequence[BoundFlow]:
        with reading(self._engine) as db:
            found = db.execute(self._missed if recovered else self._listeners, {"subscription": subscription_id})
            return [BoundFlow(flow=to_flow(row), trigger=row.trigger) for row in found]


def _listeners() -> Select[Any]:
    return (
        select_flows()
        .add_columns(tables.bindings.c.trigger)
        .join(tables.bindings, tables.bindings.c.flow == flows.c.id)
        .where(
            tables.bindings.c.subscription_id == bindparam("subscription"),
            tables.bindings.c.purpose == "start",
            flows.c.enabled,
        )
        .order_by(flows.c.id, tables.bindings.c.trigger)
    )


def _has_gone_over() -> ColumnElement[bool]:
    """Others may keep a webhook for ever that the trigger of a binding has left."""
    later, there = tables.bindings.alias("later"), subscriptions.alias("there")
    has_new_one = exists().where(
        later.c.flow == tables.bindings.c.flow,
        later.c.trigger == tables.bindings.c.trigger,
        later.c.left_at.is_(None),
        there.c.id == later.c.subscription_id,
        there.c.state == SubscriptionState.ACTIVE,
    )
    return and_(tables.bindings.c.left_at <= now_ms() - OVERLAP_MS, has_new_one)


def _opened(since: int) -> ColumnElement[int]:
    """The earlier of what is open and this. Never what it was: who fills a gap must see that it was opened again meanwhile."""
    open_from = subscriptions.c.gap_from
    return case((open_from.is_(None), since), (open_from <= since, open_from - 1), else_=since)


def _is_to_be_filled() -> ColumnElement[bool]:
    free = or_(subscriptions.c.filling_until.is_(None), subscriptions.c.filling_until < now_ms())
    return and_(subscriptions.c.gap_from.is_not(None), subscriptions.c.state == SubscriptionState.ACTIVE, free)


def _columns() -> Sequence[Column[Any]]:
    return [subscriptions.c[field.name] for field in fields(SubscriptionRow)]


def _to_subscription(row: Row[Any]) -> SubscriptionRow:
    return SubscriptionRow(**{field.name: row._mapping[field.name] for field in fields(SubscriptionRow)})
