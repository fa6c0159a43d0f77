"""The threads that execute runs in one worker process. Owns the slots, the leases of what is being executed, and stopping in time.

What it cannot take at once stays unclaimed and due in the journal, where any worker may take it. It knows no broker: it is told ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Condition, Event, Lock, Thread
from time import monotonic

from engine import log
from engine.core.commands import Ending, StepError
from engine.core.statuses import RunStatus
from engine.errors import ClaimLost, HooklineError, UnavailableError
from engine.failpoints import Point, reach
from engine.journal.poison import Suspected
from engine.journal.records import ClaimedRun
from engine.runtime.ledger import LEASE_MS
from engine.runtime.segment import Segment, Workshop
from engine.runtime.turnstile import Turnstile

RENEW_SECONDS = LEASE_MS / 1000 / 3.5

ALONE_WITHIN = 15.0
"""Seconds for which a run that workers stopped with waits until nothing else is executed here: a segment lasts ten, and a call."""

OTHERS_WITHIN = 30.0
"""Seconds for which others wait for one that wants to be alone: it may have a long call to make, and most that workers stop with is innocent."""

logger = log.get(__name__)


class Crew:
    """Executes runs on ``threads`` slots until ``close``."""

    def __init__(self, workshop: Workshop, *, threads: int) -> None:
        self._workshop = workshop
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="segment")
        self._lock = Lock()
        self._begun = Condition(self._lock)
        self._turnstile = Turnstile()
        self._waiting: dict[str, Future[None]] = {}
        self._active: set[Segment] = set()
        self._closed = Event()
        self._keeper = Thread(target=self._keep_leases, name="lease-keeper", daemon=True)
        self._keeper.start()

    def take(self, run_ids: Iterable[str]) -> list[Future[None]]:
        """Execute these runs side by side on free slots; an id that waits here already is not taken twice."""
        futures = []
        for run_id in run_ids:
            with self._lock:
                if run_id in self._waiting or self._workshop.stopping.is_set():
                    continue
                future = self._waiting[run_id] = self._pool.submit(self._execute, run_id)
            futures.append(future)
        return futures

    def until_begun(self, run_ids: Iterable[str]) -> None:
        """Return when none of these waits for a slot any more. What is executed may take as long as it wants: its service may be slow."""
        wanted = set(run_ids)
        with self._begun:
            self._begun.wait_for(lambda: wanted.isdisjoint(self._waiting))

    def close(self) -> None:
        """Let running segments come to their next call, park them there, and return when all have."""
        self._workshop.stopping.set()
        # What still waits here ends at once by itself; a future that is cancelled would keep those who wait for it waiting.
        self._pool.shutdown(wait=True)
        self._closed.set()
        self._keeper.join()

    def _execute(self, run_id: str) -> None:
        with log.bound(run=run_id):
            try:
                self._take_up(run_id)
            except UnavailableError as error:
                logger.warning("left the run for later", reason=error.message)
            except Exception:  # nobody reads the future: what is not said here is never said
                logger.error("left the run for later", exc_info=True)

    def _take_up(self, run_id: str) -> None:
        try:
            with self._turnstile.among_others(patience=OTHERS_WITHIN):
                with self._begun:
                    self._waiting.pop(run_id, None)
                    self._begun.notify_all()
                self._claim(run_id, alone=False)
        except Suspected:
            with self._turnstile.alone(patience=ALONE_WITHIN) as is_alone:
                logger.warning("the run is executed alone: workers stopped while they had it", is_alone=is_alone)
                self._claim(run_id, alone=True)

    def _claim(self, run_id: str, *, alone: bool) -> None:
        """Raises Suspected."""
        if self._workshop.stopping.is_set():
            return
        runs = self._workshop.connections.journal.runs
        claimed = runs.claim(run_id, lease_ms=LEASE_MS, alone=alone, on_poisoned=self._note_poisoned)
        if claimed is not None:
            reach(Point.CLAIM_AFTER_COMMIT)
            self._segment(claimed)

    def _note_poisoned(self, due: Sequence[str]) -> None:
        logger.error("the run was put aside: worker after worker took it up and stopped; see hookline runs show")
        self.take(due)

    def _segment(self, claimed: ClaimedRun) -> None:
        segment = Segment(self._workshop, claimed)
        with self._lock:
            self._active.add(segment)
        logger.info("segment started", flow=claimed.run.flow, claim=claimed.claim.number)
        try:
            with self._workshop.connections.outside.places.slot():
                became = segment.run()
            logger.info("segment ended", flow=claimed.run.flow, became=became.words)
            self.take(became.due)
        except ClaimLost:
            self._workshop.metrics.claims_lost.add()
            logger.warning("the claim was lost; another worker goes on with the run", claim=claimed.claim.number)
        except UnavailableError:
            raise
        except Exception as error:
            self._fail(segment, error)
        finally:
            with self._lock:
                self._active.discard(segment)

    def _fail(self, segment: Segment, error: Exception) -> None:
        """A bug of the engine ends the run where a person sees it, instead of in an endless repetition."""
        logger.error("the engine failed on this run", exc_info=not isinstance(error, HooklineError), error=str(error))
        message = self._workshop.connections.redactor.text(f"the engine failed: {type(error).__name__}: {error}")
        status = RunStatus.UNCERTAIN if segment.ledger.leave_unknown(message) else RunStatus.FAILED
        ending = Ending(status=status, error=StepError(step="", kind="internal", message=message))
        try:
            segment.ledger.finish(ending)
        except HooklineError as also:
            logger.error("and the run could not be ended", error=also.message)

    def _keep_leases(self) -> None:
        """Renew what is being executed; tell a segment whose claim is lost."""
        while not self._closed.wait(RENEW_SECONDS):
            try:
                self._renew()
            except UnavailableError as error:
                logger.warning("leases could not be renewed", reason=error.message)
            except Exception:  # without this thread every long call would lose its claim
                logger.error("leases could not be renewed", exc_info=True)

    def _renew(self) -> None:
        with self._lock:
            segments = {segment.ledger.claim: segment for segment in self._active}
        if not segments:
            return
        since = monotonic()
        pulses = self._workshop.connections.journal.runs.renew(list(segments), lease_ms=LEASE_MS)
        for claim, segment in segments.items():
            if claim in pulses:
                segment.ledger.heard(pulses[claim], since=since)
            elif not segment.ledger.closed:
                segment.ledger.lose()
