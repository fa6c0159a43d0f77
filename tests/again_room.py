"""Short ways to runs that are over and to what people do about them. Owns no expectation."""

from __future__ import annotations

from typing import Any

from engine.core.statuses import RunStatus
from engine.egress import AnswerLost
from engine.journal.records import Run
from engine.runtime.again import Again, Wish
from engine.runtime.resolving import Resolving
from tests.engine_room import EngineRoom, ok, status

ABC = """
steps:
  - {{id: a, uses: probe.write, with: {{name: a}}}}
  - {{id: b, uses: probe.{action}, with: {{name: b}}}}
  - {{id: c, uses: probe.write, with: {{name: c}}}}
outputs: {{b: '{{{{ steps.b.output.name }}}}'}}
"""


def again(room: EngineRoom) -> Again:
    return Again(journal=room.journal, flows=room.crew._workshop.flows, keyring=lambda: room._keyring, actor="cli")


def do_again(room: EngineRoom, run: Run, **wish: Any) -> Run:
    found = again(room)
    done = found.start(found.plan(room.state(run.id), Wish(**wish)))
    return room.through(done.run_id)


def resolving(room: EngineRoom) -> Resolving:
    return Resolving(again=again(room), catalogue=room.catalogue, connections=lambda: room.connections)


def ended(room: EngineRoom, text: str, *replies: Any, at: str = "POST /things", good: int = 1) -> Run:
    """A run whose service answers well ``good`` times and then as said; the requests so far are forgotten."""
    room.service.replies[at] = [*(ok({"name": "x"}) for _ in range(good)), *replies]
    run = room.through(room.start(text))
    room.service.requests.clear()
    return run


def lost(room: EngineRoom, action: str = "write") -> Run:
    run = ended(room, ABC.format(action=action), AnswerLost("cut"))
    assert run.status is RunStatus.UNCERTAIN
    return run


def lost_confirmable(room: EngineRoom) -> Run:
    """A run that stopped at a write that can be confirmed, and could not be."""
    room.service.replies["GET /things/b"] = [status(404)]
    run = lost(room, "make")
    assert "could not be asked" in str(run.error)
    return run


def paths(room: EngineRoom, run_id: str) -> dict[str, str]:
    return {path: rows[-1].status.value for path, rows in room.steps(run_id).items()}


CALLER = """
steps:
  - {id: call, flow: child, with: {}}
  - {id: after, uses: probe.write, with: {name: after}}
"""


CHILD = "steps: [{id: one, uses: probe.put, with: {name: one}}, {id: two, uses: probe.write, with: {name: two}}]\n"


SECURE = """
steps:
  - {id: a, uses: probe.write, with: {name: hush-hush}, secure: [inputs, outputs]}
  - {id: b, uses: probe.write, with: {name: '{{ steps.a.output.name }}'}, secure: true}
outputs: {done: '{{ steps.b.status }}'}
"""
