"""Promises 1 and 5. The fault: a process is cut off (``os._exit``) at one of the named instants of engine/failpoints.py, and started again.

What must hold, wherever that is: the webhook that was answered 2xx has one run; the run goes through; no call left before its attempt was
committed; what was completed is not done again; each step has one effect at the service.

Exhaustive and deterministic: every point, in every process that passes it, at its first, second and third passing where there are that many
in the one small flow. A point that is not reached fails its test. Each case has an installation of its own; many go on side by side.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from engine.core.statuses import RunStatus
from engine.failpoints import KILLED, Point
from tests.faults.checker import check
from tests.faults.site import Site, flow, step
from tests.faults.together import on_postgres_later, together

FLOW = flow(
    steps=step("read", "read") + step("pay", "pay") + "  - {id: pause, wait: {for: 50ms}}\n" + step("mark", "mark")
)
SIDE_BY_SIDE = 14
WITHIN = 120.0
"""Seconds for one case. It takes a lease (10 s) and a little; a machine that does other work too takes longer."""


@dataclass(frozen=True)
class Cut:
    """Where: in which process, and at which passing of the point."""

    role: str
    point: Point
    nth: int = 1

    def __str__(self) -> str:
        return f"{self.role}-{self.point}-{self.nth}"


THRICE = (
    Point.OPEN_BEFORE_COMMIT,
    Point.OPEN_AFTER_COMMIT,
    Point.CALL_AFTER_ANSWER,
    Point.RECORD_BEFORE_COMMIT,
    Point.RECORD_AFTER_COMMIT,
)
TWICE = (Point.TASK_RECEIVED, Point.CLAIM_AFTER_COMMIT)
ONCE = (
    Point.PARK_BEFORE_COMMIT,
    Point.PARK_AFTER_COMMIT,
    Point.FINISH_BEFORE_COMMIT,
    Point.FINISH_AFTER_COMMIT,
)
CUTS = [
    Cut("web", Point.ACCEPT_BEFORE_COMMIT),
    Cut("web", Point.ACCEPT_AFTER_COMMIT),
    Cut("web", Point.ACCEPT_BEFORE_ANSWER),
    Cut("web", Point.DOORBELL_BEFORE_SEND),
    Cut("web", Point.DOORBELL_AFTER_SEND),
    Cut("scheduler", Point.RING_AFTER_COMMIT),
    Cut("scheduler", Point.DOORBELL_BEFORE_SEND),
    Cut("scheduler", Point.DOORBELL_AFTER_SEND),
    *(Cut("worker", point, nth) for point in THRICE for nth in (1, 2, 3)),
    *(Cut("worker", point, nth) for point in TWICE for nth in (1, 2)),
    *(Cut("worker", point) for point in ONCE),
]


@together
@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut.nth == 1], ids=str)
def test_a_process_that_is_cut_off_loses_nothing_and_does_nothing_twice(site: Site, cut: Cut) -> None:
    cut_off(site, cut)


@on_postgres_later
@pytest.mark.parametrize("cut", [cut for cut in CUTS if cut.nth > 1], ids=str)
def test_the_same_holds_at_a_later_step(site: Site, cut: Cut) -> None:
    cut_off(site, cut)


def test_every_point_there_is_is_cut_at() -> None:
    assert {cut.point for cut in CUTS} == set(Point)


def cut_off(site: Site, cut: Cut) -> None:
    site.witness.look = site.shows
    site.deploy(FLOW)
    start = {"web": site.web, "scheduler": site.scheduler, "worker": site.worker}
    started = {
        role: begin(failpoint=f"{cut.point}:{cut.nth}" if role == cut.role else None) for role, begin in start.items()
    }
    with site.watch() as watch:
        first = site.client.send(site.hook(), "e1")
        assert started[cut.role].ended(within=WITHIN) == KILLED, f"{cut} was not reached: {started[cut.role].log}"
        start[cut.role]()
        if not first.accepted:
            site.client.until_accepted(site.hook(), "e1")
        site.quiet(within=WITHIN)
    assert list(site.statuses().values()) == [RunStatus.SUCCEEDED]
    assert sorted(effect.kind for effect in site.witness.effects) == ["POST /marks", "POST /payments"]
    assert all(call.written_ahead for call in site.witness.calls if call.name)
    check(site.history(watch=watch, leaks=False)).require(accepted=1, faults=1)
