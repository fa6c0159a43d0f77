"""Waits, sub-flows, finally, time limits, cancelling and uncertain writes, played through the interpreter."""

from __future__ import annotations

import pytest

from engine.core.commands import Outcome, StepError
from engine.core.statuses import RunStatus, StepStatus
from engine.strictjson import JsonObject
from tests.unit.core.play import Play, failure, output

LASTLY = "finally: [{id: tidy, set: {end: \"{{ run.status }} {{ error.kind if error else '-' }}\"}}]\n"


def get(step_id: str, extra: str = "") -> str:
    return f"{{id: {step_id}, uses: calendly.get_event_type, with: {{uuid: u}}{extra}}}"


def tidied(play: Play) -> object:
    output = play.notes["finally.tidy"].output
    assert isinstance(output, dict)
    return output["end"]


def test_a_wait_for_lasts_from_when_it_is_come_to() -> None:
    play = Play(took={"a": 5_000})
    ending = play.run(
        f"steps: [{get('a')}, {{id: pause, wait: {{for: 90m}}}}]\noutputs: {{until: '{{{{ steps.pause.output.until }}}}'}}\n"
    )
    assert [wait.at for wait in play.waits] == [5_000 + 90 * 60_000]
    assert ending.outputs == {"until": "1970-01-01T01:30:05.000000Z"}


def test_a_wait_for_may_be_an_input() -> None:
    play = Play()
    play.run(
        "inputs: {grace: {type: integer, default: 15}}\nsteps: [{id: pause, wait: {for: '{{ inputs.grace }}m'}}]\n",
        inputs={"grace": 15},
    )
    assert play.now == 15 * 60_000


def test_a_wait_for_what_is_no_duration_fails_in_words() -> None:
    ending = Play().run("steps: [{id: pause, wait: {for: '{{ trigger.grace }}'}}]\n", trigger={"grace": "15"})
    assert ending.error is not None
    assert "wait for: a duration needs a unit; did you mean 15s?" in ending.error.message


def test_a_wait_until_takes_an_instant_and_does_not_wait_for_the_past() -> None:
    text = "steps: [{id: pause, wait: {until: trigger.start}}]\n"
    future, past = Play(), Play(now=10_000)
    future.run(text, trigger={"start": "1970-01-01T01:00:30+01:00"})
    past.run(text, trigger={"start": "1970-01-01T00:00:03Z"})
    assert (future.now, past.now, past.waits) == (30_000, 10_000, [])


@pytest.mark.parametrize(
    ("start", "said"),
    [(5, "needs an instant as text"), ("soon", "is not an instant"), ("2026-03-01T09:00:00", "has no offset")],
)
def test_a_wait_until_no_instant_fails_in_words(start: object, said: str) -> None:
    ending = Play().run("steps: [{id: pause, wait: {until: trigger.start}}]\n", trigger={"start": start})  # type: ignore[dict-item]
    assert ending.error is not None
    assert said in ending.error.message


EVENT = (
    "steps:\n  - id: answer\n    on_error: continue\n"
    "    wait: {event: {uses: calendly.invitee, with: {events: [invitee.canceled]}, if: event.payload.uri == trigger.uri}, timeout: 1h}\n"
    "outputs: {status: '{{ steps.answer.status }}', got: '{{ steps.answer.output }}'}\n"
)


def told(uri: str) -> JsonObject:
    return {"payload": {"uri": uri}}


def test_a_wait_for_an_event_takes_the_first_one_that_matches() -> None:
    play = Play(events=[(5, {"no": "payload"}), (10, told("other")), (20, told("mine")), (30, told("mine"))])
    ending = play.run(EVENT, trigger={"uri": "mine"})
    assert ending.outputs == {"status": "succeeded", "got": told("mine")}
    assert play.now == 20


def test_a_wait_for_an_event_that_does_not_come_fails_with_timeout() -> None:
    play = Play(events=[(3_600_001, told("mine"))])
    ending = play.run(EVENT, trigger={"uri": "mine"})
    assert ending.outputs == {"status": "failed", "got": None}
    assert play.now == 3_600_000


def test_a_sub_flow_gives_its_outputs_and_carries_its_error_up() -> None:
    text = "steps: [{id: call, flow: other, with: {n: '{{ 1 + 1 }}'}}]\noutputs: {got: '{{ steps.call.output.x }}'}\n"
    good = Play(children={"call": output({"x": 7})})
    assert good.run(text).outputs == {"got": 7}
    assert [(start.step.flow, start.given) for start in good.started] == [("other", {"n": 2})]
    error = StepError(step="call/inner", kind="server", message="other: inner: it broke")
    bad = Play(children={"call": Outcome(status=StepStatus.FAILED, error=error)}).run(text)
    assert bad.error == error


def test_finally_runs_after_success_failure_and_stop_and_sees_which() -> None:
    success, failed, stopped = Play(), Play({"a": failure("invalid")}), Play()
    assert success.run(f"steps: [{get('a')}]\n{LASTLY}").status is RunStatus.SUCCEEDED
    assert failed.run(f"steps: [{get('a')}]\n{LASTLY}").status is RunStatus.FAILED
    ending = stopped.run(f"steps: [{{id: halt, stop: {{status: cancelled}}}}, {get('a')}]\n{LASTLY}")
    assert ending.status is RunStatus.CANCELLED
    assert [tidied(play) for play in (success, failed, stopped)] == [
        "succeeded -",
        "failed invalid",
        "cancelled -",
    ]


def test_finally_runs_after_the_flows_handler() -> None:
    play = Play({"a": failure("invalid")})
    play.run(f"steps: [{get('a')}]\non_error: [{get('tell')}]\n{LASTLY}")
    assert play.paths == ["a", "on_error.tell"]
    assert play.log[-1] == "note finally.tidy succeeded"


def test_a_failure_in_finally_fails_a_run_that_had_succeeded_and_no_other() -> None:
    lastly = f"finally: [{get('tidy')}]\n"
    late = Play({"finally.tidy": failure("server")}).run(f"steps: [{get('a')}]\n{lastly}")
    both = Play({"a": failure("invalid"), "finally.tidy": failure("server")}).run(f"steps: [{get('a')}]\n{lastly}")
    assert late.error is not None
    assert both.error is not None
    assert (late.error.step, both.error.step) == ("finally.tidy", "a")


def test_the_flows_timeout_cuts_a_wait_and_runs_handler_and_finally() -> None:
    play = Play()
    ending = play.run(
        "timeout: 1h\nsteps: [{id: pause, wait: {for: 2h}}]\n"
        f"on_error: [{{id: tell, set: {{why: '{{{{ error.message }}}}'}}}}]\n{LASTLY}"
    )
    assert play.now == 3_600_000
    assert ending.error is not None
    assert (ending.error.kind, ending.error.message) == ("timeout", "the run was not through within 1h")
    assert play.notes["on_error.tell"].output == {"why": "the run was not through within 1h"}
    assert tidied(play) == "failed timeout"


def test_a_request_to_end_cuts_the_steps_and_the_handler_but_not_finally() -> None:
    play = Play({"a": failure("invalid")}, cancelled_at=60_000, took={"a": 30_000})
    ending = play.run(
        f"steps: [{get('a')}]\non_error: [{{id: pause, wait: {{for: 2h}}}}]\nfinally: [{{id: rest, wait: {{for: 1m}}}}, {get('tidy')}]\n"
    )
    assert ending.status is RunStatus.CANCELLED
    assert play.paths == ["a", "finally.tidy"]
    assert play.now == 120_000


def test_on_error_continue_of_a_flow_ends_the_run_as_succeeded_and_says_why() -> None:
    ending = Play({"a": failure("invalid")}).run(
        f"steps: [{get('a')}, {get('b')}]\non_error: continue\noutputs: {{b: '{{{{ steps.b.status }}}}'}}\n"
    )
    assert (ending.status, ending.outputs) == (RunStatus.SUCCEEDED, {"b": "skipped"})
    assert ending.message == "ended early, as on_error: continue wants it: a: it was invalid"


def test_an_uncertain_write_follows_on_uncertain() -> None:
    step = "steps: [{{id: a, uses: calendly.create_invitee_no_show, with: {{invitee: x}}, on_uncertain: {}}}, {{id: b, set: {{n: 1}}}}]\noutputs: {{a: '{{{{ steps.a.status }}}}'}}\n"
    fails = Play({"a": failure("unknown_outcome")})
    assert fails.run(step.format("fail")).status is RunStatus.UNCERTAIN
    skips = Play({"a": failure("unknown_outcome")})
    assert skips.run(step.format("skip")).outputs == {"a": "uncertain"}
    retries = Play({"a": [failure("unknown_outcome"), failure("unknown_outcome"), {"x": 1}]})
    assert retries.run(step.format("retry")).outputs == {"a": "succeeded"}
    assert len(retries.calls) == 3
    never = Play({"a": [failure("unknown_outcome")] * 3})
    assert never.run(step.format("retry")).status is RunStatus.UNCERTAIN


def test_an_idempotency_key_of_the_authors_goes_with_every_attempt() -> None:
    play = Play({"a": [failure("server"), {}]})
    play.run(
        f"steps: [{get('a', ', idempotency_key: ' + chr(39) + '{{ trigger.order }}-1' + chr(39) + ', retry: {max_attempts: 2}')}]\n",
        trigger={"order": 7},
    )
    assert [call.key for call in play.calls] == ["7-1", "7-1"]


def test_what_a_secure_step_puts_out_is_marked_with_all_that_holds_it() -> None:
    play = Play()
    play.run(
        "steps:\n  - {id: s, set: {token: t}, secure: [outputs]}\n"
        "  - {id: g, steps: [{id: inner, set: {x: 1}, secure: [outputs]}]}\n  - {id: p, set: {y: 1}}\n"
    )
    marked = {path: sorted(note.secure) for path, note in play.notes.items()}
    assert marked == {"s": ["outputs"], "g.inner": ["outputs"], "g": ["outputs"], "p": []}
