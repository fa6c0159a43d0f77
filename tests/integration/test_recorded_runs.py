"""Runs that a crew has really executed, replayed offline and turned into tests that pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from engine.core.statuses import RunStatus
from engine.errors import Place, UsageError
from engine.expressions import compile_expression
from engine.flow import Flow, load_flow
from engine.runtime.rehearsal import sight
from engine.runtime.rehearsal.export import exported
from engine.runtime.rehearsal.recording import Recording
from engine.runtime.rehearsal.replay import Difference, replay
from engine.sdk import Budget, Connector, Kind, ServiceError, Window
from engine.strictjson import JsonObject
from tests.engine_room import EngineRoom, ok, probe_connector, status

CATALOGUE: Mapping[str, Connector] = {"probe": probe_connector(Budget(windows=(Window(limit=1, seconds=1),)))}
STEPS = """\
variables: {base: "{{ trigger.start | default(1) }}"}
steps:
  - {id: first, uses: probe.read, with: {name: first}}
  - id: each
    foreach: "['x', 'y', 'z']"
    max_parallel: 3
    as: letter
    steps:
      - {id: look, uses: probe.read, with: {name: "{{ letter }}"}, on_error: continue}
  - {id: count, set: {base: "{{ vars.base + 1 }}"}}
  - {id: never, if: vars.base > 100, uses: probe.write, with: {name: never}}
  - id: named
    if: steps.first.output.name == 'one'
    then:
      - {id: put, uses: probe.put, with: {name: "{{ steps.first.output.name }}"}}
outputs:
  base: "{{ vars.base }}"
  run: "{{ run.id }}"
  put: "{{ steps.put.output.name if steps.put.status == 'succeeded' else none }}"
"""


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def recorded(room: EngineRoom, run_id: str) -> tuple[Flow, Recording]:
    found = room.journal.runs.get(run_id)
    assert found is not None
    run, rows = found
    source = room.journal.flows.source(run.digest)
    assert source is not None
    return load_flow(*source), Recording.of(run, rows, room.journal.events.get(run.event_id))


def ran(room: EngineRoom, steps: str = STEPS, *, trigger: JsonObject | None = None) -> tuple[Flow, Recording]:
    room.service.replies.setdefault("GET /things/first", [ok({"name": "one"})])
    return recorded(room, room.run(steps, trigger=trigger).id)


def difference(flow: Flow, recording: Recording, old: str, new: str) -> Difference:
    """Where the run parts from the flow with a change in it."""
    assert old in flow.source
    found = replay(load_flow(flow.source.replace(old, new), "changed.yaml"), recording).difference
    assert found is not None
    return found


class TestReplay:
    """A run against its own version is the same; against another one the first difference is told."""

    def test_a_run_is_the_same_as_itself(self, room: EngineRoom) -> None:
        room.service.replies["GET /things/y"] = [status(404)]
        found = replay(*ran(room))
        assert (found.difference, found.whole, found.same_steps) == (None, True, 9)
        assert found.variables == {"base": 2}

    @pytest.mark.parametrize(
        ("old", "new", "step", "what", "recorded", "now"),
        [
            ("{name: first}", "{name: 'second'}", "first", "input", {"name": "first"}, {"name": "second"}),
            ("probe.put", "probe.make", "named.put", "action", "probe.put", "probe.make"),
            ("vars.base + 1", "vars.base + 2", "count", "output", {"base": 2}, {"base": 3}),
            ("== 'one'", "== 'two'", "named.put", "status", "succeeded", "skipped"),
            ("vars.base > 100", "vars.base > 1", "never", "status", "skipped", "calls probe.write"),
            ("'z']", "'z', 'u']", "each[3].look", "path", None, {"uses": "probe.read", "input": {"name": "u"}}),
            ("['x', 'y', 'z']", "['x', 'y']", "each", "output", None, None),
            ("- {id: count,", "- {id: counted,", "counted", "path", None, {"uses": "set", "status": "succeeded"}),
            ("  base: \"{{ vars.base }}\"", "  base: 7", "", "outputs", None, None),
        ],
    )  # fmt: skip
    def test_the_first_difference_is_told(
        self, room: EngineRoom, old: str, new: str, step: str, what: str, recorded: object, now: object
    ) -> None:
        flow, recording = ran(room)
        found = difference(flow, recording, old, new)
        assert (found.step, found.what) == (step, what)
        if recorded is not None or now is not None:
            assert (found.recorded, found.now) == (recorded, now)

    def test_a_step_that_the_other_version_does_not_have_is_missed(self, room: EngineRoom) -> None:
        flow, recording = ran(room)
        found = difference(flow, recording, '  - {id: count, set: {base: "{{ vars.base + 1 }}"}}\n', "")
        assert (found.step, found.what, found.now) == ("count", "path", None)

    def test_iterations_that_were_cut_off_are_no_difference(self, room: EngineRoom) -> None:
        room.service.replies["GET /things/x"] = [status(404)]
        flow, recording = ran(room, STEPS.replace(", on_error: continue", ""))
        assert recording.run.status is RunStatus.FAILED
        assert replay(flow, recording).difference is None

    def test_a_run_that_waits_is_the_same_as_far_as_it_went(self, room: EngineRoom) -> None:
        room.service.replies["GET /things/first"] = [status(500)]
        steps = "steps:\n  - {id: first, uses: probe.read, with: {name: first}, retry: {max_attempts: 2, interval: 1h, max_interval: 1h}}\n"
        flow, recording = ran(room, steps)
        found = replay(flow, recording)
        assert (found.difference, found.whole, found.same_steps) == (None, False, 1)

    def test_a_replay_calls_nothing(self, room: EngineRoom) -> None:
        flow, recording = ran(room)
        before = list(room.service.requests)
        replay(flow, recording)
        exported(flow, recording, CATALOGUE)
        assert room.service.requests == before


class TestExport:
    """What is exported passes as it stands; ``exported`` itself proves that before it returns."""

    def test_a_run_becomes_a_test_with_its_calls_answers_and_end(self, room: EngineRoom) -> None:
        room.service.replies["GET /things/y"] = [status(404)]
        flow, recording = ran(room, trigger={"start": 5, "odd": ["0o17", "no: #", "\u2028", None, 1e-7]})
        text = exported(flow, recording, CATALOGUE)
        assert '"each[1].look": {error: {kind: not_found, message: "the probe said 404 no", status: 404}}' in text
        assert "named.put: {status: succeeded, attempts: 1, input: {name: one}}" in text
        assert f'outputs: {{base: 6, run: "{recording.run.id}", put: "POST /things"}}' in text
        assert "not_called: [never]" in text

    @pytest.mark.parametrize(
        ("steps", "ending"),
        [
            ("steps: [{id: s, stop: {status: cancelled, message: enough}}]\n", RunStatus.CANCELLED),
            ("steps: [{id: s, stop: {status: failed, message: 'no: {not} #this'}}]\n", RunStatus.FAILED),
            ("steps: [{id: s, uses: probe.write, with: {name: lost}}]\n", RunStatus.UNCERTAIN),
            ("steps: [{id: s, uses: probe.read, with: {name: gone}}]\n", RunStatus.FAILED),
            ("steps: [{id: s, uses: probe.read, with: {name: '{{ trigger.nothing }}'}}]\n", RunStatus.FAILED),
            ("steps: [{id: s, uses: probe.read, with: {nam: x}}]\n", RunStatus.FAILED),
            (STEPS.replace(", on_error: continue", "").replace("['x'", "['gone'"), RunStatus.FAILED),
        ],
    )
    def test_every_ending_can_be_exported(self, room: EngineRoom, steps: str, ending: RunStatus) -> None:
        room.service.replies["GET /things/gone"] = [status(404)]
        room.service.replies["POST /things"] = [ServiceError(Kind.UNKNOWN_OUTCOME, "the answer was lost")]
        flow, recording = ran(room, steps)
        assert recording.run.status is ending
        assert f"status: {ending.value}" in exported(flow, recording, CATALOGUE)

    def test_a_run_that_has_not_ended_cannot_be_exported(self, room: EngineRoom) -> None:
        flow, recording = recorded(room, room.start(STEPS))
        with pytest.raises(UsageError, match="queued; only one that has ended can become a test"):
            exported(flow, recording, CATALOGUE)

    def test_a_version_that_does_otherwise_is_not_exported(self, room: EngineRoom) -> None:
        flow, recording = ran(room)
        other = load_flow(flow.source.replace("vars.base + 1", "vars.base + 9"), "f.yaml")
        with pytest.raises(UsageError, match=r"a rehearsal ends differently: .*outputs\.base"):
            exported(other, recording, CATALOGUE)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("trigger.start", 5),
        ("vars.base", 6),
        ("steps.first.output.name", "one"),
        ("steps.put.output.name", "POST /things"),
        ("steps.never.status", "skipped"),
        ("steps.each.output | length", 3),
        ("flow.id", "f"),
    ],
)
def test_expressions_see_a_run_as_its_outputs_do(room: EngineRoom, expression: str, value: object) -> None:
    context = sight.of_recording(*ran(room, trigger={"start": 5}))
    assert compile_expression(expression, Place(file="x", line=1, column=1)).evaluate(context) == value
