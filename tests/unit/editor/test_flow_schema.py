"""The editor's schema takes every flow that is right, refuses the mistakes that it can express where they stand, and knows every word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.editor import flow_schema, keys
from engine.flow import durations, node, words
from engine.flow.document import Findings
from engine.flow.load import read_flow
from engine.flow.yaml import read_yaml
from engine.strictjson import Json, JsonObject

ROOT = Path(__file__).parents[3]
CATALOGUE = {"calendly": calendly, "http": http, "log": log, "schedule": schedule}
SCHEMA = flow_schema(CATALOGUE)
VALIDATOR = Draft7Validator(cast("dict[str, object]", SCHEMA))
RIGHT = sorted(
    path
    for folder in (ROOT / "flows", ROOT / "tests/flows/corpus/right")
    for path in folder.glob("*.yaml")
    if not path.name.endswith(".test.yaml")
)

EVERYTHING = """
id: everything
name: Everything
description: Every construct of the language once.
labels: [demo]
x-note: {mine: [1, 2]}
connections: {calendly: team-calendly, crm: crm-api}
inputs:
  grace: {type: integer, default: 15, description: Minutes.}
  who: {type: string}
variables:
  domain: "{{ trigger.payload.email.split('@') | last }}"
triggers:
  - uses: calendly.invitee
    id: booked
    with: {events: [invitee.created, invitee.canceled]}
    if: trigger.payload.email is defined
    split_on: trigger.payload.questions_and_answers
  - uses: manual
concurrency: {key: trigger.payload.email, limit: 1, on_limit: queue, max_queued: 10}
timeout: 1h30m
defaults:
  timeout: 30s
  on_uncertain: fail
  retry: {max_attempts: 4, backoff: exponential, interval: 2s, max_interval: PT1M, jitter: true, if: error.status == 500}
steps:
  - id: call
    uses: http.request
    connection: crm
    with: {method: "{{ vars.method }}", path: "/x/{{ vars.domain }}", expect: [200, "{{ inputs.grace }}"], json: {a: 1}}
    retry: {max_attempts: 2}
    timeout: 250ms
    idempotency_key: "{{ trigger.payload.uri }}"
    on_uncertain: retry
    secure: [inputs, outputs]
    if: true
    on_error: continue
  - id: choose
    if: "{{ steps.call.output is none }}"
    then: [{id: note, uses: log.write, with: {message: hello}}]
    else: [{id: end, stop: {status: failed, message: "no {{ vars.domain }}"}}]
  - id: pick
    switch: trigger.event
    cases:
      invitee.created: [{id: a, set: {count: 1}}]
      1: []
    default: []
  - id: each
    foreach: trigger.payload.questions_and_answers
    as: qa
    max_parallel: 5
    steps: [{id: b, uses: log.write, with: {message: "{{ qa.answer }}"}}]
  - id: poll
    until: steps.look.output.status == 200
    max_iterations: 20
    timeout: 1h
    interval: 10s
    steps: [{id: look, uses: http.request, connection: crm, with: {path: /state}}]
  - id: both
    parallel:
      left: [{id: l, uses: log.write, with: {message: l}}]
      right: [{id: r, uses: log.write, with: {message: r}}]
    join: any
  - id: scope
    steps: [{id: inner, uses: log.write, with: {message: x}}]
    timeout: 5m
    on_error: [{id: tell, uses: log.write, with: {message: "{{ error.message }}"}}]
  - {id: pause, wait: {for: 90m}}
  - {id: pause_some, wait: {for: "{{ inputs.grace }}m"}}
  - {id: pause_until, wait: {until: trigger.payload.scheduled_event.start_time}}
  - id: heard
    wait:
      event: {uses: calendly.invitee, with: {events: [invitee.canceled]}, connection: calendly, if: event.payload.uri == trigger.payload.uri}
      timeout: 24h
  - {id: sub, flow: another-flow, with: {who: "{{ inputs.who }}"}, wait: false}
  - {id: remember, set: {name: "{{ steps.sub.output.run }}"}}
on_error: [{id: alarm, uses: log.write, with: {level: error, message: "{{ error.step }}"}}]
finally: [{id: tidy, uses: log.write, with: {message: done}}]
outputs:
  count: "{{ vars.count | default(0) }}"
"""


def data(text: str) -> JsonObject:
    """What the file says, as our own reader reads it."""
    findings = Findings()
    document = read_yaml(text, "flow.yaml", findings)
    assert document is not None, findings.in_order()
    return cast(JsonObject, document.data)


def all_errors(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        yield error
        yield from all_errors(iter(error.context or ()))


def test_it_is_a_schema() -> None:
    Draft7Validator.check_schema(cast("dict[str, object]", SCHEMA))


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_every_flow_that_is_right_fits(path: Path) -> None:
    assert not [error.message for error in VALIDATOR.iter_errors(data(path.read_text(encoding="utf-8")))]


def test_a_flow_with_every_construct_fits_and_loads() -> None:
    assert read_flow(EVERYTHING, "flow.yaml").findings == ()
    assert not [(list(error.absolute_path), error.message) for error in VALIDATOR.iter_errors(data(EVERYTHING))]


STEPS = "{{id: f, connections: {{calendly: c, crm: c}}, steps: [{}]}}"
MISTAKES: Mapping[str, tuple[str, list[str | int], str]] = {
    "a flow without id": ("{steps: [{id: a, set: {b: 1}}]}", [], "'id' is a required property"),
    "a flow without steps": ("{id: f}", [], "'steps' is a required property"),
    "an unknown key of the flow": ("{id: f, step: [], steps: [{id: a, set: {b: 1}}]}", [], "'step' does not match"),
    "a wrong id": ("{id: My Flow, steps: [{id: a, set: {b: 1}}]}", ["id"], "does not match"),
    "no steps": ("{id: f, steps: []}", ["steps"], "should be non-empty"),
    "a step without id": (STEPS.format("{set: {b: 1}}"), ["steps", 0], "'id' is a required property"),
    "a step's wrong id": (STEPS.format("{id: My-Step, set: {b: 1}}"), ["steps", 0, "id"], "does not match"),
    "a step that does nothing": (STEPS.format("{id: a, if: true}"), ["steps", 0], "not valid under any"),
    "an unknown key of a step": (STEPS.format("{id: a, set: {b: 1}, retries: 3}"), ["steps", 0], "'retries' was"),
    "a key of another kind": (STEPS.format("{id: a, set: {b: 1}, max_parallel: 3}"), ["steps", 0], "'max_parallel'"),
    "two kinds": (STEPS.format("{id: a, uses: log.write, with: {message: x}, set: {b: 1}}"), ["steps", 0], "'set' was"),
    "then without if": (STEPS.format("{id: a, then: [{id: b, set: {c: 1}}]}"), ["steps", 0], "'if' is a required"),
    "else without then": (STEPS.format("{id: a, if: x, else: [{id: b, set: {c: 1}}]}"), ["steps", 0], "'then' is a"),
    "a loop without steps": (STEPS.format("{id: a, foreach: x}"), ["steps", 0], "'steps' is a required property"),
    "until without limits": (
        STEPS.format("{id: a, until: x, timeout: 1h, steps: [{id: b, set: {c: 1}}]}"),
        ["steps", 0],
        "'max_iterations' is a required property",
    ),
    "a wrong join": (
        STEPS.format("{id: a, join: some, parallel: {b: [{id: c, uses: log.write, with: {message: x}}]}}"),
        ["steps", 0, "join"],
        "'some' is not one of",
    ),
    "a wrong status": (STEPS.format("{id: a, stop: {status: done}}"), ["steps", 0, "stop", "status"], "is not one of"),
    "a duration without unit": (
        STEPS.format("{id: a, uses: log.write, with: {message: x}, timeout: 30}"),
        ["steps", 0, "timeout"],
        "is not of type 'string'",
    ),
    "a duration in the wrong order": (STEPS.format("{id: a, wait: {for: 5m1h}}"), ["steps", 0, "wait", "for"], "5m1h"),
    "waiting for two things": (
        STEPS.format("{id: a, wait: {for: 5m, until: x}}"),
        ["steps", 0, "wait"],
        "is valid under each of",
    ),
    "a limit on waiting for a time": (
        STEPS.format("{id: a, wait: {for: 5m, timeout: 1h}}"),
        ["steps", 0, "wait"],
        "'event' is a dependency of 'timeout'",
    ),
    "a wrong on_error": (
        STEPS.format("{id: a, set: {b: 1}, on_error: ignore}"),
        ["steps", 0, "on_error"],
        "is not valid under any",
    ),
    "too many attempts": (
        STEPS.format("{id: a, uses: log.write, with: {message: x}, retry: {max_attempts: 500}}"),
        ["steps", 0, "retry", "max_attempts"],
        "greater than the maximum",
    ),
    "a mistake inside of a branch": (
        STEPS.format("{id: a, if: x, then: [{id: b, stop: {state: failed}}]}"),
        ["steps", 0, "then", 0, "stop"],
        "'state' was unexpected",
    ),
    "an unknown action": (STEPS.format("{id: a, uses: calendly.get_event}"), ["steps", 0, "uses"], "is not one of"),
    "an unknown input": (
        STEPS.format("{id: a, uses: calendly.get_event_type, with: {uid: x}}"),
        ["steps", 0, "with"],
        "'uid' was unexpected",
    ),
    "a missing input": (
        STEPS.format("{id: a, uses: log.write, with: {level: info}}"),
        ["steps", 0, "with"],
        "'message' is a required property",
    ),
    "missing inputs": (STEPS.format("{id: a, uses: log.write}"), ["steps", 0], "'with' is a required property"),
    "an input's wrong value": (
        STEPS.format("{id: a, uses: http.request, with: {path: /x, method: FETCH}}"),
        ["steps", 0, "with", "method"],
        "'FETCH' is not one of",
    ),
    "an input's wrong type": (
        STEPS.format("{id: a, uses: http.request, with: {path: /x, expect: [ok]}}"),
        ["steps", 0, "with", "expect", 0],
        "'ok' is not of type 'integer'",
    ),
    "an unknown trigger": (
        "{id: f, triggers: [{uses: calendly.invites}], steps: [{id: a, set: {b: 1}}]}",
        ["triggers", 0, "uses"],
        "is not one of",
    ),
    "an unknown event": (
        "{id: f, triggers: [{uses: calendly.invitee, with: {events: [invitee.cancelled]}}], steps: [{id: a, set: {b: 1}}]}",
        ["triggers", 0, "with", "events", 0],
        "'invitee.cancelled' is not one of",
    ),
    "an expression in a trigger": (
        "{id: f, triggers: [{uses: calendly.invitee, with: {events: '{{ x }}'}}], steps: [{id: a, set: {b: 1}}]}",
        ["triggers", 0, "with", "events"],
        "is not of type 'array'",
    ),
    "manual with a connection": (
        "{id: f, triggers: [{uses: manual, connection: c}], steps: [{id: a, set: {b: 1}}]}",
        ["triggers", 0],
        "should not be valid under",
    ),
    "an awaited event that nobody tells of": (
        STEPS.format("{id: a, wait: {event: {uses: calendly.nothing}}}"),
        ["steps", 0, "wait", "event", "uses"],
        "is not one of",
    ),
    "a wrong kind of input": (
        "{id: f, inputs: {a: {type: text}}, steps: [{id: a, set: {b: 1}}]}",
        ["inputs", "a", "type"],
        "'text' is not one of",
    ),
    "a wrong concurrency": (
        "{id: f, concurrency: {limit: 0}, steps: [{id: a, set: {b: 1}}]}",
        ["concurrency", "limit"],
        "less than the minimum",
    ),
    "a wrong default": (
        "{id: f, defaults: {retries: 3}, steps: [{id: a, set: {b: 1}}]}",
        ["defaults"],
        "'retries' was unexpected",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_refused_where_it_stands(name: str) -> None:
    text, path, message = MISTAKES[name]
    found = [(list(error.absolute_path), error.message) for error in all_errors(VALIDATOR.iter_errors(data(text)))]
    assert any(where == path and message in said for where, said in found), found


@pytest.mark.parametrize("name", MISTAKES)
def test_what_the_schema_refuses_is_a_mistake_for_the_checker_too(name: str) -> None:
    from engine.check.tree import findings_of

    assert list(findings_of(read_flow(MISTAKES[name][0], "flow.yaml"), CATALOGUE))


def test_every_word_of_the_language_is_in_the_schema_and_no_other() -> None:
    assert set(keys.FLOW) == set(words.FLOW_KEYS)
    assert set(keys.TRIGGER) == set(words.TRIGGER_KEYS)
    assert set(keys.INPUT) == set(words.INPUT_KEYS)
    assert set(keys.DEFAULTS) == set(words.DEFAULTS_KEYS)
    assert set(keys.CONCURRENCY) == set(words.CONCURRENCY_KEYS)
    assert set(keys.RETRY) == set(words.RETRY_KEYS)
    assert set(keys.WAIT) == set(words.WAIT_KEYS)
    assert set(keys.EVENT) == set(words.EVENT_KEYS)
    assert set(keys.STOP) == set(words.STOP_KEYS)
    assert set(keys.STEP) == set(words.STEP_KEYS)
    assert {kind: set(own) for kind, own in keys.KINDS.items()} == {
        kind: set(own) for kind, own in words.KIND_KEYS.items()
    }


def test_every_action_and_trigger_is_offered_with_a_sentence() -> None:
    definitions = cast("Mapping[str, Mapping[str, Mapping[str, Mapping[str, Json]]]]", SCHEMA["definitions"])
    offered = definitions["action"]["properties"]["uses"]
    assert set(cast("list[str]", offered["enum"])) == {
        f"{name}.{action}" for name, connector in CATALOGUE.items() for action in connector.actions
    }
    assert all(cast("list[str]", offered["enumDescriptions"]))
    started = definitions["trigger"]["properties"]["uses"]
    assert set(cast("list[str]", started["enum"])) == {"manual"} | {
        f"{name}.{trigger}" for name, connector in CATALOGUE.items() for trigger in connector.triggers
    }


def test_everything_an_editor_shows_has_a_sentence() -> None:
    for table in (
        keys.FLOW,
        keys.TRIGGER,
        keys.INPUT,
        keys.DEFAULTS,
        keys.CONCURRENCY,
        keys.RETRY,
        keys.STOP,
        keys.STEP,
    ):
        assert all(str(schema["description"]).endswith(".") for schema in table.values())


def test_names_and_durations_have_the_loaders_form() -> None:
    assert f"^{node._NAME.pattern}$" == keys.NAME
    assert f"^{node._FILE_NAME.pattern}$" == keys.FILE_NAME
    duration = Draft7Validator(dict(keys.DEFINITIONS["duration"]))
    for text in ("30s", "5m", "1h30m", "2d", "250ms", "1w2d3h4m5s6ms", "PT5M", "P1DT12H", "P1W", " 5m "):
        assert durations.milliseconds(text)
        assert duration.is_valid(text), text
    for text in ("", "5", "5 m", "m", "5m1h", "5M", "P", "PT", "P1DT", "1.5h", "-5m", "P1M"):
        with pytest.raises(durations.NotADuration):
            durations.milliseconds(text)
        assert not duration.is_valid(text), text
