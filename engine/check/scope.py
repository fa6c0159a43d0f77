"""What is known at a place of a flow. Owns the scope, what it grows by and how two ways to one place are joined; judges nothing.

It mirrors engine.core.scope, which builds the real context: an id is visible after its step, ids inside of a loop inside only,
those of branches, groups and handlers after them too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from jinja2 import nodes

from engine.core.commands import OWN_KINDS
from engine.expressions import Expression
from engine.expressions.references import Path
from engine.expressions.types import (
    ANY,
    ANY_OBJECT,
    INTEGER,
    NULL,
    TEXT,
    Fields,
    Object,
    Type,
    record,
    union,
    words,
)
from engine.expressions.types_conditions import about, where
from engine.expressions.types_narrow import Environment, Filter, Implication
from engine.sdk.errors import Kind

ERROR = record(
    {
        "step": TEXT,
        "kind": words(*Kind, *OWN_KINDS, "internal"),
        "message": TEXT,
        "status": (*INTEGER, *NULL),
        "attempt": INTEGER,
        "place": (*TEXT, *NULL),
    }
)
RUN = record({"id": TEXT, "started_at": TEXT, "attempt": INTEGER})
ENDED_RUN = record(
    {
        "id": TEXT,
        "started_at": TEXT,
        "attempt": INTEGER,
        "status": words("succeeded", "failed", "uncertain", "cancelled"),
    }
)
"""The run as finally sees it."""
FLOW = record({"id": TEXT, "version": TEXT})
LOOP = record({"index": INTEGER})
STEP_PARTS = ("output", "status", "error")
SKIPPED = record({"output": NULL, "status": words("skipped"), "error": NULL})
FAILED = record({"output": NULL, "status": words("failed", "uncertain"), "error": ERROR})
UNCERTAIN = record({"output": NULL, "status": words("uncertain"), "error": union(ERROR, NULL)})
CANCELLED = record({"output": NULL, "status": words("cancelled"), "error": NULL})
NOT_THROUGH = union(SKIPPED, FAILED, CANCELLED)
"""What a step can have come to instead of success, where what holds it was cut."""


def succeeded(output: Type) -> Type:
    return record({"output": output, "status": words("succeeded"), "error": NULL})


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """``names``: the words that an expression may begin with, apart from steps, inputs and vars. ``other_branch``: ids that are skipped
    whenever this place is reached. ``beside``: ids of the branches that run side by side with this place, each with the id of its
    parallel. ``inside_of``: the ids of the loops around it. ``has_steps``: whether a run exists (not so in a trigger's if).
    ``unset``: variables that are not set where a stop has ended the run well; nobody has asked anything yet that may tell.
    ``dead``, ``vague``: as of an Environment."""

    names: Mapping[str, Type]
    inputs: Mapping[str, Type]
    steps: Mapping[str, Type] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    facts: Mapping[Path, tuple[Filter, ...]] = field(default_factory=dict)
    implications: tuple[Implication, ...] = ()
    other_branch: frozenset[str] = frozenset()
    beside: Mapping[str, str] = field(default_factory=dict)
    inside_of: tuple[str, ...] = ()
    has_steps: bool = True
    unset: frozenset[str] = frozenset()
    dead: bool = False
    vague: bool = False

    def environment(self) -> Environment:
        names = {**self.names, "inputs": (Object(Fields(self.inputs)),)}
        if self.has_steps:
            names["steps"] = (Object(Fields(self.steps)),)
            names["vars"] = (Object(Fields(self.variables)),)
        return Environment(
            names=names, facts=self.facts, implications=self.implications, dead=self.dead, vague=self.vague
        )

    def with_name(self, name: str, found: Type) -> Scope:
        return replace(self, names={**self.names, name: found})

    def with_step(self, step_id: str, found: Type) -> Scope:
        return replace(self, steps={**self.steps, step_id: found})

    def with_steps(self, ids: Iterable[str], found: Type) -> Scope:
        return replace(self, steps={**self.steps, **dict.fromkeys(ids, found)})

    def with_variable(self, name: str, found: Type) -> Scope:
        """What was known of the variable's old value is forgotten."""
        return replace(
            self,
            variables={**self.variables, name: found},
            facts={path: known for path, known in self.facts.items() if path[:2] != ("vars", name)},
            implications=tuple(
                one for one in self.implications if name not in one.reads and ("vars", name) not in one.facts
            ),
        )

    def with_variables(self, found: Mapping[str, Type]) -> Scope:
        scope = self
        for name, one in found.items():
            scope = scope.with_variable(name, one)
        return scope

    def assume(self, condition: Expression, truth: bool) -> Scope:
        """This place, where the condition has been ``truth``."""
        env = where(self.environment(), condition.tree, truth)
        return replace(self, facts=env.facts, dead=env.dead, unset=frozenset())

    def knowing(self, value: Expression, keep: Filter) -> Scope:
        """This place, where the value is one of those that ``keep`` leaves."""
        env = self.environment().assume(about(value.tree, keep))
        return replace(self, facts=env.facts, dead=env.dead)

    def implying(self, condition: Expression, truth: bool, end: Scope, before: Scope) -> Scope:
        """Remembers that wherever the condition is ``truth`` again, things stand as at ``end``."""
        if end.dead:
            return self
        return self._implying(condition, repr(condition.tree), truth, _grown(end, before))

    def implying_equal(self, value: Expression, text: str, end: Scope, before: Scope) -> Scope:
        """The same of a case: wherever ``value == text`` holds again, things stand as at ``end``."""
        equal = nodes.Compare(value.tree, [nodes.Operand("eq", nodes.Const(text))])
        return self if end.dead else self._implying(value, repr(equal), True, _grown(end, before))

    def implying_success(self, step_id: str, end: Scope, before: Scope) -> Scope:
        """Wherever the step is asked for its success, what it holds stands as at ``end``."""
        if end.dead:
            return self
        step = nodes.Getattr(nodes.Name("steps", "load"), step_id, "load")
        asked = nodes.Compare(nodes.Getattr(step, "status", "load"), [nodes.Operand("eq", nodes.Const("succeeded"))])
        one = Implication(repr(asked), True, frozenset(), _grown(end, before))
        return replace(self, implications=(*self.implications, one))

    def _implying(self, read: Expression, condition: str, truth: bool, facts: Mapping[Path, Filter]) -> Scope:
        reads = _variables_read(read)
        if not facts or "*" in reads or any(("vars", name) in facts for name in reads):
            return self
        one = Implication(condition, truth, reads, facts)
        return replace(self, implications=(*self.implications, one))


def _grown(end: Scope, before: Scope) -> Mapping[Path, Filter]:
    facts: dict[Path, Filter] = {}
    for group, now, then in (("steps", end.steps, before.steps), ("vars", end.variables, before.variables)):
        facts |= {(group, name): _exactly(found) for name, found in now.items() if then.get(name) is not found}
    return facts


def _exactly(found: Type) -> Filter:
    return lambda _: found


def joined(one: Scope, other: Scope) -> Scope:
    """A place that is reached in two ways. A step that one of them does not know was skipped there."""
    steps = {
        step_id: _either(one, other, lambda scope, key=step_id: scope.steps.get(key, SKIPPED))  # type: ignore[misc]
        for step_id in {**one.steps, **other.steps}
    }
    variables = {name: _variable(one, other, name) for name in {**one.variables, **other.variables}}
    if one.dead != other.dead:
        alive = other if one.dead else one
        return replace(alive, steps=steps, variables=variables, vague=one.vague or other.vague)
    facts = {
        path: kept
        for path, known in one.facts.items()
        if (kept := tuple(keep for keep in known if keep in other.facts.get(path, ())))
    }
    implications = tuple(known for known in one.implications if known in other.implications)
    vague = one.vague or other.vague
    return replace(one, steps=steps, variables=variables, facts=facts, implications=implications, vague=vague)


def _either(one: Scope, other: Scope, of: Callable[[Scope], Type]) -> Type:
    if one.dead != other.dead:
        return of(other if one.dead else one)
    first, second = of(one), of(other)
    return first if first is second else union(first, second)


def _variable(one: Scope, other: Scope, name: str) -> Type:
    """A variable that is set on one way only counts as set: whether it is read on that way only is not known here."""
    first, second = one.variables.get(name), other.variables.get(name)
    if first is None or second is None:
        return first or second or ANY
    if one.dead != other.dead:
        return second if one.dead else first
    return first if first is second else union(first, second)


def _variables_read(condition: Expression) -> frozenset[str]:
    found: set[str] = set()
    for reference in condition.references():
        if reference.path[0] == "vars":
            found.add(str(reference.path[1]) if len(reference.path) > 1 and reference.path[1] is not None else "*")
    return frozenset(found)


ANYTHING_GIVEN = ANY_OBJECT
