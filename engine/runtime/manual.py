"""Runs started by a person. Owns turning an event file and inputs into a run; the trigger's conditions are not asked, the person decided."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from engine import strictjson
from engine.errors import NotFoundError, UsageError
from engine.flow.model import Flow, InputSpec
from engine.journal.records import EventSource, NewEvent, NewRun
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.journal.journal import Journal

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "list": list,
    "object": dict,
}


def start(journal: Journal, flow: Flow, *, owner: str, event: JsonObject, inputs: JsonObject) -> str:
    """Store a manual event with its run; return the run's id. Raises UsageError for wrong inputs."""
    new = NewEvent(
        subscription_id=None,
        source=EventSource.MANUAL,
        dedupe_key=secrets.token_hex(16),
        body=strictjson.dump(event).encode(),
        event=event,
        runs=(
            NewRun(flow=flow.id, digest=flow.digest, trigger="manual", owner=owner, inputs=given_inputs(flow, inputs)),
        ),
    )
    # Nobody rings for it here: the scheduler does, at its next look.
    return journal.events.accept([new], ring_in_ms=0)[0].run_ids[0]


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
