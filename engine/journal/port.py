"""The journal's ports, in use-cases; those of the catalog are in ``catalog_port.py``. Owns what an adapter must promise: order, atomicity, and which error it raises.

Every method is one transaction and raises DatabaseUnavailable when the database does not answer in time (nothing is then stored).
"Fenced" means: the write happens only while the claim's number is still the run's and the run is still running; else ClaimLost, and nothing is written.

"Woken" means: a parked run is due now, and one that is running will not park: its ``park`` makes it queued and due now instead. A wake is committed with
what it tells of, and a claim clears it before it reads, so that no wake is lost and whoever is woken sees why.
A run that ends, however it ends, wakes the run that waits for it and gives its place in its lane to the run held longest, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.answers import RunAnswer
from engine.journal.paused import PauseChange
from engine.journal.records import (
    Accepted,
    Claim,
    ClaimedRun,
    Event,
    NewEvent,
    Pulse,
    Run,
    StepChange,
    StepRow,
)
from engine.journal.timetable import DueSchedule, NewSchedule, ScheduleRow
from engine.journal.wakers import ChildStarted, Heard, NewChild
from engine.retention import Retention


class Runs(Protocol):
    """Runs and their steps."""

    def claim(
        self,
        run_id: str,
        *,
        lease_ms: int,
        alone: bool = True,
        on_poisoned: Callable[[Sequence[str]], None] = lambda due: None,
    ) -> ClaimedRun | None:
        """Take the run if it is queued and not held, or parked or running with its ``due_at`` past. None when it is not to be had.

        A run of a paused flow is not, unless it is asked to end. Rows that are folded are not loaded: what it costs does not grow with the
        iterations that are through. After ``poison.MOST_IDLE_CLAIMS`` claims in a row in which no attempt ended, and no park came, the next one ends
        the run as poisoned instead, with None: its attempts that were under way become uncertain, the others cancelled. ``on_poisoned`` is then told ids
        of runs that may be due by it, as ``finish`` answers them. Raises Suspected after ``SUSPECT`` of them, unless the caller executes it ``alone``.
        """

    def renew(self, claims: Sequence[Claim], *, lease_ms: int) -> Mapping[Claim, Pulse]:
        """Extend leases; a claim that is missing from the answer is lost."""

    def record(self, claim: Claim, changes: Sequence[StepChange], *, lease_ms: int) -> Pulse:
        """Fenced: write the changes, fold, and extend the lease."""

    def park(self, claim: Claim, changes: Sequence[StepChange], *, in_ms: int, waiting_for: str | None) -> None:
        """Fenced: write the changes and give the run back until ``in_ms`` from now; 0 or less makes it queued, due now.

        So does a wake that came since the claim: whoever parks then need not know of it.
        """

    def finish(self, claim: Claim, changes: Sequence[StepChange], ending: Ending) -> Sequence[str]:
        """Fenced: write the changes and end the run. Open attempts that are left become cancelled, its waits for events are gone.

        Wakes the run that waits for it and frees its place. The answer: ids of runs that may be due by it; ring for them.
        """

    def request_cancel(self, run_id: str) -> RunStatus | None:
        """Ask the run to end, and every run that it or those wait for, in one transaction; the status that it has then, None without such a run.

        A run that never started (queued or held) ends as cancelled at once. Others get ``cancel_requested``, are woken, and end themselves.
        One that has ended stays as it is.
        """

    def release_held(self) -> Sequence[str]:
        """Let held runs go whose lane has a place after all, oldest first; their ids. For the scheduler: heals lanes whose limit was raised."""

    def ring(self, *, limit: int, again_in_ms: int) -> Sequence[str]:
        """Make due runs (queued, parked, lease ended) queued and due again in ``again_in_ms``; return their ids, oldest due first.

        Several schedulers at once never get the same run in the same period. Of runs that several workers in a row have died of, or with, one is rung
        for, and the others come to be due one after the other: so that they do not end each other's workers until all of them are put aside.
        """

    def next_due_in(self) -> int | None:
        """Milliseconds until the next active run is due (0 when overdue), None without active runs."""

    def get(
        self, run_id: str, *, folded: bool = True, limit: int | None = None
    ) -> tuple[Run, tuple[StepRow, ...]] | None:
        """A run with its attempts in order of start. ``run_id`` may be a unique prefix of at least 6 characters.

        ``folded``: with what lies inside of iterations that are through. ``limit``: at most so many attempts, the first ones.
        """

    def iterations(self, run_id: str, path: str, indices: range) -> Iterator[StepRow]:
        """The rows ``path[i]`` for these i, in order, folded or not; an i without a row is left out.

        Read in pages, each a transaction of its own: what it takes of memory is one page, whatever the length of the loop.
        """

    def outline(self, run_id: str) -> Sequence[tuple[str, StepStatus]]:
        """Every recorded path, folded or not, with the status of its last attempt; by the paths' bytes. Little to read, however long the run."""

    def attempts(self, run_id: str, paths: Iterable[str]) -> Iterator[StepRow]:
        """The attempts of these paths, by path and attempt. Read in pages, each a transaction of its own."""

    def start_child(
        self, claim: Claim, changes: Sequence[StepChange], child: NewChild, *, lease_ms: int
    ) -> ChildStarted:
        """Fenced: write the changes, extend the lease, and start a run of the other flow with an event of its own (source ``flow``).

        Once per (run, path): the child's id follows from them, and a repeat answers the same id and starts nothing. Nothing is started when the
        flow is not deployed, is disabled, has another version active than ``child.digest``, or its lane refuses, nor while the caller's own flow is
        paused or when the caller was asked to end and the child is ``cancellable``, as the pulse tells; the changes are written even so.
        """

    def child(self, run_id: str, path: str) -> Run | None:
        """The run that the step at ``path`` started."""

    def children(self, run_id: str) -> Sequence[Run]:
        """Every run that a step of the run started, oldest first."""

    def list(
        self,
        *,
        flow: str | None = None,
        statuses: Sequence[RunStatus] = (),
        limit: int = 50,
        before: str | None = None,
        undone: bool = False,
    ) -> Sequence[Run]:
        """Newest first; ``before`` is the id of the last one of the previous page. ``undone``: those only that no other run did again."""

    def last_call_age(self, connection: str, *, owner: str, within_ms: int) -> int | None:
        """Milliseconds since the last call that a run made on the connection may have ended (0 while one is open); None when longer ago than ``within_ms``."""


class Pauses(Protocol):
    """What people pause: flows, whose events are kept and whose runs are queued meanwhile, and connections, on which no call leaves.

    Each act that changes something writes a row into the audit log, in its transaction.
    """

    def flow(self, flow_id: str, *, paused: bool, actor: str) -> PauseChange | None:
        """Pause or resume a flow; None without such a flow.

        Once it has returned, no claim gets a run of the paused flow, and every fenced write of those that work tells their segment. Runs that are
        started meanwhile are paused from the start; ``due_at`` stays as it is, so that what is due goes on with the resume. Runs that are asked to
        end are left out.
        """

    def connection(self, name: str, *, owner: str, paused: bool, actor: str) -> PauseChange | None:
        """Pause or resume a connection; None without such a connection.

        Once it has returned, every fenced write of the owner's runs tells its segment. Resuming wakes the runs that have an open step on the
        connection, and those that a worker has: none goes on waiting because it saw the pause just before.
        """

    def mend(self) -> int:
        """Marks that are not as the flow says, set right; how many. For the scheduler: of processes of another release, which know no pause."""

    def since(self) -> Mapping[str, int]:
        """When each thing that is paused now was paused, by its subject in the audit log (``flow:greet``, ``connection:team``)."""

    def waiting_runs(self, flow_id: str) -> int:
        """How many runs of the flow have not ended."""


class Waits(Protocol):
    """Runs that wait for events."""

    def await_event(
        self, claim: Claim, changes: Sequence[StepChange], *, path: str, subscription_id: str, lease_ms: int
    ) -> Pulse:
        """Fenced: write the changes, extend the lease, and note the wait with every event of the subscription since the run's creation.

        The event that started the run is not among them, nor is one that the run took already. A wait that is there stays as it is. From this
        transaction on, ``Events.accept`` hands every event of the subscription to the wait and wakes the run: none is lost between the two.
        """

    def heard(self, run_id: str, path: str) -> Sequence[Heard]:
        """What came for the wait, in order of arrival, without what it passed over and what another wait of the run took."""

    def pass_over(self, claim: Claim, path: str, event_ids: Sequence[str]) -> None:
        """Fenced: the wait does not want these events. Does not extend the lease."""

    def end_wait(
        self, claim: Claim, changes: Sequence[StepChange], *, path: str, taken: str | None, lease_ms: int
    ) -> Pulse | None:
        """Fenced: write the changes, extend the lease, and end the wait with the event ``taken``, or with none (time was up, or it was cut).

        None when the event is not (any more) to be had, because another wait of the run took it; nothing is then written.
        """


class Schedules(Protocol):
    """Triggers that a clock fires."""

    def bind(self, flow_id: str, owner: str, schedules: Sequence[NewSchedule]) -> None:
        """Replace the flow's schedules. One whose uses and given are as before keeps its ``next_at`` and ``last_slot``."""

    def due(self, *, limit: int = 100) -> Sequence[DueSchedule]:
        """Schedules of enabled flows whose ``next_at`` has come, those due longest first."""

    def fire(
        self, schedule: ScheduleRow, slot: int, event: NewEvent, *, next_at: int | None, ring_in_ms: int
    ) -> Accepted | None:
        """Store the event with its runs and move the schedule on, in one transaction; a slot (milliseconds since the epoch) never fires twice.

        The event's subscription_id and dedupe key are made from flow, trigger and slot. None, and nothing is written, when the schedule is not
        as given any more (another scheduler was first, it was deployed anew) or the flow is disabled. A slot that fired before is a duplicate.
        To go on with the next slot, pass ``replace(schedule, next_at=next_at, last_slot=slot)``.
        """

    def skip(self, schedule: ScheduleRow, *, next_at: int | None) -> bool:
        """Move the schedule on without firing. False as in ``fire``."""

    def next_due_in(self) -> int | None:
        """Milliseconds until the next schedule of an enabled flow is due (0 when overdue), None without one."""

    def list(self) -> Sequence[ScheduleRow]:
        """By flow and trigger."""


class Answers(Protocol):
    """What runs answer to those who wait for them."""

    def of(self, run_ids: Sequence[str], *, uses: str) -> Mapping[str, RunAnswer]:
        """For each of these runs that is there: whether it has ended, and the output of the first of its steps ``uses`` that succeeded."""


class Events(Protocol):
    """Accepted deliveries."""

    def accept(self, batch: Sequence[NewEvent], *, ring_in_ms: int) -> Sequence[Accepted]:
        """Store events, their outcomes and their runs (queued, due in ``ring_in_ms``) in one transaction; answers in order.

        An event whose (subscription, dedupe key) is stored already, or stands earlier in the batch, is a duplicate: counted, not stored.
        A run with a lane is let in, held, or refused with a reason among the event's outcomes, as the lane's runs stand in that transaction; with
        ``replace`` the oldest in its way are asked to cancel (held ones end at once). Runs that await the subscription's events hear of it.
        """

    def known(self, subscription_id: str, keys: Sequence[str]) -> frozenset[str]:
        """Those of the dedupe keys under which an event of the subscription is stored."""

    def get(self, event_id: str) -> Event | None:
        """By id or unique prefix of at least 6 characters."""

    def list(self, *, limit: int = 50, before: str | None = None) -> Sequence[Event]:
        """Newest first."""


class Purges(Protocol):
    """What is over and old enough to be deleted: runs by status, ``events``, ``versions`` of flows, and entries of the log ``audit``."""

    def plan(self, keep: Retention) -> Mapping[str, int]:
        """How many of each kind a sweep would delete now. Reads as much as there is: for a person who asks, not for a loop."""

    def sweep(self, keep: Retention) -> Iterator[Mapping[str, int]]:
        """Delete what may go. Each step of the iterator is one short transaction at most, and tells how many of which kind it deleted.

        Between two steps others may write; break it off at any step. Several sweeps at once, of any processes, are safe.
        """
