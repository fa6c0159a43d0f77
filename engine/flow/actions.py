"""Builds the steps that make something happen elsewhere: ``uses`` and ``flow``. Owns their keys; what an action takes is the checker's business."""

from __future__ import annotations

from typing import cast

from engine.expressions import Value, compile_value
from engine.flow import words
from engine.flow.model import DEFAULT_TIMEOUT_MS, ActionStep, FlowStep, OnUncertain, Step
from engine.flow.node import Node
from engine.flow.retry import retry_keys, retry_of
from engine.flow.scope import Common, Defaults, Scope
from engine.flow.uses import connection_of, uses_of

_DEFAULTS_FORM = "defaults: {timeout: 30s, retry: {max_attempts: 4}}"


def action(node: Node, scope: Scope, common: Common) -> Step | None:
    uses = uses_of(node, "action")
    value = _given(node, "with: followed by the action's inputs, each as   name: value")
    connection = connection_of(node, uses, scope.aliases)
    own = _defaults(node)
    key = node.child("idempotency_key")
    named = None if key is None or key.text("idempotency_key: '{{ trigger.payload.uri }}'") is None else key.value()
    if uses is None or value is None:
        return None
    return ActionStep(
        **common,
        uses=uses,
        connection=connection,
        given=value,
        retry=retry_of(own.retry, scope.defaults.retry),
        timeout_ms=own.timeout_ms or scope.defaults.timeout_ms or DEFAULT_TIMEOUT_MS,
        idempotency_key=named,
        on_uncertain=own.on_uncertain or scope.defaults.on_uncertain or "fail",
    )


def defaults_of(node: Node | None) -> Defaults:
    """What ``defaults:`` of a flow says."""
    if node is None or not node.is_mapping(_DEFAULTS_FORM):
        return Defaults()
    node.keys_are("defaults", words.DEFAULTS_KEYS)
    return _defaults(node)


def _defaults(node: Node) -> Defaults:
    timeout, uncertain = node.child("timeout"), node.child("on_uncertain")
    return Defaults(
        timeout_ms=timeout.duration() if timeout is not None else None,
        retry=retry_keys(node.child("retry")),
        on_uncertain=cast(
            "OnUncertain | None", uncertain.choice(words.ON_UNCERTAIN) if uncertain is not None else None
        ),
    )


def sub_flow(node: Node, scope: Scope, common: Common) -> Step | None:
    named, waits = node.required("flow", "flow: the-id-of-another-flow"), node.child("wait")
    flow = named.file_name("a flow") if named is not None else None
    value = _given(node, "with: followed by the flow's inputs, each as   name: value")
    waited = True if waits is None else waits.truth("; to wait for a time or an event, make a step of its own")
    if flow is None or value is None or waited is None:
        return None
    return FlowStep(**common, flow=flow, given=value, wait=waited)


def _given(node: Node, form: str) -> Value | None:
    given = node.optional("with")
    if given is None:
        return compile_value({}, lambda _: node.place)
    given.is_mapping(form)
    return given.value()
