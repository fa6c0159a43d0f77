"""Every expression of a flow with what it can see. Owns the walk over the flow; the rules judge what it yields."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.check.schema import ANYTHING, Shape, from_schema, of_model
from engine.check.scope import ANY_SOURCE, ERROR, FLOW, LOOP, RUN, Scope, Source
from engine.core.scope import visible
from engine.expressions import Expression, Value
from engine.expressions.references import path_of
from engine.flow.model import ActionStep, Flow, ForeachStep, IfStep, SetStep, Step, StopStep, Trigger
from engine.sdk.connector import Connector
from engine.strictjson import Json

Catalogue: TypeAlias = Mapping[str, Connector]
_Scoped: TypeAlias = "Generator[Site, None, Scope]"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """One expression where it stands. ``wants_list``: it stands under foreach."""

    expression: Expression
    scope: Scope
    wants_list: bool = False


def sites(flow: Flow, catalogue: Catalogue) -> Iterator[Site]:
    """Every expression of the flow, each with its scope."""
    return _Walk(flow, catalogue).flow()


class _Walk:
    def __init__(self, flow: Flow, catalogue: Catalogue) -> None:
        self._flow = flow
        self._catalogue = catalogue

    def flow(self) -> Iterator[Site]:
        flow = self._flow
        for trigger in flow.triggers:
            if trigger.condition is not None:
                yield Site(expression=trigger.condition, scope=self._start((trigger,), running=False))
        scope = self._start(flow.triggers, running=True)
        for name, value in flow.variables.items():
            yield from _in_value(value, scope)
            scope = scope.with_variables((name,))
        scope = yield from self._steps(flow.steps, scope)
        if flow.on_error is not None:
            inside = yield from self._steps(flow.on_error, scope.with_name("error", (Source("", ERROR),)))
            scope = replace(scope, steps=inside.steps, variables=inside.variables)
        for value in flow.outputs.values():
            yield from _in_value(value, scope)

    def _start(self, triggers: tuple[Trigger, ...], *, running: bool) -> Scope:
        names = {"trigger": tuple(map(self._delivery, triggers)) or ANY_SOURCE, "flow": (Source("", FLOW),)}
        if running:
            names["run"] = (Source("", RUN),)
        inputs = {name: _input_shape(spec.type) for name, spec in self._flow.inputs.items()}
        return Scope(names=names, inputs=inputs, has_steps=running)

    def _delivery(self, trigger: Trigger) -> Source:
        connector, _, name = trigger.uses.partition(".")
        found = self._catalogue[connector].triggers.get(name) if connector in self._catalogue else None
        return Source(trigger.uses, of_model(found.delivery) if found is not None else ANYTHING)

    def _steps(self, steps: Iterable[Step], scope: Scope) -> _Scoped:
        for step in steps:
            scope = yield from self._step(step, scope)
        return scope

    def _step(self, step: Step, scope: Scope) -> _Scoped:
        """The sites of one step; the scope after it."""
        if step.guard is not None:
            yield Site(expression=step.guard, scope=scope)
        after = yield from self._kind(step, scope)
        after = after.with_step(step.id, self._output(step), _label(step))
        if isinstance(step.on_error, tuple):
            handled = yield from self._steps(step.on_error, after.with_name("error", (Source("", ERROR),)))
            after = replace(after, steps=handled.steps, variables=handled.variables)
        return after

    def _kind(self, step: Step, scope: Scope) -> _Scoped:
        match step:
            case ActionStep():
                yield from _in_value(step.given, scope)
                if step.retry.condition is not None:
                    scope_of_retry = scope.with_name("error", (Source("", ERROR),))
                    yield Site(expression=step.retry.condition, scope=scope_of_retry)
            case IfStep():
                return (yield from self._if(step, scope))
            case ForeachStep():
                return (yield from self._foreach(step, scope))
            case SetStep():
                for name, value in step.values.items():
                    yield from _in_value(value, scope)
                    scope = scope.with_variables((name,))
            case StopStep():
                if step.message is not None:
                    yield from _in_value(step.message, scope)
        return scope

    def _if(self, step: IfStep, scope: Scope) -> _Scoped:
        yield Site(expression=step.condition, scope=scope)
        then = yield from self._steps(step.then, scope)
        inside = replace(scope, other_branch=scope.other_branch | (set(then.steps) - set(scope.steps)))
        otherwise = yield from self._steps(step.otherwise, inside)
        both = {**then.steps, **otherwise.steps}
        return replace(scope, steps=both, variables=then.variables | otherwise.variables)

    def _foreach(self, step: ForeachStep, scope: Scope) -> _Scoped:
        yield Site(expression=step.items, scope=scope, wants_list=True)
        inside = scope.with_name(step.variable, self._items(step, scope)).with_name("loop", (Source("", LOOP),))
        end = yield from self._steps(step.steps, replace(inside, inside_of=(*scope.inside_of, step.id)))
        return scope if step.max_parallel > 1 else scope.with_variables(end.variables)

    def _items(self, step: ForeachStep, scope: Scope) -> tuple[Source, ...]:
        path = path_of(step.items.tree)
        if path is None:
            return ANY_SOURCE
        found = [(source, source.shape.step(None)) for source in scope.resolve(path)]
        return tuple(Source(source.label, shape) for source, shape in found if shape is not None) or ANY_SOURCE

    def _output(self, step: Step) -> Shape:
        match step:
            case ActionStep():
                connector = self._catalogue.get(step.connector)
                action = connector.actions.get(step.action) if connector is not None else None
                return of_model(action.output, by_alias=False) if action is not None else ANYTHING
            case IfStep():
                return from_schema({"type": "boolean"})
            case ForeachStep():
                ids: dict[str, Json] = {inner.id: {} for inner in visible(step.steps)}
                return from_schema({"type": "array", "items": {"type": "object", "properties": ids}})
            case SetStep():
                return from_schema({"type": "object", "properties": {name: {} for name in step.values}})
            case StopStep():
                return ANYTHING


def _in_value(value: Value, scope: Scope) -> Iterator[Site]:
    for expression in value.expressions:
        yield Site(expression=expression, scope=scope)


def _label(step: Step) -> str:
    return step.uses if isinstance(step, ActionStep) else f"the step {step.id}"


def _input_shape(kind: str) -> Shape:
    types: Mapping[str, Json] = {"list": "array"}
    return from_schema({"type": types.get(kind, kind)})
