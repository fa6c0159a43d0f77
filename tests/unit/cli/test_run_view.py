"""How a run looks: the order of its steps, what a person is told, and the JSON that programs rely on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click
import pytest

from engine import strictjson
from engine.cli.run_view import RunView, excerpt, remark, run_json
from engine.core.statuses import RunStatus, StepStatus
from engine.flow.load import load_flow
from engine.journal.records import Event, EventSource, Run, StepRow
from engine.strictjson import JsonObject

SOURCE = """\
id: tidy
name: Tidy
connections: {probe: probe}
steps:
  - id: first
    uses: probe.read
    with: {name: a}
    on_error:
      - {id: excuse, set: {why: error.message}}
  - id: choice
    if: trigger.big
    then:
      - {id: yes_step, set: {x: 1}}
    else:
      - {id: no_step, set: {x: 2}}
  - id: each
    foreach: trigger.items
    steps:
      - {id: zulu, set: {y: item}}
      - {id: alpha, uses: probe.read, with: {name: b}}
on_error:
  - {id: tell, set: {z: 1}}
"""
FLOW = load_flow(SOURCE, "flows/tidy.yaml")
START = 1_700_000_000_000


def run(**changes: object) -> Run:
    given: dict[str, object] = {
        "id": "01hf7yat00aaaaaaaaaaaaaaaa",
        "flow": "tidy",
        "digest": FLOW.digest,
        "owner": "local",
        "status": RunStatus.SUCCEEDED,
        "event_id": "01hf7yat00bbbbbbbbbbbbbbbb",
        "inputs": {"n": 1},
        "created_at": START,
        "due_at": None,
        "started_at": START + 10,
        "ended_at": START + 350,
    }
    return Run(**{**given, **changes})  # type: ignore[arg-type]


def row(
    path: str,
    uses: str = "set",
    status: StepStatus = StepStatus.SUCCEEDED,
    *,
    attempt: int = 1,
    error: JsonObject | None = None,
    ended_at: int | None = START + 100,
    waiting_for: str | None = None,
) -> StepRow:
    return StepRow(
        path=path,
        attempt=attempt,
        uses=uses,
        status=status,
        error=error,
        started_at=START + 20,
        ended_at=ended_at,
        waiting_for=waiting_for,
    )


def view(steps: Sequence[StepRow], *, known: bool = True, shown: Run | None = None) -> RunView:
    return RunView(
        run=shown or run(),
        steps=steps,
        event=Event(
            id="01hf7yat00bbbbbbbbbbbbbbbb",
            subscription_id=None,
            source=EventSource.MANUAL,
            dedupe_key="k",
            received_at=START,
            body=b'{"big":true}',
            event={"big": True},
            stale=False,
            error=None,
            outcomes=(),
        ),
        source=SOURCE,
        file="flows/tidy.yaml",
        flow=FLOW if known else None,
    )


def tree(page: RunView) -> list[str]:
    """The names in the tree, with their indentation and without signs and details."""
    lines = [click.unstyle(line) for line in page.lines()]
    found = []
    for line in lines[lines.index("") + 1 :]:
        if not line:
            break
        text = line.translate(dict.fromkeys(map(ord, "✓✗-"), " "))
        name = text.split()[0]
        found.append(" " * (text.index(name) - 4) + name)
    return found


def test_steps_stand_in_the_order_of_the_file_whatever_ran_first() -> None:
    rows = [
        row("on_error.tell"),
        row("each[10].alpha", "probe.read"),
        row("each[2].alpha", "probe.read"),
        row("each[2].zulu"),
        row("each", "foreach"),
        row("choice.no_step", status=StepStatus.SKIPPED),
        row("choice.yes_step"),
        row("choice", "if"),
        row("first.on_error.excuse"),
        row("first", "probe.read"),
    ]
    assert tree(view(rows)) == [
        "first",
        "  on_error",
        "    excuse",
        "choice",
        "  yes_step",
        "  no_step",
        "each",
        "  [2]",
        "    zulu",
        "    alpha",
        "  [10]",
        "    alpha",
        "on_error",
        "  tell",
    ]


def test_a_container_that_has_not_ended_is_shown_around_its_children() -> None:
    assert tree(view([row("each[0].zulu")])) == ["each", "  [0]", "    zulu"]


def test_a_version_that_cannot_be_read_is_shown_in_the_order_of_events() -> None:
    rows = [row("zebra"), row("apple"), row("zebra.child")]
    assert tree(view(rows, known=False)) == ["zebra", "  child", "apple"]


def test_a_run_without_steps_says_so() -> None:
    assert "no step has started" in "\n".join(view([]).lines())


def test_a_run_that_nobody_has_taken_yet_says_who_is_to_be_asked() -> None:
    queued = replace(view([]).run, status=RunStatus.QUEUED, ended_at=None)
    words = "waits    for a worker; if none takes it: hookline doctor"
    assert words in list(RunView(run=queued, steps=[]).lines())
    assert words not in list(RunView(run=replace(queued, held=True), steps=[]).lines())
    assert words not in list(RunView(run=replace(queued, status=RunStatus.RUNNING), steps=[]).lines())


def test_attempts_are_counted_and_each_failure_is_told() -> None:
    error: JsonObject = {"step": "first", "kind": "server", "status": 503, "message": "busy", "attempt": 1}
    rows = [
        row("first", "probe.read", StepStatus.FAILED, error=error, ended_at=START + 60),
        row("first", "probe.read", StepStatus.SUCCEEDED, attempt=2, ended_at=START + 2_120),
    ]
    text = "\n".join(view(rows).lines())
    assert "2 attempts  2.1 s" in text
    assert "attempt 1: server 503: busy" in text


def test_a_waiting_step_says_what_it_waits_for() -> None:
    waiting = row(
        "first",
        "probe.read",
        StepStatus.WAITING,
        ended_at=None,
        waiting_for="calendly/team-calendly 100/60s until 12:00:31",
    )
    parked = run(status=RunStatus.PARKED, waiting_for="calendly/team-calendly 100/60s until 12:00:31", ended_at=None)
    text = "\n".join(view([waiting], shown=parked).lines())
    assert "waits for calendly/team-calendly 100/60s until 12:00:31" in text
    assert remark(parked) == "waits for calendly/team-calendly 100/60s until 12:00:31"


def test_a_containers_failure_is_told_once_by_the_step_inside() -> None:
    error: JsonObject = {
        "step": "each[0].alpha",
        "kind": "auth",
        "status": 401,
        "message": "not accepted",
        "place": None,
    }
    rows = [
        row("each[0].alpha", "probe.read", StepStatus.FAILED, error=error),
        row("each", "foreach", StepStatus.FAILED, error=error),
    ]
    text = "\n".join(view(rows).lines())
    assert text.count("auth 401: not accepted") == 1


def test_a_failed_run_shows_the_line_of_the_authors_file_with_a_caret() -> None:
    error = {"step": "first", "kind": "auth", "message": "not accepted", "place": "flows/tidy.yaml:6:5"}
    lines = list(view([], shown=run(status=RunStatus.FAILED, error=error)).lines())
    assert lines[-4:] == [
        "\x1b[31mfailed at first: auth: not accepted\x1b[0m",
        "  flows/tidy.yaml:6:5",
        "       6 |     uses: probe.read",
        "         |     \x1b[31m\x1b[1m^\x1b[0m",
    ]


@pytest.mark.parametrize("place", ["", "flows/tidy.yaml", "a.yaml:x:1"])
def test_no_place_no_excerpt(place: str) -> None:
    assert list(excerpt(place, SOURCE)) == []


def test_a_place_beyond_the_source_is_named_without_a_line() -> None:
    assert list(excerpt("flows/tidy.yaml:999:1", SOURCE)) == ["  flows/tidy.yaml:999:1"]


def test_the_caret_stands_under_the_column_after_tabs_and_control_characters() -> None:
    _, line, caret = excerpt("f:1:4", "a\t\x1bbc")
    assert line.endswith(r"a \x1bbc")
    assert caret.index("^") - len("\x1b[31m\x1b[1m") == line.index("bc")


def test_what_a_payload_says_cannot_steer_the_terminal() -> None:
    error: JsonObject = {
        "step": "first",
        "kind": "invalid",
        "message": "\x1b[2Jname\r\nforged: ok\u202e",
        "place": None,
    }
    failed = run(status=RunStatus.FAILED, error=error, message="\x07")
    text = "\n".join(view([row("first", "probe.read", StepStatus.FAILED, error=error)], shown=failed).lines())
    assert "\x1b[2J" not in text
    assert not {"\r", "\x07", "\u202e"} & set(text)
    assert r"\x1b[2Jname\r forged: ok\u202e" in text


def test_outputs_are_shown() -> None:
    text = "\n".join(view([], shown=run(outputs={"label": "quick", "n": 3})).lines())
    assert 'outputs\n  label  "quick"\n  n      3' in text


def test_the_json_has_the_promised_shape_in_the_order_of_the_file() -> None:
    page = view([row("choice", "if"), row("first", "probe.read", attempt=2), row("first", "probe.read")])
    shown = page.to_json()
    assert list(shown)[:11] == [
        "id",
        "flow",
        "version",
        "status",
        "created_at",
        "started_at",
        "ended_at",
        "trigger",
        "outputs",
        "error",
        "steps",
    ]
    assert shown["created_at"] == "2023-11-14T22:13:20.000000Z"
    assert shown["trigger"] == {"big": True}
    steps = shown["steps"]
    assert isinstance(steps, list)
    assert [(item["path"], item["attempt"]) for item in steps] == [("first", 1), ("first", 2), ("choice", 1)]
    assert list(steps[0]) == [
        "path",
        "uses",
        "attempt",
        "status",
        "input",
        "output",
        "error",
        "started_at",
        "ended_at",
        "waiting_for",
        "settled",
        "copied",
    ]


def test_what_is_sealed_is_shown_nowhere() -> None:
    rows = [
        replace(row("first"), given="sealed:v1.in", output="sealed:v1.out", secure=frozenset({"inputs", "outputs"})),
        replace(row("choice.yes_step"), given={"a": 1}, output="sealed:v1.out", secure=frozenset({"outputs"})),
        replace(row("choice.no_step"), secure=frozenset({"inputs", "outputs"})),
    ]
    shown = RunView(run=run(), steps=rows, flow=FLOW)

    steps = shown.to_json()["steps"]
    assert isinstance(steps, list)
    assert [(step["input"], step["output"]) for step in steps] == [
        ("hidden (secure)", "hidden (secure)"),
        ({"a": 1}, "hidden (secure)"),
        (None, None),
    ]
    assert "sealed:" not in "\n".join(shown.lines()) + strictjson.dump(shown.to_json())


def test_where_a_run_comes_from_and_what_it_waits_for_stand_at_its_head() -> None:
    held = run(
        status=RunStatus.QUEUED,
        ended_at=None,
        started_at=None,
        held=True,
        lane='tidy:"a"',
        waiting_for="its turn: at most 1 run at a time",
        parent_run="01hf7yat00dddddddddddddddd",
        parent_path="each[3].sub",
        trigger_item={"n": 7},
        trigger_index=3,
        cancel_requested=True,
    )
    text = click.unstyle("\n".join(view([], shown=held).lines()))
    for words in (
        "01hf7yat00aaaaaaaaaaaaaaaa  queued (held)",
        'item     3: {"n":7}',
        "parent   01hf7yat00dddddddddddddddd  at each[3].sub",
        'inputs   {"n":1}',
        'lane     tidy:"a"',
        "waits    its turn: at most 1 run at a time",
        "cancel   was asked for",
    ):
        assert words in text
    shown = view([], shown=held).to_json()
    assert shown["trigger"] == {"big": True, "item": {"n": 7}, "index": 3}
    assert (shown["held"], shown["lane"], shown["cancel_requested"]) == (True, 'tidy:"a"', True)
    assert shown["parent"] == {"run": "01hf7yat00dddddddddddddddd", "path": "each[3].sub"}


def test_the_runs_that_a_run_started_are_named() -> None:
    child = run(id="01hf7yat00cccccccccccccccc", flow="other", parent_run=run().id, parent_path="first")
    shown = replace(view([row("first", "flow other")]), children=[child])
    assert "run 01hf7yat00cccccccccccccccc" in "\n".join(shown.lines())
    assert shown.to_json()["children"] == [
        {"path": "first", "run": "01hf7yat00cccccccccccccccc", "flow": "other", "status": "succeeded"}
    ]


@pytest.mark.parametrize(
    ("shown", "words"),
    [
        (run(), ""),
        (run(message="not a demo"), "not a demo"),
        (run(status=RunStatus.FAILED, error={"step": "a", "kind": "auth", "message": "no"}), "a: auth: no"),
        (run(status=RunStatus.FAILED, error={"step": "", "kind": "internal", "message": "no"}), "internal: no"),
        (run(status=RunStatus.QUEUED, ended_at=None), ""),
    ],
)
def test_a_list_remarks_why(shown: Run, words: str) -> None:
    assert remark(shown) == words


def test_a_line_of_a_list_leaves_the_steps_out() -> None:
    assert "steps" not in run_json(run())
    assert run_json(run())["version"] == FLOW.version
