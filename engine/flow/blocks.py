"""Builds the steps that hold other steps: branches, loops, parallel and groups. Owns their keys, limits and the names that loops give."""

from __future__ import annotations

from typing import cast

from engine.flow import codes, words
from engine.flow.document import short
from engine.flow.model import (
    ForeachStep,
    GroupStep,
    IfStep,
    Join,
    ParallelStep,
    Step,
    SwitchStep,
    UntilStep,
)
from engine.flow.node import Node
from engine.flow.scope import STEPS_FORM, Common, Scope

MAX_ITERATIONS = 10_000
MAX_BRANCHES = 20
MAX_PARALLEL = 100
_UNTIL_FORM = "until: steps.look.output.status == 'done'"
_CASES_FORM = "cases: followed by   value: and a list of steps"
_BRANCHES_FORM = "parallel: followed by   name: and a list of steps, for each branch"


def if_then(node: Node, scope: Scope, common: Common) -> Step | None:
    condition = node.required("if", "if: trigger.payload.status == 'active'")
    then, otherwise = node.required("then", f"then: followed by {STEPS_FORM}"), node.child("else")
    expression = condition.expression() if condition is not None else None
    first, second = scope.steps(then), scope.steps(otherwise)
    return None if expression is None else IfStep(**common, condition=expression, then=first, otherwise=second)


def switch(node: Node, scope: Scope, common: Common) -> Step | None:
    chosen, cases = node.required("switch", "switch: trigger.event"), node.required("cases", _CASES_FORM)
    value = chosen.expression("switch: trigger.event") if chosen is not None else None
    named = cases.children() if cases is not None and cases.is_mapping(_CASES_FORM) else ()
    taken = {key: _case(child, scope) for key, child in named}
    default = node.child("default")
    otherwise = _perhaps(default, scope) if default is not None else ()
    if value is None or cases is None:
        return None
    return SwitchStep(**common, value=value, cases=taken, default=otherwise)


def _case(node: Node, scope: Scope) -> tuple[Step, ...]:
    if "{{" in node.key:
        said = "a case is a constant, which the value is compared with as text; for a condition use if: with then:"
        node.refuse(codes.NOT_CONSTANT, said, node.key_place)
    return _perhaps(node, scope)


def _perhaps(node: Node, scope: Scope) -> tuple[Step, ...]:
    """Steps, or none: ``[]`` says that there is nothing to do. Where nothing stands, something may have been forgotten."""
    if node.data is None and not node.broken:
        name = short(node.key)
        node.refuse(
            codes.WRONG_TYPE,
            f"{name} is empty; write {STEPS_FORM}, or   {name}: []   for nothing to do",
            node.key_place,
        )
        return ()
    return () if node.data == [] else scope.steps(node)


def foreach(node: Node, scope: Scope, common: Common) -> Step | None:
    named = node.child("foreach")
    items = named.expression("foreach: trigger.payload.questions_and_answers") if named is not None else None
    variable = _loop_variable(node, scope)
    parallel = node.child("max_parallel")
    most = 1 if parallel is None else parallel.whole_number(1, MAX_PARALLEL)
    inner = node.required("steps", f"steps: followed by {STEPS_FORM}")
    many = f"the foreach {common['id']}, whose iterations run side by side (max_parallel: {most})"
    with scope.loop(variable), scope.side_by_side(many if most is not None and most > 1 else None):
        steps = scope.steps(inner)
    if items is None or most is None:
        return None
    return ForeachStep(**common, items=items, variable=variable, max_parallel=most, steps=steps)


def _loop_variable(node: Node, scope: Scope) -> str:
    given = node.child("as")
    name = "item" if given is None else given.name("a loop variable") or ""
    where = given or node.child("foreach") or node
    if name in words.RESERVED_VARIABLES:
        where.refuse(
            codes.RESERVED_ID,
            f"a loop variable cannot be called {name}: the word has a meaning of its own; choose another",
        )
    elif name and name in scope.loops:
        where.refuse(
            codes.RESERVED_ID,
            f"the loop around this one calls its variable {name} already; write   as: and another name",
        )
    return name


def until(node: Node, scope: Scope, common: Common) -> Step | None:
    wanted = node.required("until", _UNTIL_FORM)
    condition = wanted.expression(_UNTIL_FORM) if wanted is not None else None
    rounds, timeout = (_limit(node, key, form) for key, form in _UNTIL_LIMITS)
    most = rounds.whole_number(1, MAX_ITERATIONS) if rounds is not None else None
    longest = timeout.duration() if timeout is not None else None
    pause = node.child("interval")
    interval = 0 if pause is None else pause.duration()
    steps = scope.steps(node.required("steps", f"steps: followed by {STEPS_FORM}"))
    if condition is None or most is None or longest is None or interval is None:
        return None
    return UntilStep(
        **common, condition=condition, max_iterations=most, timeout_ms=longest, interval_ms=interval, steps=steps
    )


_UNTIL_LIMITS = (("max_iterations", "max_iterations: 20"), ("timeout", "timeout: 1h"))


def _limit(node: Node, key: str, form: str) -> Node | None:
    found = node.child(key)
    if found is None:
        said = (
            f"{key} is missing; until needs max_iterations and timeout, so that it cannot run for ever; write   {form}"
        )
        node.refuse(codes.MISSING_KEY, said, (node.child("until") or node).key_place)
    return found


def parallel(node: Node, scope: Scope, common: Common) -> Step | None:
    branches, join = node.required("parallel", _BRANCHES_FORM), node.child("join")
    how = "all" if join is None else join.choice(words.JOINS)
    if branches is None or not branches.is_mapping(_BRANCHES_FORM):
        return None
    named = list(branches.children())
    if len(named) > MAX_BRANCHES:
        said = f"parallel has {len(named)} branches, but may have at most {MAX_BRANCHES}; for many alike use foreach with max_parallel"
        branches.refuse(codes.BAD_CHOICE, said, branches.key_place)
    with scope.side_by_side(f"the parallel {common['id']}, whose branches run side by side"):
        built = {name: scope.steps(child) for name, child in named if _is_branch(child)}
    return None if how is None else ParallelStep(**common, branches=built, join=cast(Join, how))


def _is_branch(node: Node) -> bool:
    if not node.is_name("a branch"):
        return False
    if node.key in words.RESERVED_STEP_IDS:
        node.refuse(codes.RESERVED_ID, f"the branch name {node.key} is reserved; choose another", node.key_place)
    return True


def group(node: Node, scope: Scope, common: Common) -> Step | None:
    timeout = node.child("timeout")
    longest = timeout.duration() if timeout is not None else None
    return GroupStep(**common, steps=scope.steps(node.child("steps")), timeout_ms=longest)
