"""Expressions in the loops and choices of a text are judged with what is known there."""

from __future__ import annotations

import pytest

from connectors.calendly import calendly
from connectors.log import log
from engine.check.tree import findings_of
from engine.flow.load import read_flow

FLOW = """\
id: f
connections: {calendly: c}
triggers: [{uses: calendly.invitee, with: {events: [invitee.created, invitee.canceled]}}]
steps:
  - {id: a, uses: log.write, with: {message: "%s"}}
"""


def found(text: str) -> list[tuple[str, int]]:
    file = read_flow(FLOW % text, "flow.yaml")
    start = len('  - {id: a, uses: log.write, with: {message: "') + 1
    return [
        (finding.code, finding.place.column - start)
        for finding in findings_of(file, {"calendly": calendly, "log": log})
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{% for qa in trigger.payload.questions_and_answers %}{{ loop.index }} {{ qa.question }}{% endfor %}",
        "{% if trigger.event == 'invitee.canceled' %}{{ trigger.payload.cancellation.canceler_type }}{% endif %}",
        "{% if trigger.event != 'invitee.canceled' %}-{% else %}{{ trigger.payload.cancellation.canceler_type }}{% endif %}",
    ],
)
def test_what_is_right_has_no_finding(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        ("{% for qa in trigger.payload.questions_and_answers %}{{ qa.questoin }}{% endfor %}", "E201", "questoin"),
        ("{% for qa in trigger.payload.email %}x{% endfor %}", "E210", "trigger.payload.email"),
        ("{% for qa in trigger.payload.questions_and_answers %}{% endfor %}{{ qa.question }}", None, "qa.question"),
        ("{% if trigger.payload.emial %}x{% endif %}", "E201", "emial"),
    ],
)
def test_a_mistake_is_found_at_its_word(text: str, code: str | None, word: str) -> None:
    ((first, offset), *rest) = found(text)
    assert not rest
    assert offset == text.index(word, text.index("{{ qa") if code is None else 0)
    assert code in (None, first)
