"""Builds a flow from a document. Owns the flow's own keys and its inputs; gathers every finding before it gives up."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

from engine.expressions import Value
from engine.flow import codes, words
from engine.flow.actions import defaults_of
from engine.flow.document import Document, Findings
from engine.flow.endings import values_of
from engine.flow.model import Concurrency, Flow, InputSpec, InputType, OnLimit
from engine.flow.node import Node, shown
from engine.flow.places import places_of
from engine.flow.scope import STEPS_FORM, Scope
from engine.flow.steps import on_error_of, steps_of
from engine.flow.triggers import triggers_of
from engine.strictjson import Json

MAX_CONCURRENT = 10_000
MAX_QUEUED = 100_000


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
    root.keys_are("a flow", words.FLOW_KEYS, own=True)
    return _flow(root, document)


def _flow(root: Node, document: Document) -> Flow:
    given = root.required("id", "id: a-name-for-this-flow")
    flow_id = (given.file_name("a flow") if given is not None else None) or ""
    connections = _connections(root.optional("connections"))
    scope = Scope(aliases=connections, build=steps_of, defaults=defaults_of(root.optional("defaults")))
    steps = scope.steps(root.required("steps", f"steps: followed by {STEPS_FORM}"))
    on_error = on_error_of(root.child("on_error"), scope)
    timeout = root.child("timeout")
    return Flow(
        id=flow_id,
        name=_text(root, "name") or flow_id,
        description=_text(root, "description"),
        labels=_labels(root.optional("labels")),
        connections=connections,
        inputs=_inputs(root.optional("inputs")),
        variables=_values(root, "variables", "a variable"),
        triggers=triggers_of(root.optional("triggers"), connections),
        steps=steps,
        on_error=on_error if isinstance(on_error, tuple) else None,
        continues=on_error == "continue",
        lastly=scope.steps(root.optional("finally")),
        timeout_ms=timeout.duration() if timeout is not None else None,
        concurrency=_concurrency(root.optional("concurrency")),
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


def _concurrency(node: Node | None) -> Concurrency | None:
    form = "concurrency: {limit: 1, on_limit: queue}"
    if node is None or not node.is_mapping(form):
        return None
    node.keys_are("concurrency", words.CONCURRENCY_KEYS)
    key, limit, chosen, queued = (node.child(name) for name in words.CONCURRENCY_KEYS)
    most = limit.whole_number(1, MAX_CONCURRENT) if limit is not None else None
    on_limit = chosen.choice(words.ON_LIMIT) if chosen is not None else "queue"
    if queued is not None and on_limit not in (None, "queue"):
        said = f"max_queued has no effect with on_limit: {on_limit}, where no run waits; leave it out, or write   on_limit: queue"
        queued.refuse(codes.NO_EFFECT, said, queued.key_place)
    return Concurrency(
        key=key.expression("key: trigger.payload.email") if key is not None else None,
        limit=most or 1,
        on_limit=cast(OnLimit, on_limit or "queue"),
        max_queued=queued.whole_number(1, MAX_QUEUED) if queued is not None else None,
        place=node.key_place,
    )


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
