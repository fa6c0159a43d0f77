"""Promise 3, at its worst. The fault: kill -9 of everything at once: web, scheduler, workers and Redis; then all of it is started again.

What must hold: every run that was accepted goes on by itself and has its next call within 15 s (p99: a lease of 10 s and a sweep of 5 s); and nothing
is lost or done twice. That a backlog drains as fast as before is for ``test_backlog.py``.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from engine.core.statuses import RUN_FINAL, RunStatus
from tests.eventually import eventually
from tests.faults.checker import Allowed, check
from tests.faults.demand import send_all
from tests.faults.site import Site, flow, step
from tests.faults.witness import Call

RUNS = 40
WITHIN = 15.0
TIMEOUT = "timeout: 3s"
"""When workers and Redis are lost together, nobody knows how the calls under way ended: the throttle counts them for their whole timeout."""

PAUSE = "  - {{id: pause{0}, wait: {{for: 400ms}}}}\n"
STEPS = "".join(step(f"put{number}", "put", more=TIMEOUT) + PAUSE.format(number) for number in range(8))


def kill_everything(site: Site) -> float:
    """The instant (monotonic) at which all are dead."""
    assert site.redis is not None
    for process in site.processes:
        if process.alive:
            process.kill_group()
    site.redis.kill()
    site.faults.append("SIGKILL to Redis")
    return time.monotonic()


def start_everything(site: Site) -> None:
    assert site.redis is not None
    site.redis.start()
    site.up(workers=2, worker_threads="8")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_run_has_its_next_call_within_a_lease_and_a_sweep(site: Site) -> None:
    site.deploy(flow(steps=STEPS))
    site.up(workers=2, worker_threads="8")
    with site.watch() as watch:
        send_all(site, site.hook(), [f"e{number}" for number in range(RUNS)])
        eventually(lambda: len(site.witness.calls) >= RUNS * 2)
        dead = kill_everything(site)
        underway = [run for run, status in site.statuses().items() if status not in RUN_FINAL]
        start_everything(site)
        back = time.monotonic()
        site.quiet()
    took = sorted(next_call(site.witness.calls, run, after=dead) - back for run in underway)
    worst = took[int(len(took) * 0.99)]
    print(
        f"{len(underway)} runs under way; next call {took[len(took) // 2]:.1f} s (p50), {worst:.1f} s (p99) after the start"
    )
    history = site.history(watch=watch, leaks=False)
    check(history, Allowed(slower=3)).require(accepted=RUNS, faults=5)
    assert [run.error for run in site.journal.runs.list(statuses=[RunStatus.FAILED])] == []
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    assert len(underway) >= RUNS // 2, "hardly anything was under way, so nothing is proven"
    assert worst <= WITHIN


def next_call(calls: Sequence[Call], run: str, *, after: float) -> float:
    """When the run's first call after that instant arrived; the instant itself, if all that was left needed none."""
    return min((call.at for call in calls if call.name.startswith(f"{run}.") and call.at > after), default=after)
