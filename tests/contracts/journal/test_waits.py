"""Waiting for events: each event of the subscription is heard once, whenever it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from threading import Event as Signal

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import ClaimLost
from engine.journal.database import reading, writing
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, NewRun, Pulse
from tests.contracts.journal.stories import LEASE_MS, at_once, change, claimed_run, let_pass, new_run, webhook

LONG_MS = 1_000_000


@pytest.fixture
def other(database_url: str) -> Iterator[Journal]:
    """The same database as another process has it."""
    other = Journal.open(database_url)
    yield other
    other.close()


def await_on(journal: Journal, claimed: ClaimedRun, path: str = "reply", subscription: str = "sub") -> Pulse:
    return journal.waits.await_event(
        claimed.claim, [change(path, StepStatus.WAITING)], path=path, subscription_id=subscription, lease_ms=LEASE_MS
    )


def deliver(journal: Journal, key: str, *, subscription: str = "sub", runs: Sequence[NewRun] = ()) -> str:
    (accepted,) = journal.events.accept([webhook(key, subscription=subscription, runs=runs)], ring_in_ms=0)
    return accepted.event_id


def heard(journal: Journal, claimed: ClaimedRun, path: str = "reply") -> list[str]:
    return [item.event_id for item in journal.waits.heard(claimed.run.id, path)]


def status(journal: Journal, claimed: ClaimedRun) -> RunStatus:
    found = journal.runs.get(claimed.run.id)
    assert found is not None
    return found[0].status


def left(journal: Journal) -> tuple[int, int]:
    with reading(journal.engine) as db:
        return (
            int(db.scalar(text("SELECT count(*) FROM waits")) or 0),
            int(db.scalar(text("SELECT count(*) FROM heard")) or 0),
        )


def test_an_event_wakes_the_run_that_awaits_it_and_is_heard(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for="an event")

    event_id = deliver(journal, "reply")

    (found,) = journal.waits.heard(claimed.run.id, "reply")
    assert (found.event_id, found.event) == (event_id, {"event": "made", "key": "reply"})
    assert journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS) is not None


def test_the_wait_is_written_with_its_step_and_extends_the_lease(journal: Journal) -> None:
    claimed = claimed_run(journal)

    pulse = await_on(journal, claimed)

    found = journal.runs.get(claimed.run.id)
    assert found is not None
    assert (found[0].due_at, [step.path for step in found[1]]) == (pulse.now + LEASE_MS, ["reply"])


def test_events_since_the_runs_creation_count_but_not_the_one_that_started_it(journal: Journal) -> None:
    deliver(journal, "before")
    let_pass_of_events(journal, 5_000)
    claimed = claimed_run(journal, "starts it")
    early = deliver(journal, "early")
    deliver(journal, "elsewhere", subscription="other")

    await_on(journal, claimed)
    late = deliver(journal, "late")

    assert heard(journal, claimed) == [early, late]


def test_what_came_long_before_the_wait_is_heard_too_and_in_order(journal: Journal) -> None:
    claimed = claimed_run(journal)
    ids = [deliver(journal, "one")]
    let_pass_of_events(journal, 300_000)
    ids.append(deliver(journal, "two"))

    await_on(journal, claimed)

    assert heard(journal, claimed) == ids


def let_pass_of_events(journal: Journal, ms: int) -> None:
    with writing(journal.engine) as db:
        db.execute(text("UPDATE events SET received_at = received_at - :ms"), {"ms": ms})
        db.execute(text("UPDATE runs SET created_at = created_at - :ms"), {"ms": ms})


def test_a_repeat_of_a_delivery_and_one_that_cannot_be_read_are_not_heard(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)
    event_id = deliver(journal, "once")
    deliver(journal, "once")
    journal.events.accept([replace(webhook("bad"), event=None, error="no JSON")], ring_in_ms=0)

    assert heard(journal, claimed) == [event_id]


def test_a_wait_that_is_there_stays_as_it_is(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)
    passed, kept = deliver(journal, "passed"), deliver(journal, "kept")
    journal.waits.pass_over(claimed.claim, "reply", [passed])

    await_on(journal, claimed)

    assert heard(journal, claimed) == [kept]


def test_an_event_is_taken_once_in_a_run_and_by_each_run_that_awaits_it(journal: Journal) -> None:
    one, two = (
        claimed_run(journal, "one"),
        claimed_run(
            journal,
            "two",
        ),
    )
    for path in ("a", "b"):
        await_on(journal, one, path)
    await_on(journal, two)
    event_id = deliver(journal, "reply")

    def end(claimed: ClaimedRun, path: str) -> Pulse | None:
        done = [change(path, StepStatus.SUCCEEDED)]
        return journal.waits.end_wait(claimed.claim, done, path=path, taken=event_id, lease_ms=LEASE_MS)

    assert end(one, "a") is not None
    assert event_id not in heard(journal, one, "b")
    assert end(one, "b") is None
    found = journal.runs.get(one.run.id)
    assert found is not None
    assert {step.path: step.status for step in found[1]} == {"a": StepStatus.SUCCEEDED, "b": StepStatus.WAITING}
    await_on(journal, one, "c")
    assert event_id not in heard(journal, one, "c")
    assert end(two, "reply") is not None


def test_an_event_that_the_wait_never_heard_cannot_be_taken(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)
    elsewhere = deliver(journal, "elsewhere", subscription="other")

    ended = journal.waits.end_wait(claimed.claim, [], path="reply", taken=elsewhere, lease_ms=LEASE_MS)

    assert ended is None


def test_a_wait_whose_time_is_up_hears_nothing_any_more(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)
    deliver(journal, "passed by")
    assert journal.waits.end_wait(claimed.claim, [], path="reply", taken=None, lease_ms=LEASE_MS) is not None

    deliver(journal, "late")
    journal.runs.park(claimed.claim, [], in_ms=LONG_MS, waiting_for=None)

    # Woken by the first event; by the second no more.
    again = journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)
    assert again is not None
    deliver(journal, "later")
    journal.runs.park(again.claim, [], in_ms=LONG_MS, waiting_for=None)
    assert status(journal, claimed) is RunStatus.PARKED
    assert left(journal) == (0, 0)


def test_the_end_of_the_run_removes_its_waits(journal: Journal) -> None:
    claimed, stays = claimed_run(journal, "one"), claimed_run(journal, "two")
    for each in (claimed, stays):
        await_on(journal, each)
    deliver(journal, "reply")
    journal.waits.end_wait(claimed.claim, [], path="reply", taken=heard(journal, claimed)[0], lease_ms=LEASE_MS)
    await_on(journal, claimed, "more")

    journal.runs.finish(claimed.claim, [], Ending(status=RunStatus.SUCCEEDED))
    deliver(journal, "late")

    assert left(journal)[0] == 1
    assert heard(journal, claimed, "more") == []
    assert len(heard(journal, stays)) >= 2


def test_a_claim_that_is_lost_waits_for_nothing(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)
    event_id = deliver(journal, "reply")
    let_pass(journal, LEASE_MS)
    journal.runs.claim(claimed.run.id, lease_ms=LEASE_MS)

    writes: list[Callable[[], object]] = [
        lambda: await_on(journal, claimed, "other"),
        lambda: journal.waits.pass_over(claimed.claim, "reply", [event_id]),
        lambda: journal.waits.end_wait(claimed.claim, [], path="reply", taken=event_id, lease_ms=LEASE_MS),
    ]
    for write in writes:
        with pytest.raises(ClaimLost):
            write()

    assert heard(journal, claimed) == [event_id]
    assert left(journal)[0] == 1


def test_an_event_that_is_being_stored_while_a_run_begins_to_wait_is_heard(journal: Journal, other: Journal) -> None:
    """The wait is registered after the event went in and before it is committed: neither sees the other's rows."""
    claimed = claimed_run(journal)
    stored, go_on = Signal(), Signal()

    def stop_after_storing(conn: object, cursor: object, statement: str, *more: object) -> None:
        if statement.startswith("INSERT INTO events"):
            stored.set()
            assert go_on.wait(10)

    sqlalchemy_event.listen(other.engine, "after_cursor_execute", stop_after_storing)
    with ThreadPoolExecutor(max_workers=2) as threads:
        storing: Future[str] = threads.submit(deliver, other, "reply")
        assert stored.wait(10)
        waiting: Future[Pulse] = threads.submit(await_on, journal, claimed)
        # It has to wait; if it did not, it would be through by then and have heard nothing.
        wait([waiting], timeout=0.5)
        go_on.set()
        waiting.result()
        event_id = storing.result()

    assert heard(journal, claimed) == [event_id]


def test_no_event_is_lost_between_many_that_come_and_many_that_begin_to_wait(journal: Journal) -> None:
    claims = [claimed_run(journal, f"run {number}") for number in range(4)]

    def act(number: int) -> list[str]:
        if number < len(claims):
            await_on(journal, claims[number])
            return []
        return [deliver(journal, f"{number} {turn}") for turn in range(5)]

    delivered = {event_id for ids in at_once(8, act) for event_id in ids}

    for claimed in claims:
        assert delivered <= set(heard(journal, claimed))


def test_an_event_can_start_one_run_and_be_awaited_by_another(journal: Journal) -> None:
    claimed = claimed_run(journal)
    await_on(journal, claimed)

    event_id = deliver(journal, "both", runs=[new_run()])

    assert heard(journal, claimed) == [event_id]
    assert len(journal.runs.list()) == 2
