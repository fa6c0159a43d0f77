"""Whatever happens to deliveries, messages, workers, leases, clocks and versions, and in whatever order: what ``model`` says holds after
every commit, and when the faults stop, every run comes to its end within a bounded number of sweeps.

Hypothesis chooses what happens (``happenings``). The interpreter, the driver, ingest, the throttle and the journal are the real ones; workers,
clocks and the service are ``small_world``'s. CI tries the same examples every time. More of them, and others each time:

    HOOKLINE_TEST_MODEL_EXAMPLES=2000 pytest tests/faults/test_model.py -k search        (prints how to make a failure again)
"""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from engine.core.statuses import RunStatus, StepStatus
from tests.faults.happenings import Installation
from tests.faults.model import Model, RunSeen, StepSeen
from tests.postgres_server import PostgresServer

EXAMPLES = int(os.environ.get("HOOKLINE_TEST_MODEL_EXAMPLES", "0"))


def play(fresh: Callable[[], str], *, examples: int) -> Counter[str]:
    """Let everything happen, in each example on a ``fresh`` database; what did, and how often."""

    class Machine(Installation):
        happened: ClassVar[Counter[str]] = Counter()

    Machine.fresh = staticmethod(fresh)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES or examples,
            stateful_step_count=60,
            deadline=None,
            derandomize=not EXAMPLES,
            database=None,
            print_blob=True,
            # An example costs a second; in CI the one that was found is shown as it is.
            phases=[Phase.generate, Phase.shrink] if EXAMPLES else [Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Machine.happened


def assert_enough(happened: Counter[str], *names: str) -> None:
    """A search in which little happened proves little."""
    missing = [name for name in names if not happened[name]]
    assert not missing, f"too little happened of {missing}: {happened}"


@pytest.mark.timeout(600 + 10 * EXAMPLES)
def test_a_search_on_sqlite(sqlite_template: Path, tmp_path: Path) -> None:
    def fresh() -> str:
        for old in tmp_path.glob("journal.db*"):
            old.unlink()
        file = tmp_path / "journal.db"
        shutil.copy(sqlite_template, file)
        return f"sqlite:///{file}"

    happened = play(fresh, examples=12)
    workers = ("killed", "late write refused", "message lost", "message twice")
    assert_enough(happened, "event", "duplicate", *workers, "pause", "version", "clock", "service", "ended succeeded")


@pytest.mark.postgres
@pytest.mark.timeout(600 + 10 * EXAMPLES)
def test_a_shorter_search_on_postgresql(postgres_server: PostgresServer, postgres_template: str) -> None:
    numbers = count()

    def fresh() -> str:
        return postgres_server.create_database(f"model_{next(numbers)}", like=postgres_template)

    happened = play(fresh, examples=4)
    assert_enough(happened, "event", "ended succeeded")


# The model itself: what it would say if a promise were broken


def a_run(id_: str = "r", *, status: RunStatus = RunStatus.PARKED, **more: Any) -> RunSeen:
    known: dict[str, Any] = {"flow": "f", "digest": "d", "due_at": 100, **more}
    return RunSeen(id=id_, status=status, **known)


def a_step(status: StepStatus, **more: Any) -> StepSeen:
    known: dict[str, Any] = {"run": "r", "path": "a", "attempt": 1, **more}
    return StepSeen(status=status, **known)


def shown(model: Model, *runs: RunSeen, steps: Sequence[StepSeen] = (), now: int = 0) -> None:
    model.holds({run.id: run for run in runs}, steps, now=now)


def test_the_model_takes_what_is_right() -> None:
    model = Model(versions={"f": "d"})
    model.accepts("k", model.versions)
    shown(model, a_run(key="k"), steps=[a_step(StepStatus.RUNNING)])
    model.calls(a_run(), a_step(StepStatus.RUNNING))
    model.acted("r", "a", "key", repeatable=False)
    over = a_run(key="k", status=RunStatus.SUCCEEDED, due_at=None, result=["ok"])
    shown(model, over, steps=[a_step(StepStatus.SUCCEEDED, result=[1])])
    shown(model, over, steps=[a_step(StepStatus.SUCCEEDED, result=[1])])


def test_the_model_wants_one_run_for_an_accepted_event_and_flow() -> None:
    model = Model(versions={"f": "d"})
    model.accepts("k", model.versions)
    model.accepts("k", {"f": "another version"})
    for found in ([], [a_run(key="k", digest="another version")]):
        with pytest.raises(AssertionError, match="one run for each flow"):
            shown(Model(accepted=model.accepted), *found)
    shown(model, a_run(key="k"))
    with pytest.raises(AssertionError, match="one run for each flow"):
        shown(model, a_run(key="k"), a_run("s", key="k"))


def test_the_model_lets_only_runs_go_that_are_over() -> None:
    model = Model()
    shown(model, a_run(), a_run("s", status=RunStatus.FAILED, due_at=None))
    shown(model, a_run())
    with pytest.raises(AssertionError, match="a live run was purged"):
        shown(model)


def test_the_model_lets_nothing_of_a_paused_flow_leave_that_had_not_begun() -> None:
    model = Model()
    model.pauses("f", [a_step(StepStatus.RUNNING)])
    model.calls(a_run(status=RunStatus.RUNNING), a_step(StepStatus.RUNNING))
    model.calls(a_run(status=RunStatus.RUNNING, cancel_requested=True), a_step(StepStatus.RUNNING, path="finally.b"))
    with pytest.raises(AssertionError, match="which is paused"):
        model.calls(a_run(status=RunStatus.RUNNING), a_step(StepStatus.RUNNING, path="b"))


def test_the_model_lets_nothing_change_that_has_ended() -> None:
    model = Model()
    shown(model, a_run(), steps=[a_step(StepStatus.FAILED, result=[1])])
    with pytest.raises(AssertionError, match="had ended"):
        shown(model, a_run(), steps=[a_step(StepStatus.FAILED, result=[2])])
    model, over = Model(), a_run("s", status=RunStatus.FAILED, due_at=None, result=["e"])
    shown(model, over)
    with pytest.raises(AssertionError, match="had ended"):
        shown(model, a_run("s", status=RunStatus.CANCELLED, due_at=None, result=["e"]))
    with pytest.raises(AssertionError, match="is open in a run that is over"):
        shown(model, over, steps=[a_step(StepStatus.WAITING, run="s")])


def test_the_model_lets_nobody_sleep_who_has_a_reason_to_look() -> None:
    model = Model()
    cases: list[dict[str, Any]] = [{"cancel_requested": True}, {"heard": frozenset({"event"})}]
    for more in cases:
        shown(model, a_run(claims=1, **more), now=100)
        with pytest.raises(AssertionError, match="sleeps on"):
            shown(model, a_run(claims=1, **more), now=99)
        shown(model, a_run(claims=2, **more), now=99)
    child = a_run("c", parent="r", parent_path="a", status=RunStatus.FAILED, due_at=None)
    with pytest.raises(AssertionError, match="sleeps on"):
        shown(model, a_run(claims=1), child, steps=[a_step(StepStatus.WAITING)])
    with pytest.raises(AssertionError, match="due at some time"):
        shown(model, a_run(due_at=None))


def test_the_model_counts_the_places_of_a_lane() -> None:
    lane: dict[str, Any] = {"lane": "l", "lane_limit": 1}
    shown(Model(), a_run(**lane), a_run("s", held=True, **lane))
    with pytest.raises(AssertionError, match="under way in a lane for 1"):
        shown(Model(), a_run(**lane), a_run("s", **lane))
    with pytest.raises(AssertionError, match="a place is free"):
        shown(Model(), a_run(held=True, **lane))


def test_the_model_lets_only_those_be_taken_up_that_are_to_be_had() -> None:
    model = Model()
    model.pauses("p", [])
    model.taken(a_run(status=RunStatus.RUNNING), now=100)
    model.taken(a_run(flow="p", cancel_requested=True), now=100)
    for run, why in (
        (a_run(status=RunStatus.CANCELLED), "that is cancelled"),
        (a_run(status=RunStatus.QUEUED, held=True), "no place in its lane"),
        (a_run(status=RunStatus.RUNNING, due_at=101), "whose lease holds"),
        (a_run(flow="p"), "which is paused"),
    ):
        with pytest.raises(AssertionError, match=why):
            model.taken(run, now=100)


def test_the_model_wants_an_attempt_before_a_call_and_one_act_for_it() -> None:
    model = Model()
    for run, step in (
        (a_run(), None),
        (a_run(), a_step(StepStatus.SUCCEEDED)),
        (a_run(status=RunStatus.CANCELLED), a_step(StepStatus.RUNNING)),
    ):
        with pytest.raises(AssertionError, match="a call left"):
            model.calls(run, step)
    model.acted("r", "a", "key", repeatable=True)
    model.acted("r", "a", "key", repeatable=True)
    with pytest.raises(AssertionError, match="with two keys"):
        model.acted("r", "a", "another key", repeatable=False)
    with pytest.raises(AssertionError, match="done twice"):
        model.acted("r", "a", "key", repeatable=False)
