"""The commands with which an operator deals with runs that did not succeed: the list, the page, rerun, resolve, and many at once."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.core.statuses import RunStatus
from engine.egress import AnswerLost
from engine.journal.records import Run
from engine.runtime.again import Wish
from engine.runtime.bulk import Bulk, Filter, Group, Left
from tests.again_room import ABC, CALLER, CHILD, again, ended, lost
from tests.engine_room import EngineRoom, ok, status
from tests.integration.command_line import CommandLine


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


@pytest.fixture
def hookline(tmp_path: Path, room: EngineRoom) -> CommandLine:
    return CommandLine(tmp_path / "home", HOOKLINE_DATABASE_URL=f"sqlite:///{room.database}")


def failed(room: EngineRoom, good: int = 1) -> Run:
    return ended(room, ABC.format(action="write"), status(404), good=good)


def remarks(text: str) -> dict[str, str]:
    header, *lines = text.splitlines()
    at = header.index("REMARK")
    return {line.split()[0]: line[at:] for line in lines}


def test_a_run_is_done_again_and_both_pages_say_so(hookline: CommandLine, room: EngineRoom) -> None:
    first = failed(room)
    done = hookline.run("runs", "rerun", first.id[:12], "--resume")
    assert (done.exit_code, done.stderr) == (0, "from b on\n")
    second = room.through(done.stdout.strip())
    page, old = hookline.ok("runs", "show", second.id), hookline.ok("runs", "show", first.id)
    assert f"origin   {first.id}, done again from b on" in page
    assert re.search(r"✓ a +probe\.write +succeeded.* from the origin", page)
    assert not re.search(r"✓ b .*from the origin", page)
    assert f"again    {second.id}  succeeded" in old
    shown = hookline.json("runs", "show", second.id)
    assert shown["origin"] == {"run": first.id, "from": "b"}
    assert [(step["path"], step["copied"]) for step in shown["steps"]] == [("a", True), ("b", False), ("c", False)]
    assert hookline.json("runs", "show", first.id)["reruns"] == [{"run": second.id, "status": "succeeded"}]


def test_of_one_run_too_it_is_said_what_happens_twice_and_what_nobody_knows(
    hookline: CommandLine, room: EngineRoom
) -> None:
    known, unknown = failed(room), lost(room)
    twice = hookline.run("runs", "rerun", known.id)
    assert twice.stderr == "note: probe.write at a: happened, and happens again\n"
    stopped = hookline.run("runs", "rerun", unknown.id, "--resume").stderr
    assert stopped.startswith("from b on\nnote: probe.write at b: unknown what came of it; the run stops there until")


def test_rerun_for_programs(hookline: CommandLine, room: EngineRoom) -> None:
    first = lost(room)
    done = hookline.json("runs", "rerun", first.id, "--from", "b")
    assert done == {
        "id": done["id"],
        "origin": first.id,
        "from": "b",
        "version": first.version,
        "held": False,
        "unsettled": ["b"],
    }
    assert room.state(done["id"]).status is RunStatus.QUEUED
    assert room.journal.runs.next_due_in() == 0


def test_the_list_of_dead_letters_says_what_was_done_about_each(hookline: CommandLine, room: EngineRoom) -> None:
    untouched, redone, settled = failed(room), failed(room), lost(room)
    new = hookline.ok("runs", "rerun", redone.id).strip()
    on = hookline.json("runs", "resolve", settled.id, "b", "--did-not-happen")["goes_on_as"]
    listing = ("runs", "list", "--status", "failed,uncertain,poisoned")
    found = remarks(hookline.ok(*listing))
    assert found[untouched.id].startswith("b: not_found 404")
    assert found[redone.id].startswith(f"done again as {new}; b: not_found")
    assert found[settled.id].startswith(f"resolved (b did not happen), goes on as {on}; b: unknown_outcome")
    assert list(remarks(hookline.ok(*listing, "--open"))) == [untouched.id]
    rows = {row["id"]: row for row in hookline.json(*listing)}
    assert rows[redone.id]["rerun_by"] == new
    assert [(said["step"], said["settled"]) for said in rows[settled.id]["settled"]] == [("b", "did_not_happen")]


def test_a_poisoned_run_is_listed_shown_and_done_again_like_any_that_is_over(
    hookline: CommandLine, room: EngineRoom
) -> None:
    first = failed(room)
    with room.journal.engine.begin() as db:
        db.exec_driver_sql("UPDATE runs SET status = 'poisoned', error = NULL, message = 'put aside'")
    listed = hookline.ok("runs", "list", "--status", "poisoned")
    assert re.search(rf"{first.id} .* poisoned .* put aside", listed)
    assert f"run      {first.id}  poisoned" in hookline.ok("runs", "show", first.id)
    assert hookline.run("runs", "rerun", first.id, "--resume").exit_code == 0


def test_the_page_of_an_uncertain_run_shows_what_was_sent_and_how_to_settle_it(
    hookline: CommandLine, room: EngineRoom
) -> None:
    first = lost(room)
    page = hookline.ok("runs", "show", first.id)
    shown = hookline.json("runs", "show", first.id)["uncertain"]
    assert "uncertain  b  probe.write on probe\n" in page
    assert '  sent     {"name":"b"}\n' in page
    assert f"  key      {shown[0]['idempotency_key']}\n" in page
    assert f"hookline runs resolve {first.id} b --happened\n" in page
    assert f"hookline runs resolve {first.id} b --did-not-happen\n" in page
    assert (shown[0]["step"], shown[0]["input"], shown[0]["settled"]) == ("b", {"name": "b"}, None)
    settled = hookline.ok("runs", "resolve", first.id, "b", "--happened", "--output", '{"name": "said"}')
    assert re.fullmatch(rf"{first.id}  b happened: goes on as \w+\n", settled)
    page = hookline.ok("runs", "show", first.id)
    assert re.search(r"  settled  happened, \d{4}-", page)
    assert "settled: happened" in page
    assert "runs resolve" not in page


def test_of_a_run_that_was_done_again_the_page_points_there(hookline: CommandLine, room: EngineRoom) -> None:
    first = lost(room)
    second = hookline.ok("runs", "rerun", first.id).strip()
    assert f"settle   in the run that does this one again: hookline runs show {second}" in hookline.ok(
        "runs", "show", first.id
    )


def test_a_caller_points_to_the_run_that_is_uncertain(hookline: CommandLine, room: EngineRoom) -> None:
    room.deploy(CHILD, flow_id="child")
    first = ended(room, CALLER, AnswerLost("cut"))
    child = room.journal.runs.child(first.id, "call")
    assert child is not None
    page = hookline.ok("runs", "show", first.id)
    assert f"  run      {child.id}  uncertain: look there first" in page
    assert "  key " not in page


def test_a_word_that_is_only_noted(hookline: CommandLine, room: EngineRoom) -> None:
    first = ended(
        room, "steps: [{id: b, uses: probe.write, with: {name: b}, on_error: continue}]\n", AnswerLost("x"), good=0
    )
    for _ in range(2):
        assert "b happened: noted" in hookline.ok("runs", "resolve", first.id, "b", "--happened")
    refused = hookline.run("runs", "resolve", first.id, "b", "--did-not-happen")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "settled already, the other way: happened" in refused.stderr
    assert "resolved (b happened)" in remarks(hookline.ok("runs", "list"))[first.id]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rerun"], "give RUN, or --status for many"),
        (["rerun", "RUN", "--status", "failed"], "give either RUN, or --status"),
        (["rerun", "RUN", "--from", "b", "--resume"], "--from and --resume both say where to begin"),
        (["rerun", "--status", "failed", "--from", "b"], "--from is for one run"),
        (["rerun", "--status", "running"], "a run that is running is not over"),
        (["rerun", "--status", "failed", "--error", "servr"], "--error 'servr' is no kind of error"),
        (["rerun", "--status", "failed", "--since", "2"], "--since '2': a duration needs a unit; did you mean 2s?"),
        (["rerun", "--status", "failed", "--flow", "nothing"], "there is no flow 'nothing'"),
        (["list", "--flow", "nothing"], "there is no flow 'nothing'"),
        (["rerun", "RUN", "--from", "bb"], "did not come to a step 'bb'; did you mean b?"),
        (["rerun", "01jd3k"], "there is no run '01jd3k'"),
        (["resolve", "RUN", "b"], "say one of --happened and --did-not-happen"),
        (["resolve", "RUN", "b", "--did-not-happen", "--output", "1"], "--output belongs to --happened"),
        (["resolve", "RUN", "b", "--happened", "--output", "{"], "--output is not JSON"),
        (["resolve", "RUN", "b", "--happened"], "b of run RUN is not uncertain: it is failed"),
    ],
)
def test_what_is_refused_is_refused_in_words(
    hookline: CommandLine, room: EngineRoom, arguments: list[str], words: str
) -> None:
    first = failed(room)
    given = [first.id if argument == "RUN" else argument for argument in arguments]
    refused = hookline.run("runs", *given)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert (
        words.replace("RUN", first.id if arguments[0] == "resolve" and "of run" in words else "RUN") in refused.stderr
    )
    assert room.state(first.id).rerun_by is None


def test_an_active_run_is_refused_with_the_command_that_ends_it(hookline: CommandLine, room: EngineRoom) -> None:
    run_id = room.start(ABC.format(action="write"))
    for command in (["rerun", run_id], ["resolve", run_id, "b", "--happened"]):
        refused = hookline.run("runs", *command)
        assert refused.exit_code == 2
        assert f"run {run_id} is not over: it is queued" in refused.stderr
        assert f"hookline runs cancel {run_id}" in refused.stderr


def test_many_runs_are_planned_first_and_done_with_yes(hookline: CommandLine, room: EngineRoom) -> None:
    runs = [failed(room), failed(room), lost(room)]
    well = room.through(room.start(ABC.format(action="read")))
    planned = hookline.run("runs", "rerun", "--status", "failed,uncertain,poisoned", "--resume")
    assert planned.exit_code == 0
    lines = planned.stdout.splitlines()
    assert [line.split() for line in lines] == [
        ["FLOW", "STATUS", "ERROR", "RUNS", "WRITES", "TWICE", "UNKNOWN"],
        ["f", "failed", "not_found", "2", "-", "-"],
        ["f", "uncertain", "unknown_outcome", "1", "-", "1"],
    ]
    assert (
        "3 runs would be done again from the first step that did not succeed, each on its own version" in planned.stderr
    )
    assert "probe.write at b: unknown in 1 run; would stop there until `hookline runs resolve` says" in planned.stderr
    assert "nothing was done; --yes does it" in planned.stderr
    assert all(room.state(run.id).rerun_by is None for run in runs)

    done = hookline.run("runs", "rerun", "--status", "failed,uncertain,poisoned", "--resume", "--yes")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[3:]] == [run.id for run in runs]
    assert "3 runs of 3 done again" in done.stderr
    assert room.state(well.id).rerun_by is None
    once_more = hookline.run("runs", "rerun", "--status", "failed,uncertain,poisoned", "--resume", "--yes")
    assert (once_more.exit_code, once_more.stdout) == (0, "")
    assert once_more.stderr == "no run fits\nnothing was done\n"


def test_many_runs_for_programs(hookline: CommandLine, room: EngineRoom) -> None:
    first, other = failed(room), lost(room)
    found = hookline.json(
        "runs", "rerun", "--status", "failed,uncertain", "--error", "not_found", "--flow", "f", "--since", "1h"
    )
    assert found["plan"]["runs"] == [first.id]
    assert found["plan"]["groups"][0]["twice"] == {"probe.write at a": 1}
    assert found["done"] is None
    done = hookline.json("runs", "rerun", "--status", "failed,uncertain", "--yes")["done"]
    assert [item["run"] for item in done["started"]] == [first.id, other.id]
    assert (done["left"], done["broken_off"]) == ([], False)


def test_many_runs_that_were_broken_off_are_no_success_and_go_on(
    hookline: CommandLine, room: EngineRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [failed(room) for _ in range(3)]
    do = Bulk.do

    def interrupted(bulk: Bulk, run_ids: Sequence[str], wish: Wish) -> Iterator[tuple[str, str | Left]]:
        yield from do(bulk, run_ids[:1], wish)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Bulk, "do", interrupted)
        cut = hookline.run("runs", "rerun", "--status", "failed", "--yes")
        assert (cut.exit_code, cut.stdout.splitlines()[-1].split()[0]) == (1, runs[0].id)
        assert "1 run of 3 done again; broken off. The same command goes on with the others" in cut.stderr
        for_programs = hookline.run("runs", "rerun", "--status", "failed", "--yes", "--json")
        assert (for_programs.exit_code, json.loads(for_programs.stdout)["done"]["broken_off"]) == (1, True)
    done = hookline.json("runs", "rerun", "--status", "failed", "--yes")["done"]
    assert [item["run"] for item in done["started"]] == [runs[2].id]


def test_runs_that_cannot_be_done_again_are_named(hookline: CommandLine, room: EngineRoom) -> None:
    good = failed(room)
    stopped = room.through(room.start("steps: [{id: s, stop: {status: failed}}]"))
    done = hookline.run("runs", "rerun", "--status", "failed", "--resume", "--yes")
    assert f"left out: run {stopped.id} has nothing to go on with: the step s ended the run" in done.stderr
    assert f"{good.id}  done again as" in done.stdout


def test_a_run_that_another_one_waited_for_is_done_again_with_that_one(room: EngineRoom) -> None:
    room.deploy(CHILD, flow_id="child")
    caller = ended(room, CALLER, status(404), good=1)
    child = room.journal.runs.child(caller.id, "call")
    assert child is not None
    plan = Bulk(again=again(room), catalogue=room.catalogue).plan(Filter(statuses=[RunStatus.FAILED]), Wish())
    assert plan.runs == [caller.id]
    assert [(left.run.id, left.why) for left in plan.left] == [
        (child.id, f"run {caller.id} started it at call and waited for it; do that one again")
    ]


@pytest.mark.parametrize(
    ("action", "meaning"), [("read", None), ("put", "repeated"), ("make", "asked"), ("write", "stopped")]
)
def test_the_plan_says_what_repeating_each_action_means(room: EngineRoom, action: str, meaning: str | None) -> None:
    room.service.replies["GET /things/b"] = [status(500)] * 2
    first = ended(room, ABC.format(action=action), status(500))
    plan = Bulk(again=again(room), catalogue=room.catalogue).plan(Filter(statuses=[RunStatus.FAILED]), Wish())
    outlook = plan.groups[Group(flow="f", status=RunStatus.FAILED, kind="server")]
    assert dict(outlook.twice) == {"probe.write at a": 1}
    known: dict[str, Any] = {"repeated": outlook.repeated, "asked": outlook.asked, "stopped": outlook.stopped}
    assert {name: dict(found) for name, found in known.items() if found} == (
        {meaning: {f"probe.{action} at b": 1}} if meaning is not None else {}
    )
    assert plan.runs == [first.id]


GUIDE = (Path(__file__).parents[2] / "docker" / "README.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## Runs that did not succeed")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^hookline (runs .+?)(?:  +#.*)?$", SECTION, re.MULTILINE)


def test_the_operators_guide_has_commands() -> None:
    assert len(COMMANDS) > 8


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_of_the_operators_guide_works_as_it_is_written(
    hookline: CommandLine, room: EngineRoom, command: str
) -> None:
    first = lost(room)
    words = [{"RUN": first.id, "STEP": "b", "FLOW": "f"}.get(word, word) for word in shlex.split(command)]
    done = hookline.run(*words)
    assert done.exit_code == 0, done.output
    if "rerun RUN" in command or "resolve" in command:
        assert room.state(first.id).rerun_by is not None


def test_what_happened_between_the_plan_and_the_deed_is_heeded(room: EngineRoom) -> None:
    runs = [failed(room) for _ in range(3)]
    bulk = Bulk(again=again(room), catalogue=room.catalogue)
    plan = bulk.plan(Filter(statuses=[RunStatus.FAILED], limit=2), Wish())
    assert plan.runs == [run.id for run in runs[:2]]
    done = bulk.do([*plan.runs, "01hf7yat00aaaaaaaaaaaaaaaa"], Wish())
    first = next(done)
    other = again(room).start(again(room).plan(runs[1], Wish()))
    rest = list(done)
    assert first[1] == room.state(runs[0].id).rerun_by
    assert isinstance(rest[0][1], Left)
    assert f"is done again already, as {other.run_id}" in rest[0][1].why
    assert len(rest) == 1
    assert bulk.plan(Filter(statuses=[RunStatus.FAILED]), Wish()).runs == [runs[2].id]
    assert len(bulk.plan(Filter(statuses=[RunStatus.FAILED]), Wish(again=True)).runs) == 3


def test_pages_of_runs_are_all_looked_at(room: EngineRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.bulk.PAGE", 2)
    runs = [failed(room) for _ in range(5)]
    bulk = Bulk(again=again(room), catalogue=room.catalogue)
    assert bulk.plan(Filter(statuses=[RunStatus.FAILED]), Wish()).runs == [run.id for run in runs]
    since = Filter(statuses=[RunStatus.FAILED], since=runs[3].created_at)
    assert bulk.plan(since, Wish()).runs == [run.id for run in runs if run.created_at >= runs[3].created_at]
    room.service.replies["POST /things"] = [ok({"name": "x"})]


def test_a_run_of_a_paused_flow_and_one_that_is_held_say_so(hookline: CommandLine, room: EngineRoom) -> None:
    first = failed(room)
    room.journal.pauses.flow("f", paused=True, actor="cli")
    done = hookline.run("runs", "rerun", first.id)
    assert "the flow is paused, and so is this run: hookline flow resume f" in done.stderr
    assert room.state(done.stdout.strip()).paused
    room.journal.pauses.flow("f", paused=False, actor="cli")

    lane = "concurrency: {limit: 1, on_limit: queue}\n"
    second = ended(room, lane + ABC.format(action="write"), status(404))
    for held in (False, True):
        done = hookline.run("runs", "rerun", second.id, "--again")
        assert ("held: it waits for its turn" in done.stderr) == held
        assert room.state(done.stdout.strip()).held == held


RECORDED = """
steps:
  - id: each
    foreach: "[1, 2, 3]"
    steps: [{id: n, set: {n: '{{ item }}'}}]
  - {id: t, set: {total: '{{ vars.n + 1 }}'}}
outputs: {total: '{{ vars.total }}'}
variables: {n: 0, total: 0}
"""


@pytest.mark.parametrize("step", ["each[1].n", "t"])
def test_a_run_that_did_another_again_is_replayed_and_exported_like_any(
    hookline: CommandLine, room: EngineRoom, tmp_path: Path, step: str
) -> None:
    first = room.through(room.start(RECORDED))
    second = room.through(hookline.ok("runs", "rerun", first.id, "--from", step).strip())
    assert second.outputs == {"total": 4}
    assert hookline.run("replay", second.id).exit_code == 0
    assert "total: 4" in hookline.ok("runs", "export", second.id, "--as-test")
