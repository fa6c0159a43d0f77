"""Deployed flows. Owns which version of a flow is active; versions stay for the runs that are pinned to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, Select, and_, case, delete, func, select, update

from engine.core.statuses import RUN_ACTIVE
from engine.journal.clock import now_ms
from engine.journal.database import insert_into, reading, repeated, writing
from engine.journal.locks import lock_deploys
from engine.journal.records import FlowRow, VersionAtWork
from engine.journal.tables import bindings, flow_versions, flows, runs, schedules


class SqlFlows:
    """The Flows port on SQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @repeated
    def deploy(self, *, flow_id: str, name: str, owner: str, digest: str, source: str, file: str) -> None:
        version = insert_into(self._engine, flow_versions).values(
            flow=flow_id, digest=digest, source=source, file=file, deployed_at=_after_last_version(flow_id)
        )
        # The same text may come from another file: messages should name the file that is there now.
        known = version.on_conflict_do_update(
            index_elements=[flow_versions.c.flow, flow_versions.c.digest], set_={"file": file}
        )
        flow = insert_into(self._engine, flows).values(
            id=flow_id, name=name, owner=owner, enabled=True, digest=digest, deployed_at=now_ms()
        )
        new = flow.excluded
        active = flow.on_conflict_do_update(
            index_elements=[flows.c.id],
            set_={"name": new.name, "owner": new.owner, "digest": new.digest, "deployed_at": new.deployed_at},
        )
        with writing(self._engine) as db:
            db.execute(known)
            db.execute(active)

    def get(self, flow_id: str) -> FlowRow | None:
        with reading(self._engine) as db:
            row = db.execute(select_flows().where(flows.c.id == flow_id)).one_or_none()
            return None if row is None else to_flow(row)

    def list(self) -> Sequence[FlowRow]:
        with reading(self._engine) as db:
            return [to_flow(row) for row in db.execute(select_flows().order_by(flows.c.id))]

    @repeated
    def set_enabled(self, flow_id: str, enabled: bool) -> bool:
        with writing(self._engine) as db:
            return db.execute(update(flows).where(flows.c.id == flow_id).values(enabled=enabled)).rowcount > 0

    @repeated
    def remove(self, flow_id: str) -> bool:
        with writing(self._engine) as db:
            lock_deploys(db, flow_id)
            db.execute(delete(bindings).where(bindings.c.flow == flow_id))
            db.execute(delete(schedules).where(schedules.c.flow == flow_id))
            return db.execute(delete(flows).where(flows.c.id == flow_id)).rowcount > 0

    def versions(self, flow_id: str) -> Sequence[tuple[str, int]]:
        found = (
            select(flow_versions.c.digest, flow_versions.c.deployed_at)
            .where(flow_versions.c.flow == flow_id)
            .order_by(flow_versions.c.deployed_at.desc())
        )
        with reading(self._engine) as db:
            return [(row.digest, row.deployed_at) for row in db.execute(found)]

    def source(self, digest: str) -> tuple[str, str] | None:
        found = select(flow_versions.c.source, flow_versions.c.file).where(flow_versions.c.digest == digest).limit(1)
        with reading(self._engine) as db:
            row = db.execute(found).one_or_none()
            return None if row is None else (row.source, row.file)

    def at_work(self) -> Sequence[VersionAtWork]:
        pins = (
            select(runs.c.flow, runs.c.digest, runs.c.owner).where(runs.c.status.in_(RUN_ACTIVE)).distinct().subquery()
        )
        pinned = and_(flow_versions.c.flow == pins.c.flow, flow_versions.c.digest == pins.c.digest)
        found = (
            select(pins, flow_versions.c.source, flow_versions.c.file)
            .join_from(pins, flow_versions, pinned)
            .order_by(pins.c.flow, flow_versions.c.deployed_at, pins.c.owner)
        )
        with reading(self._engine) as db:
            return [VersionAtWork(**row._mapping) for row in db.execute(found)]


def select_flows() -> Select[Any]:
    """Flows with the text of their active version; rows for ``to_flow``."""
    of_version = {"source": flow_versions.c.source, "file": flow_versions.c.file}
    columns = [of_version[name] if name in of_version else flows.c[name] for name in _names()]
    active = and_(flow_versions.c.flow == flows.c.id, flow_versions.c.digest == flows.c.digest)
    return select(*columns).join_from(flows, flow_versions, active)


def to_flow(row: Row[Any]) -> FlowRow:
    return FlowRow(**{name: row._mapping[name] for name in _names()})


def _names() -> Sequence[str]:
    return [field.name for field in fields(FlowRow)]


def _after_last_version(flow_id: str) -> ColumnElement[int]:
    # Two deployments can fall into one millisecond; the order of versions must still be that of the deployments.
    last = select(func.max(flow_versions.c.deployed_at)).where(flow_versions.c.flow == flow_id).scalar_subquery()
    return case((last >= now_ms(), last + 1), else_=now_ms())
