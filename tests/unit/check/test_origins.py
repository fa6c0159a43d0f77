"""Where values come from and where they may not go: what strangers typed, and secrets."""

from __future__ import annotations

import re

import pytest

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from engine.check import check_flow
from engine.flow import load_flow

HEAD = """\
id: a
connections: {calendly: calendly, crm: crm}
triggers: [{uses: calendly.invitee, with: {events: [invitee.created]}}]
steps:
"""


def found(*lines: str) -> list[str]:
    """The codes of the findings, of which each stands at a ^."""
    marked = HEAD + "\n".join(lines) + "\n"
    marks = [
        (number, match.start() - count + 1)
        for number, line in enumerate(marked.splitlines(), 1)
        for count, match in enumerate(re.finditer(r"\^", line))
    ]
    flow = load_flow(marked.replace("^", ""), "a.yaml")
    catalogue = {each.name: each for each in (calendly, http, log)}
    told = [each for each in check_flow(flow, catalogue) if each.code in ("W312", "W313")]
    assert [(each.place.line, each.place.column) for each in told] == marks, [str(each) for each in told]
    return [each.code for each in told]


def get(path: str, more: str = "") -> str:
    return f'  - {{id: ask, uses: http.request, connection: crm, with: {{path: "{path}"{more}}}}}'


@pytest.mark.parametrize(
    "expression",
    [
        "trigger.payload.email",
        "trigger.payload.name | lower | trim",
        "trigger.payload.email.split('@') | last",
        "'x' ~ trigger.payload.name",
        "trigger.payload.first_name or 'nobody'",
        "trigger.payload.questions_and_answers | map(attribute='answer') | join(',')",
        "(trigger.payload.questions_and_answers | first).answer",
        "trigger.payload.tracking.utm_source | default('', true)",
    ],
)
def test_what_a_stranger_typed_is_followed_into_a_path_and_is_harmless_when_encoded(expression: str) -> None:
    assert found(get(f"/people/{{{{ ^{expression} }}}}")) == ["W312"]
    assert found(get(f"/people/{{{{ ({expression}) | urlencode }}}}")) == []
    assert (
        found(get("/people", f", json: {{who: '{{{{ {expression} }}}}'}}".replace("'", "\\'") if False else "")) == []
    )


@pytest.mark.parametrize(
    "expression",
    [
        "trigger.payload.uri | uuid",
        "trigger.payload.scheduled_event.start_time",
        "trigger.payload.questions_and_answers | length",
        "trigger.payload.email == 'a@example.com'",
        "trigger.event",
        "run.id",
    ],
)
def test_ids_times_numbers_and_words_of_the_service_are_harmless(expression: str) -> None:
    assert found(get(f"/people/{{{{ {expression} }}}}")) == []


def test_it_is_followed_through_variables_and_loops_into_headers() -> None:
    assert found(
        '  - {id: who, set: {who: "{{ trigger.payload.name | title }}"}}',
        "  - id: each",
        "    foreach: trigger.payload.questions_and_answers",
        "    as: qa",
        "    steps:",
        '      - {id: ask, uses: http.request, connection: crm, with: {path: /a, headers: {X-Who: "{{ ^vars.who }}", X-Answer: "{{ ^qa.answer | default(\'\', true) }}"}}}',
    ) == ["W312", "W312"]


SECRET = "  - {id: token, uses: http.request, connection: crm, secure: [outputs], with: {path: /token}}"


def test_a_secret_is_told_wherever_it_would_be_recorded() -> None:
    assert (
        found(
            SECRET,
            '  - {id: tell, uses: log.write, with: {message: "got {{ ^steps.token.output.text }}"}}',
            '  - {id: keep, set: {key: "{{ ^steps.token.output.json.access_token }}"}}',
            '  - {id: use, uses: http.request, connection: crm, with: {path: /a, headers: {X-Token: "{{ ^vars.key }}"}}}',
            '  - {id: end, stop: {status: succeeded, message: "{{ ^vars.key | upper }}"}}',
            'outputs: {token: "{{ ^steps.token.output.text }}"}',
        )
        == ["W313"] * 5
    )


def test_a_secret_may_go_where_it_is_hidden_and_its_length_is_none() -> None:
    assert (
        found(
            SECRET,
            '  - {id: keep, secure: [outputs], set: {key: "{{ steps.token.output.json.access_token }}"}}',
            '  - {id: use, uses: http.request, connection: crm, secure: [inputs], with: {path: /a, headers: {X-Token: "{{ vars.key }}"}}}',
            '  - {id: tell, uses: log.write, with: {message: "{{ steps.token.output.text | length }} {{ steps.token.status }}"}}',
        )
        == []
    )


def test_what_holds_a_secret_step_records_its_output_too() -> None:
    loop = "foreach: trigger.payload.questions_and_answers, steps: [" + SECRET.removeprefix("  - ") + "]"
    assert found(f"  - ^{{id: each, {loop}}}") == ["W313"]
    assert found(f"  - {{id: each, secure: [outputs], {loop}}}") == []
