"""Runs whose worker dies at every write to the journal, before it and after it. What is through must not be done again, and the end is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import pytest

from engine.core.statuses import RunStatus
from engine.errors import ClaimLost
from engine.journal.port import Runs, Waits
from tests.engine_room import EngineRoom, status

T = TypeVar("T")
FENCED = frozenset({"record", "park", "finish", "start_child", "await_event", "end_wait", "pass_over"})

LOOP = """
variables: {sum: "{{ 0 }}"}
steps:
  - id: each
    foreach: "[1, 2, 3]"
    steps:
      - {id: put, uses: probe.put, with: {name: "{{ item | string }}"}}
      - {id: add, set: {sum: "{{ vars.sum + item }}"}}
  - {id: w, wait: {for: 10ms}}
outputs: {sum: "{{ vars.sum }}", count: "{{ steps.each.output | length }}", last: "{{ steps.each.output[2].put.name }}"}
"""
PARALLEL_LOOP = """
steps:
  - id: each
    foreach: "[1, 2, 3, 4]"
    max_parallel: 3
    steps: [{id: put, uses: probe.put, with: {name: "{{ item | string }}"}}]
  - {id: w, wait: {for: 10ms}}
outputs: {count: "{{ steps.each.output | length }}"}
"""
ROUNDS = """
variables: {n: "{{ 0 }}"}
steps:
  - id: again
    until: vars.n >= 3
    max_iterations: 5
    timeout: 1m
    interval: 5ms
    steps:
      - {id: put, uses: probe.put, with: {name: "{{ vars.n | string }}"}}
      - {id: add, set: {n: "{{ vars.n + 1 }}"}}
outputs: {n: "{{ vars.n }}", last: "{{ steps.again.output.add.n }}"}
"""
ANY = """
steps:
  - id: race
    join: any
    parallel:
      one: [{id: bad, uses: probe.read, with: {name: bad}, retry: {max_attempts: 1}}]
      two: [{id: a, uses: probe.put, with: {name: a}}, {id: w, wait: {for: 10ms}}, {id: b, uses: probe.put, with: {name: b}}]
      three: [{id: long, wait: {for: 1h}}, {id: never, uses: probe.write, with: {name: never}}]
  - {id: end, uses: probe.put, with: {name: end}}
outputs: {never: "{{ steps.never.status }}", b: "{{ steps.b.status }}"}
"""
GROUP = """
steps:
  - id: g
    timeout: 150ms
    steps: [{id: a, uses: probe.put, with: {name: a}}, {id: w, wait: {for: 1h}}, {id: never, uses: probe.write, with: {name: n}}]
    on_error: [{id: tell, uses: probe.put, with: {name: tell}}]
  - {id: v, wait: {for: 10ms}}
  - {id: end, uses: probe.put, with: {name: end}}
finally: [{id: last, uses: probe.put, with: {name: last}}]
outputs: {never: "{{ steps.never.status }}", kind: "{{ steps.g.error.kind }}"}
"""
CALLER = """
steps:
  - {id: sub, flow: child, with: {name: x}}
  - {id: beside, flow: child, with: {name: y}, wait: false}
outputs: {answer: "{{ steps.sub.output.answer }}"}
"""
CHILD = """
inputs: {name: {type: string}}
steps: [{id: w, wait: {for: 5ms}}, {id: put, uses: probe.put, with: {name: "{{ inputs.name }}"}}]
outputs: {answer: "{{ steps.put.output.name }}"}
"""
STORIES: dict[str, tuple[str, dict[str, object]]] = {
    "loop": (LOOP, {"sum": 6, "count": 3, "last": "POST /things"}),
    "parallel loop": (PARALLEL_LOOP, {"count": 4}),
    "rounds": (ROUNDS, {"n": 3, "last": 3}),
    "any": (ANY, {"never": "cancelled", "b": "succeeded"}),
    "group": (GROUP, {"never": "cancelled", "kind": "timeout"}),
    "caller": (CALLER, {"answer": "POST /things"}),
}


class Life:
    """Counts the writes of a worker; ``at`` None: it lives on."""

    def __init__(self, at: int | None, *, written: bool) -> None:
        self.left = at
        self.written = written

    def counted(self, write: Callable[..., T]) -> Callable[..., T]:
        def call(*args: object, **named: object) -> T:
            if self.left is None:
                return write(*args, **named)
            self.left -= 1
            if self.left < 0 or (self.left == 0 and not self.written):
                raise ClaimLost("the worker is dead")
            answer = write(*args, **named)
            if self.left == 0:
                raise ClaimLost("the worker is dead")
            return answer

        return call


class Mortal:
    """A port whose process dies at write number ``at``: just before it, or when it is written and nobody has heard of it yet."""

    def __init__(self, life: Life, port: object) -> None:
        self._life = life
        self._port = port

    def __getattr__(self, name: str) -> object:
        found = getattr(self._port, name)
        return self._life.counted(found) if name in FENCED else found


def played(room: EngineRoom, source: str, life: Life) -> bool:
    """Whether the worker died. Checks the end either way."""
    whole = room.journal
    room.journal = replace(
        whole, runs=cast(Runs, Mortal(life, whole.runs)), waits=cast(Waits, Mortal(life, whole.waits))
    )
    room.crew.close()
    room.new_crew()
    room.deploy(CHILD, flow_id="child")
    room.service.replies["GET /things/bad"] = [status(404)] * 5
    run_id = room.start(source)
    waited: Sequence[str] = [run_id]
    while life.left is None or life.left > 0:
        room.execute(*waited)
        if room.state(run_id).ended_at is not None:
            break
        waited = whole.runs.ring(limit=10, again_in_ms=1_000)
    died = life.left is not None and life.left <= 0
    life.left = None
    room.abandon()
    run = room.through(run_id)
    assert run.status is RunStatus.SUCCEEDED, (run.error, run.message)
    room.last = run.outputs
    for other in room.journal.runs.list():
        if other.ended_at is None:
            room.through(other.id)
    room.journal = whole
    return died


@pytest.mark.parametrize("written", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("story", STORIES)
def test_a_run_ends_the_same_whenever_its_worker_dies(tmp_path: Path, story: str, written: bool) -> None:
    source, outputs = STORIES[story]
    for at in range(1, 40):
        folder = tmp_path / str(at)
        folder.mkdir()
        with EngineRoom(folder) as room:
            died = played(room, source, Life(at, written=written))
            assert room.last == outputs, f"died at write {at}"
            calls = Counter(
                (room.service.key(request), request.body) for request in room.service.requests if request.body
            )
            # What was under way when the worker died is repeated, being safe to repeat; nothing else is.
            side_by_side = 3 if "parallel" in story or story == "any" else 1
            assert sum(calls.values()) - len(calls) <= side_by_side, f"died at write {at}"
            assert not any(b"never" in (body or b"") for _, body in calls)
            if not died:
                assert at > 3
                return
    raise AssertionError("it never lived through")
