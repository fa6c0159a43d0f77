"""The keys of the flow language as an editor shows them: a sentence for each, and what its value may be. Owns the sentences and the forms
of values; which keys there are is engine.flow.words', and the tests hold the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.flow import words
from engine.flow.blocks import MAX_BRANCHES, MAX_ITERATIONS, MAX_PARALLEL
from engine.flow.build import MAX_CONCURRENT, MAX_QUEUED
from engine.strictjson import Json, JsonObject

NAME = "^[a-z][a-z0-9_]{0,63}$"
FILE_NAME = "^[a-z0-9_-]{1,64}$"
DURATION = (
    r"^\s*((?=\d)(\d{1,9}w)?(\d{1,9}d)?(\d{1,9}h)?(\d{1,9}m(?!s))?(\d{1,9}s)?(\d{1,9}ms)?"
    r"|P(?=\d|T\d)(\d{1,9}W)?(\d{1,9}D)?(T(?=\d)(\d{1,9}H)?(\d{1,9}M)?(\d{1,9}S)?)?)\s*$"
)

DEFINITIONS: Mapping[str, JsonObject] = MappingProxyType(
    {
        "text": {"type": "string", "pattern": r"\S"},
        "name": {"type": "string", "pattern": NAME},
        "file_name": {"type": "string", "pattern": FILE_NAME},
        "duration": {"type": "string", "pattern": DURATION, "examples": ["30s", "5m", "1h30m", "2d"]},
        "template": {"type": "string", "pattern": r"\{\{"},
        "expression": {"type": ["string", "boolean"], "pattern": r"\S"},
        "steps": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/step"}},
        "steps_or_none": {"type": "array", "items": {"$ref": "#/definitions/step"}},
        "on_error": {
            "anyOf": [{"enum": ["fail", "continue"]}, {"$ref": "#/definitions/steps"}],
        },
    }
)


def a(definition: str, sentence: str) -> JsonObject:
    """A value of that form. Beside a $ref draft 07 reads nothing, so that the sentence stands around it."""
    return {"description": sentence, "allOf": [{"$ref": f"#/definitions/{definition}"}]}


def one_of(choices: tuple[str, ...], sentence: str, default: str | None = None) -> JsonObject:
    found: dict[str, Json] = {"description": sentence, "enum": list(choices)}
    return found if default is None else {**found, "default": default}


def whole(least: int, most: int, sentence: str) -> JsonObject:
    return {"description": sentence, "type": "integer", "minimum": least, "maximum": most}


def truth(sentence: str, default: bool) -> JsonObject:
    return {"description": sentence, "type": "boolean", "default": default}


def closed(properties: Mapping[str, JsonObject], sentence: str, required: tuple[str, ...] = ()) -> JsonObject:
    """An object with these keys and no others."""
    found: dict[str, Json] = {"description": sentence, "type": "object", "minProperties": 1}
    found |= {"properties": dict(properties), "additionalProperties": False}
    return {**found, "required": list(required)} if required else found


def named(pattern: str, value: JsonObject, sentence: str) -> JsonObject:
    """An object whose keys the author names."""
    return {
        "description": sentence,
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": pattern},
        "additionalProperties": value,
    }


def or_empty(schema: JsonObject) -> JsonObject:
    """A key may be left empty, its lines commented out."""
    return {
        "description": schema["description"],
        "anyOf": [schema, {"enum": [None, {}, []]}],
    }


ANYTHING: JsonObject = {"description": "A value; a text may hold expressions in {{ }}."}
RETRY: Mapping[str, JsonObject] = {
    "max_attempts": whole(1, 100, "How often the action is tried at most, the first time included. Default 3."),
    "backoff": one_of(words.BACKOFFS, "Whether pauses stay the same or double.", "exponential"),
    "interval": a("duration", "The first pause. Default 2s."),
    "max_interval": a("duration", "No pause is longer. Default 1m."),
    "jitter": truth("Whether pauses vary a little, so that many runs do not come back at once.", True),
    "if": a("expression", "Whether to try again, with `error` at hand. Without it only errors that can pass are."),
}
RETRY_SCHEMA = closed(RETRY, "How often and how fast the action is tried again.")
DEFAULTS: Mapping[str, JsonObject] = {
    "timeout": a("duration", "How long one attempt of an action may take. Default 30s."),
    "retry": RETRY_SCHEMA,
    "on_uncertain": one_of(words.ON_UNCERTAIN, "What to do when nobody can say whether a write happened.", "fail"),
}
INPUT: Mapping[str, JsonObject] = {
    "type": one_of(words.INPUT_TYPES, "What may be given."),
    "default": {"description": "What it is when nothing is given. Without a default it must be given."},
    "description": a("text", "What it is for."),
}
CONCURRENCY: Mapping[str, JsonObject] = {
    "key": a("expression", "Runs with the same value share the limit; without it all runs of the flow do."),
    "limit": whole(1, MAX_CONCURRENT, "How many of them may be under way at once."),
    "on_limit": one_of(words.ON_LIMIT, "What becomes of one too many: it waits, does not start, or replaces.", "queue"),
    "max_queued": whole(1, MAX_QUEUED, "How many may wait; one more does not start."),
}
STOP: Mapping[str, JsonObject] = {
    "status": one_of(words.STOP_STATUSES, "How the run ends."),
    "message": a("text", "Why, for the list of runs."),
}
SET = named(NAME, ANYTHING, "Variables for the steps after this one: `vars.name`.")

STEP: Mapping[str, JsonObject] = {
    "id": a("name", "The step's name in history and expressions: `steps.id.output`."),
    "if": a("expression", "The step runs only when this is true; else it is skipped, and its output is null."),
    "on_error": a("on_error", "What happens when the step fails: the run fails, goes on, or these steps run."),
    "secure": {
        "description": "What of the step nobody may see: kept sealed, shown nowhere.",
        "type": "array",
        "items": {"enum": list(words.SECRETS)},
        "minItems": 1,
    },
}
_INNER = "The steps inside."
KINDS: Mapping[str, Mapping[str, JsonObject]] = {
    "uses": {
        "uses": {"description": "The action to call: <connector>.<action>."},
        "with": {"description": "What the action is given."},
        "connection": a("text", "An alias from `connections`; without it the one that is called like the connector."),
        "retry": RETRY_SCHEMA,
        "timeout": DEFAULTS["timeout"],
        "idempotency_key": a(
            "text",
            "What the service tells repetitions by; without it the engine makes one of what started the run and of the step.",
        ),
        "on_uncertain": DEFAULTS["on_uncertain"],
    },
    "then": {
        "then": a("steps", "The steps when `if` is true."),
        "else": a("steps", "The steps when it is not."),
    },
    "switch": {
        "switch": a("expression", "The value that chooses a case."),
        "cases": named(r"", {"$ref": "#/definitions/steps_or_none"}, "The steps for each value."),
        "default": a("steps_or_none", "The steps when no case fits."),
    },
    "foreach": {
        "foreach": a("expression", "The list. The steps run once for each item."),
        "as": a("name", "What the item is called in expressions. Default item."),
        "max_parallel": whole(1, MAX_PARALLEL, "How many iterations run at once. Default 1."),
        "steps": a("steps", _INNER),
    },
    "until": {
        "until": a("expression", "The steps repeat until this, judged after each round, is true."),
        "max_iterations": whole(1, MAX_ITERATIONS, "After so many rounds the step fails."),
        "timeout": a("duration", "After so long the step fails."),
        "interval": a("duration", "The pause between two rounds. Default none."),
        "steps": a("steps", _INNER),
    },
    "parallel": {
        "parallel": {
            **named(NAME, {"$ref": "#/definitions/steps"}, "Branches by name; they run side by side."),
            "maxProperties": MAX_BRANCHES,
        },
        "join": one_of(words.JOINS, "Whether to wait for all branches, or for the first that is through.", "all"),
    },
    "steps": {
        "steps": a("steps", "A group of steps, with an `on_error` and a `timeout` of its own."),
        "timeout": a("duration", "After so long the group fails."),
    },
    "set": {"set": SET},
    "wait": {"wait": {"description": "Holds the run, and no worker: `for`, `until` or an `event`."}},
    "flow": {
        "flow": a("file_name", "The id of another flow, which runs with these inputs."),
        "with": or_empty(named("", ANYTHING, "The inputs of that flow.")),
        "wait": truth("Whether to wait for its end and take its outputs.", True),
    },
    "stop": {"stop": closed(STOP, "Ends the run here.", ("status",))},
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "uses": ("uses",),
    "then": ("if", "then"),
    "switch": ("switch", "cases"),
    "foreach": ("foreach", "steps"),
    "until": ("until", "max_iterations", "timeout", "steps"),
}
"""What a kind needs beside its own key."""

_ON = {
    "uses": {"description": "What starts a run: <connector>.<trigger>, or manual."},
    "with": {"description": "What the trigger takes; constants only, for it is set up when you deploy."},
    "connection": KINDS["uses"]["connection"],
}
TRIGGER: Mapping[str, JsonObject] = {
    "id": a("name", "The trigger's name, where there are several."),
    **_ON,
    "if": a("expression", "Judged before a run exists: when it is false, none starts."),
    "split_on": a("expression", "A list in the event; each item starts a run: `trigger.item`, `trigger.index`."),
}
EVENT: Mapping[str, JsonObject] = {
    **_ON,
    "uses": {"description": "The trigger whose event is waited for: <connector>.<trigger>."},
    "if": a("expression", "Which event it must be; the event is at hand as `event`."),
}
WAIT: Mapping[str, JsonObject] = {
    "for": {
        "description": "How long: 90m, 2d, or an expression that gives such a text.",
        "anyOf": [{"$ref": "#/definitions/duration"}, {"$ref": "#/definitions/template"}],
    },
    "until": a("expression", "An instant with its offset, or an expression that gives one. In the past: no wait."),
    "event": a("event", "The event to wait for, named like a trigger."),
    "timeout": a("duration", "How long to wait for the event at most; then the step fails."),
}
FLOW: Mapping[str, JsonObject] = {
    "id": a("file_name", "The flow's id, unique in the folder."),
    "name": a("text", "What people call it."),
    "description": a("text", "What it does."),
    "labels": or_empty(
        {"description": "Words to find it by.", "type": "array", "items": {"$ref": "#/definitions/text"}}
    ),
    "connections": or_empty(
        named(FILE_NAME, {"$ref": "#/definitions/file_name"}, "Alias, and the name of a stored connection.")
    ),
    "inputs": or_empty(
        named(NAME, closed(INPUT, "A typed input.", ("type",)), "Typed parameters: `inputs.name` in expressions.")
    ),
    "variables": or_empty(named(NAME, ANYTHING, "Values worked out at the beginning: `vars.name`.")),
    "triggers": or_empty(
        {
            "description": "What starts a run. Without any, the flow is started by hand or by another flow.",
            "type": "array",
            "items": {"$ref": "#/definitions/trigger"},
        }
    ),
    "concurrency": or_empty(closed(CONCURRENCY, "How many runs may be under way at once.")),
    "timeout": a("duration", "How long the whole run may take; handlers and `finally` come after it."),
    "defaults": or_empty(closed(DEFAULTS, "What holds for every action that does not say otherwise.")),
    "steps": a("steps", "What the flow does, in this order."),
    "on_error": a("on_error", "What happens when the run fails: it fails, counts as succeeded, or these steps run."),
    "finally": or_empty(a("steps", "Steps that run at the end, however the run ends.")),
    "outputs": or_empty(named(NAME, ANYTHING, "What the run gives: to history, and to a flow that called this one.")),
}
