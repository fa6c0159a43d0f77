"""Builds steps. Owns what each kind of step needs, and that ids are unique over the flow; compiles through ``Node``, runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypedDict, cast

from engine.errors import Place
from engine.expressions import Expression, Value, compile_value
from engine.flow import codes, words
from engine.flow.model import ActionStep, ForeachStep, IfStep, OnError, SetStep, Step, StopStatus, StopStep
from engine.flow.node import Node, shown
from engine.flow.places import places_of
from engine.flow.retry import retry_of
from engine.flow.uses import connection_of, uses_of

_STEPS_FORM = "a list of steps, each beginning with '- id: …'"
_KIND_NAMES: Mapping[str, str] = MappingProxyType(
    {"uses": "uses", "then": "if with then", "foreach": "foreach", "set": "set", "stop": "stop"}
)
_WANTED = "a step is one of: uses: <connector>.<action> | if: with then: | foreach: with steps: | set: | stop:"


@dataclass(kw_only=True, slots=True)
class Scope:
    """What the steps of one flow share while they are built."""

    aliases: Mapping[str, str]
    ids: dict[str, Place] = field(default_factory=dict)
    loops: tuple[str, ...] = ()


class _Common(TypedDict):
    id: str
    place: Place
    guard: Expression | None
    on_error: OnError
    places: Mapping[str, Place]


def steps_of(node: Node, scope: Scope) -> tuple[Step, ...]:
    """The steps of a list; those with findings are left out."""
    built = (_step(item, scope) for item in node.items(f"{node.key}: followed by {_STEPS_FORM}"))
    return tuple(step for step in built if step is not None)


def _step(node: Node, scope: Scope) -> Step | None:
    if not node.is_mapping("- id: look_up, and below it   uses: calendly.get_event_type"):
        return None
    step_id = _id(node, scope)
    kind = _kind(node)
    if kind is None:
        return None
    on_error = _on_error(node.child("on_error"), scope)
    guard = node.child("if")
    common = _Common(
        id=step_id or "",
        place=node.place,
        guard=guard.expression() if guard is not None and kind != "then" else None,
        on_error=on_error,
        places=places_of(node),
    )
    return _BUILDERS[kind](node, scope, common)


def _id(node: Node, scope: Scope) -> str | None:
    given = node.child("id")
    if given is None:
        node.refuse(
            codes.MISSING_KEY,
            f"a step needs an id, which names it in history and expressions; write   id: {_suggestion(node, scope)}",
        )
        return None
    name = given.name("a step")
    if name is None:
        return None
    if name in words.RESERVED_STEP_IDS:
        given.refuse(codes.RESERVED_ID, f"the step id {name} is reserved; choose another")
    elif name in scope.ids:
        given.refuse(
            codes.TAKEN_ID,
            f"the step id {name} is used already on line {scope.ids[name].line}; ids are unique over the whole flow",
        )
    scope.ids.setdefault(name, given.place)
    return name


def _suggestion(node: Node, scope: Scope) -> str:
    uses = node.child("uses")
    name = (
        str(uses.data).rpartition(".")[2]
        if uses is not None
        else next((k for k in words.KIND_KEYS if node.child(k)), "step")
    )
    stem = "".join(c for c in name.lower() if c.isascii() and (c.isalnum() or c == "_")) or "step"
    stem = {"then": "check", "foreach": "each", "set": "remember", "stop": "end"}.get(stem, stem)
    number = 1
    while (stem if number == 1 else f"{stem}_{number}") in scope.ids:
        number += 1
    return stem if number == 1 else f"{stem}_{number}"


def _kind(node: Node) -> str | None:
    """The kind's key, after findings about keys that cannot stand together; None when the step is of no kind that can be built."""
    kinds = [kind for kind in words.KIND_KEYS if node.child(kind) is not None]
    if node.child("else") is not None and "then" not in kinds:
        kinds.append("then")
    if len(kinds) == 1:
        _check_keys(node, kinds[0])
        return kinds[0]
    later = _later(node)
    if len(kinds) > 1:
        names = " and ".join(_KIND_NAMES[kind] for kind in kinds)
        node.refuse(
            codes.ONE_KIND,
            f"this step has {names}; make two steps of it",
            (node.child(kinds[1]) or node).key_place,
        )
    elif not later:
        _check_keys(node, None)
        node.refuse(codes.ONE_KIND, _nothing_to_do(node))
    return None


def _nothing_to_do(node: Node) -> str:
    if node.child("if") is not None:
        return "this step has an if, but nothing to do; add then: with a list of steps, or uses:"
    return f"this step does nothing; {_WANTED}"


def _later(node: Node) -> bool:
    """Whether keys of a later release stand here; each gives a finding."""
    found = False
    for key, child in node.children():
        text = words.GROUP_NOT_YET if key == "steps" and node.child("foreach") is None else words.STEP_NOT_YET.get(key)
        if text is not None:
            child.refuse(codes.NOT_YET, f"{text}: not supported yet", child.key_place)
            found = True
    return found


def _check_keys(node: Node, kind: str | None) -> None:
    own = words.KIND_KEYS[kind] if kind else tuple(words.KIND_KEYS)
    allowed = (*words.STEP_KEYS, *own)
    belonging = {key: owner for owner, keys in words.KIND_KEYS.items() for key in keys}
    misplaced = {key: belonging[key] for key, _ in node.children() if key in belonging and key not in allowed}
    for key, owner in misplaced.items():
        child = cast(Node, node.child(key))
        if key == "timeout" and kind in ("foreach", "then"):
            child.refuse(codes.NOT_YET, f"{words.GROUP_TIMEOUT_NOT_YET}: not supported yet", child.key_place)
        else:
            child.refuse(codes.UNKNOWN_KEY, f"{key} belongs to a step with {_KIND_NAMES[owner]}", child.key_place)
    node.keys_are(f"a step with {_KIND_NAMES[kind]}" if kind else "a step", (*allowed, *misplaced), words.STEP_NOT_YET)


def _on_error(node: Node | None, scope: Scope) -> OnError:
    if node is None:
        return "fail"
    if isinstance(node.data, list):
        return steps_of(node, scope)
    if node.data in ("fail", "continue"):
        return cast('Literal["fail", "continue"]', node.data)
    if not node.broken:
        node.refuse(codes.BAD_CHOICE, f"on_error is {shown(node.data)}, but must be fail, continue or {_STEPS_FORM}")
    return "fail"


def _action(node: Node, scope: Scope, common: _Common) -> Step | None:
    uses = uses_of(node, "action")
    given, retry, timeout = node.optional("with"), node.child("retry"), node.child("timeout")
    if given is not None:
        given.is_mapping("with: followed by the action's inputs, each as   name: value")
    value = given.value() if given is not None else compile_value({}, lambda _: node.place)
    connection = connection_of(node, uses, scope.aliases)
    rest = retry_of(retry)
    timeout_ms = 30_000 if timeout is None else timeout.duration()
    if uses is None or value is None or timeout_ms is None:
        return None
    return ActionStep(**common, uses=uses, connection=connection, given=value, retry=rest, timeout_ms=timeout_ms)


def _if(node: Node, scope: Scope, common: _Common) -> Step | None:
    condition = node.required("if", "if: trigger.payload.status == 'active'")
    then, otherwise = node.required("then", f"then: followed by {_STEPS_FORM}"), node.child("else")
    expression = condition.expression() if condition is not None else None
    first = steps_of(then, scope) if then is not None else ()
    second = steps_of(otherwise, scope) if otherwise is not None else ()
    return None if expression is None else IfStep(**common, condition=expression, then=first, otherwise=second)


def _foreach(node: Node, scope: Scope, common: _Common) -> Step | None:
    items = cast(Node, node.child("foreach")).expression()
    variable = _loop_variable(node, scope)
    parallel = node.child("max_parallel")
    most = 1 if parallel is None else parallel.whole_number(1, 100)
    inner = node.required("steps", f"steps: followed by {_STEPS_FORM}")
    scope.loops += (variable,)
    steps = steps_of(inner, scope) if inner is not None else ()
    scope.loops = scope.loops[:-1]
    if items is None or most is None:
        return None
    return ForeachStep(**common, items=items, variable=variable, max_parallel=most, steps=steps)


def _loop_variable(node: Node, scope: Scope) -> str:
    given = node.child("as")
    name = "item" if given is None else given.name("a loop variable") or ""
    where = given or cast(Node, node.child("foreach"))
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


def _set(node: Node, scope: Scope, common: _Common) -> Step | None:
    values = values_of(cast(Node, node.child("set")), "a variable", "set: {count: 1}")
    return SetStep(**common, values=values)


def _stop(node: Node, scope: Scope, common: _Common) -> Step | None:
    stop = cast(Node, node.child("stop"))
    if not stop.is_mapping("stop: {status: succeeded, message: why}"):
        return None
    stop.keys_are("stop", words.STOP_KEYS)
    given, said = stop.required("status", "status: succeeded (or failed, or cancelled)"), stop.child("message")
    status = given.choice(words.STOP_STATUSES) if given is not None else None
    message = said.value() if said is not None and said.text("message: why the run ends here") is not None else None
    return None if status is None else StopStep(**common, status=cast(StopStatus, status), message=message)


def values_of(node: Node, what: str, form: str) -> Mapping[str, Value]:
    """Names with values: ``set``, ``variables`` and ``outputs``."""
    if not node.is_mapping(form):
        return {}
    named = ((key, child.value()) for key, child in node.children() if child.is_name(what))
    return {key: value for key, value in named if value is not None}


_BUILDERS: Mapping[str, Callable[[Node, Scope, _Common], Step | None]] = MappingProxyType(
    {"uses": _action, "then": _if, "foreach": _foreach, "set": _set, "stop": _stop}
)
