"""The walk over a flow with types in hand. Owns in which order things become known and how the kinds of steps change what is known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from engine.check import codes
from engine.check.fitting import Fitting, type_of_value
from engine.check.references import Judge
from engine.check.schema import input_type, of_model
from engine.check.scope import (
    ANYTHING_GIVEN,
    ERROR,
    FAILED,
    FLOW,
    LOOP,
    RUN,
    SKIPPED,
    Scope,
    joined,
    succeeded,
)
from engine.check.starts import delivered
from engine.core.scope import visible
from engine.errors import Finding, Place
from engine.expressions import Expression
from engine.expressions.references import start_of
from engine.expressions.types import (
    ABSENT_MEMBER,
    ANY,
    ANY_MEMBER,
    BOOLEAN,
    NULL,
    TEXT,
    ListOf,
    Type,
    has,
    in_words,
    items_of,
    record,
    union,
    without,
    words,
)
from engine.flow.model import ActionStep, Flow, ForeachStep, IfStep, SetStep, Step, StopStep, walk
from engine.sdk.connector import Connector

Catalogue: TypeAlias = Mapping[str, Connector]


class Walk:
    """One walk over one flow; findings go to the judge."""

    def __init__(self, flow: Flow, catalogue: Catalogue, judge: Judge, *, whole: bool = True) -> None:
        self._flow = flow
        self._catalogue = catalogue
        self._judge = judge
        self._whole = whole
        self._ends: list[Scope] = []
        self._variables: dict[str, Type] = {}
        self.reached: dict[str, Scope] = {}

    def flow(self) -> None:
        """Judge every expression of the flow."""
        flow = self._flow
        for trigger in flow.triggers:
            if trigger.condition is not None:
                scope = self._start(delivered((trigger,), self._catalogue, judged=False), running=False)
                self._judge.type_of(trigger.condition, scope)
                if scope.assume(trigger.condition, True).dead:
                    self._never_holds(trigger.condition, "no event starts this: its if never holds")
        given = delivered(flow.triggers, self._catalogue) if self._whole else ()
        scope = start = self._start(given or ANYTHING_GIVEN, running=True)
        for trigger in flow.triggers:
            if trigger.condition is not None:
                scope = self._as_far_as_known(trigger.condition, scope)
        for name, value in flow.variables.items():
            scope = self._set(scope, name, type_of_value(value, scope, self._judge))
        end = self._steps(flow.steps, scope)
        if flow.on_error is not None:
            end = self._handled(flow.on_error, start, end)
        end = self._outputs_see(end)
        for value in flow.outputs.values():
            type_of_value(value, end, self._judge)

    def _handled(self, handler: Sequence[Step], start: Scope, end: Scope) -> Scope:
        """The flow's own on_error sees every step, whatever became of it; a run that it ends well has outputs too."""
        every = [step.id for step in visible(self._flow.steps)]
        loose = {step_id: union(self.reached_type(step_id, end), SKIPPED, FAILED) for step_id in every}
        scope = replace(start, steps=loose, names={**start.names, "error": ERROR}).with_variables(self._variables)
        self._steps(handler, scope)
        return end.with_steps((step.id for step in visible(handler)), SKIPPED)

    def reached_type(self, step_id: str, end: Scope) -> Type:
        return end.steps.get(step_id, SKIPPED)

    def _outputs_see(self, end: Scope) -> Scope:
        """Outputs are computed after the last step, or after a stop that ends the run well."""
        ids = {step.id for step in visible(self._flow.steps)} | {step.id for step in visible(self._flow.on_error or ())}
        for stopped in self._ends:
            known = {key: found for key, found in stopped.steps.items() if key in ids}
            one = replace(stopped, steps=known, names=end.names, inside_of=(), other_branch=frozenset())
            end = joined(end, one)
        return end

    def _start(self, given: Type, *, running: bool) -> Scope:
        names: dict[str, Type] = {"trigger": given, "flow": FLOW}
        if running:
            names["run"] = RUN
        inputs = {name: input_type(spec.type) for name, spec in self._flow.inputs.items()}
        return Scope(names=names, inputs=inputs, has_steps=running)

    def _set(self, scope: Scope, name: str, found: Type) -> Scope:
        self._variables[name] = union(self._variables.get(name, ()), found)
        return scope.with_variable(name, found)

    def _steps(self, steps: Iterable[Step], scope: Scope) -> Scope:
        was_dead, told = scope.dead, False
        for step in steps:
            if scope.dead and not was_dead and not told:
                told = True
                self._never(step.place, f"the step {step.id} can never run: the steps before it always end the run")
            scope = self._step(step, scope)
        return scope

    def _step(self, step: Step, scope: Scope) -> Scope:
        """The scope after one step: its guard, its kind, its on_error."""
        self.reached[step.id] = scope
        if step.guard is None:
            return self._attempt(step, scope)
        self._judge.type_of(step.guard, scope)
        scope = self._as_far_as_known(step.guard, scope)
        inside, outside = scope.assume(step.guard, True), scope.assume(step.guard, False)
        if inside.dead and not scope.dead:
            self._never_holds(step.guard, f"the step {step.id} can never run: its if never holds here")
        self.reached[step.id] = inside
        done = self._attempt(step, inside)
        skipped = outside.with_steps((each.id for each in visible((step,))), SKIPPED)
        return joined(done, skipped).implying(step.guard, True, done, inside)

    def _attempt(self, step: Step, scope: Scope) -> Scope:
        """A step whose guard holds: it succeeds, or its on_error takes over."""
        done = self._kind(step, scope)
        good = done.with_step(step.id, succeeded(self._output(step, done)))
        if step.on_error == "fail":
            return good
        broken = self._broken(step, scope)
        if step.on_error == "continue":
            return joined(good, broken)
        handler = tuple(visible(step.on_error))
        handled = self._steps(step.on_error, broken.with_name("error", ERROR))
        names = scope.names
        return joined(good.with_steps((each.id for each in handler), SKIPPED), replace(handled, names=names))

    def _broken(self, step: Step, scope: Scope) -> Scope:
        """Where a step has failed: whatever stands in it may have happened or not."""
        inner = [each for each in visible((step,)) if each.id != step.id and not _in_handler(step, each)]
        loose = {each.id: union(succeeded(ANY), SKIPPED, FAILED) for each in inner}
        names = {name for each in walk((step,)) if isinstance(each, SetStep) for name in each.values}
        scope = replace(scope, steps={**scope.steps, **loose}).with_step(step.id, FAILED)
        return scope.with_variables(dict.fromkeys(names, ANY))

    def _kind(self, step: Step, scope: Scope) -> Scope:
        match step:
            case ActionStep():
                return self._action(step, scope)
            case IfStep():
                return self._if(step, scope)
            case ForeachStep():
                return self._foreach(step, scope)
            case SetStep():
                for name, value in step.values.items():
                    scope = self._set(scope, name, type_of_value(value, scope, self._judge))
            case StopStep():
                if step.message is not None:
                    type_of_value(step.message, scope, self._judge)
                if step.status == "succeeded" and not scope.dead:
                    self._ends.append(scope.with_step(step.id, succeeded(self._output(step, scope))))
                return replace(scope, dead=True)
        return scope

    def _action(self, step: ActionStep, scope: Scope) -> Scope:
        connector = self._catalogue.get(step.connector)
        action = connector.actions.get(step.action) if connector is not None else None
        wanted = of_model(action.given, step.uses) if action is not None else ANY
        Fitting(self._judge, scope, step).check(step.given.root, wanted)
        if step.retry.condition is not None:
            self._judge.type_of(step.retry.condition, scope.with_name("error", ERROR))
        return scope

    def _if(self, step: IfStep, scope: Scope) -> Scope:
        self._judge.type_of(step.condition, scope)
        scope = self._as_far_as_known(step.condition, scope)
        yes, no = scope.assume(step.condition, True), scope.assume(step.condition, False)
        if yes.dead and not scope.dead:
            self._never_holds(step.condition, "this never holds here, so that the steps under then never run")
        if no.dead and not scope.dead and step.otherwise and not self._judge.has_doubts(step.condition):
            self._never(step.otherwise[0].place, "this else can never run: its if always holds here")
        then = self._steps(step.then, yes)
        others = frozenset(each.id for each in visible(step.then))
        otherwise = self._steps(step.otherwise, replace(no, other_branch=scope.other_branch | others))
        otherwise = replace(otherwise, other_branch=scope.other_branch)
        after = joined(then, otherwise).implying(step.condition, True, then, yes)
        return after.implying(step.condition, False, otherwise, no)

    def _foreach(self, step: ForeachStep, scope: Scope) -> Scope:
        found = self._judge.type_of(step.items, scope)
        self._needs_list(step.items, found, scope)
        lists = tuple(member for member in found if isinstance(member, ListOf))
        item = items_of(lists) if lists and not has(found, "any") else ANY
        # What an iteration sets, the next one finds: at the beginning of an iteration nothing is known of it.
        changed = {name for each in walk(step.steps) if isinstance(each, SetStep) for name in each.values}
        loose = {name: ANY if name in scope.variables else (ANY_MEMBER, ABSENT_MEMBER) for name in changed}
        inside = scope.with_variables(loose) if step.max_parallel == 1 else scope
        inside = inside.with_name(step.variable, item or ANY).with_name("loop", LOOP)
        end = self._steps(step.steps, replace(inside, inside_of=(*scope.inside_of, step.id)))
        if step.max_parallel > 1:
            return scope
        ends = {name: end.variables.get(name, ANY) for name in changed}
        return scope.with_variables({name: union(scope.variables.get(name, ()), one) for name, one in ends.items()})

    def _needs_list(self, items: Expression, found: Type, scope: Scope) -> None:
        solid = without(found, "null")
        place = items.place_of(start_of(items.tree))
        if scope.dead or has(found, "any"):
            return
        if has(found, "null") and solid:
            message = f"{items.text.strip()} may be null here; foreach needs a list: ask is not none before, or use default([], true)"
            self._judge.add(Finding(place=place, code=codes.MAY_BE_NULL, message=message))
        if not has(solid, "list"):
            message = f"foreach needs a list, but {items.text.strip()} is {in_words(found)}"
            self._judge.add(Finding(place=place, code=codes.NOT_A_LIST, message=message))

    def _output(self, step: Step, end: Scope) -> Type:
        match step:
            case ActionStep():
                connector = self._catalogue.get(step.connector)
                action = connector.actions.get(step.action) if connector is not None else None
                return of_model(action.output, step.uses) if action is not None else ANY
            case IfStep():
                return BOOLEAN
            case ForeachStep():
                ids = {inner.id: (ANY_MEMBER,) for inner in visible(step.steps)}
                return (ListOf(record(ids, f"the step {step.id}")),)
            case SetStep():
                return record({name: end.variables[name] for name in step.values}, f"the step {step.id}")
            case StopStep():
                return record({"status": words(step.status), "message": (*TEXT, *NULL)})

    def _as_far_as_known(self, condition: Expression, scope: Scope) -> Scope:
        return replace(scope, vague=True) if self._judge.is_misread(condition) else scope

    def _never_holds(self, condition: Expression, message: str) -> None:
        if not self._judge.has_doubts(condition):
            self._never(condition.place, message)

    def _never(self, place: Place, message: str) -> None:
        self._judge.add(Finding(place=place, code=codes.NEVER_RUNS, message=message))


def _in_handler(step: Step, inner: Step) -> bool:
    return isinstance(step.on_error, tuple) and any(each.id == inner.id for each in visible(step.on_error))
