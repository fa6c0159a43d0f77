"""Samples with changes: a path leads through what the service delivers, and what it does not deliver cannot be set."""

from __future__ import annotations

import pytest

from connectors.calendly import calendly
from engine.errors import FlowFileError, NotFoundError
from engine.flow import load_flow
from engine.runtime.rehearsal.deliveries import sample_named
from engine.runtime.rehearsal.read import read_tests
from engine.strictjson import Json

CATALOGUE = {"calendly": calendly}
FLOW = load_flow(
    "id: a\nconnections: {calendly: calendly}\n"
    "triggers: [{uses: calendly.invitee, with: {events: [invitee.created, invitee.canceled]}}]\n"
    "steps: [{id: s, set: {v: 1}}]\n",
    "a.yaml",
)


def event_with(change: str) -> Json:
    text = f"flow: a\ntests: [{{name: t, trigger: {{sample: calendly/invitee.created, set: {{{change}}}}}}}]\n"
    return read_tests(text, "a.test.yaml", lambda name: FLOW, CATALOGUE).cases[0].delivered.event


def at(event: Json, *path: str | int) -> Json:
    for part in path:
        event = event[part]  # type: ignore[index]
    return event


@pytest.mark.parametrize(
    ("change", "path", "value"),
    [
        ("payload.email: a@b.example", ("payload", "email"), "a@b.example"),
        ("payload.cancellation.reason: ill", ("payload", "cancellation", "reason"), "ill"),
        ("payload.questions_and_answers.0.answer: no", ("payload", "questions_and_answers", 0, "answer"), "no"),
        ("payload.questions_and_answers: []", ("payload", "questions_and_answers"), []),
    ],
)
def test_a_field_is_set_whether_it_was_there_or_not(change: str, path: tuple[str | int, ...], value: Json) -> None:
    full = change
    if "cancellation" in change:
        full += ", payload.cancellation.canceled_by: Ann, payload.cancellation.canceler_type: host, payload.cancellation.created_at: t"
    assert at(event_with(full), *path) == value


def test_the_connectors_sample_stays_as_it_is() -> None:
    before = dict(calendly.samples["invitee.created"])
    event_with("payload.email: a@b.example")
    assert calendly.samples["invitee.created"] == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("payload.emial: x", "payload has no field 'emial'; did you mean 'email'?"),
        ("payload.email.x: 1", "payload.email has no field 'x'"),
        (
            "payload.questions_and_answers.9.answer: x",
            "the sample has nothing at payload.questions_and_answers.9.answer that could be set",
        ),
        ("payload.email: [x]", "no service delivers this: payload.email: Input should be a valid string"),
    ],
)
def test_what_no_service_delivers_is_refused(change: str, message: str) -> None:
    with pytest.raises(FlowFileError) as refused:
        event_with(change)
    (found,) = refused.value.findings
    assert found.code == "E264"
    assert message in found.message


def test_a_sample_is_found_with_and_without_its_connector() -> None:
    assert sample_named("invitee.created", CATALOGUE) == sample_named("calendly/invitee.created", CATALOGUE)
    with pytest.raises(NotFoundError, match=r"did you mean 'calendly/invitee\.created'"):
        sample_named("calendly/invitee.craeted", CATALOGUE)
    with pytest.raises(NotFoundError, match=r"did you mean 'calendly/invitee\.created'"):
        sample_named("invitee.craeted", CATALOGUE)
