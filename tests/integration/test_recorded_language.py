"""Runs of the whole language that a crew has really executed, replayed offline and turned into tests that pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.statuses import RUN_FINAL
from engine.flow import Flow, load_flow
from engine.flow.model import Secret
from engine.journal.records import HIDDEN
from engine.journal.seal import open_json
from engine.runtime.rehearsal.export import exported
from engine.runtime.rehearsal.recording import Recording
from engine.runtime.rehearsal.replay import replay
from engine.sdk import Kind, ServiceError
from engine.strictjson import Json
from tests.engine_room import EngineRoom, ok, status
from tests.eventually import eventually
from tests.integration.test_recorded_runs import CATALOGUE, recorded

FLOWS = {
    "switch": (
        "steps:\n  - id: which\n    switch: steps.first.output.name\n    cases: {one: [{id: x, uses: probe.read, with: {name: x}}]}\n"
        "    default: [{id: y, uses: probe.read, with: {name: y}}]\n"
    ),
    "until": (
        "steps:\n  - id: poll\n    until: loop.index == 2\n    max_iterations: 5\n    timeout: 1h\n    interval: 10ms\n"
        "    steps: [{id: look, uses: probe.read, with: {name: '{{ loop.index }}'}}, {id: s, set: {v: '{{ loop.index }}'}}]\n"
        "outputs: {v: '{{ vars.v }}', last: '{{ steps.poll.output }}'}\n"
    ),
    "rounds run out": (
        "steps:\n  - id: poll\n    until: 'false'\n    max_iterations: 2\n    timeout: 1h\n"
        "    steps: [{id: look, uses: probe.read, with: {name: x}}]\n"
    ),
    "all": (
        "steps:\n  - id: both\n    parallel:\n      left: [{id: l, uses: probe.read, with: {name: l}}]\n"
        "      right: [{id: r, uses: probe.read, with: {name: r}}, {id: w, wait: {for: 5ms}}]\n"
        "outputs: {both: '{{ steps.both.output.left }}'}\n"
    ),
    "any": (
        "steps:\n  - id: race\n    join: any\n    parallel:\n      slow: [{id: l, wait: {for: 1h}}, {id: never, uses: probe.read, with: {name: l}}]\n"
        "      fast: [{id: r, uses: probe.read, with: {name: r}}]\n  - {id: after, uses: probe.read, with: {name: '{{ steps.never.status }}'}}\n"
    ),
    "group": (
        "steps:\n  - id: box\n    timeout: 50ms\n    steps: [{id: w, wait: {for: 1h}}, {id: n, uses: probe.read, with: {name: n}}]\n"
        "    on_error: [{id: h, uses: probe.read, with: {name: '{{ error.kind }}'}}]\n"
    ),
    "flow timeout": (
        "timeout: 50ms\nsteps: [{id: a, uses: probe.read, with: {name: a}}, {id: w, wait: {for: 1h}}]\n"
        "finally: [{id: last, uses: probe.read, with: {name: '{{ run.status }}'}}]\n"
    ),
    "skip uncertain": (
        "steps:\n  - {id: lost, uses: probe.write, with: {name: gone}, on_uncertain: skip}\n  - {id: a, uses: probe.read, with: {name: a}}\n"
    ),
    "continue": "on_error: continue\nsteps: [{id: a, uses: probe.read, with: {name: gone}}]\n",
    "secure": (
        "steps:\n  - {id: secret, uses: probe.read, with: {name: key}, secure: [outputs]}\n"
        "  - {id: user, uses: probe.put, with: {name: '{{ steps.secret.output.name }}'}, secure: [inputs]}\n"
    ),
    "wait": "steps: [{id: w, wait: {for: 20ms}}]\noutputs: {until: '{{ steps.w.output.until }}'}\n",
}


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


@pytest.mark.parametrize("steps", FLOWS.values(), ids=list(FLOWS))
def test_a_run_is_the_same_as_itself_and_becomes_a_test(room: EngineRoom, steps: str) -> None:
    flow, recording = ran(room, steps)
    found = replay(flow, recording)
    assert (found.difference, found.whole) == (None, True)
    assert exported(flow, recording, CATALOGUE)


def test_what_a_flow_hides_stands_in_no_test(room: EngineRoom) -> None:
    text = exported(*ran(room, FLOWS["secure"]), CATALOGUE)
    assert "is not in it: such answers are made up" in text
    assert "open-sesame" not in text
    assert "‹name›" in text


def test_a_difference_in_what_a_flow_hides_is_told_without_it(room: EngineRoom) -> None:
    flow, recording = ran(room, FLOWS["secure"])
    other = load_flow(
        flow.source.replace("'{{ steps.secret.output.name }}'", "'{{ steps.secret.output.name }}!'"), "f.yaml"
    )
    found = replay(other, recording).difference
    assert found is not None
    assert (found.step, found.what, found.recorded, found.now) == ("user", "input", HIDDEN, HIDDEN)


def test_how_long_calls_took_is_written_down_only_where_it_matters(room: EngineRoom) -> None:
    assert "took" not in exported(*ran(room, FLOWS["until"]), CATALOGUE)


def ran(room: EngineRoom, steps: str) -> tuple[Flow, Recording]:
    """A run of the flow that has ended, with what it hides opened."""
    room.service.replies["GET /things/first"] = [ok({"name": "one"})]
    room.service.replies["GET /things/key"] = [ok({"name": "open-sesame"})]
    room.service.replies["GET /things/gone"] = [status(404)]
    room.service.replies["POST /things"] = [ServiceError(Kind.UNKNOWN_OUTCOME, "the answer was lost")]
    if "steps.first" in steps:
        steps = steps.replace("steps:\n", "steps:\n  - {id: first, uses: probe.read, with: {name: first}}\n", 1)
    run = room.run(steps)

    def ended() -> bool:
        room.execute(run.id)
        return room.state(run.id).status in RUN_FINAL

    eventually(ended)
    flow, recording = recorded(room, run.id)

    def opener(value: Json, path: str, side: Secret) -> Json:
        return open_json(room.connections.keyring, value, owner=recording.run.owner, of=run.id, field=f"{path} {side}")

    event = room.journal.events.get(recording.run.event_id)
    return flow, Recording.of(recording.run, recording.rows, event, opener)
