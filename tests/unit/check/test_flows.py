"""Whole flows: those that are right have no findings, and those that are wrong have all of them, in order."""

from __future__ import annotations

from engine.check import check_flow, codes
from engine.flow import load_flow
from tests.unit.check.support import CATALOGUE, brief, flow

RIGHT = """\
id: everything
connections: {shop: main-shop, people: main-crm}
inputs:
  stars: {type: integer, default: 2}
  options: {type: object, default: {}}
triggers:
  - uses: shop.order
    with: {events: [order.made, order.paid]}
    if: trigger.payload.person.name | default(none) is not none and inputs.stars > 1 and flow.id != ''
variables:
  domain: "{{ trigger.payload.person.email.split('@') | last }}"
  also: "{{ vars.domain | upper }}"
steps:
  - id: note
    uses: shop.write_note
    with: {text: "{{ vars.also }}", stars: "{{ inputs.stars }}", address: {street: "{{ inputs.options.street }}"}}
    retry: {max_attempts: 2, if: error.kind == 'server' and error.attempt < 2}
    on_error:
      - {id: tell, uses: crm.list_people, connection: people, if: error.message != '' and steps.note.error.kind == 'server'}
  - id: choice
    if: steps.note.status == 'succeeded' and steps.note.output.order | default(none) and steps.note.output.order.lines[0].sku == 'a' and steps.tell.status == 'skipped'
    then:
      - {id: yes_, set: {found: "{{ steps.note.output.uri }}"}}
    else:
      - {id: no_, set: {found: "{{ run.id }} {{ run.started_at }}"}}
  - id: each
    foreach: trigger.payload.lines
    as: line
    steps:
      - {id: one, uses: shop.write_note, with: {text: "{{ line.sku }} {{ loop.index }} {{ vars.found }}"}}
      - {id: two, set: {last: "{{ steps.one.output.uri }}"}}
  - id: end
    if: vars.last is defined and steps.each.output[0].one.uri and steps.choice.output and steps.yes_.status == 'succeeded' and steps.yes_.output.found
    stop: {status: succeeded, message: "{{ steps.each.output | length }} {{ trigger.payload.buyer.vat | default('') }}"}
on_error:
  - {id: mourn, uses: crm.list_people, connection: people, if: error.step == 'note' or steps.each.status == 'failed'}
outputs:
  who: "{{ steps.mourn.output.name | default('-') }}"
  labels: "{{ trigger.payload.labels.anything }} {{ trigger.payload.extra.any.thing[0] }} {{ trigger.payload.parent.parent.id | default('') }}"
"""


def test_a_flow_that_uses_everything_rightly_has_no_findings() -> None:
    assert brief(RIGHT) == []


def test_all_findings_come_in_one_run_in_the_order_of_the_file() -> None:
    text = flow(
        "variables: {first: '{{ vars.^second }}', second: 1}",
        "steps:",
        "  - {id: a, uses: shop.^write_not, with: {anything: 1}}",
        "  - {id: b, uses: shop.write_note, with: {^txt: '{{ trigger.payload.^idd }}', text: '5 {{ vars.^x }}'}}",
        "outputs: {x: '{{ steps.^c.output }}'}",
    )
    assert [line.split()[0] for line in brief(text)] == ["E211", "E203", "E212", "E201", "E211", "E206"]


def test_a_flow_without_triggers_may_read_anything_of_what_a_person_gives() -> None:
    text = "id: a\ninputs: {n: {type: integer}}\nsteps: [{id: s, set: {v: '{{ trigger.any.thing }} {{ inputs.n }}'}}]\n"
    assert brief(text) == []


def test_unknown_connectors_do_not_cause_findings_about_their_fields() -> None:
    text = "id: a\ntriggers: [{uses: ^other.thing}]\nsteps:\n  - {id: s, uses: ^other.act}\n  - {id: t, set: {v: '{{ trigger.a.b }} {{ steps.s.output.c }}'}}\n"
    assert [line.split()[0] for line in brief(text)] == ["E200", "E200"]


def test_a_flow_of_three_hundred_steps_is_checked_whole() -> None:
    steps = "\n".join(
        f"  - {{id: s{i}, set: {{v{i}: '{{{{ trigger.payload.id ~ vars.v{i - 1} }}}}'}}}}" for i in range(1, 301)
    )
    loaded = load_flow(flow("variables: {v0: 1}", "steps:", steps), "a.yaml")
    assert [found.code for found in check_flow(loaded, CATALOGUE)] == [codes.NEVER_READ]
