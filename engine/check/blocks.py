"""Steps that hold steps: if, switch, foreach, until, parallel, group. Owns what is known inside of each, after it, and its output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from engine.check import codes
from engine.check.hints import did_you_mean
from engine.check.scope import LOOP, NOT_THROUGH, Scope, joined
from engine.core.scope import visible
from engine.errors import Finding
from engine.expressions.references import Path, path_of, shown, start_of
from engine.expressions.types import (
    ABSENT_MEMBER,
    ANY,
    ANY_MEMBER,
    BOOLEAN,
    NULL,
    ListOf,
    Scalar,
    Type,
    in_words,
    looped_over,
    record,
    union,
    words,
)
from engine.expressions.types_narrow import Environment, all_of, bake, not_spelled, spelled
from engine.flow.model import (
    ForeachStep,
    GroupStep,
    IfStep,
    ParallelStep,
    SetStep,
    Step,
    SwitchStep,
    UntilStep,
    walk,
)

if TYPE_CHECKING:
    from engine.check.walk import Walk

Block: TypeAlias = IfStep | SwitchStep | ForeachStep | UntilStep | ParallelStep | GroupStep


def block(walker: Walk, step: Block, scope: Scope) -> tuple[Scope, Type]:
    """What is known after the step has succeeded, and its output."""
    match step:
        case IfStep():
            return _if(walker, step, scope), BOOLEAN
        case SwitchStep():
            return _switch(walker, step, scope)
        case ForeachStep():
            return _foreach(walker, step, scope)
        case UntilStep():
            return _until(walker, step, scope)
        case ParallelStep():
            return _parallel(walker, step, scope)
        case GroupStep():
            end = walker.steps(step.steps, scope)
            return end, _outputs(step.steps, end, step)


def _if(walker: Walk, step: IfStep, scope: Scope) -> Scope:
    walker.judge.type_of(step.condition, scope)
    scope = walker.as_far_as_known(step.condition, scope)
    yes, no = scope.assume(step.condition, True), scope.assume(step.condition, False)
    if yes.dead and not scope.dead:
        walker.never_holds(step.condition, "this never holds here, so that the steps under then never run")
    if no.dead and not scope.dead and step.otherwise and not walker.judge.has_doubts(step.condition):
        walker.never(step.otherwise[0].place, "this else can never run: its if always holds here")
    then = walker.steps(step.then, yes)
    otherwise = walker.steps(step.otherwise, _beyond(no, step.then))
    otherwise = replace(otherwise, other_branch=scope.other_branch)
    after = joined(then, otherwise).implying(step.condition, True, then, yes)
    return after.implying(step.condition, False, otherwise, no)


def _switch(walker: Walk, step: SwitchStep, scope: Scope) -> tuple[Scope, Type]:
    found = walker.judge.type_of(step.value, scope)
    scope = walker.as_far_as_known(step.value, scope)
    judged = _can_be_switched(walker, step, found, scope) and not walker.judge.has_doubts(step.value)
    whole, rest, ends = found, scope, []
    others: list[Step] = []
    for case, steps in step.cases.items():
        here = scope.knowing(step.value, spelled(case))
        possible = bool(spelled(case)(found))
        if not possible and not scope.dead and judged:
            _never_that(walker, step, case, whole)
        if not possible:
            here = replace(here, dead=True)
        end = walker.steps(steps, _beyond(here, others))
        ends.append((case, here, replace(end, other_branch=scope.other_branch)))
        others.extend(steps)
        rest = rest.knowing(step.value, not_spelled(case))
        found = not_spelled(case)(found)
    if not found:
        rest = replace(rest, dead=True)
    if rest.dead and not scope.dead and step.default and judged:
        walker.never(step.default[0].place, "this default can never run: every value has a case of its own")
    after = replace(walker.steps(step.default, _beyond(rest, others)), other_branch=scope.other_branch)
    through = after.dead and rest.dead
    for _, _, end in ends:
        after = joined(after, end)
    for case, here, end in ends:
        after = after.implying_equal(step.value, case, end, here)
    taken = words(*step.cases) if step.cases else ()
    return after, taken if through else union(taken, NULL)


def _can_be_switched(walker: Walk, step: SwitchStep, found: Type, scope: Scope) -> bool:
    if scope.dead or not found or any(member.kind not in ("list", "object") for member in found):
        return True
    place = step.value.place_of(start_of(step.value.tree))
    message = f"switch needs text, a number, true or false, or null, but {_named(step)} is {in_words(found)}"
    walker.judge.add(Finding(place=place, code=codes.WRONG_TYPE, message=message))
    return False


def _never_that(walker: Walk, step: SwitchStep, case: str, found: Type) -> None:
    known = {str(value) for member in found if isinstance(member, Scalar) for value in member.values or ()}
    hint = (
        did_you_mean(case, known - set(step.cases))
        or f"; here it is {' or '.join(map(repr, sorted(known))) or in_words(found)}"
    )
    place = step.places.get(f"cases.{case}:", step.place)
    walker.judge.add(Finding(place=place, code=codes.NEVER_TRUE, message=f"{_named(step)} is never {case!r}{hint}"))


def _named(step: SwitchStep) -> str:
    path = path_of(step.value.tree)
    return shown(path) if path is not None else "this"


def _foreach(walker: Walk, step: ForeachStep, scope: Scope) -> tuple[Scope, Type]:
    found = walker.judge.type_of(step.items, scope)
    walker.needs_list("foreach", step.items, found, scope)
    changed = _set_in(step.steps)
    inside = _again(scope, changed) if step.max_parallel == 1 else scope
    inside = inside.with_name(step.variable, looped_over(found)).with_name("loop", LOOP)
    end = walker.steps(step.steps, replace(inside, inside_of=(*scope.inside_of, step.id)))
    output: Type = (ListOf(_outputs(step.steps, end, step)),)
    if step.max_parallel > 1:
        return scope, output
    ends = {name: end.variables.get(name, ANY) for name in changed}
    after = scope.with_variables({name: union(scope.variables.get(name, ()), one) for name, one in ends.items()})
    return after, output


def _until(walker: Walk, step: UntilStep, scope: Scope) -> tuple[Scope, Type]:
    """The steps run at least once, and what the condition says of the last round holds after it."""
    changed = _set_in(step.steps)
    inside = replace(_again(scope, changed).with_name("loop", LOOP), inside_of=(*scope.inside_of, step.id))
    end = walker.steps(step.steps, inside)
    walker.judge.type_of(step.condition, end)
    end = walker.as_far_as_known(step.condition, end)
    last = end.assume(step.condition, True)
    if last.dead and not end.dead:
        walker.never_holds(step.condition, f"this never holds, so that {step.id} always fails at its limits")
        last = end
    variables = {name: last.environment().at(("vars", name)) for name in changed if name in last.variables}
    after = replace(scope, vague=last.vague, dead=end.dead).with_variables(variables)
    return after, _outputs(step.steps, last, step)


def _again(scope: Scope, changed: Iterable[str]) -> Scope:
    """What a round sets, the next one finds: at the beginning of a round nothing is known of it."""
    return scope.with_variables(
        {name: ANY if name in scope.variables else (ANY_MEMBER, ABSENT_MEMBER) for name in changed}
    )


def _set_in(steps: tuple[Step, ...]) -> set[str]:
    return {name for each in walk(steps) if isinstance(each, SetStep) for name in each.values}


def _parallel(walker: Walk, step: ParallelStep, scope: Scope) -> tuple[Scope, Type]:
    """No branch sees another's steps; after it all are seen. With ``any`` only the winner's are sure to have run, and nobody knows which it is."""
    ids = {name: [each.id for each in walk(steps)] for name, steps in step.branches.items()}
    ends: dict[str, Scope] = {}
    for name, steps in step.branches.items():
        others = {each: step.id for other, inner in ids.items() if other != name for each in inner}
        ends[name] = walker.steps(steps, replace(scope, beside={**scope.beside, **others}))
    seen = {
        each.id: end.steps[each.id]
        for name, end in ends.items()
        for each in visible(step.branches[name])
        if each.id in end.steps
    }
    outputs = {name: _outputs(step.branches[name], end, step) for name, end in ends.items()}
    alive = [not end.dead for end in ends.values()]
    vague = any(end.vague for end in ends.values())
    if step.join == "any":
        seen = {each: union(found, NOT_THROUGH) for each, found in seen.items()}
        outputs = {name: (*found, ABSENT_MEMBER) for name, found in outputs.items()}
        dead = not any(alive)
    else:
        dead = not all(alive)
    after = replace(
        scope, steps={**scope.steps, **seen}, dead=scope.dead or (dead and bool(ends)), vague=scope.vague or vague
    )
    return after, record(outputs, f"the step {step.id}")


def _outputs(steps: Sequence[Step], end: Scope, owner: Step) -> Type:
    """``{id: output}`` of the steps that end in this list's own scope."""
    known = end.environment()
    found = {step.id: ANY if end.dead else _output(step, known) for step in visible(steps)}
    return record(found, f"the step {owner.id}")


def _output(step: Step, known: Environment) -> Type:
    """The step's output, with what is known of its fields written into it."""
    whole: Path = ("steps", step.id, "output")
    found = known.at(whole)
    for path, filters in known.facts.items():
        if path[:3] == whole and len(path) > 3:
            found = bake(found, path[3:], all_of(filters))
    return found


def _beyond(scope: Scope, others: Iterable[Step]) -> Scope:
    """This place, where the steps of the other cases are skipped."""
    skipped = frozenset(each.id for each in visible(others))
    return replace(scope, other_branch=scope.other_branch | skipped)
