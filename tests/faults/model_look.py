"""What the journal holds, as the reference model wants to see it. Owns reading it; judges nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from engine.journal.database import reading
from engine.journal.journal import Journal
from engine.journal.tables import events, heard, runs, steps
from tests.faults.model import RunSeen, StepSeen


def look(journal: Journal) -> tuple[Mapping[str, RunSeen], list[StepSeen]]:
    """Every run, by id, and every attempt."""
    with reading(journal.engine) as db:
        came = db.execute(select(heard.c.run_id, heard.c.event_id).where(~heard.c.taken)).all()
        query = select(runs, events.c.event, events.c.source).join(events, events.c.id == runs.c.event_id)
        found = db.execute(query).all()
        rows = db.execute(select(steps)).all()
    return {
        row.id: RunSeen(
            id=row.id,
            flow=row.flow,
            digest=row.digest,
            status=row.status,
            key=row.event["key"] if row.source == "webhook" and row.origin_run is None else None,
            due_at=row.due_at,
            held=row.held,
            lane=row.lane,
            lane_limit=row.lane_limit or 0,
            cancel_requested=row.cancel_requested,
            parent=row.parent_run if row.parent_waits else None,
            parent_path=row.parent_path,
            heard=frozenset(item.event_id for item in came if item.run_id == row.id),
            claims=row.claim_no,
            result=(row.outputs, row.error, row.message, row.ended_at),
        )
        for row in found
    }, [
        StepSeen(
            run=row.run_id,
            path=row.path,
            attempt=row.attempt,
            status=row.status,
            result=(row.output, row.error, row.given, row.ended_at),
        )
        for row in rows
    ]
