"""Runs are done again: the keys that travel, what is asked, what is copied, and who is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.http import http
from engine.core.statuses import RunStatus, StepStatus
from engine.egress import AnswerLost
from engine.errors import BusyError, ClaimLost, NotFoundError, SecretError, UsageError
from engine.journal.poison import MOST_IDLE_CLAIMS
from engine.journal.seal import is_sealed
from engine.runtime.again import Done, Wish
from engine.sdk import Connector, Local
from tests.again_room import (
    ABC,
    SECURE,
    again,
    do_again,
    ended,
    lost,
    paths,
    resolving,
)
from tests.contracts.journal.stories import at_once
from tests.engine_room import EngineRoom, Found, Given, ok, status


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def test_a_plain_rerun_does_everything_again_on_the_same_version(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    assert first.status is RunStatus.FAILED
    room.deploy("steps: [{id: other, set: {n: 1}}]")
    second = do_again(room, first)
    assert (second.status, second.digest, second.origin_run) == (RunStatus.SUCCEEDED, first.digest, first.id)
    assert room.service.seen == ["POST /things"] * 3
    assert room.state(first.id) == replace(first, rerun_by=second.id)


def test_from_a_step_on_what_lies_before_is_not_done_again(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    second = do_again(room, first, step="b")
    assert second.outputs == {"b": "POST /things"}
    assert len(room.service.seen) == 2
    assert paths(room, second.id) == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}
    third = do_again(room, second, step="c")
    assert (third.status, len(room.service.seen)) == (RunStatus.SUCCEEDED, 3)


def test_it_resumes_at_the_first_step_that_did_not_succeed(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    second = do_again(room, first, resume=True)
    assert (second.origin_path, len(room.service.seen)) == ("b", 2)


def test_the_latest_version_is_done_where_it_is_wanted(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    mended = room.deploy(ABC.format(action="read").replace("id: c", "id: d"))
    second = do_again(room, first, latest=True, resume=True)
    assert (second.digest, second.status) == (mended.digest, RunStatus.SUCCEEDED)
    assert room.service.seen == ["GET /things/b", "POST /things"]


def test_a_version_that_has_no_step_for_an_uncertain_call_is_not_gone_on_with(room: EngineRoom) -> None:
    first = lost(room)
    room.deploy(ABC.format(action="write").replace("id: b", "id: d").replace("steps.b.", "steps.d."))
    with pytest.raises(
        UsageError, match=rf"b of run {first.id} is uncertain(?s:.*)runs resolve {first.id} b --happened"
    ):
        do_again(room, first, latest=True, resume=True)
    resolving(room).resolve(first, "b", "did_not_happen")
    assert do_again(room, first, latest=True, again=True).status is RunStatus.SUCCEEDED


def keys(room: EngineRoom) -> list[str]:
    return [request.headers["Idempotency-Key"] for request in room.service.requests if request.method == "POST"]


HTTP = "steps: [{id: a, uses: http.request, connection: http, with: {method: POST, path: /x, json: {}}}]\n"


@pytest.mark.parametrize(("reply", "same"), [(AnswerLost("cut"), True), (status(500), True), (status(404), False)])
def test_a_call_with_unknown_outcome_is_repeated_with_its_key_and_another_one_gets_a_new_key(
    room: EngineRoom, reply: Any, same: bool
) -> None:
    settings = {"base_url": "https://probe.example", "idempotency_header": "Idempotency-Key"}
    room.install(http, http=(settings, {}))
    room.service.replies["POST /x"] = [reply]
    first = room.through(room.start(HTTP, connection="http"))
    assert first.status in (RunStatus.FAILED, RunStatus.UNCERTAIN)
    second = do_again(room, first)
    assert second.status is RunStatus.SUCCEEDED
    assert len(set(keys(room))) == (1 if same else 2)
    third = do_again(room, second)
    assert third.status is RunStatus.SUCCEEDED
    assert len(set(keys(room))) == (2 if same else 3)  # what succeeded is done again as something new


def test_a_write_that_cannot_be_confirmed_stops_at_once_and_names_who_can_say(room: EngineRoom) -> None:
    second = do_again(room, lost(room))
    assert second.status is RunStatus.UNCERTAIN
    assert room.service.seen == ["POST /things"]  # that of a, which succeeded and was to be done again
    row = room.steps(second.id)["b"][0]
    assert (row.status, row.given, row.connection) == (StepStatus.UNCERTAIN, {"name": "b"}, "probe")
    assert f"hookline runs resolve {second.id} b --happened" in str(row.error)
    third = do_again(room, second, step="b")
    assert (third.status, len(room.service.seen)) == (RunStatus.UNCERTAIN, 1)


@pytest.mark.parametrize(("there", "posts"), [(True, 1), (False, 2)])
def test_a_write_that_can_be_confirmed_is_asked_for_first(room: EngineRoom, there: bool, posts: int) -> None:
    room.service.replies["GET /things/b"] = [status(503)] * 2
    first = room.start(ABC.format(action="make"))
    room.service.replies["POST /things"] = [ok({"name": "a"}), AnswerLost("cut")]
    room.execute(first)
    with room.journal.engine.begin() as db:  # a person ended it while it waited for the service to say
        db.exec_driver_sql("UPDATE steps SET status = 'uncertain', ended_at = 1 WHERE path = 'b'")
        db.exec_driver_sql("UPDATE runs SET status = 'uncertain', ended_at = 1, due_at = NULL")
    room.service.requests.clear()
    room.service.replies = {"GET /things/b": [ok({"name": "found"} if there else {})]}
    second = do_again(room, room.state(first), step="b")
    assert second.status is RunStatus.SUCCEEDED
    assert room.service.seen == ["GET /things/b", *["POST /things"] * posts]


def test_an_outcome_stays_unknown_over_a_run_that_did_not_come_to_the_call(room: EngineRoom) -> None:
    found, first = again(room), lost(room)
    second = found.start(found.plan(first, Wish(step="b"))).run_id
    room.journal.runs.request_cancel(second)
    third = found.start(found.plan(room.state(second), Wish())).run_id
    assert room.state(third).unsettled == room.state(second).unsettled
    assert set(room.state(third).unsettled or {}) == {"b"}


def test_of_two_operators_at_once_one_gets_the_run(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    plans = [again(room).plan(first, Wish(resume=True)) for _ in range(2)]

    def start(number: int) -> Done | str:
        try:
            return again(room).start(plans[number])
        except BusyError as error:
            return str(error)

    one, other = sorted(at_once(2, start), key=lambda answer: isinstance(answer, str))
    assert isinstance(one, Done)
    assert f"run {first.id} is done again already, as {one.run_id}" in str(other)
    with pytest.raises(BusyError, match="--again"):
        again(room).plan(room.state(first.id), Wish())
    assert again(room).start(again(room).plan(room.state(first.id), Wish(again=True))).run_id != one.run_id


def test_a_run_that_is_under_way_and_one_that_never_began(room: EngineRoom) -> None:
    run_id = room.start(ABC.format(action="write"))
    for _ in range(2):
        with pytest.raises(BusyError, match=f"(?s)is not over: it is queued.*hookline runs cancel {run_id}"):
            again(room).plan(room.state(run_id), Wish())
    room.journal.runs.request_cancel(run_id)
    for wish in (Wish(step="a"), Wish(resume=True)):
        with pytest.raises(UsageError, match=f"(?s)never began.*hookline runs rerun {run_id}"):
            again(room).plan(room.state(run_id), wish)
    assert do_again(room, room.state(run_id)).status is RunStatus.SUCCEEDED


def test_what_cannot_be_gone_on_with_says_what_to_do(room: EngineRoom) -> None:
    well = room.through(room.start(ABC.format(action="write")))
    with pytest.raises(UsageError, match="succeeded, so that there is nothing to go on with"):
        again(room).plan(well, Wish(resume=True))
    with pytest.raises(NotFoundError, match=r"did not come to a step 'bee'"):
        again(room).plan(well, Wish(step="bee"))
    room.deploy("steps: [{id: z, set: {n: 1}}]")
    with pytest.raises(UsageError, match="cannot go on from b: the flow has no step b"):
        again(room).plan(well, Wish(step="b", latest=True))
    room.journal.flows.remove("f")
    with pytest.raises(NotFoundError, match="is not deployed, so that it has no latest version"):
        again(room).plan(well, Wish(latest=True))
    stopped = room.through(room.start("steps: [{id: s, stop: {status: failed}}, {id: t, set: {n: 1}}]"))
    with pytest.raises(UsageError, match="the step s ended the run, as the flow says"):
        again(room).plan(stopped, Wish(resume=True))


def test_a_run_that_was_cleared_away_meanwhile_is_said(room: EngineRoom) -> None:
    first = ended(room, ABC.format(action="write"), status(404))
    plan = again(room).plan(first, Wish(resume=True))
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM steps")
        db.exec_driver_sql("DELETE FROM runs")
    with pytest.raises(NotFoundError, match=f"run {first.id} is gone"):
        again(room).start(plan)


def test_sealed_values_are_sealed_for_the_new_run(room: EngineRoom) -> None:
    first = ended(room, SECURE.replace("secure: true", "secure: [inputs]"), status(404), good=1)
    second = do_again(room, first, step="b")
    assert second.outputs == {"done": "succeeded"}
    assert room.service.requests[0].body == b'{"name":"x"}'
    old, new = room.steps(first.id)["a"][0], room.steps(second.id)["a"][0]
    assert str(new.given).startswith("sealed:")
    assert (new.given, new.output) != (old.given, old.output)
    assert "hush-hush" not in str(room.steps(second.id))


def test_without_the_key_sealed_values_are_not_guessed(room: EngineRoom) -> None:
    first = ended(room, SECURE.replace("secure: true", "secure: [inputs]"), status(404), good=1)

    def gone() -> Any:
        raise SecretError("the key is gone")

    found = replace(again(room), keyring=gone)
    with pytest.raises(SecretError, match="the key is gone"):
        found.start(found.plan(first, Wish(step="b")))
    assert room.state(first.id).rerun_by is None
    assert found.start(found.plan(first, Wish())).run_id  # nothing of it is opened


LONG = """
steps:
  - id: each
    foreach: "trigger.names"
    steps:
      - {id: x, uses: probe.write, with: {name: '{{ item }}'}}
      - {id: n, set: {count: '{{ vars.count + 1 }}'}}
variables: {count: 0}
outputs: {count: '{{ vars.count }}', names: '{{ steps.each.output | length }}'}
"""


def test_of_a_long_loop_that_failed_only_the_rest_is_done(room: EngineRoom) -> None:
    names: list[Any] = [f"n{number}" for number in range(130)]
    room.service.replies["POST /things"] = [*(ok({"name": "x"}) for _ in range(120)), status(404)]
    first = room.through(room.start(LONG, trigger={"names": names}), within=60)
    assert first.status is RunStatus.FAILED
    room.service.requests.clear()
    second = do_again(room, first, resume=True)
    assert (second.origin_path, second.outputs) == ("each[120].x", {"count": 130, "names": 130})
    assert len(room.service.seen) == 10
    third = do_again(room, second, step="each[60].n")
    assert (third.outputs, len(room.service.seen)) == ({"count": 130, "names": 130}, 10 + 69)


UNTIL = """
variables: {count: 0}
steps:
  - id: again
    until: vars.count >= 60
    max_iterations: 100
    timeout: 1h
    steps:
      - {id: n, set: {count: '{{ vars.count + 1 }}'}}
      - {id: x, uses: probe.write, with: {name: a}, if: loop.index >= 57, retry: {max_attempts: 2, interval: 200ms}}
outputs: {count: '{{ vars.count }}'}
"""


def test_the_time_of_a_loop_that_goes_on_begins_anew_and_its_rounds_stay(room: EngineRoom) -> None:
    first = ended(room, UNTIL, status(404), good=1)
    assert first.status is RunStatus.FAILED
    with room.journal.engine.begin() as db:  # long ago
        db.exec_driver_sql("UPDATE steps SET begun_at = 1 WHERE path = 'again'")
    found = again(room)
    second = found.start(found.plan(first, Wish(resume=True))).run_id
    room.service.replies["POST /things"] = [status(500)]
    room.execute(second)  # it parks, and the rounds must not be forgotten
    assert room.state(second).status is RunStatus.PARKED
    done = room.through(second)
    assert (done.status, done.outputs) == (RunStatus.SUCCEEDED, {"count": 60})
    assert room.steps(second)["again"][0].begun_at != 1


def test_the_plan_names_a_write_that_happened_as_a_person_said(room: EngineRoom) -> None:
    text = "steps: [{id: b, uses: probe.write, with: {name: b}, on_error: continue}]\n"
    first = ended(room, text, AnswerLost("cut"), good=0)
    resolving(room).resolve(first, "b", "happened")
    assert [row.path for row in again(room).plan(first, Wish()).repeated] == ["b"]


HIDING = "steps: [{id: call, flow: child, with: {word: hush-hush}, secure: [inputs, outputs]}]\n"


HEARING = (
    "inputs: {word: {type: string}}\n"
    "steps: [{id: one, uses: probe.write, with: {name: '{{ inputs.word }}'}, secure: [inputs, outputs]}]\n"
    "outputs: {heard: '{{ inputs.word }}'}\n"
)


def test_what_a_caller_hides_stays_hidden_when_its_child_is_done_again(room: EngineRoom) -> None:
    room.deploy(HEARING, flow_id="child")
    first = ended(room, HIDING, status(404), good=0)
    child = room.journal.runs.child(first.id, "call")
    assert child is not None
    done = do_again(room, child)
    assert done.status is RunStatus.SUCCEEDED
    assert is_sealed(done.inputs)
    assert is_sealed(done.outputs)
    assert "hush-hush" not in room.database.read_bytes().decode(errors="replace")
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM steps WHERE path = 'call'")
    later = do_again(room, done)
    assert is_sealed(later.outputs)


@pytest.mark.parametrize("more", ["on_error: continue", "on_uncertain: skip"])
def test_a_poisoned_run_resumes_at_what_it_had_under_way_whatever_the_flow_would_have_done(
    room: EngineRoom, more: str
) -> None:
    def die(request: object) -> None:
        raise ClaimLost("the worker is dead")

    room.service.before = die
    run_id = room.start(f"steps: [{{id: a, uses: probe.put, with: {{name: a}}, {more}}}, {{id: b, set: {{n: 1}}}}]\n")
    for _ in range(MOST_IDLE_CLAIMS + 1):
        room.execute(run_id)
        room.abandon()
    first = room.state(run_id)
    assert first.status is RunStatus.POISONED
    room.service.before = lambda request: None
    second = do_again(room, first, resume=True)
    assert (second.status, second.origin_path, set(second.unsettled or {})) == (RunStatus.SUCCEEDED, "a", {"a"})
    assert paths(room, second.id) == {"a": "succeeded", "b": "succeeded"}


def test_a_local_action_with_unknown_outcome_stops_too(room: EngineRoom) -> None:
    connector = Connector(name="note", title="Note")
    performed: list[str] = []

    @connector.local_action(effect="write")
    def keep(local: Local, given: Given) -> Found:
        performed.append(given.name)
        raise ClaimLost("the worker is dead")

    room.catalogue["note"] = connector
    run_id = room.start("steps: [{id: a, uses: note.keep, with: {name: a}}]\n")
    room.execute(run_id)
    room.abandon()
    first = room.through(run_id)
    second = do_again(room, first)
    assert [first.status, second.status] == [RunStatus.UNCERTAIN] * 2
    assert performed == ["a"]
    assert f"hookline runs resolve {second.id} a" in str(second.error)
