"""Runs started by a person. Owns turning an event and inputs into a run; the trigger's conditions are not asked, the person decided.

Without an event the ``trigger`` of expressions says ``manual``. The run stands in the flow's lane like any other.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from engine import strictjson
from engine.core.statuses import RUN_ACTIVE
from engine.errors import BusyError, NotFoundError, UsageError
from engine.flow.model import Flow, InputSpec
from engine.flow.words import MANUAL
from engine.journal.records import EventSource, NewEvent, NewRun
from engine.runtime.starting import Refused, lane_of
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.journal.journal import Journal

ACTIVE = ",".join(sorted(RUN_ACTIVE))

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "list": list,
    "object": dict,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Started:
    """``held``: the run waits for a place in its lane."""

    run_id: str
    held: bool = False


def start(journal: Journal, flow: Flow, *, owner: str, event: JsonObject | None, inputs: JsonObject) -> Started:
    """Store a manual event with its run. Raises UsageError for wrong inputs, and BusyError when the flow's lane takes no more."""
    given = given_inputs(flow, inputs)
    known = manual_event(owner) if event is None else event
    try:
        lane = lane_of(flow, known, given)
    except Refused as refused:
        raise UsageError(f"{flow.id} was not started: {refused.reason}") from None
    run = NewRun(flow=flow.id, digest=flow.digest, trigger=MANUAL, owner=owner, inputs=given, lane=lane)
    new = NewEvent(
        subscription_id=None,
        source=EventSource.MANUAL,
        dedupe_key=secrets.token_hex(16),
        body=strictjson.dump(known).encode(),
        event=known,
        runs=(run,),
    )
    # Nobody rings for it here: the scheduler does, at its next look.
    accepted = journal.events.accept([new], ring_in_ms=0)[0]
    for refused_run in accepted.refused:
        raise BusyError(
            f"{flow.id} was not started: {refused_run.reason}",
            remedy=f"Wait for the runs that are under way: hookline runs list --flow {flow.id} --status {ACTIVE}",
        )
    return Started(run_id=(*accepted.run_ids, *accepted.held)[0], held=bool(accepted.held))


def manual_event(owner: str) -> JsonObject:
    """The event of a run that a person starts with nothing but inputs."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"event": MANUAL, "payload": {}, "created_at": now, "created_by": owner}


def given_inputs(flow: Flow, given: JsonObject) -> JsonObject:
    """Inputs with their defaults. Raises UsageError naming the input that is unknown, missing or of the wrong type."""
    unknown = sorted(set(given) - set(flow.inputs))
    if unknown:
        raise NotFoundError(
            f"{flow.id} has no input {unknown[0]!r}", remedy=f"Its inputs: {', '.join(flow.inputs) or 'none'}"
        )
    return {name: _one(name, spec, given) for name, spec in flow.inputs.items()}


def _one(name: str, spec: InputSpec, given: JsonObject) -> Json:
    if name not in given:
        if spec.required:
            raise UsageError(f"the input {name!r} ({spec.type}) is required", remedy=f"Give it: --input {name}=…")
        return spec.default
    value = given[name]
    fits = isinstance(value, _TYPES[spec.type]) and (spec.type == "boolean" or not isinstance(value, bool))
    if not fits:
        raise UsageError(f"the input {name!r} needs {spec.type}, got {strictjson.dump(value)[:60]}")
    return value
