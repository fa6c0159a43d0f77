"""Judging one expression at one place: what the types say is wrong with it, in words. Owns those findings and their wording.

It says only what holds in every run that comes there, and what may be null or absent as far as the connector says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from jinja2 import nodes

from engine.check import codes
from engine.check.hints import did_you_mean, or_one_of
from engine.check.holes import Holes
from engine.check.schema import fields_of
from engine.check.scope import STEP_PARTS, Scope
from engine.errors import Finding, Place
from engine.expressions import Expression
from engine.expressions.references import Path, shown
from engine.expressions.types import Object, Type, has, in_words
from engine.expressions.types_infer import infer
from engine.expressions.types_narrow import Environment
from engine.expressions.types_problems import Problem
from engine.flow.model import Flow, ForeachStep, Step, UntilStep, all_steps, walk

_LATER = {
    "error": "error is known in handlers (on_error), in finally and in retry.if only",
    "event": "event is known in the if of an awaited event only",
    "loop": "loop is known inside of a foreach or an until only",
    "run": "there is no run yet when this is judged",
    "steps": "there is no run yet when this is judged",
    "vars": "there is no run yet when this is judged",
}
_SPLIT = ("item", "index")
_VARIABLE = re.compile(r"\bvars\b(?:\s*\.\s*(\w+)|\s*\[\s*'(\w+)'\s*\])?")
_STEP = re.compile(r"\bsteps\b(?:\s*\.\s*(\w+)|\s*\[\s*'(\w+)'\s*\])?")


class Judge:
    """Infers the types of expressions and gathers what is wrong. ``read``: the variables and steps that expressions name."""

    def __init__(self, flow: Flow, holes: Holes) -> None:
        self._holes = holes
        self._steps: Mapping[str, Step] = {step.id: step for step in all_steps(flow)}
        self._lastly = frozenset(step.id for step in walk(flow.lastly))
        self._loops = {step.variable: step.id for step in self._steps.values() if isinstance(step, ForeachStep)}
        self.found: dict[Finding, None] = {}
        self._absent: set[Place] = set()
        self._doubted: set[int] = set()
        self._misread: set[int] = set()
        self.variables_read: set[str] = set()
        self.steps_read: set[str] = set()
        self.unsent: dict[Place, str] = {}
        """Fields of the trigger's payload that are read and are not there, by the place of the word."""

    def type_of(self, expression: Expression, scope: Scope) -> Type:
        """What the expression yields at that place; problems become findings."""
        self._remember(expression.text)
        env = scope.environment()
        return infer(expression, env, lambda problem: self._tell(problem, expression, scope, env))

    def add(self, finding: Finding) -> None:
        """Take a finding; that a word may be null is not worth saying where it may be absent, for one test cures both."""
        if finding.code == codes.MAY_BE_ABSENT:
            self._absent.add(finding.place)
        if finding.code != codes.MAY_BE_NULL or finding.place not in self._absent:
            self.found.setdefault(finding)

    def has_doubts(self, expression: Expression) -> bool:
        """Whether something is wrong with it, so that what follows from it is not worth saying."""
        return id(expression) in self._doubted

    def is_misread(self, expression: Expression) -> bool:
        """Whether it names something that there is not, so that what it was meant to test is not known."""
        return id(expression) in self._misread

    def _remember(self, text: str) -> None:
        if "vars" in text:
            self.variables_read.update(one or other or "*" for one, other in _VARIABLE.findall(text))
        if "steps" in text:
            self.steps_read.update(one or other or "*" for one, other in _STEP.findall(text))

    def _tell(self, problem: Problem, expression: Expression, scope: Scope, env: Environment) -> None:
        unsent = problem.kind in ("field", "absent") and not problem.dead
        if unsent and problem.path[:2] == ("trigger", "payload") and len(problem.path) > 2:
            self.unsent.setdefault(expression.place_of(problem.offset), shown(problem.path))
        if scope.unset and _asks(expression):
            scope = replace(scope, unset=frozenset())
        said = self._words(problem, scope, env)
        self._doubted.add(id(expression))
        if problem.kind in ("name", "field"):
            self._misread.add(id(expression))
        if said is not None:
            code, message = said
            self.add(Finding(place=expression.place_of(problem.offset), code=code, message=message))

    def _words(self, problem: Problem, scope: Scope, env: Environment) -> tuple[str, str] | None:
        match problem.kind:
            case "name":
                return codes.NAME, self._unknown(str(problem.path[0]), scope)
            case "field" | "fallback":
                return self._missing(problem, scope)
            case "absent":
                if problem.path[:1] != ("vars",):
                    return codes.MAY_BE_ABSENT, _absent(problem, env)
                return (codes.MAY_BE_ABSENT, _unset(problem)) if scope.unset & set(problem.path[1:2]) else None
            case "null":
                return codes.MAY_BE_NULL, _null(problem, env)
            case "type":
                return codes.WRONG_TYPE, problem.message
            case "never":
                return codes.NEVER_TRUE, problem.message

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

    def _missing(self, problem: Problem, scope: Scope) -> tuple[str, str] | None:
        root, depth = problem.path[0], len(problem.path)
        key = str(problem.path[-1])
        if root == "steps" and depth == 2:
            return self._step(key, scope)
        if root == "steps" and depth == 3:
            hint = self._part_hint(problem.path, scope)
            return codes.STEP_PART, f"a step has output, status and error, but no {key!r}{hint}"
        if root == "inputs" and depth == 2:
            unknown = key not in self._holes.inputs
            return (codes.INPUT, f"there is no input {key!r}{or_one_of(key, scope.inputs)}") if unknown else None
        if root == "vars" and depth == 2:
            if problem.kind == "fallback" or key in self._holes.variables:
                return None
            return codes.VARIABLE, f"the variable {key!r} is not set before this{did_you_mean(key, scope.variables)}"
        return _field(problem)

    def _part_hint(self, path: Path, scope: Scope) -> str:
        step_id, key = str(path[1]), str(path[2])
        whole = scope.environment().at(("steps", step_id, "output"))
        if key in fields_of(whole):
            return f"; did you mean steps.{step_id}.output.{key}?"
        return did_you_mean(key, STEP_PARTS)

    def _step(self, step_id: str, scope: Scope) -> tuple[str, str] | None:
        if step_id in self._holes.steps and step_id not in self._steps:
            return None
        if step_id not in self._steps:
            return codes.NO_STEP, f"there is no step {step_id!r}{did_you_mean(step_id, self._steps)}"
        return codes.STEP_OUT_OF_REACH, self._out_of_reach(step_id, scope)

    def _out_of_reach(self, step_id: str, scope: Scope) -> str:
        if step_id in scope.other_branch:
            return f"the step {step_id} is in the other branch, which is skipped whenever this one runs"
        if step_id in scope.beside:
            return f"the step {step_id} is in another branch of {scope.beside[step_id]}, which runs side by side with this one; its result is known after {scope.beside[step_id]} only"
        if step_id in self._lastly:
            return f"the step {step_id} is in finally, which runs when everything else has ended"
        for step in self._steps.values():
            if (
                isinstance(step, ForeachStep | UntilStep)
                and step.id not in scope.inside_of
                and step_id in _ids_inside(step)
            ):
                kind, output = ("foreach", "list") if isinstance(step, ForeachStep) else ("until", "last round in")
                return f"the step {step_id} is inside of the {kind} {step.id}; outside, read the {output} steps.{step.id}.output"
        return f"the step {step_id} has not ended before this; its result is not known here"


def _ids_inside(loop: ForeachStep | UntilStep) -> set[str]:
    return {step.id for step in walk(loop.steps)}


def _field(problem: Problem) -> tuple[str, str]:
    words, hint = _dead_end(problem)
    if problem.kind == "field":
        return codes.FIELD, words + hint
    message = f"{words}; unless the service sends it all the same, the fallback is always taken{hint}"
    return codes.UNKNOWN_FALLBACK, message


def _dead_end(problem: Problem) -> tuple[str, str]:
    """What is wrong, and a hint."""
    key, parent, owner = problem.path[-1], shown(problem.path[:-1]), problem.owner
    objects = tuple(member for member in owner if isinstance(member, Object))
    label = next((member.shape.label for member in objects if member.shape.label), "")
    on = f" on {label}" if label else ""
    if not isinstance(key, str):
        return f"{parent} is {in_words(owner)}{on} and has no items", ""
    if not objects:
        hint = "; name an item, as in [0], or use foreach" if has(owner, "list") else ""
        return f"{parent} is {in_words(owner)} and has no field {key!r}", hint
    if problem.path[:1] == ("trigger",) and len(problem.path) == 2 and key in _SPLIT:
        return f"trigger.{key} is there with split_on only, which no trigger of this flow has", ""
    return f"{parent} has no field {key!r}{on}", did_you_mean(key, fields_of(objects))


def _absent(problem: Problem, env: Environment) -> str:
    name, events = shown(problem.path) or "this value", _events_without(problem.path, env)
    on = f" on {' and '.join(events)}" if events else ""
    if problem.certain:
        return f"{name} is never there{on}; test it, or use default()"
    return f"{name} may be absent{on}; test it, or use default()"


def _unset(problem: Problem) -> str:
    name = shown(problem.path)
    return (
        f"{name} is not set where a stop ends the run before; set it in variables or before the stop, or use default()"
    )


def _asks(expression: Expression) -> bool:
    """Whether something in it is judged under a condition, which may be one that rules the stop out."""
    asking = (nodes.CondExpr, nodes.And, nodes.Or)
    return isinstance(expression.tree, asking) or next(expression.tree.find_all(asking), None) is not None


def _null(problem: Problem, env: Environment) -> str:
    name, who = shown(problem.path) or "this value", f"; {problem.message}" if problem.message else ""
    state = "is always" if problem.certain else "may be"
    return f"{name} {state} null here{_reason(problem.path)}{who}{_cure(problem)}"


def _reason(path: Path) -> str:
    if len(path) == 3 and path[0] == "steps" and path[2] == "output":
        return " (when the step was skipped or failed)"
    if len(path) == 3 and path[0] == "steps" and path[2] == "error":
        return " (when the step has not failed)"
    return ""


def _cure(problem: Problem) -> str:
    path = problem.path
    if problem.certain:
        return ""
    if len(path) == 3 and path[0] == "steps" and path[2] == "output":
        return f"; ask steps.{path[1]}.status == 'succeeded' before"
    if problem.message.endswith("in each item"):
        left_out = f"selectattr({path[-1]!r})" if path and isinstance(path[-1], str) else "select"
        return f"; leave such items out before, with | {left_out}"
    return "; ask is not none before, or use default(…, true)"


def _events_without(path: Path, env: Environment) -> list[str]:
    """The events on which the path may be absent."""
    if path[:1] != ("trigger",):
        return []
    variants = [one for one in env.at(("trigger",)) if isinstance(one, Object) and one.event]
    found = (
        one.event for one in variants if has(replace(env, names={**env.names, "trigger": (one,)}).at(path), "absent")
    )
    return list(dict.fromkeys(found))


def unread(names: Iterable[str], read: set[str]) -> list[str]:
    """The names that nothing reads; none when something reads all of them."""
    return [] if "*" in read else [name for name in names if name not in read]
