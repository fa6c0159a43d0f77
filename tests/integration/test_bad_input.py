"""What goes wrong from outside, end to end: wrong files, values that are not there, a refused token, parts that are away.

Each ends in a clear message, and nothing that was accepted is lost. Wrong deliveries are test_ingest's; ports in use are test_processes'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from sqlalchemy import Connection

from engine.core.statuses import RunStatus
from engine.egress import Request
from engine.errors import RedisUnavailable
from engine.journal.journal import Journal
from engine.journal.records import Run
from engine.runtime import crew as crew_module
from engine.runtime import ledger as ledger_module
from engine.runtime.crew import Crew
from engine.runtime.doorbell import Doorbell
from engine.runtime.intake import Intake
from engine.runtime.segment import Workshop
from engine.sdk import Budget, Window
from engine.strictjson import JsonObject
from engine.throttle.redis import RedisThrottle
from engine.web.app import make_app
from engine.web.hooks import Hooks
from tests.calendly_room import OWNER, CalendlyRoom, flow_text, sample
from tests.deliveries import deliver
from tests.engine_room import EngineRoom
from tests.eventually import eventually
from tests.integration.command_line import CommandLine
from tests.valkey_server import ValkeyServer

# Wrong files


HEAD = "id: f\nname: F\nconnections: {calendly: mine}\n"
LOOK = "steps:\n  - {id: a, uses: calendly.get_event_type, with: {uuid: x}}\n"
WRONG_FILES = {
    "not YAML": (HEAD + "steps: [{id: a\n", "4:15: error E232"),
    "a key twice": (HEAD + LOOK + "name: G\n", "6:1: error E234"),
    "an unknown field": (
        HEAD + "triggers: [{uses: calendly.invitee, with: {events: [invitee.created]}}]\n"
        "steps:\n  - {id: a, if: trigger.payload.emial == 'x', stop: {status: failed}}\n",
        "6:33: error E201",
    ),
    "an unknown key": (HEAD + LOOK + "step: []\n", "6:1: error E241"),
    "an unknown step": (HEAD + LOOK + "outputs: {x: '{{ steps.b.output }}'}\n", "6:24: error E206"),
    "an unknown connector": (HEAD + LOOK.replace("calendly.", "calendy."), "5:19: error E200"),
    "an unknown action": (HEAD + LOOK.replace("get_event_type", "get_event_typ"), "5:28: error E203"),
    "an unknown connection": (HEAD + LOOK.replace("uses:", "connection: other, uses:"), "5:25: error E252"),
    "a missing input": (HEAD + LOOK.replace("uuid: x", ""), "5:50: error E213"),
}


@pytest.mark.parametrize(("text", "place_and_code"), WRONG_FILES.values(), ids=WRONG_FILES)
def test_a_wrong_file_is_named_with_its_place_and_deploys_nothing(
    tmp_path: Path, text: str, place_and_code: str
) -> None:
    hookline = CommandLine(tmp_path / "home")
    hookline.ok("migrate")
    hookline.ok("connection", "add", "mine", "calendly", "--no-test", given="a-token")
    file = tmp_path / "f.yaml"
    file.write_text(text)
    result = hookline.run("deploy", str(file))
    assert result.exit_code == 1
    assert f"{file}:{place_and_code}" in result.stdout
    assert "nothing was changed" in result.stderr
    assert hookline.json("flow", "list") == []


# Wrong values and refused tokens, from the delivery to the run's end


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        yield room


@contextmanager
def crew_of(room: CalendlyRoom) -> Iterator[Crew]:
    crew = Crew(
        Workshop(connections=room.connections, flows=room.flows, stopping=room.stopping, helpers=BoundedSemaphore(4)),
        threads=2,
    )
    try:
        yield crew
    finally:
        crew.close()


def executed(room: CalendlyRoom) -> dict[str, Run]:
    """Every run that was rung, by its flow, after a crew has executed it."""
    with crew_of(room) as crew:
        for future in wait(crew.take(room.rung), timeout=20).done:
            future.result()
    return {run.flow: run for run in room.journal.runs.list()}


def error_of(run: Run) -> JsonObject:
    assert run.error is not None
    return run.error


def test_an_expression_that_fails_at_run_time_fails_its_run_at_the_named_step_and_the_others_go_on(
    room: CalendlyRoom,
) -> None:
    wrong = "  - {id: why, set: {reason: '{{ trigger.payload.cancellation.reason }}'}}\n"
    row = room.listen_for(flow_text("wrong", steps=wrong), flow_text("right"))
    assert deliver(room.web(), row, sample()).status_code == 202
    runs = executed(room)
    assert {flow: run.status for flow, run in runs.items()} == {
        "wrong": RunStatus.FAILED,
        "right": RunStatus.SUCCEEDED,
    }
    error = error_of(runs["wrong"])
    assert (error["step"], error["kind"]) == ("why", "expression")
    assert str(error["place"]).startswith("f.yaml:8:")
    assert "cancellation" in str(error["message"])


def test_a_token_that_calendly_refuses_fails_the_step_with_the_command_that_mends_it_and_breaks_the_connection(
    room: CalendlyRoom,
) -> None:
    assert room.simulation
    room.connect()
    row = room.listen_for(flow_text(steps="  - {id: look, uses: calendly.get_event_type, with: {uuid: x}}\n"))
    room.control("mode", {"token": "revoked"})
    assert deliver(room.web(), row, sample()).status_code == 202
    run = executed(room)["f"]
    assert run.status is RunStatus.FAILED
    error = error_of(run)
    assert (error["step"], error["kind"]) == ("look", "auth")
    assert "hookline connection add NAME calendly" in str(error["message"])
    connection = room.connections.row("team", owner=OWNER)
    assert connection.health == "failed"
    assert connection.health_message


# Redis


def without_redis(run_ids: Sequence[str]) -> None:
    raise RedisUnavailable("it is away")


def test_what_web_accepts_while_there_is_no_redis_is_stored_and_stays_due(
    room: CalendlyRoom, caplog: pytest.LogCaptureFixture
) -> None:
    row = room.listen_for(flow_text())
    doorbell = Doorbell(without_redis)
    intake = Intake(room.journal.events, doorbell.ring)
    answer = deliver(make_app(Hooks(room.ingest(), intake), {}), row, sample())
    intake.close()
    doorbell.close()
    assert answer.status_code == 202
    [run] = room.journal.runs.list()
    assert run.status is RunStatus.QUEUED
    assert room.journal.runs.next_due_in() is not None
    assert "the doorbell is silent; the scheduler rings again" in caplog.text


TWO_CALLS = (
    "steps:\n"
    "  - {id: first, uses: probe.make, with: {name: first}}\n"
    "  - {id: second, uses: probe.make, with: {name: second}}\n"
)


def ended(room: EngineRoom, run_id: str) -> Run:
    """The run after as many segments as it takes."""

    def look() -> Run | None:
        room.execute(run_id)
        run = room.state(run_id)
        return run if run.ended_at is not None else None

    return eventually(look, saying=lambda: room.state(run_id))


def test_redis_that_dies_in_mid_run_parks_the_run_which_goes_on_where_it_was(tmp_path: Path) -> None:
    short = Budget(windows=(Window(limit=10, seconds=1),))
    with ValkeyServer() as valkey:
        throttle = RedisThrottle(valkey.url)
        with EngineRoom(tmp_path, budget=short, throttle=throttle) as room:
            room.service.before = lambda request: valkey.kill()
            run = room.run(TWO_CALLS)
            assert run.status is RunStatus.PARKED
            assert run.waiting_for == "probe/probe until Redis answers"
            assert room.service.seen == ["POST /things"]
            room.service.before = lambda request: None
            valkey.start()
            assert ended(room, run.id).status is RunStatus.SUCCEEDED
            assert room.service.seen == ["POST /things", "POST /things"], "the finished step did not run again"
        throttle.close()


# The database


@dataclass
class Lock:
    """Another program's hold on the SQLite file."""

    connection: Connection

    def take(self, request: Request) -> None:
        if not self.connection.in_transaction():
            self.connection.begin()


def test_a_database_that_is_locked_in_mid_run_costs_time_and_no_call_is_made_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (crew_module, ledger_module):
        monkeypatch.setattr(module, "LEASE_MS", 300)
    with EngineRoom(tmp_path) as room:
        patient = room.journal
        room.journal = Journal.open(f"sqlite:///{room.database}", patience_ms=50)
        room.crew.close()
        room.new_crew()
        with patient.engine.connect() as other:
            lock = Lock(other)
            room.service.before = lock.take
            run_id = room.start(TWO_CALLS)
            room.execute(run_id)
            assert room.state(run_id).status is RunStatus.RUNNING
            assert room.service.seen == ["POST /things"]
            room.service.before = lambda request: None
        assert ended(room, run_id).status is RunStatus.SUCCEEDED
        assert [call for call in room.service.seen if call.startswith("POST")] == ["POST /things", "POST /things"]
        patient.close()
