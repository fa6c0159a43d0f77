"""Bugs to be planted in the engine, so that the oracle is seen to find them. Owns what each one breaks, and breaking it.

A process plants the bug that ``PLANTED_BUG`` names before its command runs (``nursery.py``): one function of the engine is replaced in that process,
and nowhere else. ``test_planted_bugs.py`` tells a story with each of them, and the checker has to find the breach in what really happened.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from threading import Timer

from sqlalchemy import Connection, bindparam, delete, update

from engine.core.statuses import RunStatus
from engine.journal import fence
from engine.journal.clock import now_ms
from engine.journal.database import writing
from engine.journal.records import Accepted, Claim, Pulse, StepRow
from engine.journal.run_history import RunHistory
from engine.journal.runs import SqlRuns
from engine.journal.tables import runs, steps
from engine.runtime import calls, ingest, segment
from engine.runtime.calls import Attempt
from engine.runtime.connection_client import ConnectionClient
from engine.runtime.intake import Intake
from engine.runtime.ledger import Ledger
from engine.runtime.permits import Permits
from engine.runtime.scheduler import Scheduler
from engine.sdk import Budget
from engine.sdk.connector import Action
from engine.throttle import Cold
from engine.throttle.redis import RedisThrottle

VARIABLE = "PLANTED_BUG"
BUGS: dict[str, Callable[[], None]] = {}
"""By name: what plants it."""


def plant(name: str) -> None:
    """Break this process. Raises KeyError for a bug that does not exist."""
    BUGS[name]()


def bug(planting: Callable[[], None]) -> Callable[[], None]:
    BUGS[planting.__name__] = planting
    return planting


def put(owner: object, name: str, by: object) -> None:
    """In the place of what is there."""
    getattr(owner, name)
    setattr(owner, name, by)


# Events


@bug
def answers_before_it_stores() -> None:
    """2xx first; the transaction some seconds later, if there is a later."""
    commit = Intake._commit

    def hurried(self: Intake, orders: Sequence[object]) -> None:
        for order in orders:
            order.answer.set_result([Accepted(event_id="later", duplicate=False)])  # type: ignore[attr-defined]
        time.sleep(5)
        commit(self, orders)  # type: ignore[arg-type]

    put(Intake, "_commit", hurried)


@bug
def takes_a_repeat_for_something_new() -> None:
    """Every delivery but the first has a key of its own."""
    numbers, storable = count(), ingest._storable

    def never_the_same(key: str) -> str:
        number = next(numbers)
        return storable(f"{key}-{number}" if number else key)

    put(ingest, "_storable", never_the_same)


@bug
def stores_slowly() -> None:
    """A second of something in the way of every commit."""
    commit = Intake._commit

    def slow(self: Intake, orders: Sequence[object]) -> None:
        time.sleep(1.2)
        commit(self, orders)  # type: ignore[arg-type]

    put(Intake, "_commit", slow)


# Runs


@bug
def never_sweeps() -> None:
    """Whatever was lost stays lost."""
    put(Scheduler, "tick", lambda self: 0.25)


@bug
def lets_old_claims_write() -> None:
    """No statement asks for the claim's number, and nobody is told that a claim is lost."""
    guarded, renew = fence._guarded(), SqlRuns.renew

    def open_gate() -> object:
        anybody = update(runs).where(runs.c.id == bindparam("run"), bindparam("number") > 0)
        anybody._values = guarded._values
        return anybody.returning(*fence._FACTS, *fence.tells())

    def all_is_well(self: SqlRuns, claims: Sequence[Claim], *, lease_ms: int) -> Mapping[Claim, Pulse]:
        nothing = Pulse(
            now=round(time.time() * 1000), cancel_requested=False, paused=False, paused_connections=frozenset()
        )
        return {**dict.fromkeys(claims, nothing), **renew(self, claims, lease_ms=lease_ms)}

    put(fence, "_guarded", open_gate)
    put(SqlRuns, "renew", all_is_well)


@bug
def forgets_what_is_completed() -> None:
    """Who goes on with a run finds nothing of it, and the table takes everything anew."""

    def lost(self: RunHistory, db: Connection, run_id: str) -> tuple[StepRow, ...]:
        db.execute(delete(steps).where(steps.c.run_id == run_id))
        return ()

    put(RunHistory, "kept_steps", lost)


@bug
def takes_an_end_back() -> None:
    """A run that has ended is put back into the queue a second later."""
    finish = SqlRuns.finish

    def queue_again(self: SqlRuns, claim: Claim) -> None:
        queued = {"status": RunStatus.QUEUED, "ended_at": None, "due_at": now_ms()}
        with writing(self._engine) as db:
            db.execute(update(runs).where(runs.c.id == claim.run_id, runs.c.claim_no == 1).values(queued))

    def finished_and_queued(self: SqlRuns, claim: Claim, *given: object) -> object:
        due = finish(self, claim, *given)  # type: ignore[arg-type]
        Timer(1, queue_again, (self, claim)).start()
        return due

    put(SqlRuns, "finish", finished_and_queued)


@bug
def does_steps_in_any_order() -> None:
    """The last one first."""
    interpret = vars(segment)["interpret"]

    def backwards(flow: object, facts: object) -> object:
        return interpret(replace(flow, steps=tuple(reversed(flow.steps))), facts)  # type: ignore[type-var, attr-defined]

    put(segment, "interpret", backwards)


# Calls


@bug
def calls_before_it_writes() -> None:
    """The attempt is written with the next commit, which is after the call."""
    put(Ledger, "open", Ledger.change)


@bug
def makes_a_key_for_every_attempt() -> None:
    numbers, key_of = count(), vars(calls)["key_of"]
    put(calls, "key_of", lambda run, path: f"{key_of(run, path)}-{next(numbers)}")


@bug
def repeats_what_is_uncertain() -> None:
    put(Action, "may_repeat", lambda self, settings, given: True)


@bug
def believes_that_nothing_happened() -> None:
    """Instead of asking the service."""
    put(Attempt, "_confirm", lambda self, action: None)


@bug
def keeps_the_key_to_itself() -> None:
    """No idempotency key in the header that the connector names."""
    init = ConnectionClient.__init__

    def without(self: ConnectionClient, *given: object, **named: object) -> None:
        init(self, *given, **{**named, "key_header": None})  # type: ignore[arg-type]

    put(ConnectionClient, "__init__", without)


@bug
def logs_what_it_sends() -> None:
    """With the credentials, past the redaction of logs."""
    send = ConnectionClient._send

    def loud(self: ConnectionClient, method: str, url: str, headers: dict[str, str], *given: object) -> object:
        print(f"calls {url} with {headers}", flush=True)
        return send(self, method, url, headers, *given)  # type: ignore[arg-type]

    put(ConnectionClient, "_send", loud)


# The throttle


@bug
def gives_more_permits_than_there_are() -> None:
    """One more in each window."""
    acquire = RedisThrottle.acquire

    def generous(self: RedisThrottle, key: str, budget: Budget, *given: object, **named: object) -> object:
        windows = tuple(replace(window, limit=window.limit + 1) for window in budget.windows)
        return acquire(self, key, replace(budget, windows=windows), *given, **named)  # type: ignore[arg-type]

    put(RedisThrottle, "acquire", generous)


@bug
def starts_at_once_when_redis_forgot() -> None:
    """Whatever the journal knows of recent calls."""

    def rash(self: Permits, cold: Cold) -> bool:
        self._outside.throttle.warm(self._connection.key, quiet_ms=0)
        return True

    put(Permits, "_warm", rash)
