"""A run that does another again from any of its steps ends as that one did and calls what stands from that step on, and nothing else.

Flows of every construct are made at random and played to their end by the pure interpreter; then each step that was come to is tried. Without
time limits and races, whose outcome depends on when a thing is done and not only on what was answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.again import (
    OUTPUTS,
    Kept,
    NoSuchPlace,
    Record,
    Recorded,
    first_undone,
    has_step,
    kept_before,
    unknown_outcomes,
)
from engine.core.commands import Call, Outcome, StartFlow
from engine.core.statuses import RunStatus, StepStatus
from engine.flow.load import load_flow
from engine.flow.model import Flow
from tests.random_flows import FLOWS, answer, written
from tests.unit.core.play import HEADER, Play, failure


@dataclass
class Playing(Play):
    """As ``Play``; it also logs sub-flows as calls, and knows the steps that it called."""

    uses: dict[str, str] = field(default_factory=dict)

    def _call(self, call: Call) -> Outcome:
        self.uses[call.path] = call.step.uses
        return super()._call(call)

    def _child(self, start: StartFlow) -> Outcome:
        self.uses[start.path] = f"flow {start.step.flow}"
        self.log.append(f"call {start.path}#1")
        return super()._child(start)

    @property
    def called(self) -> list[str]:
        return [line.removeprefix("call ") for line in self.log if line.startswith("call ")]

    def record(self) -> Record:
        """The play as the journal would keep it."""
        rows = [
            Recorded(path=path, attempt=attempt, uses=self.uses[path], status=outcome.status, kind=_kind(outcome))
            for (path, attempt), outcome in self.recorded.items()
        ]
        known = {row.path for row in rows}
        rows += [
            Recorded(path=note.path, attempt=1, uses=note.uses, status=note.status)
            for note in self.notes.values()
            if note.path not in known
        ]
        through = (
            Recorded(path=path, attempt=1, uses="iteration", status=StepStatus.SUCCEEDED) for path in self.iterations
        )
        return Record([*rows, *through])

    def again(self, kept: Kept) -> Playing:
        """A play that is given what is kept."""
        new = Playing(self.answers, self.took, children=self.children)
        last = dict(kept.succeeded)
        for (path, attempt), outcome in self.recorded.items():
            if path in kept.whole:
                new.recorded[path, attempt] = outcome
            elif last.get(path) == attempt:
                new.recorded[path, 1] = outcome
        paths = kept.paths
        new.notes = {path: note for path, note in self.notes.items() if path in paths}
        new.begun = {path: begun for path, begun in self.begun.items() if path in paths}
        new.iterations = {path: result for path, result in self.iterations.items() if path in paths}
        return new


def _kind(outcome: Outcome) -> str | None:
    return outcome.error.kind if outcome.error is not None else None


def scripted(seed: int) -> Playing:
    class Answers(dict[str, Any]):
        def get(self, path: str, default: Any = None) -> Any:
            return lambda call: answer(seed, call)

    class Children(dict[str, Outcome]):
        def get(self, path: str, default: Any = None) -> Any:
            return answer(seed, path)

    return Playing(Answers(), children=Children())


def timeless(flow: Any) -> Any:
    """The flow without time limits, waits for events and branches that race."""
    if isinstance(flow, list):
        return [timeless(item) for item in flow]
    if not isinstance(flow, dict):
        return flow
    if isinstance(flow.get("wait"), dict) and "event" in flow["wait"]:
        return {**flow, "wait": {"for": "7m"}}
    changed = {key: "all" if key == "join" else timeless(value) for key, value in flow.items() if key != "timeout"}
    return {**changed, "timeout": "30d"} if "until" in flow else changed


TIMELESS = FLOWS.map(timeless)


def loaded(text: str) -> Flow:
    return load_flow(HEADER + text, "t.yaml")


def calls_from(play: Playing, step: str) -> list[str]:
    """What the play called from the first time that it had to do with the step."""
    own = re.compile(rf"\w+ {re.escape(step)}(?=[.\[# ]|$)")
    begun = next(number for number, line in enumerate(play.log) if own.match(line))
    return [line.removeprefix("call ") for line in play.log[begun:] if line.startswith("call ")]


def places(record: Record) -> Sequence[str]:
    """What a person can name: every step that was done, and the iterations."""
    return [path for path in record.paths if (row := record.last(path)) and row.status is not StepStatus.SKIPPED]


@given(TIMELESS, st.integers(0, 10_000))
def test_from_any_step_on_a_run_ends_as_before_and_calls_what_stands_from_there_on(
    flow: dict[str, Any], seed: int
) -> None:
    text = written(flow)
    one_by_one = "parallel" not in json.dumps(flow)
    first = scripted(seed)
    ending = first.run(text)
    record = first.record()
    assert all(has_step(loaded(text), path) for path in first.uses)
    assert not any(has_step(loaded(text), f"{path}x") for path in first.uses)
    for step in places(record):
        kept = kept_before(loaded(text), record, step)
        second = first.again(kept)
        assert second.run(text) == ending, step
        assert not set(second.called) & {f"{path}#{n}" for path, n in kept.succeeded}, step
        if one_by_one and step not in ("flow", "on_error"):
            assert second.called == calls_from(first, step), step


@given(TIMELESS, st.integers(0, 10_000))
def test_going_on_from_what_did_not_succeed_repeats_nothing_that_did(flow: dict[str, Any], seed: int) -> None:
    text = written(flow)
    first = scripted(seed)
    ending = first.run(text)
    record = first.record()
    if ending.status not in (RunStatus.FAILED, RunStatus.UNCERTAIN):
        return
    try:
        step = first_undone(loaded(text), record)
    except NoSuchPlace:
        assert any(note.uses == "stop" for note in first.notes.values())
        return
    second = first.again(kept_before(loaded(text), record, step))
    assert second.run(text) == ending
    if step != OUTPUTS:
        # Handlers come after what failed. A loop that came to its limit failed by itself, and is done again.
        own = [
            path for path in second.uses if "on_error." not in path and not path.startswith(("finally.", f"{step}["))
        ]
        assert not [path for path in own if (row := record.last(path)) and row.status is StepStatus.SUCCEEDED], step


BRANCHES = """
steps:
  - {id: a, uses: calendly.get_event_type, with: {uuid: u}}
  - id: side
    parallel:
      left:
        - {id: l1, uses: calendly.get_event_type, with: {uuid: u}}
        - {id: l2, uses: calendly.get_event_type, with: {uuid: u}}
      right:
        - {id: r1, uses: calendly.get_event_type, with: {uuid: u}}
        - {id: r2, uses: calendly.get_event_type, with: {uuid: u}}
  - {id: b, uses: calendly.get_event_type, with: {uuid: u}}
"""


def test_beside_the_step_whatever_is_done_stays_done() -> None:
    first = Playing({"side.left.l2": failure("invalid"), "side.right.r2": failure("invalid")})
    first.run(BRANCHES)
    first.recorded["side.right.r1", 1] = Outcome(status=StepStatus.SUCCEEDED)  # as if the branches had run at once
    first.uses["side.right.r1"] = "calendly.get_event_type"
    kept = kept_before(loaded(BRANCHES), first.record(), "side.left.l2")
    assert kept.paths == {"a", "side.left.l1", "side.right.r1"}


ANY = BRANCHES.replace("    parallel:", "    join: any\n    parallel:")


def test_a_branch_that_lost_cannot_be_gone_on_with_alone() -> None:
    first = Playing({"side.left.l1": failure("invalid")})
    assert first.run(ANY).status is RunStatus.SUCCEEDED
    record = first.record()
    with pytest.raises(
        NoSuchPlace, match=r"the branch right of side is through first\. Choose side, or a step in side\.right"
    ):
        kept_before(loaded(ANY), record, "side.left.l1")
    assert kept_before(loaded(ANY), record, "side.right.r2").paths == {"a", "side.right.r1"}
    assert kept_before(loaded(ANY), record, "side").paths == {"a"}


EACH = """
steps:
  - id: each
    foreach: "range(6) | list"
    max_parallel: {limit}
    steps:
      - {{id: x, uses: calendly.get_event_type, with: {{uuid: u}}}}
      - {{id: y, uses: calendly.get_event_type, with: {{uuid: u}}}}
"""


@pytest.mark.parametrize(("limit", "others"), [(1, {0, 1}), (3, {0, 1, 3, 4, 5})])
def test_of_a_loop_the_iterations_before_stay_and_of_one_side_by_side_all_others(limit: int, others: set[int]) -> None:
    text = EACH.format(limit=limit).replace("range(6) | list", "[0, 1, 2, 3, 4, 5]")
    first = Playing()
    first.run(text)
    kept = kept_before(loaded(text), first.record(), "each[2].y")
    assert kept.loops == {"each": sorted(others)}
    assert kept.paths == {"each[2].x", *(f"each[{i}]{step}" for i in others for step in ("", ".x", ".y"))}
    assert kept_before(loaded(text), first.record(), "each[2]").paths == kept.paths - {"each[2].x"}


def test_of_a_long_loop_only_the_last_iteration_is_loaded() -> None:
    kept = Kept(succeeded=[(f"each[{i}]{x}", 1) for i in range(5) for x in ("", ".x")], loops={"each": list(range(5))})
    short, long = kept.folded(above=5), kept.folded(above=4)
    assert short.paths == {f"each[{i}].x" for i in range(5)}
    assert short.loops == {}
    assert long.paths == {*short.paths, "each[0]", "each[1]", "each[2]", "each[3]"}
    assert long.loops == {"each": [0, 1, 2, 3]}


def test_a_long_loop_that_failed_and_was_dealt_with_is_loaded_as_it_went() -> None:
    kept = Kept(succeeded=[(f"each[{i}]", 1) for i in range(5)], whole=["each", "each[5].x"])
    assert kept.folded(above=2).paths == frozenset()


HANDLED = """
steps:
  - id: g
    steps:
      - {id: x, uses: calendly.get_event_type, with: {uuid: u}}
      - {id: y, uses: calendly.get_event_type, with: {uuid: u}, retry: {max_attempts: 2, interval: 1s}}
    on_error:
      - {id: h1, uses: calendly.get_event_type, with: {uuid: u}}
      - {id: h2, uses: calendly.get_event_type, with: {uuid: u}}
  - {id: b, uses: calendly.get_event_type, with: {uuid: u}}
on_error:
  - {id: o, uses: calendly.get_event_type, with: {uuid: u}}
finally:
  - {id: f, uses: calendly.get_event_type, with: {uuid: u}}
"""


def test_a_failure_that_was_dealt_with_stays_with_all_its_attempts() -> None:
    first = Playing({"g.y": [failure("server"), failure("server")]})
    first.run(HANDLED)
    record = first.record()
    kept = kept_before(loaded(HANDLED), record, "b")
    assert kept.whole == ["g", "g.y"]
    assert kept_before(loaded(HANDLED), record, "g.on_error.h2").paths == {"g", "g.x", "g.y", "g.on_error.h1"}
    assert kept_before(loaded(HANDLED), record, "finally").paths == kept.paths | {"b"}


def test_it_goes_on_at_what_failed_in_the_end_not_at_what_was_dealt_with() -> None:
    first = Playing({"g.y": [failure("server"), failure("server")], "b": failure("invalid")})
    first.run(HANDLED)
    assert first_undone(loaded(HANDLED), first.record()) == "b"
    unhandled = Playing({"g.y": [failure("server"), failure("server")], "g.on_error.h2": failure("invalid")})
    unhandled.run(HANDLED)
    assert first_undone(loaded(HANDLED), unhandled.record()) == "g.y"
    last = Playing({"finally.f": failure("invalid")})
    last.run(HANDLED)
    assert first_undone(loaded(HANDLED), last.record()) == "finally.f"
    well = Playing()
    well.run(HANDLED)
    assert first_undone(loaded(HANDLED), well.record()) == OUTPUTS


def test_what_another_version_does_under_the_same_name_is_not_kept() -> None:
    first = Playing({"b": failure("invalid")})
    first.run(HANDLED)
    other = HANDLED.replace("- {id: b,", "- {id: n, set: {n: 1}}\n  - {id: b,").replace(
        "id: x, uses: calendly.get_event_type, with: {uuid: u}", "id: x, set: {n: 2}"
    )
    assert "g" in kept_before(loaded(other), first.record(), "b").paths  # g itself is what it was
    renamed = HANDLED.replace("  - id: g\n    steps:", "  - id: g\n    foreach: '[1]'\n    steps:")
    assert kept_before(loaded(renamed), first.record(), "b").paths == frozenset()


@pytest.mark.parametrize("step", ["nothing", "g.nothing", "g.on_error.nothing", "b.x", "g[0].x", "on_error.nothing"])
def test_a_step_that_the_flow_has_not_is_named(step: str) -> None:
    first = Playing({"g.y": [failure("server"), failure("server")]})
    first.run(HANDLED)
    with pytest.raises(NoSuchPlace, match=f"the flow has no step {re.escape(step)}"):
        kept_before(loaded(HANDLED), first.record(), step)


def test_calls_of_which_nobody_knows_what_came_are_those_without_an_answer() -> None:
    def row(path: str, attempt: int, status: StepStatus, kind: str | None = None, **more: Any) -> Recorded:
        return Recorded(path=path, attempt=attempt, uses=more.pop("uses", "x.write"), status=status, kind=kind, **more)

    record = Record(
        [
            row("lost", 1, StepStatus.UNCERTAIN),
            row("refused", 1, StepStatus.FAILED, "invalid"),
            row("late", 1, StepStatus.FAILED, "timeout"),
            row("late", 2, StepStatus.FAILED, "auth"),
            row("mended", 1, StepStatus.FAILED, "timeout"),
            row("mended", 2, StepStatus.SUCCEEDED),
            row("said", 1, StepStatus.UNCERTAIN, settled="did_not_happen"),
            row("holds", 1, StepStatus.UNCERTAIN, uses="group"),
            row("kept", 1, StepStatus.UNCERTAIN),
        ]
    )
    assert unknown_outcomes(record, frozenset({"kept"}), frozenset({"timeout"})) == ["late", "lost"]
