"""Short ways to the situations that the journal's tests start from. Owns no expectation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from sqlalchemy import select, text

from engine.core.statuses import StepStatus
from engine.journal.database import reading, writing
from engine.journal.journal import Journal
from engine.journal.records import Accepted, ClaimedRun, EventSource, NewEvent, NewRun, StepChange
from engine.journal.tables import audit

T = TypeVar("T")

LEASE_MS = 60_000
FLOW = "greet"
DIGEST = "a" * 64
SOURCE = "id: greet\n"
FILE = "flows/greet.yaml"


def deploy(journal: Journal, flow: str = FLOW, digest: str = DIGEST) -> None:
    journal.flows.deploy(flow_id=flow, name="Greet", owner="local", digest=digest, source=SOURCE, file=FILE)


def webhook(key: str, *, subscription: str = "sub", runs: Sequence[NewRun] = ()) -> NewEvent:
    return NewEvent(
        subscription_id=subscription,
        source=EventSource.WEBHOOK,
        dedupe_key=key,
        body=b'{"event": "made"}',
        event={"event": "made", "key": key},
        runs=tuple(runs),
    )


def new_run(flow: str = FLOW, digest: str = DIGEST, owner: str = "local") -> NewRun:
    return NewRun(flow=flow, digest=digest, trigger="on_made", owner=owner)


def accept_run(
    journal: Journal, key: str = "first", *, ring_in_ms: int = 0, flow: str = FLOW, owner: str = "local"
) -> Accepted:
    """Deploy the flow and accept an event that starts one run of it."""
    deploy(journal, flow)
    event = webhook(key, runs=[new_run(flow, owner=owner)])
    return journal.events.accept([event], ring_in_ms=ring_in_ms)[0]


def queued_run(journal: Journal, key: str = "first", *, flow: str = FLOW, owner: str = "local") -> str:
    return accept_run(journal, key, flow=flow, owner=owner).run_ids[0]


def claimed_run(journal: Journal, key: str = "first", *, owner: str = "local") -> ClaimedRun:
    claimed = journal.runs.claim(queued_run(journal, key, owner=owner), lease_ms=LEASE_MS)
    assert claimed is not None
    return claimed


def change(
    path: str,
    status: StepStatus,
    *,
    attempt: int = 1,
    uses: str = "calendly.get_event_type",
    connection: str | None = None,
) -> StepChange:
    return StepChange(path=path, attempt=attempt, uses=uses, status=status, connection=connection)


def let_pass(journal: Journal, ms: int) -> None:
    """Move everything that the database's clock is compared with into the past: as if ``ms`` had gone by."""
    with writing(journal.engine) as db:
        db.execute(text("UPDATE runs SET due_at = due_at - :ms WHERE due_at IS NOT NULL"), {"ms": ms})
        db.execute(text("UPDATE steps SET called_at = called_at - :ms"), {"ms": ms})
        db.execute(text("UPDATE connections SET called_at = called_at - :ms"), {"ms": ms})


def common_prefix(one: str, two: str) -> str:
    return next(one[:end] for end in range(len(one), -1, -1) if two.startswith(one[:end]))


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Run ``work(0) … work(count - 1)`` in as many threads, started together; their results in order."""
    ready = Barrier(count)

    def one(number: int) -> T:
        ready.wait()
        return work(number)

    with ThreadPoolExecutor(max_workers=count) as threads:
        return list(threads.map(one, range(count)))


def let_pass_since_checked(journal: Journal, ms: int, *, created: int = 0) -> None:
    """As if ``ms`` had gone by since any subscription was looked at; ``created``: since it was made, and nothing else."""
    moved = "UPDATE subscriptions SET checked_at = checked_at - :ms, good_at = good_at - :ms, created_at = created_at - :created"
    with writing(journal.engine) as db:
        db.execute(text(moved), {"ms": ms, "created": created})


def pause(journal: Journal, flow: str = FLOW, *, paused: bool = True) -> bool:
    """Whether it was not so before."""
    found = journal.pauses.flow(flow, paused=paused, actor="cli")
    assert found is not None
    return found.changed


def resume(journal: Journal, flow: str = FLOW) -> bool:
    return pause(journal, flow, paused=False)


def store_connection(journal: Journal, name: str = "team", owner: str = "local") -> None:
    journal.connections.save(
        connection_id=f"{owner} {name}", owner=owner, name=name, connector="calendly", settings={}, secrets={}
    )


def acts(journal: Journal) -> list[tuple[str, str, str, str]]:
    """The audit log: (owner, actor, action, subject)."""
    with reading(journal.engine) as db:
        found = db.execute(select(audit).order_by(audit.c.id))
        return [(row.owner, row.actor, row.action, row.subject) for row in found]
