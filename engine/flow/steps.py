"""Builds steps. Owns what every step has, whatever its kind, and that ids are unique over the flow; runs nothing."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, cast

from engine.flow import codes, words
from engine.flow.actions import action, sub_flow
from engine.flow.blocks import foreach, group, if_then, parallel, switch, until
from engine.flow.document import short
from engine.flow.endings import set_variables, stop
from engine.flow.kinds import kind_of
from engine.flow.model import OnError, Secret, Step
from engine.flow.node import Node, shown
from engine.flow.places import places_of
from engine.flow.scope import STEPS_FORM, Builder, Common, Scope
from engine.flow.waits import wait


def steps_of(node: Node, scope: Scope) -> tuple[Step, ...]:
    """The steps of a list; those with findings are left out."""
    built = (_step(item, scope) for item in node.items(f"{short(node.key)}: followed by {STEPS_FORM}"))
    return tuple(step for step in built if step is not None)


def _step(node: Node, scope: Scope) -> Step | None:
    if not node.is_mapping("- id: look_up, and below it   uses: calendly.get_event_type"):
        return None
    step_id = _id(node, scope)
    kind = kind_of(node)
    if kind is None:
        return None
    on_error = on_error_of(node.child("on_error"), scope)
    guard = node.child("if")
    common = Common(
        id=step_id or "",
        place=node.place,
        guard=guard.expression() if guard is not None and kind != "then" else None,
        on_error=on_error,
        secure=_secure(node.child("secure")),
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
        given.refuse(codes.TAKEN_ID, _taken(name, given, scope))
    scope.ids.setdefault(name, given.place)
    return name


def _taken(name: str, given: Node, scope: Scope) -> str:
    if scope.ids[name] == given.place:
        return f"an alias repeats this step, and with it the id {name}; keep the id out of what the alias repeats, and merge the rest with <<"
    return f"the step id {name} is used already on line {scope.ids[name].line}; ids are unique over the whole flow"


def _suggestion(node: Node, scope: Scope) -> str:
    uses = node.child("uses")
    name = (
        str(uses.data).rpartition(".")[2]
        if uses is not None
        else next((k for k in words.KIND_KEYS if node.child(k)), "step")
    )
    stem = "".join(c for c in name.lower() if c.isascii() and (c.isalnum() or c == "_")) or "step"
    stem = _STEMS.get(stem, stem)
    number = 1
    while (stem if number == 1 else f"{stem}_{number}") in scope.ids:
        number += 1
    return stem if number == 1 else f"{stem}_{number}"


_STEMS: Mapping[str, str] = MappingProxyType(
    {
        **{"then": "check", "switch": "choose", "foreach": "each", "until": "repeat", "parallel": "both"},
        **{"steps": "together", "wait": "pause", "flow": "hand_over", "set": "remember", "stop": "end"},
    }
)


def on_error_of(node: Node | None, scope: Scope) -> OnError:
    """What a step's or a flow's ``on_error`` says; ``fail`` without one."""
    if node is None:
        return "fail"
    if isinstance(node.data, list):
        return steps_of(node, scope)
    if node.data in ("fail", "continue"):
        return cast('Literal["fail", "continue"]', node.data)
    if not node.broken:
        node.refuse(codes.BAD_CHOICE, f"on_error is {shown(node.data)}, but must be fail, continue or {STEPS_FORM}")
    return "fail"


def _secure(node: Node | None) -> frozenset[Secret]:
    if node is None:
        return frozenset()
    named = (item.choice(words.SECRETS, "secure") for item in node.items("secure: [inputs, outputs]"))
    return frozenset(cast(Secret, name) for name in named if name is not None)


_BUILDERS: Mapping[str, Builder] = MappingProxyType(
    {
        "uses": action,
        "then": if_then,
        "switch": switch,
        "foreach": foreach,
        "until": until,
        "parallel": parallel,
        "steps": group,
        "set": set_variables,
        "wait": wait,
        "flow": sub_flow,
        "stop": stop,
    }
)
