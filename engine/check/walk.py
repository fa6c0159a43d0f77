"""The walk over a flow with types in hand. Owns in which order things become known: starts, steps, handlers, finally, outputs.

What each kind of step changes stands in blocks.py (those that hold steps) and acts.py (the others).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.check import codes
from engine.check.acts import Act, act
from engine.check.blocks import block
from engine.check.callees import Callees
from engine.check.fitting import Fitting, Taker, type_of_value
from engine.check.references import Judge
from engine.check.schema import input_type
from engine.check.scope import (
    ANYTHING_GIVEN,
    ENDED_RUN,
    ERROR,
    FAILED,
    FLOW,
    NOT_THROUGH,
    RUN,
    SKIPPED,
    UNCERTAIN,
    Scope,
    joined,
    succeeded,
)
from engine.check.starts import CALLED, delivered
from engine.core.scope import visible
from engine.errors import Finding, Place
from engine.expressions import Expression
from engine.expressions.references import start_of
from engine.expressions.types import ABSENT, ANY, NULL, Type, has, in_words, record, union, without
from engine.expressions.types_marks import SECRET, marked, marks_of
from engine.flow.model import (
    ActionStep,
    Concurrency,
    Flow,
    SetStep,
    Step,
    StopStep,
    Trigger,
    walk,
)
from engine.sdk.connector import Connector

Catalogue: TypeAlias = Mapping[str, Connector]


class Walk:
    """One walk over one flow; findings go to the judge. ``called``: as a run that another flow starts."""

    def __init__(
        self,
        flow: Flow,
        catalogue: Catalogue,
        judge: Judge,
        *,
        whole: bool = True,
        callees: Callees | None = None,
        called: bool = False,
    ) -> None:
        self.of = flow
        self.catalogue = catalogue
        self.judge = judge
        self.callees = callees
        self.ends: list[Scope] = []
        """Where a stop ends the run well."""
        self.reached: dict[str, Scope] = {}
        self.outputs: dict[str, Type] = {}
        self._whole = whole
        self._called = called
        self._variables: dict[str, Type] = {}
        self._good: dict[str, Scope] = {}

    def flow(self) -> None:
        """Judge every expression of the flow."""
        flow = self.of
        scope = start = self._start(self._given(), running=True)
        for trigger in () if self._called else flow.triggers:
            self._trigger(trigger)
            if trigger.condition is not None:
                scope = self.as_far_as_known(trigger.condition, scope)
        if flow.concurrency is not None:
            self._concurrency(flow.concurrency, replace(scope, has_steps=False, names=_without(scope.names, "run")))
        for name, value in flow.variables.items():
            scope = self.set(scope, name, type_of_value(value, scope, self.judge))
        end = self.steps(flow.steps, scope)
        # Few flows need it, and it takes every step once more.
        broken = self._broken_flow(start, end) if flow.on_error or flow.continues or flow.lastly else end
        if flow.on_error is not None:
            end = self._handled(flow.on_error, broken, end)
        if flow.continues:
            end = joined(end, replace(broken, names=end.names))
        self._finally(broken)
        end = self._outputs_see(end)
        for name, value in flow.outputs.items():
            self.outputs[name] = found = type_of_value(value, end, self.judge)
            if SECRET in marks_of(found):
                Fitting(self.judge, end, Taker(name="outputs", cure="")).check(value.root, ANY, (name,))

    def _given(self) -> Type:
        if self._called:
            return CALLED
        known = {"inputs": self._inputs(), "flow": FLOW}
        found = delivered(self.of.triggers, self.catalogue, known) if self._whole else ()
        return found or ANYTHING_GIVEN

    def _inputs(self) -> Type:
        return record({name: input_type(spec.type) for name, spec in self.of.inputs.items()})

    def _trigger(self, trigger: Trigger) -> None:
        """What is judged before there is a run: ``split_on``, then ``if`` for every item."""
        known = {"inputs": self._inputs(), "flow": FLOW}
        if trigger.split_on is not None:
            whole = self._start(delivered((trigger,), self.catalogue, known, judged=False, split=False), running=False)
            found = self.judge.type_of(trigger.split_on, whole)
            self.needs_list("split_on", trigger.split_on, found, whole)
        if trigger.condition is not None:
            scope = self._start(delivered((trigger,), self.catalogue, known, judged=False), running=False)
            self.judge.type_of(trigger.condition, scope)
            if scope.assume(trigger.condition, True).dead:
                self.never_holds(trigger.condition, "no event starts this: its if never holds")

    def _concurrency(self, given: Concurrency, scope: Scope) -> None:
        if given.key is not None:
            self.judge.type_of(given.key, scope)

    def _broken_flow(self, start: Scope, end: Scope) -> Scope:
        """Where the flow's steps have ended in any way: whatever stands in it may have happened or not."""
        every = [step.id for step in visible(self.of.steps)]
        loose = {step_id: union(end.steps.get(step_id, SKIPPED), NOT_THROUGH) for step_id in every}
        return replace(start, steps=loose).with_variables(self._variables)

    def _handled(self, handler: Sequence[Step], broken: Scope, end: Scope) -> Scope:
        """The flow's own on_error sees every step; a run that it ends well has outputs too."""
        self.steps(handler, broken.with_name("error", ERROR))
        return end.with_steps((step.id for step in visible(handler)), SKIPPED)

    def _finally(self, broken: Scope) -> None:
        handlers = [step.id for step in visible(self.of.on_error or ())]
        loose = union(succeeded(ANY), NOT_THROUGH)
        names = {**broken.names, "error": union(ERROR, NULL), "run": ENDED_RUN}
        ends, self.ends = self.ends, []
        self.steps(self.of.lastly, replace(broken.with_steps(handlers, loose), names=names))
        self.ends = ends

    def _outputs_see(self, end: Scope) -> Scope:
        """Outputs are computed after the last step, or after a stop that ends the run well."""
        ids = {step.id for step in visible(self.of.steps)} | {step.id for step in visible(self.of.on_error or ())}
        for stopped in self.ends:
            known = {key: found for key, found in stopped.steps.items() if key in ids}
            one = replace(stopped, steps=known, names=end.names, inside_of=(), other_branch=frozenset(), beside={})
            end = joined(end, one)
        unset = frozenset(name for stopped in self.ends for name in end.variables if name not in stopped.variables)
        loose = {name: union(end.variables[name], ABSENT) for name in unset}
        return replace(end, variables={**end.variables, **loose}, unset=unset)

    def _start(self, given: Type, *, running: bool) -> Scope:
        names: dict[str, Type] = {"trigger": given, "flow": FLOW}
        if running:
            names["run"] = RUN
        inputs = {name: input_type(spec.type) for name, spec in self.of.inputs.items()}
        return Scope(names=names, inputs=inputs, has_steps=running)

    def set(self, scope: Scope, name: str, found: Type) -> Scope:
        self._variables[name] = union(self._variables.get(name, ()), found)
        return scope.with_variable(name, found)

    def steps(self, steps: Iterable[Step], scope: Scope) -> Scope:
        """The scope after these steps."""
        was_dead, told = scope.dead, False
        for step in steps:
            if scope.dead and not was_dead and not told:
                told = True
                self.never(step.place, f"the step {step.id} can never run: the steps before it always end the run")
            scope = self._step(step, scope)
        return scope

    def _step(self, step: Step, scope: Scope) -> Scope:
        """The scope after one step: its guard, its kind, its on_error."""
        self.reached[step.id] = scope
        after = self._guarded(step, scope)
        if isinstance(step, Act) or (step.guard is None and step.on_error == "fail"):
            return after
        return after.implying_success(step.id, self._good.pop(step.id), scope)

    def _guarded(self, step: Step, scope: Scope) -> Scope:
        if step.guard is None:
            return self._attempt(step, scope)
        self.judge.type_of(step.guard, scope)
        scope = self.as_far_as_known(step.guard, scope)
        inside, outside = scope.assume(step.guard, True), scope.assume(step.guard, False)
        if inside.dead and not scope.dead:
            self.never_holds(step.guard, f"the step {step.id} can never run: its if never holds here")
        self.reached[step.id] = inside
        done = self._attempt(step, inside)
        skipped = outside.with_steps((each.id for each in visible((step,))), SKIPPED)
        return joined(done, skipped).implying(step.guard, True, done, inside)

    def _attempt(self, step: Step, scope: Scope) -> Scope:
        """A step whose guard holds: it succeeds, or its on_error takes over."""
        done, output = act(self, step, scope) if isinstance(step, Act) else block(self, step, scope)
        if "outputs" in step.secure:
            output = marked(output, SECRET)
        elif not isinstance(step, Act) and SECRET in marks_of(output):
            message = f"the output of {step.id} holds that of a step with secure: [outputs], and is recorded and shown; write secure: [outputs] at {step.id} too"
            self.judge.add(Finding(place=step.place, code=codes.SECRET, message=message))
        good = done.with_step(step.id, succeeded(output))
        if not isinstance(step, Act):
            self._good[step.id] = good
        if isinstance(step, StopStep) and step.status == "succeeded" and not scope.dead:
            self.ends.append(replace(good, dead=False))
        if isinstance(step, ActionStep) and step.on_uncertain == "skip":
            good = joined(good, done.with_step(step.id, UNCERTAIN))
        if step.on_error == "fail":
            return good
        broken = self._broken(step, scope, done)
        if step.on_error == "continue":
            return joined(good, broken)
        handler = tuple(visible(step.on_error))
        handled = self.steps(step.on_error, broken.with_name("error", ERROR))
        names = scope.names
        return joined(good.with_steps((each.id for each in handler), SKIPPED), replace(handled, names=names))

    def _broken(self, step: Step, scope: Scope, done: Scope) -> Scope:
        """Where a step has failed: whatever stands in it may have happened or not."""
        inner = [each for each in visible((step,)) if each.id != step.id and not _in_handler(step, each)]
        loose = {each.id: union(done.steps.get(each.id, succeeded(ANY)), NOT_THROUGH) for each in inner}
        names = {name for each in walk((step,)) if isinstance(each, SetStep) for name in each.values}
        scope = replace(scope, steps={**scope.steps, **loose}).with_step(step.id, FAILED)
        return scope.with_variables(dict.fromkeys(names, ANY))

    def needs_list(self, who: str, items: Expression, found: Type, scope: Scope) -> None:
        """``who`` (``foreach`` or ``split_on``) cannot work on anything else."""
        solid = without(found, "null")
        place = items.place_of(start_of(items.tree))
        if scope.dead:
            return
        if has(found, "null") and solid and not scope.vague:
            message = f"{items.text.strip()} may be null here; {who} needs a list: ask is not none before, or use default([], true)"
            self.judge.add(Finding(place=place, code=codes.MAY_BE_NULL, message=message))
        if not has(solid, "list") and not has(found, "any"):
            message = f"{who} needs a list, but {items.text.strip()} is {in_words(found)}"
            self.judge.add(Finding(place=place, code=codes.NOT_A_LIST, message=message))

    def as_far_as_known(self, condition: Expression, scope: Scope) -> Scope:
        return replace(scope, vague=True) if self.judge.is_misread(condition) else scope

    def never_holds(self, condition: Expression, message: str) -> None:
        if not self.judge.has_doubts(condition):
            self.never(condition.place, message)

    def never(self, place: Place, message: str) -> None:
        self.judge.add(Finding(place=place, code=codes.NEVER_RUNS, message=message))


def _without(names: Mapping[str, Type], name: str) -> Mapping[str, Type]:
    return {key: found for key, found in names.items() if key != name}


def _in_handler(step: Step, inner: Step) -> bool:
    return isinstance(step.on_error, tuple) and any(each.id == inner.id for each in visible(step.on_error))
