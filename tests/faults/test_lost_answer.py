"""Promise 4. The fault: the service acted, and its answer was lost; or nothing arrived, which looks the same from here; or the worker died meanwhile.

What must hold, by the class of the action's effect (``EFFECTS``): what is read, idempotent or keyed is called again, always with the same key;
what can be confirmed is asked for before anything else; of anything else nothing is sent again, and the step says that it is uncertain.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from engine.core.statuses import RunStatus, StepStatus
from tests.eventually import eventually
from tests.faults import misbehaviour
from tests.faults.checker import check
from tests.faults.connector import faults
from tests.faults.history import History
from tests.faults.misbehaviour import Misbehaviour
from tests.faults.site import Site, flow, step
from tests.faults.together import together

RUNS = 3
AGAIN = "retry: {max_attempts: 2, interval: 50ms, jitter: false}"
OK, LOST = StepStatus.SUCCEEDED, StepStatus.FAILED


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What must have happened of a class, for each run. ``attempts``: their statuses; ``calls`` at ``place``; ``made``: effects there.

    ``asked``: calls that only looked. First when the service acted and the answer was lost, then when nothing arrived, then when the worker died.
    """

    place: str
    ends: RunStatus
    attempts: tuple[tuple[StepStatus, ...], ...]
    calls: tuple[int, int, int]
    made: tuple[int, int, int]
    asked: tuple[int, int, int] = (0, 0, 0)


EFFECTS = {
    "read": Effects(
        place="GET /things",
        ends=RunStatus.SUCCEEDED,
        attempts=((LOST, OK), (LOST, OK), (OK,)),
        calls=(2, 2, 2),
        made=(0, 0, 0),
    ),
    "idempotent": Effects(
        place="PUT /things",
        ends=RunStatus.SUCCEEDED,
        attempts=((LOST, OK), (LOST, OK), (OK,)),
        calls=(2, 2, 2),
        made=(1, 1, 1),
    ),
    "keyed": Effects(
        place="POST /payments",
        ends=RunStatus.SUCCEEDED,
        attempts=((LOST, OK), (LOST, OK), (OK,)),
        calls=(2, 2, 2),
        made=(1, 1, 1),
    ),
    "confirm": Effects(
        place="POST /marks",
        ends=RunStatus.SUCCEEDED,
        # Found to be there: the same attempt has succeeded. Found not to be there: it failed, and the next one asks once more before it acts.
        attempts=((OK,), (LOST, OK), (OK,)),
        calls=(1, 2, 1),
        made=(1, 1, 1),
        asked=(1, 2, 1),
    ),
    "uncertain": Effects(
        place="POST /shots",
        ends=RunStatus.UNCERTAIN,
        attempts=((StepStatus.UNCERTAIN,), (StepStatus.UNCERTAIN,), (StepStatus.UNCERTAIN,)),
        calls=(1, 1, 1),
        made=(1, 0, 1),
    ),
}
ACTIONS = {"read": "read", "idempotent": "put", "keyed": "pay", "confirm": "mark", "uncertain": "fire"}


def test_the_table_has_every_class_and_the_actions_are_what_it_says() -> None:
    assert {name: faults.actions[action].effect_class for name, action in ACTIONS.items()} == {
        name: name for name in EFFECTS
    }


@together
@pytest.mark.parametrize(
    ("how", "fault"), [(0, misbehaviour.act_then_drop()), (1, misbehaviour.drop())], ids=["acted", "nothing-arrived"]
)
def test_a_lost_answer_is_dealt_with_as_the_class_of_the_effect_says(site: Site, how: int, fault: Misbehaviour) -> None:
    _deploy(site)
    site.up()
    with site.watch() as watch:
        for number in range(RUNS):
            # One after the other, so that each run loses one answer, and none loses two.
            for expected in EFFECTS.values():
                site.witness.misbehave(expected.place, fault, times=1)
            site.client.send(site.hook(), f"e{number}")
            site.quiet()
    history = site.history(watch=watch)
    assert site.witness.misbehaved == {fault.name: RUNS * len(EFFECTS)}
    _judge(history, how)
    check(history).require(accepted=RUNS, faults=1, retried=1)


@together
def test_a_worker_that_dies_during_the_call_leaves_the_same_to_the_next_one(site: Site) -> None:
    _deploy(site)
    # Twice as many as there are calls: slow ones of one connection never have them all.
    worker = site.up(worker_threads=str(2 * RUNS * len(EFFECTS)))[-1]
    for expected in EFFECTS.values():
        site.witness.misbehave(expected.place, misbehaviour.hang(acts=True), times=RUNS)
    with site.watch() as watch:
        site.client.send_many(site.hook(), [f"e{number}" for number in range(RUNS)])
        under_way = {"hang": RUNS * len(EFFECTS)}
        eventually(lambda: site.witness.misbehaved == under_way, within=30, saying=lambda: site.witness.misbehaved)
        worker.kill()
        site.worker()
        site.quiet()
    history = site.history(watch=watch)
    _judge(history, 2)
    check(history).require(accepted=RUNS, faults=1, retried=1)


def _deploy(site: Site) -> None:
    site.deploy(*(flow(f"flow-{name}", steps=step("act", action, more=AGAIN)) for name, action in ACTIONS.items()))
    site.witness.look = site.shows


def _judge(history: History, how: int) -> None:
    for name, expected in EFFECTS.items():
        runs = [run for run in history.runs if run.flow == f"flow-{name}"]
        assert [run.status for run in runs] == [expected.ends] * RUNS, name
        for run in runs:
            said = sorted((row.attempt, row.status) for row in history.steps if row.run == run.id)
            assert tuple(status for _, status in said) == expected.attempts[how], (name, said)
            about = f"{run.id}.act"
            calls = [call for call in history.calls if call.name == about]
            counted = Counter(call.place for call in calls)
            looks = counted.pop("GET /marks", 0)
            assert (dict(counted), looks) == ({expected.place: expected.calls[how]}, expected.asked[how]), name
            made = [effect for effect in history.effects if effect.name == about]
            assert len(made) == expected.made[how], (name, made)
            assert len({call.key for call in calls}) == 1, f"{name}: each time with the same key"
            sent = {call.sent_key for call in calls}
            assert sent == ({calls[0].key} if name == "keyed" else {""}), name
