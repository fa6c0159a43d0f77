"""What expressions can see at a place in a run. Owns the context's shape; evaluates nothing.

One dict per scope, changed in place as steps end, so that a step costs no copy. An iteration gets its own scope: it sees what stands
before the loop, and what happens inside stays inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.core.commands import StepError
from engine.core.statuses import StepStatus
from engine.core.times import iso
from engine.flow.model import IfStep, Step
from engine.strictjson import Json, JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFacts:
    """What a run is about. ``started_at``: milliseconds since the epoch."""

    run_id: str
    started_at: int
    trigger: JsonObject
    inputs: JsonObject


@dataclass(slots=True)
class Scope:
    """The context of expressions, and the steps that have ended in this scope."""

    context: dict[str, Json]
    variables: dict[str, Json]
    steps: dict[str, Json]
    own: list[str] = field(default_factory=list)

    @classmethod
    def of_run(cls, facts: RunFacts, *, flow_id: str, version: str) -> Scope:
        variables: dict[str, Json] = {}
        steps: dict[str, Json] = {}
        context: dict[str, Json] = {
            "trigger": facts.trigger,
            "inputs": facts.inputs,
            "run": {"id": facts.run_id, "started_at": iso(facts.started_at), "attempt": 1},
            "flow": {"id": flow_id, "version": version},
            "vars": variables,
            "steps": steps,
        }
        return cls(context, variables, steps)

    def iteration(self, variable: str, item: Json, index: int, *, own_variables: bool) -> Scope:
        """The scope of one iteration. With ``own_variables`` a ``set`` inside stays inside."""
        variables = dict(self.variables) if own_variables else self.variables
        steps = dict(self.steps)
        context = {**self.context, "vars": variables, "steps": steps, variable: item, "loop": {"index": index}}
        return Scope(context, variables, steps)

    def handler(self, error: StepError) -> Scope:
        """This scope with ``error`` in it: what a handler's steps see; what they do is seen after them."""
        return Scope({**self.context, "error": error.to_json()}, self.variables, self.steps, self.own)

    def ended(self, step_id: str, status: StepStatus, output: Json = None, error: StepError | None = None) -> None:
        self.steps[step_id] = {
            "output": output,
            "status": status.value,
            "error": error.to_json() if error else None,
        }
        self.own.append(step_id)

    def skip(self, steps: Iterable[Step]) -> None:
        """Mark steps that were not reached, so that expressions after them see ``skipped`` and null."""
        for step in visible(steps):
            if step.id not in self.steps:
                self.ended(step.id, StepStatus.SKIPPED)

    def outputs(self) -> Mapping[str, Json]:
        """The outputs of the steps that ended in this scope itself, by id."""
        found: dict[str, Json] = {}
        for step_id in self.own:
            step = self.steps[step_id]
            found[step_id] = step["output"] if isinstance(step, Mapping) else None
        return found


def visible(steps: Iterable[Step]) -> Iterable[Step]:
    """The steps whose ids later steps may name: those in branches and handlers too, those inside a foreach not."""
    for step in steps:
        yield step
        if isinstance(step, IfStep):
            yield from visible(step.then)
            yield from visible(step.otherwise)
        if isinstance(step.on_error, tuple):
            yield from visible(step.on_error)
