"""The tree of a run's steps: every kind of step in the order of the file, and what is left out of a long loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click
import pytest

from engine.cli.run_tree import FIRST, UNWELL, WHOLE, Shortened, StepTree, shortened
from engine.core.statuses import RunStatus, StepStatus
from engine.flow.load import load_flow
from engine.journal.records import Run, StepRow

START = 1_700_000_000_000
SOURCE = """\
id: all
name: All
steps:
  - id: ask
    parallel:
      left: [{id: one, wait: {for: 1s}}]
      right: [{id: two, flow: other, with: {}}]
  - {id: rest, wait: {for: 90m}}
  - id: which
    switch: trigger.kind
    cases:
      b: [{id: case_b, set: {b: 1}}]
      a: [{id: case_a, set: {b: 2}}]
  - id: poll
    until: "true"
    max_iterations: 3
    timeout: 1h
    steps: [{id: look, set: {c: 1}}]
  - id: together
    steps: [{id: inside, set: {d: 1}}]
finally:
  - {id: last, set: {e: 1}}
"""
FLOW = load_flow(SOURCE, "all.yaml")


def row(path: str, uses: str = "set", *, took_ms: int = 0, status: StepStatus = StepStatus.SUCCEEDED) -> StepRow:
    ended = None if status is StepStatus.WAITING else START + took_ms
    return StepRow(path=path, attempt=1, uses=uses, status=status, started_at=START, ended_at=ended)


def lines(tree: StepTree) -> list[str]:
    return [click.unstyle(line) for line in tree.lines()]


def names(tree: StepTree) -> list[str]:
    return [line.lstrip(" ✓…-✗").split()[0] for line in lines(tree)]


def test_every_kind_of_step_stands_where_the_file_has_it() -> None:
    rows = [
        row("finally.last"),
        row("together.inside"),
        row("together", "group"),
        row("poll[1].look"),
        row("poll[1].interval", "wait"),
        row("poll[0].look"),
        row("poll", "until"),
        row("which.case_a"),
        row("which.case_b", status=StepStatus.SKIPPED),
        row("which", "switch"),
        row("rest", "wait"),
        row("ask.right.two", "flow other"),
        row("ask.left.one"),
        row("ask", "parallel"),
    ]
    assert names(StepTree(steps=rows, flow=FLOW)) == [
        *("ask", "left", "one", "right", "two"),
        "rest",
        *("which", "case_b", "case_a"),
        *("poll", "[0]", "look", "[1]", "interval", "look"),
        *("together", "inside"),
        *("finally", "last"),
    ]


def test_a_step_says_how_long_it_took_and_which_run_it_started() -> None:
    child = Run(
        id="01hf7yat00cccccccccccccccc",
        flow="other",
        digest="d",
        owner="o",
        status=RunStatus.SUCCEEDED,
        event_id="e",
        inputs={},
        created_at=START,
        due_at=None,
    )
    # A step that waits is written as started when it is through.
    waited = replace(row("rest", "wait", took_ms=60_000), begun_at=START, started_at=START + 60_000)
    called = replace(row("ask.right.two", "flow other", took_ms=1_500), started_at=START + 1_500)
    rows = [called, waited, row("poll", "until")]
    shown = lines(StepTree(steps=rows, flow=FLOW, children={"ask.right.two": child}))
    assert shown[2].endswith("succeeded  1.5 s  run 01hf7yat00cccccccccccccccc")
    assert shown[3].endswith("succeeded  60.0 s")
    assert shown[4].endswith("until       succeeded")


def loop(count: int, unwell: Sequence[int] = ()) -> list[tuple[str, StepStatus]]:
    found = [("each", StepStatus.RUNNING)]
    for number in range(count):
        found.append((f"each[{number}]", StepStatus.SUCCEEDED))
        found.append((f"each[{number}].a", StepStatus.FAILED if number in unwell else StepStatus.SUCCEEDED))
        found.append((f"each[{number}].b", StepStatus.SKIPPED))
    return found


def shown_numbers(short: Shortened) -> list[int]:
    return [int(path.removeprefix("each[").removesuffix("]")) for path in short.paths if path.endswith("]")]


def test_a_short_loop_is_shown_whole() -> None:
    outline = loop(WHOLE, unwell=[4])
    assert shortened(outline) == Shortened(paths=tuple(path for path, _ in outline))


def test_of_a_long_loop_the_first_iterations_are_shown_and_the_rest_is_counted() -> None:
    short = shortened(loop(10_000))
    assert shown_numbers(short) == list(range(FIRST))
    assert short.more == {"each": (10_000 - FIRST, 0)}


def test_iterations_in_which_something_is_amiss_are_shown_the_last_ones() -> None:
    bad = [1, *range(100, 200), 9_999]
    short = shortened(loop(10_000, unwell=bad))
    assert shown_numbers(short) == [*range(FIRST), *bad[-UNWELL:]]
    assert short.more == {"each": (10_000 - FIRST - UNWELL, len(bad) - UNWELL - 1)}


def test_loops_inside_of_loops_are_shortened_too_and_counted_where_they_are_shown() -> None:
    outline = [(f"a[{one}].b[{two}].c", StepStatus.SUCCEEDED) for one in range(20) for two in range(30)]
    short = shortened(outline)
    assert len(short.paths) == FIRST * FIRST
    assert short.more == {"a": (17, 0), **{f"a[{one}].b": (27, 0) for one in range(FIRST)}}


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ((9_997, 0), "… 9,997 more iterations, all succeeded; --all shows them"),
        ((1, 1), "… 1 more iteration, 1 of them with steps that did not succeed; --all shows them"),
    ],
)
def test_what_is_left_out_is_said_after_what_is_shown(counts: tuple[int, int], words: str) -> None:
    rows = [row("poll", "until"), row("poll[0].look"), row("together.inside"), row("poll[7].look")]
    shown = lines(StepTree(steps=rows, flow=FLOW, more={"poll": counts}))
    assert [line.strip() for line in shown].index(words) == names(StepTree(steps=rows, flow=FLOW)).index("together")


def test_a_version_that_cannot_be_read_has_its_steps_in_the_order_of_events() -> None:
    rows = [row("zebra"), row("apple"), replace(row("zebra.child"), attempt=2)]
    assert names(StepTree(steps=rows, flow=None)) == ["zebra", "child", "apple"]
