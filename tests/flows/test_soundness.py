"""What the checker lets through does not fail on data of the right shape: over flows of the whole language, made at random.

A longer search is run by hand: python -m tests.flows.oracle.soundness 0 2000, and python -m tests.flows.oracle.precision 0 2000.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.check.rules import check_flow
from engine.errors import FlowFileError
from engine.flow.load import load_flow
from engine.runtime.rehearsal.suite import Suite
from engine.sdk.installed import installed_connectors
from tests.flows.oracle.soundness import KNOWN, Trial

TRIAL = Trial(installed_connectors())


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 1_000_000))
def test_no_expression_of_an_accepted_flow_fails_on_data_of_the_right_shape(seed: int) -> None:
    flow = TRIAL.accepted(seed)
    found = TRIAL.failures(flow, seed) if flow is not None else iter(())
    told = [one for one in found if not any(re.search(pattern, one.message) for pattern in KNOWN)]
    assert [f"{one.message}: {one.word}" for one in told] == []


def test_most_flows_that_are_made_are_accepted_and_use_the_whole_language() -> None:
    flows = [flow for seed in range(60) if (flow := TRIAL.accepted(seed)) is not None]
    assert len(flows) > 45
    text = repr(flows)
    for word in (
        "switch",
        "until",
        "foreach",
        "parallel",
        "wait",
        "on_error",
        "finally",
        "split_on",
        "set",
        "stop",
        "flow",
    ):
        assert f"'{word}'" in text


HEAD = """\
id: one
connections: {calendly: calendly}
triggers: [%s]
steps:
"""
BOOKED = "{uses: calendly.invitee, with: {events: [invitee.created]}}"
CLOCK = "{uses: schedule.cron, with: {cron: '@daily'}}"
QA = "trigger.payload.questions_and_answers"


def codes_of(text: str) -> list[str]:
    flow = load_flow(text, "one.yaml")
    return [finding.code for finding in check_flow(flow, installed_connectors())]


def writes(expression: str, *, when: str = "true", triggers: str = BOOKED) -> list[str]:
    return codes_of(
        HEAD % triggers
        + f'  - {{id: a, if: "{when}", uses: log.write, with: {{message: "x {{{{ {expression} }}}}"}}}}\n'
    )


NULLABLE = "trigger.payload.first_name | lower"


@pytest.mark.parametrize("when", ["'@' in trigger.payload.email", "'x' not in trigger.payload.email"])
def test_a_part_of_a_text_that_is_looked_for_proves_nothing_of_fields(when: str) -> None:
    assert writes(NULLABLE, when=when) == ["E219"]


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        (f"{QA} | map(attribute='answer') | map('lower') | join", "E219"),
        (f"{QA} | sum(attribute='answer')", "E219"),
        (f"{QA} | sum(attribute='question')", "E221"),
        (f"{QA} | sort(attribute='answer') | length", "E219"),
    ],
)
def test_a_filter_of_lists_says_what_it_needs_of_each_item(expression: str, code: str) -> None:
    assert writes(expression) == [code]


@pytest.mark.parametrize(
    "expression",
    [
        f"{QA} | selectattr('answer') | map(attribute='answer') | map('lower') | join",
        f"{QA} | selectattr('answer') | sort(attribute='answer') | length",
        f"{QA} | map(attribute='position') | sum",
    ],
)
def test_items_that_were_left_out_need_nothing(expression: str) -> None:
    assert writes(expression) == []


def test_a_field_that_may_not_be_there_is_not_known_to_be_there_by_a_test_that_lets_its_absence_pass() -> None:
    when = "trigger.payload.scheduled_event.location is not defined or trigger.payload.scheduled_event.location is none"
    assert writes("trigger.payload.scheduled_event.name", when=when, triggers=f"{BOOKED}, {CLOCK}") == ["E201"]


def test_null_is_told_where_another_trigger_may_bring_anything() -> None:
    assert writes(NULLABLE, triggers=f"{BOOKED}, {{uses: manual}}") == ["E219"]


def test_the_fallback_for_an_item_that_a_list_may_not_have_counts() -> None:
    assert writes(f"{QA}[0].question | default(none) | lower") == ["E219"]
    assert writes(f"{QA}[0].question | default('x') | lower") == []


MIXED = f"{BOOKED}, {{uses: manual}}"


def test_a_loop_over_a_list_or_anything_knows_what_the_items_of_the_list_are() -> None:
    looped = "{% for each in trigger.payload.questions_and_answers %}{{ each.answer | lower }}{% endfor %}"
    text = '  - {id: a, uses: log.write, with: {message: "%s"}}\n'
    assert codes_of(HEAD % MIXED + text % looped) == ["E219"]
    inside = '{id: b, uses: log.write, with: {message: "x {{ one.answer | lower }}"}}'
    loop = f"  - {{id: a, foreach: '{QA} | default([], true)', as: one, steps: [{inside}]}}\n"
    assert codes_of(HEAD % MIXED + loop) == ["E219"]


def test_a_loop_is_told_of_null_beside_anything() -> None:
    loop = "{% for each in trigger.payload.tracking.utm_medium %}{{ each }}{% endfor %}"
    found = codes_of(HEAD % MIXED + f'  - {{id: a, uses: log.write, with: {{message: "x {loop}"}}}}\n')
    assert found == ["E219"]


def test_a_test_of_an_item_may_fail_because_the_list_is_too_short() -> None:
    assert writes(NULLABLE, when=f"{QA}[0].question is undefined") == ["E219"]
    assert writes(f"{QA}[0].question | lower", when=f"{QA}[0].question is defined") == []


def test_a_field_hides_the_method_of_its_name() -> None:
    body = "{type: object, required: [items], properties: {items: {type: array}}}"
    hook = f"{{uses: http.request, with: {{auth: token, body: {body}}}}}, {BOOKED}"
    assert writes("(trigger.payload).items() | length", triggers=hook) == ["E221"]
    assert writes("trigger.payload | items | length", triggers=hook) == []
    assert writes("(trigger.payload).keys() | length", triggers=hook) == []


def test_a_flow_is_tested_only_when_what_it_calls_takes_what_it_gives(tmp_path: Path) -> None:
    (tmp_path / "called.yaml").write_text(
        "id: called\ninputs: {name: {type: string}}\nsteps: [{id: a, set: {n: '{{ inputs.name }}'}}]\n"
    )
    (tmp_path / "one.yaml").write_text(
        "id: one\nsteps:\n  - {id: a, flow: called, with: {nam: x}}\n  - {id: b, flow: elsewhere}\n"
    )
    with pytest.raises(FlowFileError) as refused:
        Suite(installed_connectors()).beside(tmp_path, "one")
    assert [finding.code for finding in refused.value.findings] == ["E213", "E212"]


EARLY = """\
steps:
  - {id: known, if: "trigger.event == 'manual'", stop: {status: succeeded}}
  - {id: later, set: {made: x}}
"""


@pytest.mark.parametrize(
    ("output", "codes"),
    [
        ("vars.made", ["E205"]),
        ("vars.made | upper", ["E205"]),
        ("vars.made | default('none')", []),
        ("vars.made if steps.later.status == 'succeeded' else 'none'", []),
        ("vars.early", []),
    ],
)
def test_outputs_after_an_early_stop_have_no_variable_that_is_set_later(output: str, codes: list[str]) -> None:
    assert (
        codes_of(
            f'id: one\nvariables: {{early: x}}\n{EARLY}outputs: {{o: "{{{{ {output} }}}}", p: "{{{{ vars.early }}}}", q: "{{{{ vars.made | default(0) }}}}"}}\n'
        )
        == codes
    )


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("trigger.payload.first_name | default('', true) | length > 1", []),
        ("not (trigger.payload.first_name | default('', true) | length <= 1)", []),
        ("trigger.payload.first_name | default('ab', true) | length > 1", ["E219"]),
        ("trigger.payload.first_name | default('', true) | length < 1", ["E219"]),
    ],
)
def test_a_length_that_the_fallback_has_not_tells_that_the_value_is_there(when: str, found: list[str]) -> None:
    assert writes(NULLABLE, when=when) == found
