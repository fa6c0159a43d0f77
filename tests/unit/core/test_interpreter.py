"""The interpreter decides what a run does next; here it is played with scripted answers, without I/O."""

from __future__ import annotations

from engine.core.statuses import RunStatus, StepStatus
from tests.unit.core.play import Play, failure

MARK = "uses: calendly.create_invitee_no_show\n    with: {invitee: '{{ trigger.uri }}'}\n"


def get(step_id: str, extra: str = "") -> str:
    return f"{{id: {step_id}, uses: calendly.get_event_type, with: {{uuid: u}}{extra}}}"


def test_steps_run_in_order_and_see_the_outputs_before_them() -> None:
    play = Play({"a": {"n": 1}})
    ending = play.run(
        "steps:\n  - {id: a, uses: calendly.get_event_type, with: {uuid: x}}\n"
        "  - {id: b, uses: calendly.get_event_type, with: {uuid: '{{ steps.a.output.n }}-{{ steps.a.status }}'}}\n"
        "outputs: {seen: '{{ steps.a.output.n + 1 }}'}\n"
    )
    assert [call.given for call in play.calls] == [{"uuid": "x"}, {"uuid": "1-succeeded"}]
    assert (ending.status, ending.outputs) == (RunStatus.SUCCEEDED, {"seen": 2})


def test_a_false_guard_skips_the_step_and_its_output_is_null() -> None:
    play = Play()
    ending = play.run(
        "steps:\n  - {id: a, if: 'false', uses: calendly.get_event_type, with: {uuid: x}}\n"
        "outputs: {status: '{{ steps.a.status }}', output: '{{ steps.a.output }}'}\n"
    )
    assert play.calls == []
    assert play.notes["a"].status is StepStatus.SKIPPED
    assert ending.outputs == {"status": "skipped", "output": None}


def test_an_if_takes_one_branch_and_the_other_is_skipped_as_a_whole() -> None:
    text = (
        "steps:\n  - id: choose\n    if: trigger.yes\n"
        f"    then:\n      - {get('a')}\n      - id: inner\n        if: 'true'\n        then:\n          - {get('deep')}\n"
        f"    else:\n      - {get('b')}\n"
        "outputs: {a: '{{ steps.a.status }}', deep: '{{ steps.deep.status }}', b: '{{ steps.b.status }}'}\n"
    )
    yes, no = Play(), Play()
    assert yes.run(text, trigger={"yes": True}).outputs == {"a": "succeeded", "deep": "succeeded", "b": "skipped"}
    assert yes.paths == ["choose.a", "choose.inner.deep"]
    assert no.run(text, trigger={"yes": False}).outputs == {"a": "skipped", "deep": "skipped", "b": "succeeded"}
    assert {path: note.status.value for path, note in no.notes.items()} == {
        "choose.a": "skipped",
        "choose.inner": "skipped",
        "choose.inner.deep": "skipped",
        "choose": "succeeded",
    }


def test_a_foreach_runs_its_steps_per_item_and_collects_their_outputs_in_order() -> None:
    for parallel in (1, 3):
        play = Play({f"each[{index}].a": {"n": index} for index in range(3)})
        ending = play.run(
            f"steps:\n  - id: each\n    foreach: trigger.items\n    as: word\n    max_parallel: {parallel}\n    steps:\n"
            "      - {id: a, uses: calendly.get_event_type, with: {uuid: '{{ word }}{{ loop.index }}'}}\n"
            "outputs: {all: '{{ steps.each.output }}'}\n",
            trigger={"items": ["x", "y", "z"]},
        )
        assert [call.given["uuid"] for call in play.calls] == ["x0", "y1", "z2"]
        assert ending.outputs == {"all": [{"a": {"n": 0}}, {"a": {"n": 1}}, {"a": {"n": 2}}]}


def test_a_foreach_over_nothing_has_an_empty_list() -> None:
    ending = Play().run(
        f"steps:\n  - id: each\n    foreach: '[]'\n    steps:\n      - {get('a')}\noutputs: {{all: '{{{{ steps.each.output }}}}'}}\n"
    )
    assert ending.outputs == {"all": []}


def test_a_foreach_over_something_else_than_a_list_fails_at_its_place() -> None:
    ending = Play().run(
        f"steps:\n  - id: each\n    foreach: trigger.name\n    steps:\n      - {get('a')}\n", trigger={"name": "Ada"}
    )
    assert ending.status is RunStatus.FAILED
    assert ending.error is not None
    assert (ending.error.kind, ending.error.step) == ("expression", "each")
    assert "foreach needs a list, but trigger.name is text" in ending.error.message
    assert ending.error.place == "t.yaml:6:14"


def test_a_failing_iteration_ends_the_loop_and_the_run() -> None:
    play = Play({"each[1].a": failure("invalid")})
    ending = play.run(
        f"steps:\n  - id: each\n    foreach: '[1, 2, 3]'\n    steps:\n      - {get('a')}\n  - {get('after')}\n"
    )
    assert play.paths == ["each[0].a", "each[1].a"]
    assert ending.status is RunStatus.FAILED
    assert play.notes["each"].status is StepStatus.FAILED


def test_serial_iterations_share_variables_and_the_loop_keeps_what_they_set() -> None:
    ending = Play().run(
        "variables: {total: 0}\n"
        "steps:\n  - id: each\n    foreach: '[1, 2, 3]'\n    as: n\n    steps:\n      - {id: add, set: {total: '{{ vars.total + n }}'}}\n"
        "outputs: {total: '{{ vars.total }}'}\n"
    )
    assert ending.outputs == {"total": 6}


def test_variables_and_set_see_what_stands_before_them() -> None:
    ending = Play().run(
        "variables: {a: 1, b: '{{ vars.a + 1 }}'}\n"
        "steps:\n  - {id: s, set: {c: '{{ vars.b + 1 }}', d: '{{ vars.c + 1 }}'}}\n"
        "outputs: {d: '{{ vars.d }}'}\n"
    )
    assert ending.outputs == {"d": 4}


def test_a_stop_step_ends_the_run_wherever_it_stands() -> None:
    play = Play()
    ending = play.run(
        "steps:\n  - id: each\n    foreach: '[1, 2]'\n    steps:\n"
        "      - {id: enough, if: loop.index == 1, stop: {status: succeeded, message: 'at {{ loop.index }}'}}\n"
        f"      - {get('a')}\n  - {get('after')}\n"
        "outputs: {after: '{{ steps.after.status }}'}\n"
    )
    assert play.paths == ["each[0].a"]
    assert (ending.status, ending.message) == (RunStatus.SUCCEEDED, "at 1")
    assert ending.outputs == {"after": "skipped"}


def test_a_stop_step_can_fail_or_cancel_the_run() -> None:
    failed = Play().run(
        "steps:\n  - {id: s, stop: {status: failed, message: no}}\non_error:\n  - {id: h, set: {x: 1}}\n"
    )
    assert failed.status is RunStatus.FAILED
    assert failed.error is not None
    assert (failed.error.kind, failed.error.message) == ("stopped", "no")
    cancelled = Play().run("steps:\n  - {id: s, stop: {status: cancelled}}\n")
    assert (cancelled.status, cancelled.error) == (RunStatus.CANCELLED, None)


def test_a_retryable_failure_is_tried_again_after_a_growing_delay_from_its_end() -> None:
    retry = ", retry: {max_attempts: 4, interval: 2s, backoff: exponential, max_interval: 5s, jitter: false}"
    play = Play(
        {"a": [failure("server", at=1_000), failure("timeout", at=10_000), failure("network", at=20_000), {"n": 1}]}
    )
    ending = play.run(f"steps:\n  - {get('a', retry)}\n")
    assert ending.status is RunStatus.SUCCEEDED
    assert [(wait.attempt, wait.at) for wait in play.waits] == [(2, 3_000), (3, 14_000), (4, 25_000)]


def test_a_failure_that_a_retry_cannot_mend_is_not_retried_unless_retry_if_says_so() -> None:
    plain = Play({"a": failure("not_found")})
    assert plain.run(f"steps:\n  - {get('a', ', retry: {max_attempts: 3}')}\n").status is RunStatus.FAILED
    assert len(plain.calls) == 1
    asked = Play({"a": [failure("not_found"), {}]})
    condition = """, retry: {max_attempts: 3, if: "error.kind == 'not_found'"}"""
    assert asked.run(f"steps:\n  - {get('a', condition)}\n").status is RunStatus.SUCCEEDED
    assert len(asked.calls) == 2


def test_attempts_run_out() -> None:
    play = Play({"a": failure("server")})
    ending = play.run(f"steps:\n  - {get('a', ', retry: {max_attempts: 3}')}\n")
    assert [call.attempt for call in play.calls] == [1, 2, 3]
    assert ending.error is not None
    assert ending.error.attempt == 3


def test_on_error_continue_goes_on_with_the_failure_to_be_seen() -> None:
    ending = Play({"a": failure("conflict")}).run(
        f"steps:\n  - {get('a', ', on_error: continue')}\n"
        "outputs: {status: '{{ steps.a.status }}', kind: '{{ steps.a.error.kind }}', output: '{{ steps.a.output }}'}\n"
    )
    assert ending.outputs == {"status": "failed", "kind": "conflict", "output": None}


def test_a_steps_handler_sees_the_error_and_the_flow_goes_on_after_it() -> None:
    play = Play({"a": failure("permission")})
    ending = play.run(
        "steps:\n  - id: a\n    uses: calendly.get_event_type\n    with: {uuid: u}\n"
        "    on_error:\n      - {id: note, set: {why: '{{ error.step }}: {{ error.message }} ({{ error.kind }}, {{ error.attempt }})'}}\n"
        f"  - {get('after')}\noutputs: {{why: '{{{{ vars.why }}}}'}}\n"
    )
    assert ending.outputs == {"why": "a: it was permission (permission, 1)"}
    assert play.paths == ["a", "after"]
    assert "a.on_error.note" in play.notes


def test_a_handler_that_was_not_needed_is_skipped_to_those_who_ask() -> None:
    ending = Play().run(
        "steps:\n  - id: a\n    uses: calendly.get_event_type\n    with: {uuid: u}\n"
        "    on_error:\n      - {id: note, set: {why: no}}\noutputs: {note: '{{ steps.note.status }}'}\n"
    )
    assert ending.outputs == {"note": "skipped"}


def test_the_flows_handler_runs_once_and_the_run_is_failed_all_the_same() -> None:
    play = Play({"a": failure("invalid")})
    ending = play.run(
        f"steps:\n  - {get('a')}\n  - {get('b')}\non_error:\n  - {{id: tell, uses: calendly.get_event_type, with: {{uuid: '{{{{ error.step }}}}'}}}}\n"
    )
    assert [call.given["uuid"] for call in play.calls] == ["u", "a"]
    assert play.paths == ["a", "on_error.tell"]
    assert ending.status is RunStatus.FAILED
    assert ending.error is not None
    assert ending.error.step == "a"


def test_a_failure_inside_a_branch_can_be_dealt_with_around_it() -> None:
    play = Play({"maybe.a": failure("invalid")})
    ending = play.run(
        f"steps:\n  - id: maybe\n    if: 'true'\n    then:\n      - {get('a')}\n    on_error: continue\n  - {get('b')}\n"
    )
    assert ending.status is RunStatus.SUCCEEDED
    assert play.paths == ["maybe.a", "b"]
    assert play.notes["maybe"].status is StepStatus.FAILED


def test_an_uncertain_step_is_not_retried_and_makes_the_run_uncertain() -> None:
    play = Play({"a": failure("unknown_outcome")})
    ending = play.run(f"steps:\n  - {get('a', ', retry: {max_attempts: 5}')}\n")
    assert len(play.calls) == 1
    assert ending.status is RunStatus.UNCERTAIN


def test_a_missing_field_fails_the_step_at_the_expressions_place() -> None:
    ending = Play().run(
        "steps:\n  - {id: a, uses: calendly.get_event_type, with: {uuid: '{{ trigger.nope }}'}}\n", trigger={"name": 1}
    )
    assert ending.status is RunStatus.FAILED
    assert ending.error is not None
    assert (ending.error.step, ending.error.kind) == ("a", "expression")
    assert ending.error.place is not None
    assert ending.error.place.startswith("t.yaml:5:")


def test_outputs_that_cannot_be_rendered_fail_the_run() -> None:
    ending = Play().run("steps:\n  - {id: s, set: {x: 1}}\noutputs: {y: '{{ vars.nope }}'}\n")
    assert ending.status is RunStatus.FAILED
    assert ending.error is not None
    assert ending.error.step == "outputs"


def test_what_a_payload_says_is_never_rendered_again() -> None:
    play = Play()
    play.run(f"steps:\n  - id: a\n    {MARK}", trigger={"uri": "{{ run.id }}"})
    assert play.calls[0].given == {"invitee": "{{ run.id }}"}


def test_the_same_answers_give_the_same_commands() -> None:
    text = "steps:\n  - id: each\n    foreach: '[1, 2]'\n    steps:\n      - {id: a, uses: calendly.get_event_type, with: {uuid: x}, retry: {max_attempts: 3}}\n"
    answers = {"each[0].a": [failure("server"), {}], "each[1].a": [failure("server"), failure("server"), {}]}
    first, second = Play(answers), Play(answers)
    assert first.run(text) == second.run(text)
    assert first.log == second.log
    assert any(entry.startswith("wait") for entry in first.log)
