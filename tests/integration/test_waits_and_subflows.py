"""Runs that wait for instants, events and other runs, on a real journal, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from engine import strictjson
from engine.core.statuses import RunStatus, StepStatus
from engine.journal.records import Claim, EventSource, Lane, NewEvent, NewRun
from engine.journal.runs import SqlRuns
from engine.journal.wakers import ChildStarted
from engine.runtime.subscriptions import Subscriptions
from engine.sdk import RemoteState, Verdict
from engine.sdk.webhook import WebhookTrigger
from engine.strictjson import JsonObject
from tests.engine_room import OWNER, EngineRoom, Found, Given

WAIT = "{{id: {id}, wait: {{event: {{uses: probe.thing{more}}}, timeout: {timeout}}}}}"
ENDED = {"event": "thing.ended", "payload": {"name": "x"}}


def wait(step_id: str = "w", more: str = "", timeout: str = "1h") -> str:
    return WAIT.format(id=step_id, more=more, timeout=timeout)


@pytest.fixture
def room(tmp_path: Path, database_url: str) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path, url=database_url) as room:
        room.catalogue["probe"].trigger(
            WebhookTrigger(
                name="thing",
                summary="Something happened",
                given=Given,
                delivery=Found,
                subscribe=lambda http, request: "uri",
                check=lambda http, uri: RemoteState.ACTIVE,
                unsubscribe=lambda http, uri: None,
                verify=lambda delivery, keys: Verdict(),
                dedupe_key=strictjson.canonical,
                accepts=lambda given, event: event["event"] != "thing.unwanted",
            )
        )
        yield room


class Listening:
    """A run of a flow whose awaited events have their subscription."""

    def __init__(self, room: EngineRoom, steps: str) -> None:
        self.room = room
        flow = room.deploy(steps)
        Subscriptions(connections=room.connections, public_url="https://here.example").bind(flow, owner=OWNER)
        self.run_id = room.start(steps)

    def comes(self, **event: object) -> None:
        """The service delivers an event."""
        store = self.room.journal.subscriptions
        body: JsonObject = {**ENDED, **event}  # type: ignore[dict-item]
        for row in store.list():
            new = NewEvent(
                subscription_id=row.id,
                source=EventSource.WEBHOOK,
                dedupe_key=strictjson.canonical(body),
                body=b"",
                event=body,
            )
            self.room.journal.events.accept([new], ring_in_ms=0)

    def parks(self) -> str:
        self.room.execute(self.run_id)
        run = self.room.state(self.run_id)
        assert run.status is RunStatus.PARKED, (run, self.room.steps(self.run_id))
        return run.waiting_for or ""


EVENT = ", with: {name: x}"


def test_a_wait_for_and_one_until_an_instant_hold_no_worker_and_end(room: EngineRoom) -> None:
    run_id = room.start(
        'steps: [{id: a, wait: {for: 100ms}}, {id: b, wait: {until: "steps.a.output.until"}}]\n'
        "outputs: {same: '{{ steps.a.output.until == steps.b.output.until }}'}\n"
    )
    room.execute(run_id)
    parked = room.state(run_id)
    assert parked.status is RunStatus.PARKED
    assert (parked.waiting_for or "").startswith("its time, at ")
    begun = room.steps(run_id)["a"][0].begun_at
    run = room.through(run_id)
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"same": True})
    row = room.steps(run_id)["a"][0]
    assert (row.begun_at, row.ended_at is not None and begun is not None and row.ended_at >= begun + 100) == (
        begun,
        True,
    )


def test_a_wait_ends_with_the_first_event_that_fits_and_passes_over_the_others(room: EngineRoom) -> None:
    steps = f"steps: [{wait(more=EVENT + ', if: event.payload.name == vars.sought')}]\nvariables: {{sought: y}}\noutputs: {{got: '{{{{ steps.w.output.payload.name }}}}'}}\n"
    listening = Listening(room, steps)
    assert listening.parks().startswith("an event of probe.thing on probe/probe until ")
    listening.comes(event="thing.unwanted", payload={"name": "y"})
    assert listening.parks()
    listening.comes(payload={"name": "z"})
    assert listening.parks()
    listening.comes(payload={"name": "y"})
    run = room.through(listening.run_id)
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"got": "y"})


def test_an_event_that_came_after_the_runs_start_and_before_the_wait_counts(room: EngineRoom) -> None:
    listening = Listening(room, f"steps: [{{id: first, wait: {{for: 50ms}}}}, {wait(more=EVENT)}]\n")
    listening.parks()
    listening.comes()
    assert room.through(listening.run_id).status is RunStatus.SUCCEEDED


def test_each_event_ends_one_wait_of_a_run_only(room: EngineRoom) -> None:
    listening = Listening(
        room, f"steps: [{{id: p, parallel: {{a: [{wait('wa', EVENT)}], b: [{wait('wb', EVENT)}]}}}}]\n"
    )
    listening.parks()
    listening.comes()
    listening.parks()
    statuses = sorted(rows[0].status.value for path, rows in room.steps(listening.run_id).items() if "w" in path)
    assert statuses == ["succeeded", "waiting"]
    listening.comes(payload={"name": "other"})
    assert room.through(listening.run_id).status is RunStatus.SUCCEEDED


def test_a_wait_whose_time_is_up_fails_and_says_for_what(room: EngineRoom) -> None:
    listening = Listening(room, f"steps: [{wait(more=EVENT, timeout='100ms')}]\n")
    listening.parks()
    run = room.through(listening.run_id)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert (run.error["kind"], run.error["message"]) == (
        "timeout",
        "no event of probe.thing that fits came within 100ms",
    )
    assert str(run.error["place"]).startswith("f.yaml:4:")


def test_a_wait_that_is_cut_is_over(room: EngineRoom) -> None:
    listening = Listening(
        room,
        f"steps: [{{id: g, timeout: 100ms, on_error: continue, steps: [{wait(more=EVENT)}]}}, {{id: v, wait: {{for: 1h}}}}]\n",
    )
    listening.parks()
    room.at((room.steps(listening.run_id)["g"][0].begun_at or 0) + 100)
    room.abandon()
    assert listening.parks().startswith("its time, at")
    claims = room.state(listening.run_id).claim_no
    listening.comes()
    room.execute(*room.journal.runs.ring(limit=10, again_in_ms=1_000))
    assert room.state(listening.run_id).claim_no == claims, "nobody was woken"


def test_without_a_subscription_a_wait_fails_and_says_what_to_do(room: EngineRoom) -> None:
    run = room.run(f"steps: [{wait(more=EVENT)}]\n")
    assert run.status is RunStatus.FAILED
    assert "deploy the flow again" in str((run.error or {})["message"])


CHILD = "inputs: {name: {type: string}, times: {type: integer, default: 2}}\nsteps: [{id: put, uses: probe.put, with: {name: '{{ inputs.name ~ inputs.times }}'}}]\noutputs: {answer: '{{ inputs.name ~ inputs.times }}'}\n"


def test_a_step_waits_for_the_run_that_it_starts_and_has_its_outputs(room: EngineRoom) -> None:
    room.deploy(CHILD, flow_id="child")
    run_id = room.start(
        "steps: [{id: sub, flow: child, with: {name: ab}}]\noutputs: {a: '{{ steps.sub.output.answer }}'}\n"
    )
    run = room.through(run_id)
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"a": "ab2"})
    child = room.journal.runs.child(run_id, "sub")
    assert child is not None
    assert (child.owner, child.depth, child.parent_run) == (OWNER, 1, run_id)


def test_a_step_that_does_not_wait_goes_on_with_the_runs_id(room: EngineRoom) -> None:
    room.deploy("steps: [{id: w, wait: {for: 1h}}]\n", flow_id="child")
    run_id = room.start("steps: [{id: sub, flow: child, wait: false}]\noutputs: {run: '{{ steps.sub.output.run }}'}\n")
    run = room.through(run_id)
    child = room.journal.runs.child(run_id, "sub")
    assert child is not None
    assert run.outputs == {"run": child.id}
    assert child.ended_at is None


def test_a_failure_of_a_sub_flow_is_the_steps_with_its_path(room: EngineRoom) -> None:
    room.deploy("steps: [{id: g, steps: [{id: bad, uses: probe.read, with: {nam: x}}]}]\n", flow_id="child")
    run_id = room.start("steps: [{id: sub, flow: child}]\n")
    run = room.through(run_id)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert (run.error["kind"], run.error["step"]) == ("invalid", "sub/g.bad")
    assert str(run.error["message"]).startswith("child: g.bad: with.")


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("flow: nobody", "the flow nobody is not deployed; deploy it: hookline deploy FILE"),
        ("flow: child", "the input 'name' (string) is required"),
        ("flow: child, with: {name: 3}", "the input 'name' needs string, got 3"),
        ("flow: child, with: {name: x, more: 1}", "child has no input 'more'"),
        ("flow: off", "the flow off is disabled; enable it: hookline flow enable off"),
    ],
)
def test_what_cannot_be_started_fails_and_says_what_to_do(room: EngineRoom, step: str, message: str) -> None:
    room.deploy(CHILD, flow_id="child")
    room.deploy(CHILD, flow_id="off")
    room.journal.flows.set_enabled("off", False)
    run = room.run(f"steps: [{{id: sub, {step}}}]\n")
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert run.error["kind"] == "invalid"
    assert message in str(run.error["message"])


def test_flows_that_call_each_other_too_deep_fail(room: EngineRoom) -> None:
    run_id = room.start("steps: [{id: again, flow: f}]\n")
    run = room.through(run_id)
    assert run.status is RunStatus.FAILED
    assert run.error is not None
    assert "more than 8 deep" in str(run.error["message"])
    assert run.error["step"] == "again/" * 8 + "again"
    assert len(room.journal.runs.list()) == 9


def test_a_sub_flow_that_is_cut_is_asked_to_end(room: EngineRoom) -> None:
    room.deploy(
        "steps: [{id: w, wait: {for: 1h}}]\nfinally: [{id: put, uses: probe.put, with: {name: bye}}]\n", flow_id="child"
    )
    run_id = room.start("steps: [{id: g, timeout: 150ms, on_error: continue, steps: [{id: sub, flow: child}]}]\n")
    assert room.through(run_id).status is RunStatus.SUCCEEDED
    child = room.journal.runs.child(run_id, "g.sub")
    assert child is not None
    assert room.through(child.id).status is RunStatus.CANCELLED
    assert room.service.seen == ["POST /things"]


CALLS = {
    "a branch beside it fails": """steps:
  - id: both
    parallel:
      one: [{id: call, flow: slow, with: {}}]
      two: [{id: no, stop: {status: failed, message: enough}}]
""",
    "a branch beside it wins": """steps:
  - id: both
    parallel:
      one: [{id: call, flow: slow, with: {}}]
      two: [{id: yes_two, uses: probe.read, with: {name: a}}]
    join: any
""",
    "an iteration beside it fails": """steps:
  - id: each
    foreach: "[1, 2]"
    max_parallel: 2
    steps:
      - {id: no, if: item == 2, then: [{id: bad, uses: probe.read, with: {name: "{{ 1 / (item - 2) }}"}}]}
      - {id: call, flow: slow, with: {}}
""",
    "the flow's time is up": "timeout: 300ms\nsteps:\n  - {id: call, flow: slow, with: {}}\n",
    "its own handler has a time limit": """steps:
  - id: bad
    uses: probe.read
    with: {name: "{{ 1 / 0 }}"}
    on_error:
      - {id: limited, timeout: 300ms, steps: [{id: call, flow: slow, with: {}}]}
""",
}


@pytest.mark.parametrize("steps", CALLS.values(), ids=CALLS.keys())
def test_a_run_that_is_over_before_its_sub_flow_takes_it_along(room: EngineRoom, steps: str) -> None:
    room.deploy("steps: [{id: w, wait: {for: 1h}}]\n", flow_id="slow")
    run_id = room.start(steps)
    assert room.through(run_id).status in (RunStatus.FAILED, RunStatus.SUCCEEDED)
    children = room.journal.runs.children(run_id)
    assert [child.flow for child in children] == ["slow"]
    for child in children:
        assert room.through(child.id).status is RunStatus.CANCELLED


def test_the_end_of_a_run_gives_its_place_to_the_next_one(room: EngineRoom) -> None:
    lane = Lane(key="f:1", limit=1, on_limit="queue")
    flow = room.deploy("steps: [{id: w, wait: {for: 30ms}}, {id: put, uses: probe.put, with: {name: x}}]\n")
    new = NewRun(flow=flow.id, digest=flow.digest, trigger="manual", owner=OWNER, lane=lane)
    batch = [
        NewEvent(subscription_id=None, source=EventSource.MANUAL, dedupe_key=str(n), body=b"", event={}, runs=(new,))
        for n in range(3)
    ]
    accepted = room.journal.events.accept(batch, ring_in_ms=0)
    first, second, third = [(item.run_ids + item.held)[0] for item in accepted]
    assert room.through(third, within=30).status is RunStatus.SUCCEEDED
    ends = [room.state(run_id) for run_id in (first, second, third)]
    for before, after in pairwise(ends):
        assert before.ended_at is not None
        assert after.started_at is not None
        assert before.ended_at <= after.started_at


def test_a_run_in_a_lane_starts_a_child_that_its_lane_refuses(room: EngineRoom) -> None:
    room.deploy("concurrency: {limit: 1, on_limit: skip}\nsteps: [{id: w, wait: {for: 1h}}]\n", flow_id="child")
    run_id = room.start(
        "steps: [{id: one, flow: child, wait: false}, {id: two, flow: child, wait: false, on_error: continue}]\n"
    )
    run = room.through(run_id)
    assert run.status is RunStatus.SUCCEEDED
    assert room.steps(run_id)["two"][0].status.value == "failed"


@pytest.mark.parametrize("wait", ["true", "false"])
def test_a_request_to_end_that_comes_first_starts_no_sub_flow(
    room: EngineRoom, monkeypatch: pytest.MonkeyPatch, wait: str
) -> None:
    room.deploy("steps: [{id: one, uses: probe.write, with: {name: one}}]\n", flow_id="child")
    start_child = SqlRuns.start_child

    def ask_first(runs: SqlRuns, claim: Claim, *given: Any, **more: Any) -> ChildStarted:
        runs.request_cancel(claim.run_id)
        return start_child(runs, claim, *given, **more)

    monkeypatch.setattr(SqlRuns, "start_child", ask_first)
    run_id = room.start(f"steps: [{{id: call, flow: child, with: {{}}, wait: {wait}}}]\n")
    assert room.through(run_id).status is RunStatus.CANCELLED
    assert room.journal.runs.child(run_id, "call") is None
    assert room.steps(run_id)["call"][0].status is StepStatus.CANCELLED


def test_a_run_that_is_cancelled_with_a_sub_flow_that_had_not_begun_is_cancelled_and_not_failed(
    room: EngineRoom,
) -> None:
    room.deploy("steps: [{id: one, uses: probe.write, with: {name: one}}]\n", flow_id="child")
    room.journal.pauses.flow("child", paused=True, actor="cli")
    run_id = room.start("steps: [{id: call, flow: child, with: {}, on_error: [{id: h, set: {n: 1}}]}]\n")
    room.execute(run_id)
    room.journal.runs.request_cancel(run_id)
    child = room.journal.runs.child(run_id, "call")
    assert child is not None
    assert child.status is RunStatus.CANCELLED
    assert room.through(run_id).status is RunStatus.CANCELLED
    assert room.steps(run_id)["call"][0].status is StepStatus.CANCELLED
