"""What is known inside of and after each construct of the language."""

from __future__ import annotations

import pytest

from engine.check.tree import callees_of, findings_of
from engine.flow import load_flow
from engine.flow.load import read_flow
from tests.unit.check.support import CATALOGUE, brief, flow

BOTH = "  - {uses: shop.order, with: {events: [order.paid]}, id: paid}"
NOTE = "uses: shop.write_note, with: {text: a}"


def messages(*lines: str) -> list[str]:
    return brief(flow("steps:", *lines))


def codes(*lines: str) -> list[str]:
    return [line.split()[0] for line in messages(*lines)]


class TestSwitch:
    def test_a_case_knows_its_value_and_the_default_that_it_is_none_of_them(self) -> None:
        person = "trigger.payload.person.name"
        assert messages(
            "  - id: by",
            "    if: trigger.payload.person.name is defined",
            f"    switch: {person}",
            "    cases:",
            f"      Ada: [{{id: a, set: {{x: '{{{{ {person} | upper }}}}'}}}}]",
            "      null: [{id: b, set: {x: '{{ trigger.payload.person.^name | upper }}'}}]",
            f"    default: [{{id: c, set: {{x: '{{{{ {person} | upper }}}}'}}}}]",
            "  - {id: d, set: {y: '{{ steps.by.output }} {{ steps.a.^output.x }} {{ vars.x }}'}}",
        ) == [
            f"E219 {person} may be null here; upper needs text; ask is not none before, or use default(…, true)",
            "E219 steps.a.output may be null here (when the step was skipped or failed); ask steps.a.status == 'succeeded' before",
        ]

    def test_a_case_that_the_value_never_has_is_told_with_the_nearest_that_it_can_have(self) -> None:
        assert messages(
            "  - id: by",
            "    switch: trigger.event",
            "    cases:",
            "      order.made: [{id: a, set: {x: 1}}]",
            "      ^order.payed: [{id: b, set: {x: 2}}]",
        ) == ["W305 trigger.event is never 'order.payed'; here it is 'order.made'"]

    def test_a_default_that_is_never_reached_is_told(self) -> None:
        assert messages(
            "  - id: by",
            "    switch: trigger.event",
            "    cases: {order.made: [{id: a, set: {x: 1}}]}",
            "    default: [^{id: b, set: {x: 2}}]",
        ) == ["W304 this default can never run: every value has a case of its own"]

    def test_numbers_and_booleans_are_compared_by_their_text(self) -> None:
        assert messages(
            "  - {id: note, uses: shop.write_note, with: {text: a}, on_error: continue}",
            "  - id: by",
            "    switch: trigger.payload.lines[0].count | default(0)",
            "    cases: {1: [{id: a, set: {x: 1}}], ^one: [{id: b, set: {x: 1}}]}",
            "  - {id: yes, switch: trigger.payload.id == 'a', cases: {true: [{id: c, set: {x: 1}}]}, default: [{id: e, set: {x: 1}}]}",
        ) == ["W305 this is never 'one'; here it is a number"]

    def test_a_step_of_another_case_is_skipped(self) -> None:
        found = messages(
            "  - id: by",
            "    switch: trigger.payload.id",
            "    cases:",
            f"      a: [{{id: a, {NOTE}}}]",
            "      b: [{id: b, set: {x: '{{ steps.^a.output.uri }}'}}]",
            "  - {id: c, set: {x: '{{ steps.a.^output.uri }}'}}",
        )
        assert found[0] == "E207 the step a is in the other branch, which is skipped whenever this one runs"
        assert found[1].startswith("E219 steps.a.output may be null here")

    def test_a_list_cannot_be_switched(self) -> None:
        assert codes("  - {id: by, switch: ^trigger.payload.lines, cases: {a: [{id: a, set: {x: 1}}]}}") == ["E221"]


class TestUntil:
    def test_the_condition_sees_the_round_and_after_it_the_last_rounds_output_is_known(self) -> None:
        assert messages(
            "  - id: poll",
            "    until: steps.look.output.order is defined and steps.look.output.order is not none and loop.index > 0",
            "    max_iterations: 5",
            "    timeout: 1h",
            "    interval: 1m",
            f"    steps: [{{id: look, {NOTE}}}]",
            "  - {id: after, set: {x: '{{ steps.poll.output.look.order.id }} {{ steps.poll.output.look.^uri2 }} {{ steps.^look.status }}'}}",
        ) == [
            "E201 steps.poll.output.look has no field 'uri2' on shop.write_note; did you mean 'uri'?",
            "E207 the step look is inside of the until poll; outside, read the last round in steps.poll.output",
        ]

    def test_a_condition_that_never_holds_is_told(self) -> None:
        assert messages(
            f"  - {{id: poll, until: ^trigger.event != 'order.made', max_iterations: 2, timeout: 1m, steps: [{{id: look, {NOTE}}}]}}"
        ) == ["W304 this never holds, so that poll always fails at its limits"]


class TestParallel:
    def test_branches_do_not_see_each_other_and_after_them_all_are_seen(self) -> None:
        assert messages(
            "  - id: both",
            "    parallel:",
            f"      one: [{{id: a, {NOTE}}}]",
            "      two: [{id: b, uses: shop.write_note, with: {text: '{{ steps.^a.output.uri }}'}}]",
            "  - {id: c, set: {x: '{{ steps.a.output.uri }} {{ steps.both.output.two.b.uri }} {{ steps.both.output.^three }}'}}",
        ) == [
            "E207 the step a is in another branch of both, which runs side by side with this one; its result is known after both only",
            "E201 steps.both.output has no field 'three' on the step both",
        ]

    def test_with_any_only_the_winner_is_known(self) -> None:
        found = messages(
            "  - id: first",
            "    join: any",
            f"    parallel: {{one: [{{id: a, {NOTE}}}], two: [{{id: b, {NOTE}}}]}}",
            "  - {id: c, set: {x: '{{ steps.a.^output.uri }}'}}",
            "  - {id: d, if: steps.b.status == 'succeeded', set: {y: '{{ steps.b.output.uri }}'}}",
            "  - {id: e, set: {z: '{{ steps.first.output.^one.a.uri }}'}}",
        )
        assert [line.split()[0] for line in found] == ["E219", "E205"]


class TestGroup:
    def test_its_ids_are_seen_after_it_and_may_be_null_where_it_goes_on_after_a_failure(self) -> None:
        assert (
            messages(f"  - {{id: g, steps: [{{id: a, {NOTE}}}]}}", "  - {id: c, set: {x: '{{ steps.a.output.uri }}'}}")
            == []
        )
        assert codes(
            f"  - {{id: g, on_error: continue, timeout: 5m, steps: [{{id: a, {NOTE}}}]}}",
            "  - {id: c, set: {x: '{{ steps.a.^output.uri }}'}}",
        ) == ["E219"]


class TestWait:
    def test_the_awaited_event_is_typed_and_its_if_narrows_the_output(self) -> None:
        assert messages(
            "  - id: paid",
            "    wait:",
            "      event:",
            "        uses: shop.order",
            "        with: {events: [order.paid]}",
            "        if: event.payload.id == trigger.payload.id and event.payload.^idd and event.payload.buyer is defined",
            "      timeout: 1d",
            "  - {id: a, set: {x: '{{ steps.paid.output.payload.buyer }} {{ ^event.payload.id }} {{ steps.paid.output.^payment }}'}}",
        ) == [
            "E201 event.payload has no field 'idd' on shop.order; did you mean 'id'?",
            "E204 event is known in the if of an awaited event only",
            "E201 steps.paid.output has no field 'payment' on shop.order",
        ]

    def test_its_uses_and_its_with_are_judged_like_a_triggers(self) -> None:
        assert messages("  - {id: w, wait: {event: {uses: shop.^ordr}, timeout: 1h}}") == [
            "E202 shop has no trigger 'ordr'; did you mean 'order'?"
        ]
        assert codes("  - {id: w, wait: {event: {uses: shop.order, with: {events: [^order.mad]}}, timeout: 1h}}") == [
            "E214"
        ]

    def test_a_time_has_to_be_text(self) -> None:
        assert (
            messages(
                "  - {id: w, wait: {for: '{{ ^trigger.payload.lines | length }}'}}",
                "  - {id: v, wait: {until: ^trigger.payload.lines}}",
            )[1]
            == "E214 until of wait needs an instant as text (ISO 8601 with its offset), as parse_time and add give it, but trigger.payload.lines is a list of objects"
        )


class TestEnds:
    def test_finally_sees_the_error_and_how_the_run_ended_and_nobody_sees_into_it(self) -> None:
        text = flow(
            f"steps: [{{id: a, {NOTE}}}]",
            "finally:",
            "  - {id: z, if: run.status == 'failed' and error is not none, set: {x: '{{ error.message }} {{ steps.a.status }}'}}",
            "  - {id: y, set: {x: '{{ ^error.message }} {{ steps.a.^output.uri }} {{ vars.x }}'}}",
            "outputs: {x: '{{ steps.^z.status }} {{ run.^status }}'}",
        )
        assert [line.split()[0] for line in brief(text)] == ["E219", "E219", "E207", "E201"]

    def test_outputs_of_a_flow_that_goes_on_after_a_failure_may_be_null(self) -> None:
        text = flow(f"steps: [{{id: a, {NOTE}}}]", "on_error: continue", "outputs: {x: '{{ steps.a.^output.uri }}'}")
        assert [line.split()[0] for line in brief(text)] == ["E219"]

    def test_a_write_that_is_left_uncertain_has_no_output(self) -> None:
        assert codes(
            f"  - {{id: a, on_uncertain: skip, {NOTE}}}", "  - {id: b, set: {x: '{{ steps.a.^output.uri }}'}}"
        ) == ["E219"]


class TestTriggers:
    def test_the_item_of_a_split_is_typed_and_the_if_judges_each(self) -> None:
        text = (
            "id: a\nconnections: {shop: shop}\ntriggers:\n"
            "  - {uses: shop.order, with: {events: [order.made]}, split_on: trigger.payload.lines, if: trigger.item.sku > 'a' and trigger.index < 9}\n"
            "steps: [{id: s, set: {v: '{{ trigger.item.sku }} {{ trigger.item.^skuu }}'}}]\n"
        )
        assert brief(text) == ["E201 trigger.item has no field 'skuu' on shop.order; did you mean 'sku'?"]

    def test_split_on_needs_a_list_and_the_item_needs_split_on(self) -> None:
        assert brief(
            "id: a\nconnections: {shop: shop}\ntriggers: [{uses: shop.refund, split_on: ^trigger.payload.id}]\nsteps: [{id: s, set: {v: 1}}]\n"
        ) == ["E210 split_on needs a list, but trigger.payload.id is text"]
        assert brief(flow("steps: [{id: s, set: {v: '{{ trigger.^item }}'}}]")) == [
            "E201 trigger.item is there with split_on only, which no trigger of this flow has"
        ]

    def test_a_start_by_hand_brings_an_open_payload(self) -> None:
        text = "id: a\ntriggers: [{uses: manual}]\nsteps: [{id: s, if: trigger.event == 'manual', set: {v: '{{ trigger.payload.x.y }} {{ trigger.^pay }}'}}]\n"
        assert [line.split()[0] for line in brief(text)] == ["E201"]

    def test_the_key_of_a_lane_sees_no_steps(self) -> None:
        text = flow("concurrency: {key: 'trigger.payload.^emial ~ ^vars.x'}", "steps: [{id: s, set: {x: 1}}]")
        assert brief(text) == [
            "E201 trigger.payload has no field 'emial' on shop.order",
            "E204 there is no run yet when this is judged",
        ]


CALLED = """\
id: called
inputs:
  who: {type: string}
  often: {type: integer, default: 1}
steps:
  - {id: s, set: {x: "{{ inputs.who | upper }}"}}
outputs: {loud: "{{ vars.x }}", event: "{{ trigger.payload.email }}"}
"""
CALLER = "id: caller\nsteps:\n"


def called_by(*lines: str, called: str = CALLED) -> list[str]:
    """The findings in a caller, and in what it calls, as ``line:column code message``."""
    files = [read_flow(CALLER + "\n".join(lines) + "\n", "caller.yaml"), read_flow(called, "called.yaml")]
    flows = [file.flow for file in files if file.flow is not None]
    callees = callees_of(flows, CATALOGUE, complete=True)
    found = [finding for file in files for finding in findings_of(file, CATALOGUE, callees)]
    return [f"{each.place} {each.code} {each.message}" for each in found]


WITHOUT = "called.yaml:7:60 W315 trigger.payload.email is not there in a run that caller starts; take it as an input, or ask trigger.event != 'flow' before"


class TestFlowsThatCallEachOther:
    def test_inputs_are_judged_and_outputs_typed(self) -> None:
        assert called_by(
            "  - {id: a, flow: called, with: {whom: x, often: '{{ run.id }}'}}",
            "  - {id: b, set: {x: '{{ steps.a.output.loud | upper }} {{ steps.a.output.lod }}'}}",
            "outputs: {x: '{{ vars.x }}'}",
        ) == [
            "caller.yaml:3:33 E213 the flow called needs the input who, which has no default",
            "caller.yaml:3:34 E212 the flow called has no input 'whom'; did you mean 'who'?",
            "caller.yaml:3:54 E214 often of the flow called needs a number, but run.id is text; make it one with | int",
            "caller.yaml:4:75 E201 steps.a.output has no field 'lod' on the flow called; did you mean 'loud'?",
            WITHOUT,
        ]

    def test_constants_are_judged_too(self) -> None:
        assert (
            called_by("  - {id: a, flow: called, with: {who: 7}}")[0]
            == "caller.yaml:3:39 E214 who of the flow called needs text"
        )

    def test_one_that_is_not_waited_for_gives_its_run(self) -> None:
        found = called_by(
            "  - {id: a, flow: called, wait: false, with: {who: x}}",
            "outputs: {x: '{{ steps.a.output.run }} {{ steps.a.output.loud }}'}",
        )
        assert [line.split()[1] for line in found] == ["E201", "W315"]

    def test_an_unknown_flow_is_told(self) -> None:
        assert called_by("  - {id: a, flow: caled}") == [
            "caller.yaml:3:19 E222 there is no flow 'caled' among the checked files; did you mean 'called'?"
        ]

    def test_a_circle_is_shown_in_each_of_its_flows(self) -> None:
        circle = "id: called\nsteps: [{id: a, flow: caller}]\n"
        assert called_by("  - {id: a, flow: called}", called=circle) == [
            "caller.yaml:3:19 E223 caller calls itself: caller → called → caller",
            "called.yaml:2:23 E223 called calls itself: called → caller → called",
        ]

    def test_a_called_flow_that_asks_for_the_event_first_is_right(self) -> None:
        tested = CALLED.replace(
            "trigger.payload.email }}", "trigger.payload.email if trigger.event != 'flow' else none }}"
        )
        assert called_by("  - {id: a, flow: called, with: {who: x}}", called=tested) == []

    def test_alone_nothing_is_known_of_the_flow_that_it_calls(self) -> None:
        text = CALLER + "  - {id: a, flow: called, with: {x: 1}}\noutputs: {x: '{{ steps.a.output.y }}'}\n"
        assert list(findings_of(read_flow(text, "a.yaml"), CATALOGUE)) == []
        assert load_flow(text, "a.yaml").id == "caller"


@pytest.mark.parametrize(
    ("limits", "inner", "said"),
    [
        ("timeout: 1h", "wait: {for: ^2h}", "this waits 2h, but the flow around it ends after 1h"),
        (
            "timeout: 1d",
            "timeout: 5m, steps: [{id: w, wait: {for: ^10m}}]",
            "this waits 10m, but the group s around it ends after 5m",
        ),
        (
            "timeout: 1h",
            "until: run.attempt == 2, interval: 1m, max_iterations: 100, timeout: ^2h, steps: [{id: w, set: {v: 1}}]",
            "s may go on for 1h39m before a limit of its own ends it, but the flow around it ends after 1h",
        ),
        (
            "timeout: 1h",
            "wait: {event: {uses: shop.order, with: {events: [order.paid]}}, timeout: ^1d}",
            "this waits up to 1d for the event, but the flow around it ends after 1h",
        ),
    ],
)
def test_a_wait_that_is_longer_than_the_time_there_is(limits: str, inner: str, said: str) -> None:
    assert brief(flow(limits, f"steps: [{{id: s, {inner}}}]")) == [f"W314 {said}"]
    assert (
        brief(
            flow("timeout: 30d", f"steps: [{{id: s, {inner.replace('^', '').replace('timeout: 5m', 'timeout: 5h')}}}]")
        )
        == []
    )
