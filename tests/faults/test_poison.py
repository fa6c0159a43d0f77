"""Promise 19. The faults: an action that ends its worker's process, one that crashes it, one that is killed for its memory, one that answers 50 MB, one
whose answer is no JSON.

What must hold: the first three are put aside after five claims without progress; the other two fail their step at once and kill nobody; the
runs of everybody else go on, also between the deaths, and each ends as it should.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import update

from engine.core.statuses import RunStatus, StepStatus
from engine.journal.clock import now_ms
from engine.journal.database import writing
from engine.journal.poison import MOST_IDLE_CLAIMS
from engine.journal.tables import runs
from tests.eventually import eventually
from tests.faults.checker import check
from tests.faults.processes import Process
from tests.faults.site import Site, flow, step

DEADLY = ("exit", "segfault", "memory")
UNKEEPABLE = ("huge", "not_json")
PUT_ASIDE_WITHIN = 90.0

both = pytest.mark.parametrize(
    ("database_url", "waits_for_leases"),
    [
        ("sqlite", False),
        pytest.param("postgres", False, marks=[pytest.mark.postgres, pytest.mark.long]),
        pytest.param("sqlite", True, marks=pytest.mark.long),
        pytest.param("postgres", True, marks=[pytest.mark.postgres, pytest.mark.long]),
    ],
    indirect=["database_url"],
)


@both
def test_what_kills_its_workers_is_put_aside_and_everybody_else_goes_on(site: Site, waits_for_leases: bool) -> None:
    site.deploy(
        flow("healthy", steps=step("put", "put") + step("pay", "pay")),
        *(flow(kind, channel=kind, steps=step("bad", kind) + step("after", "put")) for kind in (*DEADLY, *UNKEEPABLE)),
    )
    site.up()
    with site.watch() as watch:
        for kind in UNKEEPABLE:
            site.client.send(site.hook(kind), kind)
        site.quiet()
        assert site.faults == [], "nobody died of a result"
        for kind in DEADLY:
            site.client.send(site.hook(kind), kind)
        with supervised(site, waits_for_leases=waits_for_leases) as deaths:
            sent, ends = 0, monotonic() + PUT_ASIDE_WITHIN
            while not _put_aside(site):
                assert monotonic() < ends, (site.statuses(), deaths.calls)
                site.client.send(site.hook(), f"e{sent}")
                sent += 1
                sleep(0.5)
            site.quiet()
    history = site.history(watch=watch)
    by_flow = {run.flow: run for run in history.runs if run.flow != "healthy"}
    for kind in DEADLY:
        run = by_flow[kind]
        # One more is claimed where the worker died of another run before it could put this one aside.
        assert run.status is RunStatus.POISONED, kind
        assert run.claim_no > MOST_IDLE_CLAIMS, kind
        (row,) = [row for row in history.steps if row.run == run.id]
        assert (row.path, row.status) == ("bad", StepStatus.UNCERTAIN), kind
    for kind in UNKEEPABLE:
        (row,) = [row for row in history.steps if row.run == by_flow[kind].id]
        assert (by_flow[kind].status, row.status, row.attempt) == (RunStatus.FAILED, StepStatus.FAILED, 1), kind
        assert by_flow[kind].claim_no == 1, kind
    healthy = [run for run in history.runs if run.flow == "healthy"]
    assert {run.status for run in healthy} == {RunStatus.SUCCEEDED}
    assert len(healthy) == sent
    assert deaths.count >= MOST_IDLE_CLAIMS, "nothing is proven: not enough workers died"
    assert _ended_between_deaths(site, deaths), "nothing is proven: nobody else ran meanwhile"
    check(history).require(accepted=sent + len(DEADLY) + len(UNKEEPABLE), faults=MOST_IDLE_CLAIMS)


class Deaths:
    """What the supervisor saw. ``calls``: how many calls the witness had seen at each death."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    @property
    def count(self) -> int:
        return len(self.calls)


@contextmanager
def supervised(site: Site, *, waits_for_leases: bool) -> Iterator[Deaths]:
    """A worker that dies is started again, as systemd or Docker would. Unless the test has the time, the leases of the dead end at once."""
    deaths, over = Deaths(), Event()

    def watch() -> None:
        while not over.is_set():
            if site.alive("worker"):
                over.wait(0.02)
                continue
            deaths.calls.append(len(site.witness.calls))
            site.faults.append(f"worker {deaths.count} died by itself")
            if not waits_for_leases:
                _end_leases(site)
            _ready(site.start("worker"), over)

    thread = Thread(target=watch, name="supervisor")
    thread.start()
    try:
        yield deaths
    finally:
        over.set()
        thread.join()


def _ready(worker: Process, over: Event) -> None:
    eventually(lambda: '"ready"' in worker.log or not worker.alive or over.is_set(), within=60)


def _end_leases(site: Site) -> None:
    with writing(site.journal.engine) as db:
        db.execute(update(runs).where(runs.c.status == RunStatus.RUNNING).values(due_at=now_ms()))


def _put_aside(site: Site) -> bool:
    return sum(status is RunStatus.POISONED for status in site.statuses().values()) == len(DEADLY)


def _ended_between_deaths(site: Site, deaths: Deaths) -> bool:
    return len(set(deaths.calls)) > 1
