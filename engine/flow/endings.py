"""Builds the steps that end at once: ``set`` and ``stop``. Owns their keys, and where a variable cannot be set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from engine.expressions import Value
from engine.flow import codes, words
from engine.flow.model import SetStep, Step, StopStatus, StopStep
from engine.flow.node import Node
from engine.flow.scope import Common, Scope


def set_variables(node: Node, scope: Scope, common: Common) -> Step | None:
    given = node.required("set", "set: {count: 1}")
    values = values_of(given, "a variable", "set: {count: 1}") if given is not None else {}
    if scope.parallel and given is not None:
        said = f"set cannot stand in {scope.parallel[-1]}: who ends last would decide; read the outputs after it instead of a variable"
        given.refuse(codes.PARALLEL_SET, said, given.key_place)
        return None
    return SetStep(**common, values=values)


def stop(node: Node, scope: Scope, common: Common) -> Step | None:
    given = node.required("stop", "stop: {status: succeeded, message: why}")
    if given is None or not given.is_mapping("stop: {status: succeeded, message: why}"):
        return None
    given.keys_are("stop", words.STOP_KEYS)
    chosen, said = given.required("status", "status: succeeded (or failed, or cancelled)"), given.child("message")
    status = chosen.choice(words.STOP_STATUSES) if chosen is not None else None
    message = said.value() if said is not None and said.text("message: why the run ends here") is not None else None
    return None if status is None else StopStep(**common, status=cast(StopStatus, status), message=message)


def values_of(node: Node, what: str, form: str) -> Mapping[str, Value]:
    """Names with values: ``set``, ``variables`` and ``outputs``."""
    if not node.is_mapping(form):
        return {}
    named = ((key, child.value()) for key, child in node.children() if child.is_name(what))
    return {key: value for key, value in named if value is not None}
