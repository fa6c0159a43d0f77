"""What expressions can see: of an event alone, or at the end of a recorded run. Owns that context and the words for a value's type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.core.scope import Scope, visible
from engine.core.statuses import StepStatus
from engine.errors import ExpressionError
from engine.expressions.values import type_name
from engine.flow.model import Flow
from engine.journal.records import HIDDEN
from engine.runtime.rehearsal.recording import Recording
from engine.runtime.rehearsal.replay import replay
from engine.strictjson import Json, JsonObject


def of_event(event: JsonObject) -> JsonObject:
    """As in a trigger's ``if``, without inputs."""
    return {"trigger": event}


def of_recording(flow: Flow, recording: Recording) -> JsonObject:
    """As in the flow's ``outputs``: every step that can be named there, those inside of a foreach not. What is ``secure`` is hidden."""
    replayed = replay(flow, recording)
    scope = Scope.of_run(recording.facts, flow_id=flow.id, version=flow.version)
    for name, value in flow.variables.items():
        try:
            scope.variables[name] = value.render(scope.context)
        except ExpressionError:
            break  # the run failed here too: the variables after this one have no value
    scope.variables.update(replayed.variables)
    scope.variables.update(dict.fromkeys(_hidden_variables(flow, recording), HIDDEN))
    if "inputs" in recording.hidden:
        scope.context["inputs"] = dict.fromkeys(recording.run.inputs, HIDDEN)
    hidden = frozenset(row.path for row in recording.rows if "outputs" in row.secure)
    ids = {
        path.rpartition(".")[2]: {**step, "output": HIDDEN} if path in hidden else step
        for path, step in replayed.steps.items()
        if "[" not in path
    }
    skipped: Json = {"output": None, "status": StepStatus.SKIPPED.value, "error": None}
    for step in visible((*flow.steps, *(flow.on_error or ()))):
        scope.steps[step.id] = ids.get(step.id, skipped)
    return scope.context


def _hidden_variables(flow: Flow, recording: Recording) -> Iterator[str]:
    """Those that a step sets whose outputs are secure; and those that begin with something of the inputs, when these are hidden."""
    if "inputs" in recording.hidden:
        yield from flow.variables
    for row in recording.rows:
        if row.uses == "set" and "outputs" in row.secure and isinstance(row.output, Mapping):
            yield from row.output


def type_words(value: Json) -> str:
    """``text of 12 characters``, ``a list of 3`` …"""
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return f"text of {_count(len(value), 'character')}"
    if isinstance(value, Mapping):
        return f"an object of {_count(len(value), 'field')}"
    if isinstance(value, list | tuple):
        return f"a list of {_count(len(value), 'item')}"
    return "a whole number" if isinstance(value, int) else type_name(value)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
