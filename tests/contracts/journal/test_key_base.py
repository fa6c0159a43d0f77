"""What idempotency keys are made from: the same for the same cause, also in a database that forgot, and shared by no two runs."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from engine.journal.database import writing
from engine.journal.ids import key_base
from engine.journal.journal import Journal
from engine.journal.records import EventSource, Lane, NewEvent, NewRun, Run
from engine.journal.timetable import NewSchedule
from engine.journal.wakers import NewChild
from tests.contracts.journal.stories import DIGEST, FLOW, LEASE_MS, deploy, new_run, webhook


def accepted(journal: Journal, event: NewEvent) -> list[Run]:
    ids = journal.events.accept([event], ring_in_ms=0)[0].run_ids
    return [the_run(journal, run_id) for run_id in ids]


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id)
    assert found is not None
    return found[0]


def forget(journal: Journal) -> None:
    """As a database that was restored from a backup of before: the event is not there, nor what it started."""
    with writing(journal.engine) as db:
        for table in ("steps", "runs", "events"):
            db.execute(text(f"DELETE FROM {table}"))


def test_an_event_that_is_told_again_after_a_restore_gives_its_runs_the_same_base_under_new_ids(
    journal: Journal,
) -> None:
    deploy(journal)
    event = webhook("booked", runs=[replace(new_run(), index=index, item={"n": index}) for index in range(2)])
    before = accepted(journal, event)
    forget(journal)
    # As the closing of a gap feeds it in; another version is active by now.
    deploy(journal, digest="b" * 64)
    later = [replace(run, digest="b" * 64) for run in event.runs]

    again = accepted(journal, replace(event, source=EventSource.RECOVERED, body=b"{}", runs=tuple(later)))

    assert [run.key_base for run in again] == [run.key_base for run in before]
    assert not {run.id for run in again} & {run.id for run in before}


def test_runs_that_differ_in_any_part_of_their_cause_have_different_bases(journal: Journal) -> None:
    deploy(journal)
    deploy(journal, "other")
    one = new_run()
    several: list[NewRun] = [
        one,
        replace(one, flow="other"),
        replace(one, trigger="on_moved"),
        replace(one, index=0),
        replace(one, index=1),
    ]
    runs = [
        *accepted(journal, webhook("a", runs=several)),
        *accepted(journal, webhook("b", runs=[one])),
        *accepted(journal, webhook("a", subscription="elsewhere", runs=[one])),
    ]

    bases = [run.key_base for run in runs]
    assert None not in bases
    assert len(set(bases)) == 7


def test_parts_cannot_be_shifted_into_each_other() -> None:
    assert len({key_base("a", "b"), key_base("ab"), key_base("a,b"), key_base('a","b'), key_base("a", "b", None)}) == 5


def test_a_key_that_no_database_can_hold_is_as_good_as_any(journal: Journal) -> None:
    deploy(journal)

    bases = [accepted(journal, webhook(key, runs=[new_run()]))[0].key_base for key in ("\ud800", "\0", "x" * 5_000)]

    assert len(set(bases)) == 3


def test_a_run_that_waits_in_a_lane_has_a_base_too(journal: Journal) -> None:
    deploy(journal)
    lane = Lane(key=Lane.key_of(FLOW), limit=1, on_limit="queue")
    plain = accepted(journal, webhook("a", runs=[new_run()]))[0].key_base
    forget(journal)

    assert accepted(journal, webhook("a", runs=[replace(new_run(), lane=lane)]))[0].key_base == plain


def test_a_manual_run_is_told_by_its_own_id(journal: Journal) -> None:
    deploy(journal)
    event = replace(webhook("m", runs=[new_run()]), subscription_id=None, source=EventSource.MANUAL)

    assert accepted(journal, event)[0].key_base is None


def test_a_slot_of_a_schedule_has_the_same_base_whenever_it_fires(journal: Journal) -> None:
    deploy(journal)
    wanted = NewSchedule(trigger="nightly", uses="schedule.cron", given={}, next_at=1_000)
    tick = replace(webhook("", runs=[new_run()]), subscription_id=None, source=EventSource.SCHEDULE)

    def fired(slot: int) -> str | None:
        journal.schedules.bind(FLOW, "local", [])
        journal.schedules.bind(FLOW, "local", [wanted])
        schedule = journal.schedules.due()[0].schedule
        accepted = journal.schedules.fire(schedule, slot, tick, next_at=None, ring_in_ms=0)
        assert accepted is not None
        return the_run(journal, accepted.run_ids[0]).key_base

    first, second = fired(1_000), fired(2_000)
    forget(journal)

    assert fired(1_000) == first != second


def test_a_child_has_its_base_from_its_callers_and_the_path(journal: Journal) -> None:
    deploy(journal)
    deploy(journal, "below")

    def children_of(run_id: str) -> dict[str | None, str | None]:
        claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
        assert claimed is not None
        for path in ("one", "two"):
            child = NewChild(flow="below", digest=DIGEST, inputs={}, path=path, depth=1, wait=True)
            journal.runs.start_child(claimed.claim, [], child, lease_ms=LEASE_MS)
        return {child.parent_path: child.key_base for child in journal.runs.children(run_id)}

    first = children_of(accepted(journal, webhook("a", runs=[new_run()]))[0].id)
    forget(journal)
    again = children_of(accepted(journal, webhook("a", runs=[new_run()]))[0].id)

    assert first == again
    assert len({*first.values(), None}) == 3


def test_a_child_of_an_older_releases_run_has_a_base_of_its_own(journal: Journal) -> None:
    deploy(journal)
    deploy(journal, "below")
    run = accepted(journal, webhook("a", runs=[new_run()]))[0]
    with writing(journal.engine) as db:
        db.execute(text("UPDATE runs SET key_base = NULL"))
    claimed = journal.runs.claim(run.id, lease_ms=LEASE_MS)
    assert claimed is not None
    child = NewChild(flow="below", digest=DIGEST, inputs={}, path="one", depth=1, wait=True)

    journal.runs.start_child(claimed.claim, [], child, lease_ms=LEASE_MS)

    assert journal.runs.children(run.id)[0].key_base == key_base(run.id, "one")
