"""What expressions can see at a place in a run. Owns the context's shape; evaluates nothing.

One dict per scope, changed in place as steps end, so that a step costs no copy. An iteration and a branch get a scope of their own: they
see what stands before them, and what happens inside stays inside, until a branch is merged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.core.commands import StepError
from engine.core.statuses import StepStatus
from engine.core.times import iso
from engine.flow.model import ForeachStep, Step, UntilStep, inner_lists
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

    def iteration(self, index: int, named: JsonObject, *, own_variables: bool) -> Scope:
        """The scope of one iteration, with ``named`` values in it. With ``own_variables`` a ``set`` inside stays inside."""
        inner = self.branch() if own_variables else self._inner(self.variables)
        inner.context.update(named)
        inner.context["loop"] = {"index": index}
        return inner

    def branch(self) -> Scope:
        """The scope of one parallel branch: what it does is seen by nobody else until it is merged."""
        return self._inner(dict(self.variables))

    def _inner(self, variables: dict[str, Json]) -> Scope:
        steps = dict(self.steps)
        return Scope({**self.context, "vars": variables, "steps": steps}, variables, steps)

    def merge(self, branch: Scope) -> None:
        """The steps that ended in a branch are seen from here on."""
        for step_id in branch.own:
            self.steps[step_id] = branch.steps[step_id]
            self.own.append(step_id)

    def handler(self, error: StepError) -> Scope:
        """This scope with ``error`` in it: what a handler's steps see; what they do is seen after them."""
        return Scope({**self.context, "error": error.to_json()}, self.variables, self.steps, self.own)

    def lastly(self, status: str, error: StepError | None) -> Scope:
        """This scope for ``finally``: ``run.status`` says how the run is about to end, ``error`` why (null when it succeeded)."""
        run = self.context["run"]
        assert isinstance(run, Mapping), "of_run put it there"
        context = {**self.context, "run": {**run, "status": status}, "error": error.to_json() if error else None}
        return Scope(context, self.variables, self.steps, self.own)

    def ended(self, step_id: str, status: StepStatus, output: Json = None, error: StepError | None = None) -> None:
        self.steps[step_id] = {
            "output": output,
            "status": status.value,
            "error": error.to_json() if error else None,
        }
        self.own.append(step_id)

    def skip(self, steps: Iterable[Step], status: StepStatus = StepStatus.SKIPPED) -> None:
        """Mark steps that were not reached, so that expressions after them see the status and null."""
        for step in visible(steps):
            if step.id not in self.steps:
                self.ended(step.id, status)

    def outputs(self, since: int = 0) -> dict[str, Json]:
        """The outputs of the steps that ended in this scope itself, by id, from the ``since``-th on."""
        found: dict[str, Json] = {}
        for step_id in self.own[since:]:
            step = self.steps[step_id]
            found[step_id] = step["output"] if isinstance(step, Mapping) else None
        return found


def visible(steps: Iterable[Step]) -> Iterable[Step]:
    """The steps whose ids later steps may name: those in branches, groups and handlers too, those inside a loop not."""
    for step in steps:
        yield step
        if not isinstance(step, (ForeachStep, UntilStep)):
            for _, inner in inner_lists(step):
                yield from visible(inner)
        if isinstance(step.on_error, tuple):
            yield from visible(step.on_error)
