"""Rule: every path that an expression reads exists and is known where it is read. Owns judging one path in one scope.

It says only what holds in every run: a field that may be absent or null is not a finding here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.check import codes
from engine.check.hints import did_you_mean, or_one_of
from engine.check.schema import Key, Shape
from engine.check.scope import Scope, Source
from engine.check.sites import Site, sites
from engine.errors import Finding, Place
from engine.expressions.references import Reference, path_of, shown
from engine.flow.model import Flow, ForeachStep, Step, all_steps, walk
from engine.sdk.connector import Connector

_PARTS = ("output", "status", "error")
_LATER = {
    "error": "error is known in handlers (on_error) and in retry.if only",
    "loop": "loop is known inside of a foreach only",
    "run": "there is no run yet when a trigger's if is judged",
    "steps": "there is no run yet when a trigger's if is judged",
    "vars": "there is no run yet when a trigger's if is judged",
}


def check(flow: Flow, catalogue: Mapping[str, Connector]) -> Iterator[Finding]:
    judge = _Judge(flow)
    for site in sites(flow, catalogue):
        for reference in site.expression.references():
            yield from judge.findings(reference, site.scope)
        if site.wants_list:
            yield from _not_a_list(site)


class _Judge:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._steps: Mapping[str, Step] = {step.id: step for step in all_steps(flow)}
        self._loops = {step.variable: step.id for step in all_steps(flow) if isinstance(step, ForeachStep)}

    def findings(self, reference: Reference, scope: Scope) -> Iterator[Finding]:
        path, places = reference.path, reference.places
        root = str(path[0])
        if not scope.knows(root):
            yield Finding(place=places[0], code=codes.NAME, message=self._unknown(root, scope))
        elif root == "steps":
            yield from self._step(reference, scope)
        elif root == "inputs" and len(path) > 1 and isinstance(path[1], str) and path[1] not in scope.inputs:
            message = f"there is no input {path[1]!r}{or_one_of(path[1], scope.inputs)}"
            yield Finding(place=places[1], code=codes.INPUT, message=message)
        elif root == "vars" and len(path) > 1 and isinstance(path[1], str) and path[1] not in scope.variables:
            if not reference.guarded:
                message = f"the variable {path[1]!r} is not set before this{did_you_mean(path[1], scope.variables)}"
                yield Finding(place=places[1], code=codes.VARIABLE, message=message)
        else:
            yield from _field(reference, scope)

    def _unknown(self, root: str, scope: Scope) -> str:
        if root in _LATER:
            return _LATER[root]
        if root in self._loops:
            return f"{root} is the variable of the foreach {self._loops[root]} and known inside of it only"
        for group, names in (("steps", self._steps), ("vars", scope.variables), ("inputs", scope.inputs)):
            if root in names:
                return f"there is nothing called {root} here; did you mean {group}.{root}{'.output' if group == 'steps' else ''}?"
        known = {*scope.names, "inputs", *(("steps", "vars") if scope.has_steps else ())}
        return f"there is nothing called {root} here{or_one_of(root, known)}"

    def _step(self, reference: Reference, scope: Scope) -> Iterator[Finding]:
        path, places = reference.path, reference.places
        if len(path) < 2 or not isinstance(path[1], str):
            return
        step_id = path[1]
        if step_id not in self._steps:
            message = f"there is no step {step_id!r}{did_you_mean(step_id, self._steps)}"
            yield Finding(place=places[1], code=codes.NO_STEP, message=message)
        elif step_id not in scope.steps:
            message = self._out_of_reach(step_id, scope)
            yield Finding(place=places[1], code=codes.STEP_OUT_OF_REACH, message=message)
        elif len(path) > 2 and path[2] not in _PARTS and path[2] is not None:
            hint = (
                f"; did you mean steps.{step_id}.output.{path[2]}?"
                if self._in_output(path, scope)
                else did_you_mean(str(path[2]), _PARTS)
            )
            message = f"a step has output, status and error, but no {path[2]!r}{hint}"
            yield Finding(place=places[2], code=codes.STEP_PART, message=message)
        else:
            yield from _field(reference, scope)

    def _in_output(self, path: tuple[Key, ...], scope: Scope) -> bool:
        shape = scope.steps[str(path[1])][0].shape
        return not shape.is_open and shape.step(path[2]) is not None

    def _out_of_reach(self, step_id: str, scope: Scope) -> str:
        if step_id in scope.other_branch:
            return f"the step {step_id} is in the other branch, which is skipped whenever this one runs"
        for step in self._steps.values():
            if isinstance(step, ForeachStep) and step.id not in scope.inside_of and step_id in _ids_inside(step):
                return f"the step {step_id} is inside of the foreach {step.id}; outside, read the list steps.{step.id}.output"
        return f"the step {step_id} has not ended before this; its result is not known here"


def _ids_inside(loop: ForeachStep) -> set[str]:
    return {step.id for step in walk(loop.steps)}


@dataclass(frozen=True, kw_only=True, slots=True)
class _DeadEnd:
    """Where a path leads nowhere: ``parent`` is what was there, ``depth`` the part that is wrong."""

    source: Source
    parent: Shape
    depth: int


def _field(reference: Reference, scope: Scope) -> Iterator[Finding]:
    sources, depth = scope.locate(reference.path)
    ends = [end for source in sources if (end := _walk(source, reference.path, depth)) is not None]
    if not ends or (reference.guarded and len(ends) < len(sources)):
        return
    end = ends[0]
    problem, hint = _dead_end(reference, end)
    if reference.guarded:
        code, message = (
            codes.UNKNOWN_FALLBACK,
            f"{problem}; unless the service sends it all the same, the fallback is always taken{hint}",
        )
    else:
        code, message = codes.FIELD, problem + hint
    yield Finding(place=reference.places[end.depth], code=code, message=message)


def _walk(source: Source, path: tuple[Key, ...], start: int) -> _DeadEnd | None:
    shape = source.shape
    for depth in range(start, len(path)):
        child = shape.step(path[depth])
        if child is None:
            return _DeadEnd(source=source, parent=shape, depth=depth)
        shape = child
    return None


def _dead_end(reference: Reference, end: _DeadEnd) -> tuple[str, str]:
    """What is wrong, and a hint."""
    key, parent = reference.path[end.depth], shown(reference.path[: end.depth])
    on = f" on {end.source.label}" if end.source.label else ""
    if not isinstance(key, str):
        return f"{parent} is {end.parent.words()}{on} and has no items", ""
    if not end.parent.can_be("object"):
        hint = "; name an item, as in [0], or use foreach" if end.parent.can_be("array") else ""
        return f"{parent} is {end.parent.words()}{on} and has no field {key!r}", hint
    return f"{parent} has no field {key!r}{on}", did_you_mean(key, end.parent.fields())


def _not_a_list(site: Site) -> Iterator[Finding]:
    path = path_of(site.expression.tree)
    if path is None:
        return
    for source in site.scope.resolve(path):
        if not source.shape.can_be("array"):
            text = site.expression.text.strip()
            message = f"foreach needs a list, but {text} is {source.shape.words()}"
            yield Finding(place=_start(site), code=codes.NOT_A_LIST, message=message)
            return


def _start(site: Site) -> Place:
    return site.expression.references()[0].place
