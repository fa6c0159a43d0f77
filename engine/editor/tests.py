"""The JSON Schema of test files, ``*.test.yaml``. Owns their keys as an editor shows them; the tests hold it to what
engine.runtime.rehearsal reads. What a mock may answer depends on the flow, so that the schema leaves it open.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.core.statuses import RUN_ENDS_ITSELF, STEP_FINAL
from engine.editor import keys
from engine.editor.flows import DRAFT
from engine.sdk.connector import Connector
from engine.sdk.errors import Kind
from engine.strictjson import JsonObject


def _steps(sentence: str) -> JsonObject:
    return {"description": sentence, "type": "array", "items": {"$ref": "#/definitions/text"}}


ERROR: Mapping[str, JsonObject] = {
    "step": keys.a("text", "The path of the step that failed."),
    "kind": keys.a("text", "What kind of error it is."),
    "message": keys.a("text", "Words that the message holds."),
    "status": {"description": "The HTTP status.", "type": ["integer", "null"]},
    "attempt": {"description": "The attempt that failed.", "type": "integer"},
    "place": {"description": "Where in the flow file."},
}
_SPAN = {"type": ["string", "integer"]}
SPANS: Mapping[str, JsonObject] = {
    "waited": {"description": "How long it waited, by the test's clock: 10m, or 0.", **_SPAN},
    "took": {"description": "How long it took in all, by the test's clock.", **_SPAN},
}
STEP: Mapping[str, JsonObject] = {
    "status": keys.one_of(
        (*sorted(status.value for status in STEP_FINAL), "not_reached"), "How the step ends, or that it is not reached."
    ),
    "attempts": keys.whole(0, 100, "How often it is tried."),
    "input": {"description": "What the last attempt is given; the fields that are named are compared."},
    "output": {"description": "What comes out; the fields that are named are compared."},
    "error": {
        "description": "The error, or null for none.",
        "anyOf": [keys.closed(ERROR, "The fields that are named are compared."), {"type": "null"}],
    },
    **SPANS,
}
EXPECTED_RUN: Mapping[str, JsonObject] = {
    "status": keys.one_of(
        (*sorted(status.value for status in RUN_ENDS_ITSELF), "not_started"), "How the run ends, or that none starts."
    ),
    "message": keys.a("text", "Words that the run's message holds; of a run that did not start, the reason."),
    "steps": keys.or_empty(keys.named("", keys.closed(STEP, "What is expected of the step."), "By step id or path.")),
    "outputs": {"description": "The run's outputs, or null.", "type": ["object", "null"]},
    "order": keys.or_empty(_steps("Steps in the order in which they must end.")),
    "not_called": keys.or_empty(_steps("Steps whose action must not be called.")),
    **SPANS,
}
EXPECT: Mapping[str, JsonObject] = {
    **EXPECTED_RUN,
    "runs": {
        "description": "What must come of each run, of an event that starts several.",
        "type": "array",
        "minItems": 1,
        "items": keys.closed(EXPECTED_RUN, "What must come of this run."),
    },
}
RUN: Mapping[str, JsonObject] = {
    "id": keys.a("text", "What `run.id` is."),
    "started_at": keys.a("text", "What `run.started_at` is, such as 2026-01-01T12:00:00Z."),
}
_REPLY: JsonObject = {
    "type": "object",
    "properties": {
        "returns": {"description": "The output; what it leaves out and the model needs is made up."},
        "error": {
            "type": "object",
            "description": "How the attempt fails.",
            "properties": {"kind": keys.one_of(tuple(kind.value for kind in Kind), "The kind of the error.")},
        },
    },
}
_MOCK: JsonObject = {
    "description": "By step id or path: what it answers; of a list, one answer for each attempt.",
    "type": "object",
    "additionalProperties": {"anyOf": [_REPLY, {"type": "array", "minItems": 1}, {"type": ["string", "null"]}]},
}


def tests_schema(catalogue: Mapping[str, Connector]) -> JsonObject:
    """The schema, with the samples of these connectors."""
    test = keys.closed(case_keys(catalogue), "A test.", ("name",))
    return {
        "$schema": DRAFT,
        "title": "Tests of a flow of Hookline",
        "type": "object",
        "required": ["flow", "tests"],
        "properties": {
            "flow": keys.a("file_name", "The id of the flow, which stands in the same folder."),
            "tests": {"description": "The tests.", "type": "array", "minItems": 1, "items": test},
        },
        "additionalProperties": False,
        "definitions": dict(keys.DEFINITIONS) | {"step": {}},
    }


def case_keys(catalogue: Mapping[str, Connector]) -> Mapping[str, JsonObject]:
    """The keys of one test."""
    samples = [f"{name}/{sample}" for name, connector in catalogue.items() for sample in connector.samples]
    return {
        "name": keys.a("text", "What the test shows."),
        "trigger": {
            "description": "The event: one of the samples, with changes, or the event itself. Without it the run is started by hand.",
            "type": ["object", "null"],
            "properties": {
                "sample": {"description": "<connector>/<sample>", "type": "string", "examples": list(samples)},
                "set": {"description": "What differs from the sample, by path: payload.email.", "type": "object"},
            },
        },
        "inputs": {"description": "Inputs that are not to have their defaults.", "type": "object"},
        "manual": keys.truth("Started by hand with the event, without asking the triggers.", False),
        "item": {"description": "Which item of `split_on` it is about, from 0.", "type": "integer", "minimum": 0},
        "flows": {"description": "The flows that this one calls, played too."},
        "events": {"description": "Events that come while the run waits."},
        "cancel": {
            **keys.closed(
                {"at": {"description": "After how long: 10m.", **_SPAN}}, "The run is asked to stop.", ("at",)
            ),
        },
        "run": keys.or_empty(keys.closed(RUN, "For flows that use `run.id` or `run.started_at`.")),
        "mock": keys.or_empty(_MOCK),
        "expect": keys.closed(EXPECT, "What must come of it. Without a status: succeeded."),
    }
