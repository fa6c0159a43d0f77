"""A run that takes its workers down is put aside and says what to do; a result that cannot be kept fails its step and harms nobody."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pydantic import Field

from engine.cli.run_view import RunView, remark
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.poison import MOST_IDLE_CLAIMS
from engine.sdk import Connector, Http, Input, Local, Output
from tests.engine_room import EngineRoom
from tests.eventually import eventually

POISON = "steps: [{id: before, uses: probe.put, with: {name: a}}, {id: bad, uses: %s, with: {name: b}}]\n"


class Given(Input):
    """Do something odd."""

    name: str = Field(description="A name.")


class Made(Output):
    """Something."""

    name: str | None = Field(default=None, description="A name.")


class Died(BaseException):
    """The worker's process ended here."""


def _deep() -> list[object]:
    value: list[object] = []
    for _ in range(10_000):
        value = [value]
    return value


ODD: dict[str, object] = {
    "huge": Made(name="x" * (50 * 1024 * 1024)),
    "nan": Made.model_construct(name=cast(str, float("nan"))),
    "deep": Made.model_construct(**{"more": _deep()}),  # type: ignore[arg-type]
    "digits": Made.model_construct(**{"more": 10**5000}),  # type: ignore[arg-type]
    "mapping": {"name": "x"},
    "nothing": None,
}


def odd_connector(room: EngineRoom) -> Connector:
    probe = room.catalogue["probe"]
    odd = Connector(name="odd", title="Odd", connection=probe.connection, budget=probe.budget)

    @odd.local_action(effect="read")
    def die(local: Local, given: Given) -> Made:
        raise Died

    @odd.local_action(effect="read")
    def leave(local: Local, given: Given) -> Made:
        sys.exit(3)

    @odd.local_action(effect="read")
    def answer(local: Local, given: Given) -> Made:
        return cast(Made, ODD[given.name])

    @odd.action(effect="write")
    def write(http: Http, given: Given) -> Made:
        http.post("/things", json={"name": given.name})
        raise Died

    return odd


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        room.install(odd_connector(room), odd=({}, {"token": "another-canary-token"}))
        yield room


def kill(room: EngineRoom, run_id: str, times: int = MOST_IDLE_CLAIMS) -> None:
    """As many workers as that die of the run; each lease ends."""
    for _ in range(times):
        with pytest.raises(Died):
            room.execute(run_id)
        room.abandon()


def killing_child(room: EngineRoom, run_id: str) -> str:
    """The run that this one started, and that its workers died of; the crew took it by itself for the first time."""
    (child,) = room.journal.runs.children(run_id)
    eventually(lambda: "bad" in room.steps(child.id))
    room.abandon()
    kill(room, child.id, MOST_IDLE_CLAIMS - 1)
    return child.id


def test_a_run_that_workers_die_of_is_put_aside_and_says_how_to_go_on(room: EngineRoom) -> None:
    run_id = room.start(POISON % "odd.die")
    kill(room, run_id, MOST_IDLE_CLAIMS + 1)  # the first one ended the step before

    room.execute(run_id)

    run = room.state(run_id)
    assert run.status is RunStatus.POISONED
    assert remark(run).startswith(
        "bad: poisoned: 5 workers in a row took the run up and stopped while this step was under way"
    )
    rows = room.steps(run_id)
    assert [row.status for row in rows["before"]] == [StepStatus.SUCCEEDED]
    assert [row.status for row in rows["bad"]] == [StepStatus.UNCERTAIN]
    assert room.service.seen == ["POST /things"]
    page = "\n".join(RunView(run=run, steps=[row for each in rows.values() for row in each]).lines())
    assert f"hookline runs rerun {run_id} --resume" in page


def test_a_write_that_kills_its_worker_leaves_once_and_not_for_each_worker(room: EngineRoom) -> None:
    run_id = room.start("steps: [{id: bad, uses: odd.write, with: {name: b}}]\n", connection="odd")
    with pytest.raises(Died):
        room.execute(run_id)
    room.abandon()
    room.execute(run_id)
    assert room.state(run_id).status is RunStatus.UNCERTAIN
    assert room.service.seen == ["POST /things"]


def test_the_caller_of_a_run_that_was_put_aside_sees_a_failure_of_its_own_kind(room: EngineRoom) -> None:
    room.deploy("steps: [{id: bad, uses: odd.die, with: {name: b}}]\n", flow_id="below")
    run_id = room.start(
        "steps:\n  - id: sub\n    flow: below\n    on_error:\n"
        "      - {id: note, set: {kind: '{{ error.kind }}', at: '{{ error.step }}'}}\n"
        "outputs: {kind: '{{ vars.kind }}', at: '{{ vars.at }}'}\n"
    )
    room.execute(run_id)
    room.execute(killing_child(room, run_id))

    run = room.through(run_id)
    assert run.outputs == {"kind": "poisoned", "at": "sub/bad"}


def test_the_crew_goes_on_with_whoever_waited_for_it(room: EngineRoom) -> None:
    room.deploy("steps: [{id: bad, uses: odd.die, with: {name: b}}]\n", flow_id="below")
    run_id = room.start("steps: [{id: sub, flow: below}]\n")
    room.execute(run_id)
    room.execute(killing_child(room, run_id))
    # Nobody else rings for it here.
    assert eventually(lambda: room.state(run_id).ended_at) is not None
    assert room.state(run_id).status is RunStatus.FAILED


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("huge", "the output has 52,428,811 bytes; at most 1,048,576 can be kept"),
        ("nan", "the action was performed, but its output cannot be kept: Out of range float values"),
        ("deep", "the action was performed, but its output cannot be kept: "),
        ("digits", "the action was performed, but its output cannot be kept: "),
        ("mapping", "cannot be kept: the connector returned dict instead of its output model"),
        ("nothing", "cannot be kept: the connector returned NoneType instead of its output model"),
    ],
)
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_a_result_that_cannot_be_kept_fails_its_step_at_once(room: EngineRoom, name: str, why: str) -> None:
    run = room.run(f"steps: [{{id: a, uses: odd.answer, with: {{name: {name}}}}}]\n")
    assert run.error is not None
    assert (run.status, run.error["kind"]) == (RunStatus.FAILED, "invalid")
    assert why in str(run.error["message"])
    assert (run.claim_no, len(str(run.error["message"])) < 400) == (1, True)


def test_an_action_that_asks_its_process_to_end_fails_its_step_only(room: EngineRoom) -> None:
    run = room.run("steps: [{id: a, uses: odd.leave, with: {name: a}}]\n")
    assert run.error is not None
    assert (run.status, "SystemExit" in str(run.error["message"])) == (RunStatus.FAILED, True)
