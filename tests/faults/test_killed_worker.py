"""Promise 3. The fault: SIGKILL in the middle of steps, to the worker, to its process group, or to everything at once.

What must hold: completed steps never run again; what was cut off is repeated with the same key where that is safe, and asked for where it can be;
every run that was under way makes its next call within 15 s (a lease of 10 s and a sweep of 5 s), p99, measured at the witness.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import pytest

from engine.core.statuses import RunStatus
from tests.faults import misbehaviour
from tests.faults.checker import check, retried_steps
from tests.faults.processes import Process
from tests.faults.site import Site, flow, soon, step
from tests.faults.together import together

RECOVERED_WITHIN = 15.0
AT_ONCE = 24
SIDE_BY_SIDE = 3
THREADS = str(2 * AT_ONCE)
"""Slow calls on one connection are given a part of a worker's threads only."""
NEVER = 600.0
"""Seconds that a call takes which nobody is there to hear the answer of; the step would wait for it as long."""
STEPS = step("put", "put") + step("slow", "pay", more="timeout: 10m") + step("mark", "mark")


def kill_worker(site: Site, started: Sequence[Process]) -> None:
    started[-1].kill()
    site.start("worker", worker_threads=THREADS)


def kill_group(site: Site, started: Sequence[Process]) -> None:
    started[-1].kill_group()
    site.start("worker", worker_threads=THREADS)


def kill_everything(site: Site, started: Sequence[Process]) -> None:
    for process in started:
        process.kill_group()
    for role in ("web", "scheduler", "worker"):
        site.start(role, worker_threads=THREADS)


@together
@pytest.mark.parametrize("kill", [kill_worker, kill_group, kill_everything], ids=lambda kill: kill.__name__)
def test_runs_cut_off_in_a_call_go_on_within_a_lease_and_a_sweep(site: Site, kill: object) -> None:
    assert callable(kill)
    site.deploy(flow(steps=STEPS))
    started = site.up(worker_threads=THREADS)
    # The payment is made at once and answered later, so that every kill meets calls whose effect is there and whose answer is not.
    site.witness.misbehave("POST /payments", misbehaviour.delay(NEVER))
    with site.watch() as watch:
        site.client.send_many(site.hook(), [f"e{number}" for number in range(AT_ONCE)])
        soon(lambda: len(site.witness.calls_of("POST /payments")) == AT_ONCE)
        killed_at = time.monotonic()
        kill(site, started)
        site.witness.behave()
        site.quiet()
    history = site.history(watch=watch)
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}, site.failures()
    took = sorted(recoveries(site, killed_at).values())
    assert len(took) == AT_ONCE, "each of them was under way"
    # The witness's clock and this one are the same, so that nothing has to be allowed for.
    assert p99(took) <= RECOVERED_WITHIN, (took, site.complaints())
    again = {name for name in retried_steps(history) if not name.endswith((".slow", " slow"))}
    assert not again, "only what was cut off was done again"
    check(history).require(accepted=AT_ONCE, faults=1, retried=AT_ONCE)


@together
def test_a_write_that_cannot_be_repeated_is_asked_for_or_stops_and_is_never_sent_again(site: Site) -> None:
    site.deploy(
        flow("confirmed", steps=step("put", "put") + step("mark", "mark", more="timeout: 10m")),
        flow("blind", steps=step("put", "put") + step("fire", "fire", more="timeout: 10m")),
    )
    worker = site.up()[-1]
    site.witness.misbehave("POST /marks", misbehaviour.delay(NEVER))
    site.witness.misbehave("POST /shots", misbehaviour.delay(NEVER))
    with site.watch() as watch:
        site.client.send_many(site.hook(), ["e1", "e2", "e3"])
        soon(lambda: len(site.witness.effects) == 12)
        worker.kill()
        site.witness.behave()
        site.worker()
        site.quiet()
    history = site.history(watch=watch)
    ended = {(run.flow, run.status) for run in history.runs}
    assert ended == {("confirmed", RunStatus.SUCCEEDED), ("blind", RunStatus.UNCERTAIN)}
    assert len(site.witness.calls_of("GET /marks")) == 3
    assert len(site.witness.calls_of("POST /marks")) == len(site.witness.calls_of("POST /shots")) == 3
    check(history).require(accepted=3, faults=1)


def recoveries(site: Site, killed_at: float) -> dict[str, float]:
    """Seconds from the kill to the next call, by run."""
    found: dict[str, float] = {}
    for call in site.witness.calls:
        if call.name and call.at > killed_at:
            found.setdefault(call.name.partition(".")[0], call.at - killed_at)
    return found


def p99(ordered: Sequence[float]) -> float:
    return ordered[math.ceil(len(ordered) * 0.99) - 1]
