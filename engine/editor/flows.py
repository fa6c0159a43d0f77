"""The JSON Schema of flow files. Owns how keys, kinds of steps and connectors come together, so that an editor completes and refuses what
can be seen without running: keys, words, ids, durations, and the inputs of the action or trigger that ``uses`` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from pydantic import BaseModel

from engine.editor import keys
from engine.editor.models import Models
from engine.flow import words
from engine.sdk.connector import Connector
from engine.strictjson import Json, JsonObject

DRAFT = "http://json-schema.org/draft-07/schema#"
_MANUAL = "Started by hand, with `hookline run`."


def flow_schema(catalogue: Mapping[str, Connector]) -> JsonObject:
    """The schema, with the actions and triggers of these connectors."""
    actions = Models(templates=True, prefix="action.")
    triggers = Models(templates=False, prefix="trigger.")
    calls = {
        f"{name}.{action.name}": (action.summary, action.given)
        for name, connector in catalogue.items()
        for action in connector.actions.values()
    }
    starts = {
        f"{name}.{trigger.name}": (trigger.summary, trigger.given)
        for name, connector in catalogue.items()
        for trigger in connector.triggers.values()
    }
    definitions: dict[str, Json] = dict(keys.DEFINITIONS)
    definitions["action"] = _action(calls, actions)
    definitions["trigger"] = _trigger(starts, triggers)
    definitions["event"] = _event(starts, triggers)
    definitions["step"] = _step()
    return {
        "$schema": DRAFT,
        "title": "A flow of Hookline",
        "type": "object",
        "required": ["id", "steps"],
        "properties": dict(keys.FLOW),
        "patternProperties": {f"^{words.OWN_PREFIX}": {"description": "Your own; the engine reads none of it."}},
        "additionalProperties": False,
        "definitions": {**definitions, **actions.definitions, **triggers.definitions},
    }


def _step() -> JsonObject:
    """A step is judged by the first kind whose key it has; one that has none yet is offered the keys of all."""
    undecided: dict[str, Json] = dict(keys.STEP)
    for kind in words.KIND_KEYS:
        for key in words.KIND_KEYS[kind]:
            undecided.setdefault(key, _undecided(kind, key))
    chain: JsonObject = {
        "properties": undecided,
        "additionalProperties": False,
        "anyOf": [{"required": [kind]} for kind in words.KIND_KEYS],
    }
    for kind in reversed(_judged()):
        chain = {"if": _is(kind), "then": _kind(kind), "else": chain}
    return {"description": "A step.", "type": "object", "required": ["id"], **chain}


def _judged() -> list[str]:
    """The kinds in the order in which they are looked for: those whose key means something else in another kind come last."""
    shared = ("steps", "wait")
    return [kind for kind in words.KIND_KEYS if kind not in shared] + list(shared)


def _is(kind: str) -> JsonObject:
    if kind == "then":
        return {"anyOf": [{"required": ["then"]}, {"required": ["else"]}]}
    return {"required": [kind]}


def _undecided(kind: str, key: str) -> JsonObject:
    """A key with its sentence only: what its value must be depends on the kind."""
    return {"description": keys.KINDS[kind][key]["description"]}


def _kind(kind: str) -> JsonObject:
    if kind == "uses":
        return {"$ref": "#/definitions/action"}
    own = dict(keys.KINDS[kind])
    if kind == "wait":
        own["wait"] = _wait()
    return {
        "properties": {**keys.STEP, **own},
        "additionalProperties": False,
        "required": list(keys.REQUIRED.get(kind, (kind,))),
    }


def _wait() -> JsonObject:
    forms = ("for", "until", "event")
    return {
        **keys.closed(keys.WAIT, str(keys.KINDS["wait"]["wait"]["description"])),
        "oneOf": [{"required": [form]} for form in forms],
        "dependencies": {"timeout": ["event"]},
    }


def _action(calls: Mapping[str, tuple[str, type[BaseModel]]], models: Models) -> JsonObject:
    properties = {**keys.STEP, **keys.KINDS["uses"], "uses": _uses(calls, keys.KINDS["uses"]["uses"])}
    return {
        "properties": properties,
        "additionalProperties": False,
        "required": ["uses"],
        "allOf": list(_given(calls, models)),
    }


def _trigger(starts: Mapping[str, tuple[str, type[BaseModel]]], models: Models) -> JsonObject:
    offered = {**starts, words.MANUAL: (_MANUAL, None)}
    by_hand: JsonObject = {
        "if": _uses_is(words.MANUAL),
        "then": {"not": {"anyOf": [{"required": ["with"]}, {"required": ["connection"]}]}},
    }
    return {
        **keys.closed({**keys.TRIGGER, "uses": _uses(offered, keys.TRIGGER["uses"])}, "A trigger.", ("uses",)),
        "allOf": [*_given(starts, models), by_hand],
    }


def _event(starts: Mapping[str, tuple[str, type[BaseModel]]], models: Models) -> JsonObject:
    described = {**keys.EVENT, "uses": _uses(starts, {"description": "The event, named like a trigger."})}
    return {
        **keys.closed(described, "An event to wait for; it counts from the run's beginning on.", ("uses",)),
        "allOf": list(_given(starts, models)),
    }


def _uses(offered: Mapping[str, tuple[str, object]], schema: JsonObject) -> JsonObject:
    """The names with a sentence for each, in the words of each kind of editor."""
    sentences = [summary for summary, _ in offered.values()]
    return {
        **schema,
        "enum": list(offered),
        "enumDescriptions": sentences,
        "x-intellij-enum-metadata": {
            name: {"description": sentence} for name, sentence in zip(offered, sentences, strict=True)
        },
    }


def _given(offered: Mapping[str, tuple[str, type[BaseModel]]], models: Models) -> Iterable[JsonObject]:
    """For each name under ``uses`` what stands under ``with``."""
    for name, (_, model) in offered.items():
        schema = models.schema(model, name)
        needed = cast("list[Json]", schema.get("required", []))
        if not needed:
            schema = keys.or_empty({"description": "What it is given.", **schema})
        then: dict[str, Json] = {"properties": {"with": schema}}
        yield {"if": _uses_is(name), "then": {**then, "required": ["with"]} if needed else then}


def _uses_is(name: str) -> JsonObject:
    return {"properties": {"uses": {"const": name}}, "required": ["uses"]}
