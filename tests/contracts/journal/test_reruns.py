"""Runs that do others again: one at a time, with what is copied, and the run that is over stays as it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text

from engine.core.commands import Ending, StepError
from engine.core.statuses import RunStatus, StepStatus
from engine.errors import NotFoundError
from engine.journal.again import Copies, NewRerun, Rerun, Resealed, Word
from engine.journal.database import reading, writing
from engine.journal.ids import IdMaker
from engine.journal.journal import Journal
from engine.journal.records import ClaimedRun, Lane, Run, StepChange, StepRow
from engine.journal.tables import audit
from tests.contracts.journal.stories import DIGEST, FLOW, LEASE_MS, at_once, change, claimed_run, new_run, webhook
from tests.contracts.journal.test_folding import LOOP, iteration

IDS = IdMaker()
FAILED = Ending(status=RunStatus.FAILED, error=StepError(step="b", kind="server", message="no"))
UNCERTAIN = Ending(status=RunStatus.UNCERTAIN, error=StepError(step="b", kind="unknown_outcome", message="?"))


def again(origin: Run, **more: Any) -> NewRerun:
    values: dict[str, Any] = {"id": IDS.new(), "origin": origin.id, "digest": origin.digest, "inputs": origin.inputs}
    return NewRerun(**{**values, "actor": "cli", **more})


def ended(journal: Journal, *changes: StepChange, ending: Ending = FAILED, claimed: ClaimedRun | None = None) -> Run:
    claimed = claimed or claimed_run(journal)
    journal.runs.finish(claimed.claim, changes, ending)
    return the_run(journal, claimed.run.id)


def the_run(journal: Journal, run_id: str) -> Run:
    found = journal.runs.get(run_id, limit=0)
    assert found is not None
    return found[0]


def rows(journal: Journal, run_id: str | None) -> dict[tuple[str, int], StepRow]:
    found = journal.runs.get(run_id or "")
    assert found is not None
    return {(row.path, row.attempt): row for row in found[1]}


def audited(journal: Journal) -> list[tuple[str, str, str, Any]]:
    columns = (audit.c.actor, audit.c.action, audit.c.subject, audit.c.detail)
    with reading(journal.engine) as db:
        return [(row.actor, row.action, row.subject, row.detail) for row in db.execute(select(*columns))]


def test_a_run_is_done_again_by_another_one_of_the_same_event_item_and_owner(journal: Journal) -> None:
    claimed = claimed_run(journal, owner="ada")
    origin = ended(journal, change("b", StepStatus.FAILED), claimed=claimed)
    before = journal.runs.get(origin.id)
    rerun = again(origin, inputs={"n": 2}, path="b", unsettled={"b": "key"})
    assert journal.reruns.start(rerun, ring_in_ms=0) == Rerun(run_id=rerun.id)
    taken = journal.runs.claim(rerun.id, lease_ms=LEASE_MS)
    assert taken is not None
    run = taken.run
    assert taken.trigger == claimed.trigger
    assert taken.steps == ()
    assert (run.event_id, run.owner, run.flow, run.digest) == (origin.event_id, "ada", FLOW, DIGEST)
    assert (run.origin_run, run.origin_path, run.inputs, run.unsettled) == (origin.id, "b", {"n": 2}, {"b": "key"})
    assert (run.key_base, run.rerun_by) == (None, None)
    found = journal.runs.get(origin.id)
    assert before is not None
    assert found == (replace(before[0], rerun_by=rerun.id), before[1])
    assert [made.id for made in journal.reruns.made_of(origin.id)] == [rerun.id]
    detail = {"run": rerun.id, "from": "b", "version": DIGEST[:12]}
    assert audited(journal) == [("cli", "run.rerun", f"run:{origin.id}", detail)]


def test_the_item_of_a_split_event_goes_along(journal: Journal) -> None:
    claimed_run(journal)
    event = webhook("split", runs=[replace(new_run(), item={"x": 1}, index=3)])
    run_id = journal.events.accept([event], ring_in_ms=0)[0].run_ids[0]
    claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
    assert claimed is not None
    rerun = again(ended(journal, claimed=claimed))
    journal.reruns.start(rerun, ring_in_ms=0)
    taken = journal.runs.claim(rerun.id, lease_ms=LEASE_MS)
    assert taken is not None
    assert taken.trigger == claimed.trigger
    assert taken.trigger["item"] == {"x": 1}


def test_of_two_persons_at_once_one_gets_the_run_and_the_other_is_told_of_it(journal: Journal) -> None:
    origin = ended(journal)
    tries = [again(origin) for _ in range(4)]
    answers = at_once(4, lambda number: journal.reruns.start(tries[number], ring_in_ms=0))
    won = [answer.run_id for answer in answers if answer.run_id is not None]
    assert len(won) == 1
    assert sorted(answer.done_by or "" for answer in answers) == ["", *won * 3]
    assert [made.id for made in journal.reruns.made_of(origin.id)] == won
    assert len(audited(journal)) == 1


def test_another_one_takes_that_one_has_seen_the_last_one(journal: Journal) -> None:
    origin = ended(journal)
    first, second, third = (again(origin) for _ in range(3))
    journal.reruns.start(first, ring_in_ms=0)
    assert journal.reruns.start(second, ring_in_ms=0) == Rerun(done_by=first.id)
    assert journal.reruns.start(replace(second, seen=first.id), ring_in_ms=0).run_id == second.id
    assert journal.reruns.start(replace(third, seen=first.id), ring_in_ms=0) == Rerun(done_by=second.id)
    assert the_run(journal, origin.id).rerun_by == second.id
    assert [run.id for run in journal.runs.list(undone=True)] == [second.id, first.id]


def test_a_run_that_is_not_over_and_one_that_is_not_there_are_not_done_again(journal: Journal) -> None:
    claimed = claimed_run(journal)
    assert journal.reruns.start(again(claimed.run), ring_in_ms=0) == Rerun(status=RunStatus.RUNNING)
    assert journal.reruns.start(again(replace(claimed.run, id=IDS.new())), ring_in_ms=0) == Rerun()
    assert audited(journal) == []


def test_a_version_that_is_gone_is_said(journal: Journal) -> None:
    origin = ended(journal)
    with pytest.raises(NotFoundError, match="is gone"):
        journal.reruns.start(again(origin, digest="b" * 64), ring_in_ms=0)
    assert the_run(journal, origin.id).rerun_by is None


def test_copied_attempts_are_history_that_the_new_run_goes_on_from(journal: Journal) -> None:
    claimed = claimed_run(journal)
    tried = [change("a", StepStatus.FAILED), change("a", StepStatus.SUCCEEDED, attempt=2)]
    dealt_with = [change("c", StepStatus.FAILED), change("c", StepStatus.FAILED, attempt=2)]
    origin = ended(journal, *tried, *dealt_with, change("b", StepStatus.FAILED), claimed=claimed)
    copies = [Copies(paths=["a"], attempt=2), Copies(paths=["c"], attempt=None)]
    rerun = again(origin, copies=copies, copied=3, path="b")
    assert journal.reruns.start(rerun, ring_in_ms=0).run_id == rerun.id
    old, new = rows(journal, origin.id), rows(journal, rerun.id)
    assert new == {
        ("a", 1): replace(old["a", 2], attempt=1),
        ("c", 1): old["c", 1],
        ("c", 2): old["c", 2],
    }
    taken = journal.runs.claim(rerun.id, lease_ms=LEASE_MS)
    assert taken is not None
    assert {row.path for row in taken.steps} == {"a", "c"}
    journal.runs.finish(taken.claim, [change("b", StepStatus.SUCCEEDED)], Ending(status=RunStatus.SUCCEEDED))
    with reading(journal.engine) as db:
        found = db.execute(
            text("SELECT path, position FROM steps WHERE run_id = :run ORDER BY position, attempt"), {"run": rerun.id}
        ).all()
    assert [row.path for row in found] == ["a", "c", "c", "b"]


def test_a_copied_call_is_none_of_the_new_run(journal: Journal) -> None:
    origin = ended(journal, change("a", StepStatus.SUCCEEDED, connection="team"))
    with writing(journal.engine) as db:
        db.execute(text("UPDATE steps SET called_at = called_at - 1000000"))
    rerun = again(origin, copies=[Copies(paths=["a"])], copied=1)
    journal.reruns.start(rerun, ring_in_ms=0)
    assert rows(journal, rerun.id)["a", 1].connection == "team"
    assert journal.runs.last_call_age("team", owner="local", within_ms=60_000) is None


def test_of_a_loop_what_is_through_is_copied_folded_and_only_the_rest_is_loaded(journal: Journal) -> None:
    claimed = claimed_run(journal)
    inside = [change(f"answers[{number}].x", StepStatus.SUCCEEDED) for number in range(4)]
    loop = [LOOP, *inside, *(iteration(number) for number in range(3))]
    last = replace(LOOP, status=StepStatus.FAILED)
    origin = ended(journal, *loop, last, claimed=claimed)
    copies = [
        Copies(paths=[f"answers[{number}].x" for number in range(3)] + ["answers[0]", "answers[1]"], folded=True),
        Copies(paths=["answers[2]", "answers[3].x"]),
    ]
    progress = replace(LOOP, given=None, output={"through": [[0, 2]], "bytes": 14})
    rerun = again(origin, copies=copies, copied=7, changes=[progress], path="answers[3].y")
    journal.reruns.start(rerun, ring_in_ms=0)
    taken = journal.runs.claim(rerun.id, lease_ms=LEASE_MS)
    assert taken is not None
    assert {row.path for row in taken.steps} == {"answers", "answers[2]", "answers[3].x"}
    assert len(rows(journal, rerun.id)) == 8
    assert [row.path for row in journal.runs.iterations(rerun.id, "answers", range(5))] == [
        f"answers[{i}]" for i in range(3)
    ]


def test_rows_that_are_cleared_away_meanwhile_are_missed_and_nothing_is_started(journal: Journal) -> None:
    origin = ended(journal, change("a", StepStatus.SUCCEEDED), change("c", StepStatus.SUCCEEDED))
    with writing(journal.engine) as db:
        db.execute(text("DELETE FROM steps WHERE path = 'c'"))
    rerun = again(origin, copies=[Copies(paths=["a", "c"])], copied=2)
    assert journal.reruns.start(rerun, ring_in_ms=0) == Rerun()
    assert journal.runs.get(rerun.id) is None
    assert the_run(journal, origin.id).rerun_by is None


def test_a_run_that_is_cleared_away_at_the_same_time_is_done_again_whole_or_not_at_all(journal: Journal) -> None:
    origin = ended(journal, *(change(f"s{number}", StepStatus.SUCCEEDED) for number in range(20)))
    rerun = again(origin, copies=[Copies(paths=[f"s{number}" for number in range(20)])], copied=20)

    def work(number: int) -> object:
        if number == 0:
            return journal.reruns.start(rerun, ring_in_ms=0)
        with writing(journal.engine) as db:
            db.execute(text("DELETE FROM steps WHERE run_id = :run"), {"run": origin.id})
            db.execute(text("DELETE FROM runs WHERE id = :run"), {"run": origin.id})
        return None

    answer = at_once(2, work)[0]
    assert answer in (Rerun(), Rerun(run_id=rerun.id))
    assert journal.runs.get(origin.id) is None
    found = journal.runs.get(rerun.id)
    assert (found is None) == (answer == Rerun())
    assert found is None or len(found[1]) == 20


def test_a_run_is_read_as_it_was_while_it_is_done_again(journal: Journal) -> None:
    origin = ended(journal, *(change(f"s{number}", StepStatus.SUCCEEDED) for number in range(20)))
    tries = [again(origin, copies=[Copies(paths=["s1", "s2"])], copied=2) for _ in range(2)]

    def work(number: int) -> object:
        if number < 2:
            return journal.reruns.start(tries[number], ring_in_ms=0)
        return [rows(journal, origin.id) for _ in range(20)]

    answers = at_once(3, work)
    reads: Any = answers[2]
    assert all(read == reads[0] and len(read) == 20 for read in reads)


def test_what_is_sealed_is_sealed_anew(journal: Journal) -> None:
    hidden = replace(
        change("a", StepStatus.SUCCEEDED), given="sealed:old", output="sealed:old", secure=frozenset({"outputs"})
    )
    origin = ended(journal, hidden)
    resealed = Resealed(path="a", attempt=1, given="sealed:new", output="sealed:newer")
    rerun = again(origin, copies=[Copies(paths=["a"])], copied=1, resealed=[resealed])
    journal.reruns.start(rerun, ring_in_ms=0)
    row = rows(journal, rerun.id)["a", 1]
    assert (row.given, row.output, row.secure) == ("sealed:new", "sealed:newer", frozenset({"outputs"}))


@pytest.mark.parametrize(("on_limit", "answer"), [("queue", "held"), ("skip", "refused"), ("replace", "in")])
def test_the_new_run_stands_in_its_lane_like_any_other(journal: Journal, on_limit: Any, answer: str) -> None:
    lane = Lane(key=Lane.key_of(FLOW), limit=1, on_limit=on_limit)
    origin = ended(journal)
    event = webhook("other", runs=[replace(new_run(), lane=lane)])
    other = journal.events.accept([event], ring_in_ms=0)[0].run_ids[0]
    rerun = again(origin, lane=lane)
    started = journal.reruns.start(rerun, ring_in_ms=0)
    if answer == "refused":
        assert started.refused is not None
        assert the_run(journal, origin.id).rerun_by is None
        assert audited(journal) == []
        return
    assert started == Rerun(run_id=rerun.id, held=answer == "held")
    assert the_run(journal, rerun.id).held == (answer == "held")
    assert the_run(journal, other).status == (RunStatus.CANCELLED if answer == "in" else RunStatus.QUEUED)


def word(run: Run, settled: Any = "happened", path: str = "b") -> Word:
    return Word(run_id=run.id, path=path, attempt=1, settled=settled, actor="cli")


def test_a_word_is_said_once_and_a_second_other_one_hears_the_first(journal: Journal) -> None:
    origin = ended(journal, change("b", StepStatus.UNCERTAIN), ending=UNCERTAIN)
    assert journal.reruns.settle(word(origin)) == "happened"
    assert journal.reruns.settle(word(origin)) == "happened"
    assert journal.reruns.settle(word(origin, "did_not_happen")) == "happened"
    row = rows(journal, origin.id)["b", 1]
    assert (row.status, row.settled) == (StepStatus.UNCERTAIN, "happened")
    said = journal.reruns.said([origin.id, "nothing"])
    assert {run: [(item.path, item.settled) for item in found] for run, found in said.items()} == {
        origin.id: [("b", "happened")]
    }
    detail = {"step": "b", "attempt": 1, "word": "happened"}
    assert audited(journal) == [("cli", "run.resolve", f"run:{origin.id}", detail)]


def test_two_persons_who_say_different_words_at_once_hear_the_same_one(journal: Journal) -> None:
    origin = ended(journal, change("b", StepStatus.UNCERTAIN), ending=UNCERTAIN)
    words = [word(origin, "happened"), word(origin, "did_not_happen")] * 2
    heard = at_once(4, lambda number: journal.reruns.settle(words[number]))
    assert len(set(heard)) == 1
    assert len(audited(journal)) == 1


def test_nothing_is_said_of_a_step_that_is_certain(journal: Journal) -> None:
    origin = ended(journal, change("b", StepStatus.FAILED))
    assert journal.reruns.settle(word(origin)) is None
    assert journal.reruns.settle(word(origin, path="c")) is None
    assert rows(journal, origin.id)["b", 1].settled is None


def test_a_word_and_the_run_that_goes_on_with_it_are_one(journal: Journal) -> None:
    origin = ended(journal, change("b", StepStatus.UNCERTAIN), ending=UNCERTAIN)
    done = replace(change("b", StepStatus.SUCCEEDED), output={"n": 1})
    rerun = again(origin, changes=[done], word=word(origin), path="b")
    assert journal.reruns.start(rerun, ring_in_ms=0).run_id == rerun.id
    assert rows(journal, rerun.id)["b", 1].output == {"n": 1}
    assert rows(journal, origin.id)["b", 1].settled == "happened"
    other = again(origin, word=word(origin, "did_not_happen"), seen=rerun.id)
    assert journal.reruns.start(other, ring_in_ms=0) == Rerun(said="happened")
    assert the_run(journal, origin.id).rerun_by == rerun.id


def test_a_word_said_while_the_run_is_done_again_is_not_said(journal: Journal) -> None:
    origin = ended(journal, change("b", StepStatus.UNCERTAIN), ending=UNCERTAIN)
    plain, settling = again(origin), again(origin, word=word(origin), path="b")
    answers = at_once(2, lambda number: journal.reruns.start([plain, settling][number], ring_in_ms=0))
    won = next(answer.run_id for answer in answers if answer.run_id is not None)
    assert sorted(answer.done_by or "" for answer in answers) == ["", won]
    assert rows(journal, origin.id)["b", 1].settled == ("happened" if won == settling.id else None)


def test_what_is_recorded_is_read_without_what_went_in_and_came_out(journal: Journal) -> None:
    failed = replace(change("b", StepStatus.FAILED), error={"kind": "server"})
    origin = ended(journal, replace(change("a", StepStatus.SUCCEEDED), secure=frozenset({"inputs"})), failed)
    found = [(row.path, row.status, row.kind, row.sealed) for row in journal.reruns.recorded(origin.id)]
    assert found == [("a", StepStatus.SUCCEEDED, None, True), ("b", StepStatus.FAILED, "server", False)]
