"""A right file becomes the flow that it says, with defaults where it is silent and a place for everything."""

from __future__ import annotations

import hashlib

from engine.errors import Place
from engine.flow import load_flow
from engine.flow.model import ActionStep, ForeachStep, IfStep, InputSpec, Retry, SetStep, StopStep, all_steps
from tests.unit.flow.reading import flow, step

SOURCE = """\
id: late-cancellation
name: Late cancellation
description: Marks who cancels late.
labels: [sales, demo]
connections: {calendly: team-calendly, other: second}
inputs:
  hours: {type: integer, default: 24, description: How late is late}
  email: {type: string}
variables:
  domain: "{{ trigger.payload.email.split('@') | last }}"
triggers:
  - uses: calendly.invitee
    with: {events: [invitee.canceled]}
    if: trigger.payload.rescheduled == false
  - {id: form, uses: calendly.routing_form_submission, connection: other}
  - uses: calendly.invitee
steps:
  - id: type
    uses: calendly.get_event_type
    with: {uuid: "{{ trigger.payload.scheduled_event.event_type | uuid }}"}
    if: inputs.hours > 0
    retry: {max_attempts: 4, backoff: fixed, interval: 1s, max_interval: 5m, jitter: false, if: error.kind == 'server'}
    timeout: 1m
    on_error: continue
  - id: is_demo
    if: "{{ steps.type.output.resource.slug == 'demo' }}"
    then:
      - id: mark
        uses: crm.note
        connection: other
        on_error:
          - {id: tell, set: {failed: true}}
    else:
      - {id: skipped, stop: {status: succeeded, message: "not a demo"}}
  - id: answers
    if: inputs.hours > 1
    foreach: trigger.payload.questions_and_answers
    as: qa
    max_parallel: 5
    steps:
      - {id: note, uses: log.write, with: {message: "{{ qa.answer }}"}}
on_error:
  - {id: sorry, stop: {status: failed}}
outputs:
  domain: "{{ vars.domain }}"
"""


def test_the_flow_itself() -> None:
    built = load_flow(SOURCE, "flows/late.yaml")
    assert (built.id, built.name, built.description) == (
        "late-cancellation",
        "Late cancellation",
        "Marks who cancels late.",
    )
    assert built.labels == ("sales", "demo")
    assert built.connections == {"calendly": "team-calendly", "other": "second"}
    assert list(built.variables) == ["domain"]
    assert list(built.outputs) == ["domain"]
    assert built.source == SOURCE
    assert built.digest == hashlib.sha256(SOURCE.encode()).hexdigest()
    assert built.version == built.digest[:12]
    assert [each.id for each in all_steps(built)] == [
        "type",
        "is_demo",
        "mark",
        "tell",
        "skipped",
        "answers",
        "note",
        "sorry",
    ]


def test_inputs() -> None:
    inputs = load_flow(SOURCE, "a.yaml").inputs
    place = Place(file="a.yaml", line=7, column=3)
    assert inputs["hours"] == InputSpec(
        type="integer", default=24, required=False, description="How late is late", place=place
    )
    assert inputs["email"].required


def test_triggers() -> None:
    first, second, third = load_flow(SOURCE, "a.yaml").triggers
    assert (first.id, first.uses, first.connection) == ("invitee", "calendly.invitee", "calendly")
    assert first.given == {"events": ["invitee.canceled"]}
    assert first.condition is not None
    assert (first.place.line, first.place.column) == (12, 5)
    assert (second.id, second.connection, second.given, second.condition) == ("form", "other", {}, None)
    assert third.id == "invitee_2"


def test_an_action_step() -> None:
    action = load_flow(SOURCE, "a.yaml").steps[0]
    assert isinstance(action, ActionStep)
    assert (action.connector, action.action, action.connection) == ("calendly", "get_event_type", "calendly")
    assert action.guard is not None
    assert action.timeout_ms == 60_000
    assert action.on_error == "continue"
    retry = action.retry
    assert (retry.max_attempts, retry.backoff, retry.jitter) == (4, "fixed", False)
    assert (retry.interval_ms, retry.max_interval_ms) == (1_000, 300_000)
    assert retry.condition is not None
    event_type = "https://api.calendly.com/event_types/AAA"
    assert action.given.render({"trigger": {"payload": {"scheduled_event": {"event_type": event_type}}}}) == {
        "uuid": "AAA"
    }


def test_a_branch_and_a_handler() -> None:
    branch = load_flow(SOURCE, "a.yaml").steps[1]
    assert isinstance(branch, IfStep)
    assert branch.guard is None
    (mark,), (skipped,) = branch.then, branch.otherwise
    assert isinstance(mark, ActionStep)
    assert mark.connection == "other"
    assert isinstance(mark.on_error, tuple)
    assert isinstance(mark.on_error[0], SetStep)
    assert isinstance(skipped, StopStep)
    assert skipped.status == "succeeded"
    assert skipped.message is not None
    assert skipped.message.render({}) == "not a demo"


def test_a_loop() -> None:
    loop = load_flow(SOURCE, "a.yaml").steps[2]
    assert isinstance(loop, ForeachStep)
    assert (loop.variable, loop.max_parallel, loop.guard is not None) == ("qa", 5, True)
    assert [each.id for each in loop.steps] == ["note"]


def test_what_a_file_leaves_out() -> None:
    built = load_flow(step("id: b", "uses: calendly.get_event_types"), "a.yaml")
    only = built.steps[0]
    assert (built.name, built.description, built.triggers, built.on_error) == ("a", "", (), None)
    assert isinstance(only, ActionStep)
    assert only.connection == "", "calendly is not declared: the checker says so where a connection is needed"
    assert only.given.render({}) == {}
    assert (only.retry, only.timeout_ms, only.on_error, only.guard) == (Retry(max_attempts=1), 30_000, "fail", None)


def test_a_loop_is_serial_and_its_variable_is_item() -> None:
    loop = load_flow(step("id: b", "foreach: inputs.x", "steps: [{id: c, set: {x: 1}}]"), "a.yaml").steps[0]
    assert isinstance(loop, ForeachStep)
    assert (loop.variable, loop.max_parallel) == ("item", 1)


def test_a_long_interval_raises_the_longest_interval() -> None:
    action = load_flow(step("id: b", "uses: a.b", "retry: {interval: 5m}"), "a.yaml").steps[0]
    assert isinstance(action, ActionStep)
    assert action.retry == Retry(interval_ms=300_000, max_interval_ms=300_000)


def test_a_bare_truth_value_is_an_expression() -> None:
    built = load_flow(step("id: b", "if: true", "stop: {status: failed}"), "a.yaml").steps[0]
    assert built.guard is not None
    assert built.guard.truth({}) is True


def test_blocks_whose_lines_are_commented_out_count_as_absent() -> None:
    keys = ("labels", "connections", "inputs", "variables", "triggers", "outputs")
    built = load_flow(flow(*(f"{key}:" for key in keys)), "a.yaml")
    assert (built.labels, built.connections, built.inputs, built.triggers) == ((), {}, {}, ())


def test_on_error_fail_is_what_holds_anyway() -> None:
    assert load_flow(flow("on_error: fail"), "a.yaml").on_error is None


def test_inputs_take_defaults_of_each_type() -> None:
    lines = (
        "inputs:",
        "  a: {type: number, default: 1}",
        "  b: {type: list, default: []}",
        "  c: {type: object, default: {}}",
    )
    assert [spec.default for spec in load_flow(flow(*lines), "a.yaml").inputs.values()] == [1, [], {}]


def test_every_key_has_its_place_and_its_value_another() -> None:
    built = load_flow(SOURCE, "a.yaml")
    action, branch = built.steps[0], built.steps[1]
    found = {name: (place.line, place.column) for name, place in action.places.items()}
    assert found["uses:"] == (19, 5)
    assert found["uses"] == (19, 11)
    assert found["with.uuid:"] == (20, 12)
    assert found["with.uuid"] == (20, 19), "inside of the quotes"
    assert found["retry.if"] == (22, 97)
    assert built.triggers[0].places["with.events.0"].column == 21
    assert built.places["outputs.domain"].line == 45
    assert "then" in branch.places
    assert not [name for name in branch.places if name.startswith("then.")], "steps inside keep their own"
    assert not [name for name in built.places if name.startswith("steps.")]


def test_bytes_and_a_byte_order_mark_make_no_other_version() -> None:
    assert load_flow(b"\xef\xbb\xbf" + SOURCE.encode(), "a.yaml").digest == load_flow(SOURCE, "b.yaml").digest
