"""Builds a flow from a document. Owns the flow's own keys, its inputs and its triggers; gathers every finding before it gives up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from engine.expressions import Value
from engine.flow import codes, words
from engine.flow.document import Document, Findings
from engine.flow.model import Flow, InputSpec, InputType, Step, Trigger
from engine.flow.node import Node, shown
from engine.flow.places import places_of
from engine.flow.steps import Scope, steps_of, values_of
from engine.flow.uses import connection_of, uses_of
from engine.strictjson import Json


def build(document: Document, findings: Findings) -> Flow | None:
    """The flow, without what could not be built; None when nothing could. Whether it is right, the findings say."""
    root = Node(document=document, findings=findings, path=(), data=document.data)
    if not isinstance(document.data, Mapping):
        if not root.broken:
            root.refuse(
                codes.ONE_DOCUMENT,
                f"a flow is a file of keys and values that begins with id:, not {shown(document.data)}",
            )
        return None
    root.keys_are("a flow", words.FLOW_KEYS, words.FLOW_NOT_YET)
    return _flow(root, document)


def _flow(root: Node, document: Document) -> Flow:
    given = root.required("id", "id: a-name-for-this-flow")
    flow_id = (given.file_name("a flow") if given is not None else None) or ""
    connections = _connections(root.optional("connections"))
    scope = Scope(aliases=connections)
    steps = root.required("steps", "steps: followed by a list of steps, each beginning with '- id: …'")
    return Flow(
        id=flow_id,
        name=_text(root, "name") or flow_id,
        description=_text(root, "description"),
        labels=_labels(root.optional("labels")),
        connections=connections,
        inputs=_inputs(root.optional("inputs")),
        variables=_values(root, "variables", "a variable"),
        triggers=_triggers(root.optional("triggers"), connections),
        steps=steps_of(steps, scope) if steps is not None else (),
        on_error=_on_error(root.child("on_error"), scope),
        outputs=_values(root, "outputs", "an output"),
        digest=hashlib.sha256(document.source.encode()).hexdigest(),
        source=document.source,
        file=document.file,
        places=places_of(root),
    )


def _text(root: Node, key: str) -> str:
    node = root.child(key)
    return (node.text(f"{key}: some words") if node is not None else None) or ""


def _labels(node: Node | None) -> tuple[str, ...]:
    form = "labels: [sales, demo]"
    found = (item.text(form) for item in node.items(form)) if node is not None else ()
    return tuple(label for label in found if label is not None)


def _connections(node: Node | None) -> Mapping[str, str]:
    if node is None or not node.is_mapping("connections: {calendly: calendly}"):
        return {}
    named = (
        (alias, child.file_name("a connection"))
        for alias, child in node.children()
        if child.is_file_name("a connection alias")
    )
    return {alias: name or "" for alias, name in named}


def _values(root: Node, key: str, what: str) -> Mapping[str, Value]:
    node = root.optional(key)
    return {} if node is None else values_of(node, what, f"{key}: followed by   name: value")


def _on_error(node: Node | None, scope: Scope) -> tuple[Step, ...] | None:
    if node is None or node.data == "fail":
        return None
    if node.data == "continue":
        node.refuse(codes.NOT_YET, "on_error: continue for a whole flow: not supported yet; write it at the steps")
        return None
    return steps_of(node, scope)


def _inputs(node: Node | None) -> Mapping[str, InputSpec]:
    if node is None or not node.is_mapping("inputs: {hours: {type: integer, default: 24}}"):
        return {}
    named = ((key, _input(child)) for key, child in node.children() if child.is_name("an input"))
    return {key: spec for key, spec in named if spec is not None}


def _input(node: Node) -> InputSpec | None:
    form = f"{node.key}: {{type: string, default: …}}"
    if not node.is_mapping(form):
        return None
    node.keys_are("an input", words.INPUT_KEYS)
    given, default = node.required("type", "type: string"), node.child("default")
    kind = given.choice(words.INPUT_TYPES) if given is not None else None
    if kind is None:
        return None
    if default is not None and not default.broken and default.constant() and not fits(default.data, kind):
        default.refuse(codes.BAD_DEFAULT, f"the default {shown(default.data)} is not of type {kind}")
    return InputSpec(
        type=cast(InputType, kind),
        default=None if default is None else default.data,
        required=default is None,
        description=_text(node, "description"),
        place=node.key_place,
    )


def fits(value: Json, kind: str) -> bool:
    """Whether a value can be given to an input of that type; a whole number is a number too, true is none, null fits nothing."""
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int):
        return kind in ("integer", "number")
    if isinstance(value, float):
        return kind == "number"
    if isinstance(value, str):
        return kind == "string"
    if isinstance(value, Mapping):
        return kind == "object"
    return kind == "list" and isinstance(value, (list, tuple))


def _triggers(node: Node | None, aliases: Mapping[str, str]) -> tuple[Trigger, ...]:
    if node is None:
        return ()
    items = node.items("triggers: followed by   - uses: calendly.invitee")
    ids: dict[str, Node] = {}
    for item in items:
        given = item.child("id")
        name = given.name("a trigger") if given is not None else None
        if given is not None and name in ids:
            given.refuse(codes.TAKEN_ID, f"the trigger id {name} is used already on line {ids[name].place.line}")
        elif given is not None and name is not None:
            ids[name] = given
    taken = set(ids)
    built = (_trigger(item, aliases, taken) for item in items)
    return tuple(trigger for trigger in built if trigger is not None)


def _trigger(node: Node, aliases: Mapping[str, str], taken: set[str]) -> Trigger | None:
    if not node.is_mapping("- uses: calendly.invitee"):
        return None
    node.keys_are("a trigger", words.TRIGGER_KEYS, words.TRIGGER_NOT_YET)
    uses = uses_of(node, "trigger")
    given, condition, own = node.optional("with"), node.child("if"), node.child("id")
    settings = given.data if given is not None and _is_constant(given) else {}
    expression = condition.expression() if condition is not None else None
    connection = connection_of(node, uses, aliases)
    if uses is None:
        return None
    return Trigger(
        id=str(own.data) if own is not None else _free(uses.partition(".")[2], taken),
        uses=uses,
        connection=connection,
        given=settings if isinstance(settings, Mapping) else {},
        condition=expression,
        place=node.place,
        places=places_of(node),
    )


def _is_constant(given: Node) -> bool:
    return given.is_mapping("with: followed by what the trigger takes, each as   name: value") and given.constant()


def _free(name: str, taken: set[str]) -> str:
    number, found = 1, name
    while found in taken:
        number += 1
        found = f"{name}_{number}"
    taken.add(found)
    return found
