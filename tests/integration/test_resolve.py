"""Uncertain steps are settled by a person's word: what goes on with it, what the service is asked, and who is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.core.statuses import RunStatus
from engine.egress import AnswerLost
from engine.errors import BusyError, NotFoundError, UnavailableError, UsageError
from engine.runtime.again import Wish
from engine.runtime.resolving import Given as Output
from tests.again_room import (
    SECURE,
    again,
    do_again,
    ended,
    lost,
    lost_confirmable,
    paths,
    resolving,
)
from tests.engine_room import EngineRoom, ok, status


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def test_a_step_that_happened_is_done_and_the_run_goes_on_behind_it(room: EngineRoom) -> None:
    first = lost(room)
    resolved = resolving(room).resolve(first, "b", "happened", Output(value={"name": "said"}))
    assert resolved.went_on is not None
    second = room.through(resolved.went_on.run_id)
    assert (second.status, second.outputs) == (RunStatus.SUCCEEDED, {"b": "said"})
    assert room.service.seen == ["POST /things"]  # c
    assert room.steps(first.id)["b"][0].settled == "happened"
    twice = resolving(room).resolve(room.state(first.id), "b", "happened")
    assert twice.went_on is not None
    assert twice.went_on.run_id == second.id
    with pytest.raises(BusyError, match="settled already, the other way: happened"):
        resolving(room).resolve(room.state(first.id), "b", "did_not_happen")
    with pytest.raises(UsageError, match=f"b of run {first.id} was settled as happened; it went on as {second.id}"):
        again(room).plan(room.state(first.id), Wish(resume=True, again=True))


def test_a_step_that_did_not_happen_is_done_without_asking(room: EngineRoom) -> None:
    resolved = resolving(room).resolve(lost(room), "b", "did_not_happen")
    assert resolved.went_on is not None
    assert room.through(resolved.went_on.run_id).status is RunStatus.SUCCEEDED
    assert room.service.seen == ["POST /things"] * 2


@pytest.mark.parametrize(("answer", "output"), [({"name": "found"}, {"name": "found"}), ({}, None)])
def test_without_an_output_the_service_is_asked_where_it_can_be(room: EngineRoom, answer: Any, output: Any) -> None:
    first = lost_confirmable(room)
    room.service.replies["GET /things/b"] = [ok(answer)]
    resolved = resolving(room).resolve(first, "b", "happened")
    assert (resolved.output, resolved.asked, resolved.found) == (output, True, output is not None)
    assert resolved.went_on is not None
    assert room.steps(resolved.went_on.run_id)["b"][0].output == output


def test_a_service_that_does_not_answer_settles_nothing(room: EngineRoom) -> None:
    first = lost_confirmable(room)
    room.service.replies["GET /things/b"] = [status(500)]
    with pytest.raises(
        UnavailableError, match=r"(?s)the service could not be asked what b did: .*--output JSON"
    ) as refused:
        resolving(room).resolve(first, "b", "happened")
    assert "Nothing was settled" in str(refused.value)
    assert room.steps(first.id)["b"][0].settled is None
    resolved = resolving(room).resolve(first, "b", "happened", Output(value=None))
    assert resolved.output is None


def test_an_output_that_the_action_would_not_give_is_refused(room: EngineRoom) -> None:
    with pytest.raises(UsageError, match=r"--output is not what probe\.write answers: name:"):
        resolving(room).resolve(lost(room), "b", "happened", Output(value={"name": 7}))


def test_of_an_uncertainty_that_the_flow_dealt_with_only_the_word_is_kept(room: EngineRoom) -> None:
    dealt_with = "steps: [{id: b, uses: probe.write, with: {name: b}, on_error: continue}]\n"
    first = ended(room, dealt_with, AnswerLost("cut"), good=0)
    assert first.status is RunStatus.SUCCEEDED
    resolved = resolving(room).resolve(first, "b", "happened")
    assert resolved.went_on is None
    assert room.state(first.id) == first
    assert room.steps(first.id)["b"][0].settled == "happened"
    with pytest.raises(BusyError, match="the other way"):
        resolving(room).resolve(first, "b", "did_not_happen")


TWICE = "steps: [{before}, {{id: c, uses: probe.write, with: {{name: c}}}}, {{id: b, uses: probe.write, with: {{name: b}}}}]\n"
A = "id: a, uses: probe.write, with: {name: a}"


@pytest.mark.parametrize(
    ("before", "path"),
    [
        (f"{{{A}, on_uncertain: skip}}", "a"),
        (f"{{{A}, on_error: [{{id: h, set: {{n: 1}}}}]}}", "a"),
        (f"{{id: g, steps: [{{{A}}}], on_error: continue}}", "g.a"),
        (f"{{id: g, foreach: '{{{{ [1] }}}}', steps: [{{{A}, on_error: continue}}]}}", "g[0].a"),
        (f"{{id: g, parallel: {{x: [{{{A}, on_error: continue}}], y: [{{id: s, wait: {{for: 1ms}}}}]}}}}", "g.x.a"),
    ],
)
def test_a_step_behind_which_the_flow_went_on_is_not_gone_back_to(room: EngineRoom, before: str, path: str) -> None:
    replies = [AnswerLost("cut"), ok({"name": "c"}), AnswerLost("cut")]
    first = ended(room, TWICE.format(before=before), *replies, good=0)
    assert (first.status, paths(room, first.id)[path]) == (RunStatus.UNCERTAIN, "uncertain")
    assert resolving(room).resolve(first, path, "did_not_happen").went_on is None
    went_on = resolving(room).resolve(first, "b", "did_not_happen").went_on
    assert went_on is not None
    assert room.through(went_on.run_id).status is RunStatus.SUCCEEDED
    assert len(room.service.seen) == 1  # b, and not c, which was through


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("bb", r"did not come to a step 'bb'; did you mean b\?"),
        ("a", r"(?s)a of run .* is not uncertain: it is succeeded.*Uncertain in this run: b"),
    ],
)
def test_only_an_uncertain_step_is_settled(room: EngineRoom, step: str, words: str) -> None:
    with pytest.raises((NotFoundError, UsageError), match=words):
        resolving(room).resolve(lost(room), step, "happened")


def test_of_a_group_the_step_in_it_is_settled(room: EngineRoom) -> None:
    group = "steps:\n  - id: g\n    steps: [{id: b, uses: probe.write, with: {name: b}}]\n  - {id: c, set: {n: 1}}\n"
    first = ended(room, group, AnswerLost("cut"), good=0)
    with pytest.raises(
        UsageError, match=r"g of run .* holds steps; say it of the one in it(?s:.*)Uncertain in this run: g\.b"
    ):
        resolving(room).resolve(first, "g", "happened")
    resolved = resolving(room).resolve(first, "g.b", "happened", Output(value={"name": "x"}))
    assert resolved.went_on is not None
    assert room.through(resolved.went_on.run_id).status is RunStatus.SUCCEEDED


def test_a_word_said_after_the_run_was_done_again_is_said_in_the_wrong_place(room: EngineRoom) -> None:
    first = lost(room)
    second = do_again(room, first)
    with pytest.raises(BusyError, match=f"(?s)done again already, as {second.id}.*hookline runs resolve {second.id} b"):
        resolving(room).resolve(room.state(first.id), "b", "happened")


def test_a_sealed_output_that_is_given_is_sealed(room: EngineRoom) -> None:
    first = ended(room, SECURE.replace("secure: true", "secure: [inputs]"), AnswerLost("cut"), good=0)
    resolved = resolving(room).resolve(first, "a", "happened", Output(value={"name": "whisper"}))
    assert resolved.went_on is not None
    second = room.through(resolved.went_on.run_id)
    assert second.outputs == {"done": "succeeded"}
    assert room.service.requests[-1].body == b'{"name":"whisper"}'
    assert "whisper" not in str(room.steps(second.id))


def test_a_poisoned_run_goes_on_like_an_uncertain_one(room: EngineRoom) -> None:
    first = lost(room)
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("UPDATE runs SET status = 'poisoned'")
    resolved = resolving(room).resolve(room.state(first.id), "b", "did_not_happen")
    assert resolved.went_on is not None
    assert room.through(resolved.went_on.run_id).status is RunStatus.SUCCEEDED
