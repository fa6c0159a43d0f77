"""Deliveries through the real ASGI application to a real journal: who is let in, what is kept, what starts a run and what says why not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from time import time

import httpx
import pytest

from engine.core.statuses import RunStatus
from engine.journal.records import EventOutcome
from engine.journal.seal import KeyRing
from engine.web.app import make_app
from engine.web.hooks import BODY_CAP, Hooks
from tests.calendly_room import SIGNING_KEY, CalendlyRoom, another, flow_text, sample, signed
from tests.deliveries import deliver, nothing_stored, post


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        yield room


def only_event(room: CalendlyRoom) -> tuple[str | None, tuple[EventOutcome, ...]]:
    """The error and the outcomes of the one event that is stored."""
    [event] = room.journal.events.list()
    return event.error, event.outcomes


# What is accepted


def test_a_signed_delivery_is_stored_with_its_run_and_rung(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    body = sample()
    answer = deliver(room.web(), row, body)
    assert answer.status_code == 202
    [event] = room.journal.events.list()
    assert answer.json() == {"events": [event.id]}
    assert (event.body, event.event, event.stale, event.error) == (body, json.loads(body), False, None)
    [run] = room.journal.runs.list()
    assert (run.status, run.flow, run.event_id, run.owner) == (RunStatus.QUEUED, "f", event.id, "local")
    assert [outcome.run_id for outcome in event.outcomes] == [run.id]
    assert room.rung == [run.id]


def test_every_flow_that_listens_gets_its_own_run(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text("one"), flow_text("two"))
    deliver(room.web(), row, sample())
    assert sorted(run.flow for run in room.journal.runs.list()) == ["one", "two"]


def test_a_delivery_that_comes_twenty_times_at_once_is_one_event_with_one_run(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    app, body = room.web(), sample()

    async def all_at_once() -> list[httpx.Response]:
        calls = [post(app, f"/hooks/{row.id}", body, signed(body, at=round(time()) - n)) for n in range(20)]
        return await asyncio.gather(*calls)

    answers = asyncio.run(all_at_once())
    assert {answer.status_code for answer in answers} == {202}
    [event] = room.journal.events.list()
    assert event.repeats == 19
    assert {answer.text for answer in answers} == {json.dumps({"events": [event.id]}, separators=(",", ":"))}
    assert len(room.journal.runs.list()) == 1
    assert len(room.rung) == 1


def test_a_repeat_that_is_spelt_otherwise_is_the_same_event(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    app = room.web()
    deliver(app, row, sample())
    deliver(app, row, json.dumps(json.loads(sample()), indent=1).encode())
    assert len(room.journal.runs.list()) == 1


def test_different_events_are_all_kept(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    app = room.web()
    for number in range(3):
        deliver(app, row, another(number))
    assert len(room.journal.runs.list()) == 3


def test_an_old_timestamp_is_accepted_and_flagged(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    body = sample()
    assert deliver(room.web(), row, body, signed(body, at=round(time()) - 86_400)).status_code == 202
    [event] = room.journal.events.list()
    assert event.stale
    assert len(room.journal.runs.list()) == 1


def test_fields_that_nobody_documented_pass_through(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    deliver(room.web(), row, sample(something_new={"a": [1]}))
    [event] = room.journal.events.list()
    assert event.event is not None
    assert event.event["something_new"] == {"a": [1]}


# Who is not let in


BAD_HEADERS: Mapping[str, Mapping[str, str]] = {
    "unsigned": {},
    "empty": {"Calendly-Webhook-Signature": ""},
    "another key": signed(sample(), "another-key"),
    "no time": {"Calendly-Webhook-Signature": signed(sample())["Calendly-Webhook-Signature"].partition(",")[2]},
    "no signature": {"Calendly-Webhook-Signature": "t=1700000000"},
    "old format": {"X-Calendly-Hook-Signature": "0" * 64},
    "garbage": {"Calendly-Webhook-Signature": "t=,v1=é;;;"},
    "too long": {"Calendly-Webhook-Signature": "t=1700000000,v1=" + "0" * 10_000},
}


@pytest.mark.parametrize("headers", BAD_HEADERS.values(), ids=BAD_HEADERS)
def test_a_forged_delivery_is_refused_and_leaves_no_trace(room: CalendlyRoom, headers: Mapping[str, str]) -> None:
    row = room.listen_for(flow_text())
    answer = deliver(room.web(), row, sample(), headers)
    assert answer.status_code == 401
    assert answer.json() == {"error": "the signature or token is missing or wrong"}
    assert nothing_stored(room)


def test_a_truncated_delivery_is_refused(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    body = sample()
    assert deliver(room.web(), row, body[:-1], signed(body)).status_code == 401
    assert nothing_stored(room)


def test_a_signature_of_another_subscription_does_not_open_this_one(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    sealed_elsewhere = room.keyring.seal(SIGNING_KEY, owner="local", of="another", field="signing_key")
    room.journal.subscriptions.set_state(row.id, row.state, signing_key=sealed_elsewhere)
    assert deliver(room.web(), row, sample()).status_code == 503
    assert nothing_stored(room)


def test_before_there_is_a_key_nobody_is_let_in(room: CalendlyRoom) -> None:
    row = room.subscriptions.connections.journal.subscriptions.ensure(
        owner="local", connection="team", uses="calendly.invitee", given={}, public_url="https://hooks.example.com"
    )
    assert deliver(room.web(), row, sample(), signed(sample(), "")).status_code == 401
    assert nothing_stored(room)


def test_with_a_key_ring_that_cannot_open_the_key_the_service_is_told_to_come_again(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    other = replace(room.ingest(), keyring=KeyRing.parse(KeyRing.generate()))
    app = make_app(Hooks(other, room.intake), {})
    assert deliver(app, row, sample()).status_code == 503
    assert nothing_stored(room)


@pytest.mark.parametrize("subscription", ["unknown", "0" * 32, "..%2fetc", "%00", "x" * 2_000])
def test_an_unknown_subscription_is_not_found(room: CalendlyRoom, subscription: str) -> None:
    room.listen_for(flow_text())
    answer = asyncio.run(post(room.web(), f"/hooks/{subscription}", sample(), signed(sample())))
    assert answer.status_code == 404
    assert nothing_stored(room)


def test_without_the_connector_the_service_is_told_to_come_again_and_the_log_to_restart(
    room: CalendlyRoom, caplog: pytest.LogCaptureFixture
) -> None:
    row = room.listen_for(flow_text())
    started_before = make_app(Hooks(replace(room.ingest(), catalogue={}), room.intake), {})
    answer = deliver(started_before, row, sample())
    assert (answer.status_code, answer.json()) == (503, {"error": "try again later"})
    assert nothing_stored(room)
    assert "calendly.invitee" in caplog.text
    assert "restart web" in caplog.text
    assert deliver(room.web(), row, sample()).status_code == 202


def test_a_body_over_the_cap_is_refused_by_its_announced_length(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    body = b"x" * (BODY_CAP + 1)
    assert deliver(room.web(), row, body).status_code == 413
    assert nothing_stored(room)


def test_a_body_over_the_cap_is_refused_while_it_streams(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 100 * BODY_CAP:
            sent += 65_536
            yield b"x" * 65_536

    async def stream() -> httpx.Response:
        transport = httpx.ASGITransport(app=room.web())
        async with httpx.AsyncClient(transport=transport, base_url="http://web.example") as client:
            return await client.post(f"/hooks/{row.id}", content=endless(), headers=signed(b""))

    assert asyncio.run(stream()).status_code == 413
    assert sent <= BODY_CAP + 65_536, "no more was read than it takes to know"
    assert nothing_stored(room)


def test_a_body_at_the_cap_is_taken(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    body = sample() + b" " * (BODY_CAP - len(sample()))
    assert deliver(room.web(), row, body).status_code == 202


# What is kept although no run starts


GARBAGE = {
    "not JSON": b"invitee=created",
    "cut JSON": sample()[:-20],
    "a list": b"[1, 2]",
    "a number": b"7",
    "empty": b"",
    "not UTF-8": b'{"event": "\xff"}',
    "twice the same key": b'{"event": "a", "event": "b"}',
    "not a number": b'{"event": NaN}',
    "lone surrogate": b'{"event": "\\ud800"}',
    "too deep": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_signed_garbage_is_kept_with_its_error_and_starts_nothing(room: CalendlyRoom, body: bytes) -> None:
    row = room.listen_for(flow_text())
    assert deliver(room.web(), row, body).status_code == 202
    error, outcomes = only_event(room)
    assert error is not None
    assert error.startswith("the body cannot be read: ")
    assert outcomes == ()
    assert room.journal.events.list()[0].body == body
    assert room.journal.runs.list() == []


WRONG_SHAPES = {
    "no payload": json.dumps({"event": "invitee.created", "created_at": "2026-03-02T09:00:00Z"}).encode(),
    "payload is text": sample(payload="x"),
    "no event": sample(event=None),
    "an empty object": b"{}",
}


@pytest.mark.parametrize("body", WRONG_SHAPES.values(), ids=WRONG_SHAPES)
def test_a_signed_delivery_of_another_shape_is_kept_with_its_error(room: CalendlyRoom, body: bytes) -> None:
    row = room.listen_for(flow_text())
    assert deliver(room.web(), row, body).status_code == 202
    error, outcomes = only_event(room)
    assert error is not None
    assert error.startswith("not in the shape of invitee: ")
    assert outcomes == ()
    assert room.journal.runs.list() == []


def test_a_key_that_no_index_could_hold_is_shortened_and_still_tells_repeats(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    event = json.loads(sample())
    event["payload"]["uri"] = "https://api.calendly.com/\u0000" + "9" * 100_000
    app, body = room.web(), json.dumps(event).encode()
    deliver(app, row, body)
    deliver(app, row, body)
    [stored] = room.journal.events.list()
    assert stored.dedupe_key.startswith("sha256:")
    assert stored.repeats == 1


def test_a_connector_that_fails_on_a_delivery_does_not_cost_the_subscription(
    room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(event: object) -> str:
        raise KeyError("payload")

    row = room.listen_for(flow_text())
    monkeypatch.setitem(room.connections.catalogue["calendly"].triggers["invitee"].__dict__, "dedupe_key", fail)
    assert deliver(room.web(), row, sample()).status_code == 202
    assert only_event(room) == ("the connector failed on it: KeyError", ())


# Why no run starts


def refusal(room: CalendlyRoom, text: str, body: bytes | None = None) -> str:
    row = room.listen_for(text)
    assert deliver(room.web(), row, body or sample()).status_code == 202
    error, [outcome] = only_event(room)
    assert (error, outcome.run_id, outcome.flow) == (None, None, "f")
    assert room.journal.runs.list() == []
    assert outcome.reason is not None
    return outcome.reason


def test_a_condition_that_is_false_is_kept_with_its_place(room: CalendlyRoom) -> None:
    text = flow_text(extra="    if: trigger.payload.rescheduled\n")
    assert refusal(room, text) == "if was false: trigger.payload.rescheduled (f.yaml:7:9)"


def test_a_condition_that_is_true_starts_the_run(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text(extra="    if: not trigger.payload.rescheduled\n"))
    deliver(room.web(), row, sample())
    assert len(room.journal.runs.list()) == 1


def test_a_condition_that_fails_is_kept_with_its_place(room: CalendlyRoom) -> None:
    text = flow_text(extra="    if: trigger.payload.cancellation.reason == 'late'\n")
    reason = refusal(room, text)
    assert reason.startswith("if failed: ")
    assert "f.yaml:7:" in reason


def test_an_event_that_the_trigger_did_not_ask_for_is_refused(room: CalendlyRoom) -> None:
    reason = refusal(room, flow_text(events="[invitee.created]"), sample("invitee.canceled"))
    assert reason.startswith("the trigger asks for ")


def test_an_input_without_a_default_cannot_be_filled_by_an_event(room: CalendlyRoom) -> None:
    text = flow_text().replace("triggers:", "inputs:\n  grace: {type: integer}\ntriggers:")
    assert refusal(room, text) == "the input 'grace' has no default, and an event gives none"


def test_the_defaults_of_the_inputs_go_into_the_condition_and_the_run(room: CalendlyRoom) -> None:
    text = flow_text(extra="    if: inputs.grace == 15\n").replace(
        "triggers:", "inputs:\n  grace: {type: integer, default: 15}\ntriggers:"
    )
    row = room.listen_for(text)
    deliver(room.web(), row, sample())
    [run] = room.journal.runs.list()
    assert run.inputs == {"grace": 15}


def test_a_disabled_flow_does_not_listen(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    room.journal.flows.set_enabled("f", False)
    deliver(room.web(), row, sample())
    assert only_event(room) == (None, ())


def test_one_flow_that_refuses_does_not_keep_another_from_starting(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text("no", extra="    if: trigger.payload.missing.field\n"), flow_text("yes"))
    deliver(room.web(), row, sample())
    error, outcomes = only_event(room)
    assert error is None
    assert {outcome.flow: outcome.run_id is not None for outcome in outcomes} == {"no": False, "yes": True}
