"""What can happen to an installation, as rules that Hypothesis combines, and what must hold after each.

The rules say what happens; ``small_world`` makes it happen, and ``model`` says what must hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from engine.core.statuses import RUN_FINAL, RunStatus, StepStatus
from engine.errors import BusyError, UsageError
from engine.journal.database import reading
from engine.journal.poison import MOST_IDLE_CLAIMS
from engine.journal.records import NewEvent, Run, StepRow
from engine.journal.tables import runs
from engine.retention import DAY_MS, REDELIVERED_MS, Retention
from engine.runtime.again import Wish
from engine.runtime.keys import key_of
from engine.runtime.ledger import LEASE_MS
from engine.runtime.resolving import Given
from tests.faults.desk import LIMIT, WINDOW_S, Ask, Fault
from tests.faults.model import Model, RunSeen, StepSeen
from tests.faults.model_flows import CHILD, FLOWS
from tests.faults.model_look import look
from tests.faults.small_world import Worker, World, a_world

MOST_RERUNS = 2
"""In one example: each is a whole run more."""
SWEEPS = 400
"""How often the scheduler looks, at most, until everything that there is has come to its end."""


class Installation(RuleBasedStateMachine):
    """What can happen, and what must hold whatever happens."""

    fresh: ClassVar[Callable[[], str]]
    """The URL of a migrated, empty database, another one each time."""

    happened: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self._close = ExitStack()
        self.world: World = self._close.enter_context(a_world(type(self).fresh()))
        self.model = Model()
        desk = self.world.desk
        desk.seen, desk.acted, desk.is_there = self.sees, self.does, lambda ask: self.model.acts[ask.key] > 0
        self.workers: list[Worker] = []
        self.rung: list[str] = []
        self.prepared: list[tuple[NewEvent, Mapping[str, str]]] = []
        self.asked: set[str] = set()
        self.interrupted: Counter[str] = Counter()
        self.known: Mapping[str, RunSeen] = {}
        self.reruns = 0
        self.began = self.world.clock.latest_ms
        self.world.deploy(CHILD)

    # What happens

    @initialize()
    def begin(self) -> None:
        for versions in FLOWS.values():
            self.deploys(versions[1])
        self.deliver(key=0, n=1, event="made", stored=True)

    @rule(
        key=st.integers(0, 1),
        n=st.integers(1, 2),
        event=st.sampled_from(["made", "made", "answer"]),
        stored=st.booleans(),
    )
    def deliver(self, key: int, n: int, event: str, stored: bool) -> None:
        """The same key again is a repeat. What is not ``stored`` yet is at the web process, verified and judged."""
        versions = dict(self.model.versions) if event == "made" else {}
        [new] = self.world.prepare({"event": event, "key": f"{event}-{key}", "n": n})
        self.prepared.append((new, versions))
        if stored:
            self.stores([self.prepared.pop()], rings=True)

    @precondition(lambda self: self.prepared)
    @rule(first=st.booleans(), fate=st.sampled_from(["one", "together", "killed after", "killed before"]))
    def store(self, first: bool, fate: str) -> None:
        """In any order, one by one or together; or the web process is killed, and nobody was answered."""
        item = self.prepared[0 if first else -1]
        batch = [item] if fate == "one" else list(self.prepared)
        self.happened[f"web {fate}"] += 1
        if fate != "killed before":
            self.stores(batch, rings=fate != "killed after")
        self.prepared = [left for left in self.prepared if left not in batch]

    @precondition(lambda self: self.rung)
    @rule(data=st.data(), fate=st.sampled_from(["taken", "taken", "taken", "twice", "lost"]))
    def ring(self, data: st.DataObject, fate: str) -> None:
        """Any message arrives, is lost, or arrives and will arrive again."""
        index = data.draw(st.integers(0, len(self.rung) - 1))
        run_id = self.rung[index] if fate == "twice" else self.rung.pop(index)
        self.happened[f"message {fate}"] += 1
        if fate != "lost":
            self.takes(run_id)

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), places=st.sampled_from([1, 2, 3, 5, 100]))
    def work(self, data: st.DataObject, places: int) -> None:
        self.works(self.any_worker(data), places)

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), places=st.integers(0, 8))
    def kill_a_worker(self, data: st.DataObject, places: int) -> None:
        worker = self.any_worker(data)
        self.works(worker, places)
        if worker.ended is None:
            self.happened["killed"] += 1
            self.happened["killed " + worker.where] += 1
            self.interrupted[worker.run_id] += 1
            worker.die()
            self.workers.remove(worker)

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), before=st.integers(0, 6), places=st.integers(0, 6))
    def pause_a_worker_past_its_lease(self, data: st.DataObject, before: int, places: int) -> None:
        """Somebody else takes its run up; it may go on later, and does not know."""
        worker = self.any_worker(data)
        self.works(worker, before)
        self.world.clock.pass_by(LEASE_MS + 1)
        if worker.run_id in self.world.sweep():
            self.happened["lease ended"] += 1
            other = self.takes(worker.run_id)
            if other is not None:
                self.works(other, places)

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), by=st.sampled_from(["cancel", "answer"]), n=st.integers(1, 2), key=st.integers(0, 1))
    def wake_who_is_about_to_park(self, data: st.DataObject, by: str, n: int, key: int) -> None:
        """The reason to look comes between the worker's last look and its park."""
        worker = self.any_worker(data)
        for _ in range(20):
            if worker.ended is None and worker.where != "before park":
                self.lets(worker)
        if worker.ended is None and worker.where == "before park":
            self.happened["woken before park"] += 1
            if by == "cancel":
                self.cancels(worker.run_id)
            else:
                self.deliver(key=key, n=n, event="answer", stored=True)
            self.what_the_model_says_holds()
            self.lets(worker)

    @precondition(lambda self: self.workers)
    @rule()
    def renew_leases(self) -> None:
        """As the keeper of a worker's leases does; here all workers' keepers are awake at once."""
        claims = {worker.claim: worker for worker in self.workers if worker.claim is not None}
        pulses = self.world.journal.runs.renew(list(claims), lease_ms=LEASE_MS)
        for claim, worker in claims.items():
            if worker.segment is not None and claim in pulses:
                worker.segment.ledger.heard(pulses[claim])
            elif worker.segment is not None and not worker.segment.ledger.closed:
                worker.segment.ledger.lose()

    @rule(ms=st.sampled_from([1, 900, 5_000, LEASE_MS + 1, 61_000, 1_300_000]))
    def time_passes(self, ms: int) -> None:
        """And the scheduler looks."""
        self.world.clock.pass_by(ms)
        self.rung += [run_id for run_id in self.world.sweep() if run_id not in self.rung]

    @rule(
        what=st.sampled_from(["clock", "version", "service", "service", "cancel", "pause", "pause", "purge"]),
        ms=st.sampled_from([-3_600_000, -11_000, 11_000, 7_200_000]),
        flow=st.sampled_from(sorted(FLOWS)),
        version=st.sampled_from([1, 2]),
        fault=st.sampled_from(["refused", "lost", "unsent"]),
        data=st.data(),
    )
    def something_else(self, what: str, ms: int, flow: str, version: int, fault: Fault, data: st.DataObject) -> None:
        self.happened[what] += 1
        match what:
            case "clock":
                self.world.clock.jump(ms)
            case "version":
                self.deploys(FLOWS[flow][version])
            case "service":
                self.world.desk.fault = fault
            case "cancel" if self.known:
                self.cancels(data.draw(st.sampled_from(sorted(self.known))))
            case "pause" if flow not in self.model.paused:
                self.world.journal.pauses.flow(flow, paused=True, actor="test")
                self.model.pauses(flow, self.look()[1])
            case "pause":
                self.resumes(flow)
            case "purge" if self.world.clock.latest_ms - self.began < REDELIVERED_MS - 3 * DAY_MS:
                self.world.clock.pass_by(DAY_MS + 1)
                for gone in self.world.journal.purges.sweep(Retention(**dict.fromkeys(Retention().kinds, DAY_MS))):
                    self.happened["purged"] += sum(gone.values())

    @precondition(lambda self: any(run.status in RUN_FINAL for run in self.known.values()))
    @rule(data=st.data(), how=st.sampled_from(["plain", "latest", "resume", "resolve"]), again=st.booleans())
    def do_again(self, data: st.DataObject, how: str, again: bool) -> None:
        """A person who knows what the service did."""
        over = sorted(run.id for run in self.known.values() if run.status in RUN_FINAL and run.parent is None)
        found = self.world.journal.runs.get(data.draw(st.sampled_from(over))) if over else None
        if found is None or self.reruns == MOST_RERUNS:
            return
        self.reruns += 1
        wish = Wish(latest=how == "latest", resume=how == "resume", again=again)
        try:
            if how == "resolve":
                self.resolves(*found)
            else:
                self.world.again.start(self.world.again.plan(found[0], wish))
            self.happened[how] += 1
            self.happened["do again"] += 1
        except (BusyError, UsageError):
            self.happened[f"{how} refused"] += 1

    # How it happens

    def deploys(self, text: str) -> None:
        flow, digest = self.world.deploy(text)
        self.model.versions[flow] = digest

    def stores(self, batch: list[tuple[NewEvent, Mapping[str, str]]], *, rings: bool) -> None:
        accepted = self.world.journal.events.accept([new for new, _ in batch], ring_in_ms=2_000)
        for (new, versions), answer in zip(batch, accepted, strict=True):
            self.happened["duplicate" if answer.duplicate else "event"] += 1
            assert new.event is not None
            self.model.accepts(str(new.event["key"]), versions)
            self.rung += answer.run_ids if rings else ()

    def cancels(self, run_id: str) -> None:
        before, after = self.known[run_id], self.world.journal.runs.request_cancel(run_id)
        if before.status in RUN_FINAL:
            assert after is before.status
        else:
            self.asked.add(run_id)

    def resumes(self, flow: str) -> None:
        self.world.journal.pauses.flow(flow, paused=False, actor="test")
        del self.model.paused[flow]

    def resolves(self, run: Run, rows: Sequence[StepRow]) -> None:
        for row in rows:
            if row.status is StepStatus.UNCERTAIN and row.uses.startswith("desk."):
                happened = self.model.acts[key_of(run, row.path)] > 0
                self.world.resolving.resolve(
                    run, row.path, "happened" if happened else "did_not_happen", Given(value=None)
                )
                return
        raise UsageError("nothing to resolve")

    def any_worker(self, data: st.DataObject) -> Worker:
        return self.workers[data.draw(st.integers(0, len(self.workers) - 1))]

    def takes(self, run_id: str) -> Worker | None:
        before = self.look()[0].get(run_id)
        worker = Worker(self.world, run_id)
        if worker.ended is None:
            assert before is not None
            self.model.taken(before, now=self.world.clock.now_ms)
        self.what_the_model_says_holds()
        if worker.ended is None:
            self.workers.append(worker)
            return worker
        assert worker.ended == "nothing"
        return None

    def works(self, worker: Worker, places: int) -> None:
        for _ in range(places):
            if worker.ended is None:
                self.lets(worker)

    def lets(self, worker: Worker) -> None:
        """The worker goes on to where it stands next. Once its claim is not the run's, nothing of it may be written."""
        owns = worker.claim is not None and self.claim_of(worker.run_id) == (RunStatus.RUNNING, worker.claim.number)
        writes = worker.where.startswith("before ") and worker.where != "before the call"
        worker.go_on()
        if writes and not owns:
            assert worker.ended == "late", f"{worker.where} was written under an old claim"
            self.happened["late write refused"] += 1
        if worker.ended is not None:
            self.workers.remove(worker)
            self.rung += worker.due
        if worker.ended == "late":
            self.interrupted[worker.run_id] += 1
        self.what_the_model_says_holds()

    def claim_of(self, run_id: str) -> tuple[str, int] | None:
        with reading(self.world.journal.engine) as db:
            row = db.execute(select(runs.c.status, runs.c.claim_no).where(runs.c.id == run_id)).one_or_none()
            return None if row is None else (row.status, row.claim_no)

    def sees(self, ask: Ask) -> None:
        found, rows = self.look()
        latest = [row for row in rows if (row.run, row.path) == (ask.run, ask.path)]
        worker = self.world.worker
        assert worker is not None
        assert worker.claim is not None
        if self.claim_of(worker.run_id) == (RunStatus.RUNNING, worker.claim.number):
            self.model.calls(found[ask.run], max(latest, key=lambda row: row.attempt, default=None))
        else:
            # A worker that was paused and does not know yet. Its attempt was written, by itself.
            assert latest or ask.run not in found
            self.happened["call under an old claim"] += 1

    def does(self, ask: Ask) -> None:
        self.happened[f"call {ask.kind}"] += 1
        if ask.kind != "read":
            self.model.acted(ask.run, ask.path, ask.key, repeatable=ask.kind == "put")

    # What must hold

    @invariant()
    def what_the_model_says_holds(self) -> None:
        self.known, rows = self.look()
        self.model.holds(self.known, rows, now=self.world.clock.latest_ms)

    @invariant()
    def the_service_is_not_asked_too_often(self) -> None:
        at = self.world.desk.at
        for first, last in zip(at, at[LIMIT:], strict=False):
            assert last - first >= WINDOW_S * 1000, f"more than {LIMIT} calls within {WINDOW_S} s"

    def teardown(self) -> None:
        # Whatever is found here, the next test's database has its own clock again.
        with self._close:
            try:
                self.everything_comes_to_its_end()
            finally:
                for worker in self.workers:
                    if worker.ended is None:
                        worker.die()

    def everything_comes_to_its_end(self) -> None:
        """No fault any more: the workers that live go on, and the scheduler looks whenever something is due."""
        self.world.desk.fault = None
        for flow in list(self.model.paused):
            self.resumes(flow)
        while self.workers:
            self.lets(self.workers[0])
        for _ in range(SWEEPS):
            self.what_the_model_says_holds()
            if all(run.status in RUN_FINAL for run in self.known.values()):
                break
            due = self.world.sweep()
            if not due:
                self.world.clock.pass_by(max(1, self.world.journal.runs.next_due_in() or 0))
            for run_id in due:
                self.takes(run_id)
                while self.workers:
                    self.lets(self.workers[0])
        else:
            pytest.fail(f"not through after {SWEEPS} sweeps: {self.what_is_open()}")
        for run in self.known.values():
            self.ended_as_it_may(run)

    def what_is_open(self) -> list[object]:
        journal = self.world.journal.runs
        found = [journal.get(run.id) for run in self.known.values() if run.status not in RUN_FINAL]
        return [
            (run[0].flow, run[0].waiting_for, [row for row in run[1] if row.ended_at is None]) for run in found if run
        ]

    def ended_as_it_may(self, run: RunSeen) -> None:
        family = {run.id, run.parent, *(child.id for child in self.known.values() if child.parent == run.id)}
        faults = {fault for fault, met in self.world.desk.met if met in family}
        match run.status:
            case RunStatus.CANCELLED:
                assert family & self.asked, f"nobody asked {run.id} to end"
            case RunStatus.UNCERTAIN:
                assert family & self.interrupted.keys() or "lost" in faults, f"nothing of {run.id} was cut off"
            case RunStatus.FAILED:
                assert faults or family & self.asked or family & self.interrupted.keys(), (
                    f"{run.id} failed by itself: {run.result}"
                )
            case RunStatus.POISONED:
                assert self.interrupted[run.id] >= MOST_IDLE_CLAIMS, f"{run.id} did not take its workers down"
            case _:
                assert run.status is RunStatus.SUCCEEDED
        self.happened[f"ended {run.status}"] += 1

    def look(self) -> tuple[Mapping[str, RunSeen], list[StepSeen]]:
        """What the journal holds."""
        return look(self.world.journal)
