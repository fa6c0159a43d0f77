"""Runs that runs start. Owns that there is one child per step, its event, and why one is not started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Row, exists, insert, select

from engine import strictjson
from engine.core.times import iso
from engine.journal.database import repeated, writing
from engine.journal.fence import Fence, pulse_of
from engine.journal.ids import child_id, key_base
from engine.journal.locks import lock_lanes
from engine.journal.records import Claim, EventOutcome, EventSource, NewRun, Pulse, StepChange
from engine.journal.starts import Start, outcome_json, start_runs
from engine.journal.tables import events, flows, runs
from engine.journal.wakers import ChildStarted, NewChild

TRIGGER = "flow"
"""What a child's outcome and its event have for a trigger."""


@repeated
def start_child(
    engine: Engine, fence: Fence, claim: Claim, changes: Sequence[StepChange], child: NewChild, *, lease_ms: int
) -> ChildStarted:
    """As the port says."""
    run_id = child_id(claim.run_id, child.path)
    with writing(engine) as db:
        lock_lanes(db, [child.lane.key if child.lane is not None else None])
        caller = fence.extend(db, claim, changes, lease_ms=lease_ms)
        pulse = pulse_of(caller)
        if pulse.paused:
            return ChildStarted(pulse=pulse, reason="the flow of the caller is paused")
        if pulse.cancel_requested and child.cancellable:
            return ChildStarted(pulse=pulse, reason="the caller was asked to end")
        if db.scalar(select(exists().where(runs.c.id == run_id))):
            return ChildStarted(pulse=pulse, run_id=run_id)
        changed, reason = _obstacle(db, caller.owner, child)
        if reason is not None:
            return ChildStarted(pulse=pulse, changed=changed, reason=reason)
        return _start(db, caller, child, run_id, pulse)


def _obstacle(db: Connection, owner: str, child: NewChild) -> tuple[bool, str | None]:
    """Whether only the version is another one, and why the child cannot be started."""
    # Held until the child is there, so that a pause of the flow comes before it or sees it.
    found = select(flows).where(flows.c.id == child.flow, flows.c.owner == owner).with_for_update(read=True)
    flow = db.execute(found).one_or_none()
    if flow is None:
        return False, f"the flow {child.flow} is not deployed"
    if not flow.enabled:
        return False, f"the flow {child.flow} is disabled"
    if flow.digest != child.digest:
        return True, f"another version of the flow {child.flow} is active by now"
    return False, None


def _start(db: Connection, caller: Row[Any], child: NewChild, run_id: str, pulse: Pulse) -> ChildStarted:
    event_id = child_id(caller.id, child.path, "event")
    db.execute(insert(events), [_event(caller, child, event_id, run_id)])
    new = NewRun(
        flow=child.flow,
        digest=child.digest,
        trigger=TRIGGER,
        owner=caller.owner,
        inputs=child.inputs,
        lane=child.lane,
        key_base=key_base(caller.key_base or caller.id, child.path),
    )
    more = {
        "parent_run": caller.id,
        "parent_path": child.path,
        "parent_waits": child.wait,
        "depth": child.depth,
        "unsettled": child.unsettled or None,
    }
    start = Start(id=run_id, event_id=event_id, run=new, more=more)
    admitted = start_runs(db, [start], now=caller.now, ring_in_ms=0)
    if run_id in admitted.refused:
        # The event goes with its run: a repeat of this step asks the lane again.
        db.execute(events.delete().where(events.c.id == event_id))
        return ChildStarted(pulse=pulse, reason=admitted.refused[run_id])
    return ChildStarted(pulse=pulse, run_id=run_id, due=run_id not in admitted.held)


def _event(caller: Row[Any], child: NewChild, event_id: str, run_id: str) -> dict[str, object]:
    outcome = EventOutcome(flow=child.flow, digest=child.digest, trigger=TRIGGER, run_id=run_id)
    return {
        "id": event_id,
        "subscription_id": None,
        "source": EventSource.FLOW,
        "dedupe_key": f"{caller.id}:{child.path}",
        "received_at": caller.now,
        "body": strictjson.dump(child.inputs).encode("utf-8", "replace"),
        "event": {"event": TRIGGER, "payload": {}, "created_at": iso(caller.now), "created_by": caller.flow},
        "outcomes": [outcome_json(outcome)],
        "stale": False,
        "error": None,
        "repeats": 0,
    }
