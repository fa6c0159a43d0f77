"""``http.request`` and ``log.write`` on a real journal: what is written ahead, what is repeated, what is uncertain, and where secrets stay."""

from __future__ import annotations

import io
import json
import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.http import http
from connectors.log import log as log_connector
from engine import log
from engine.core.statuses import RunStatus, StepStatus
from engine.egress import AnswerLost, Request
from engine.journal.records import StepChange
from engine.sdk import Connector, Input, JsonObject, Local, Output, Response
from tests.engine_room import EngineRoom, ok, status

BASE = "https://crm.example/v2"
NOTES = f"POST {BASE}/notes"
CANARY = "canary-8d31f0"
AUTHS: list[tuple[JsonObject, dict[str, str]]] = [
    ({"auth": "bearer"}, {"token": f"{CANARY}-token/+x"}),
    ({"auth": "basic"}, {"user": f"{CANARY}-user", "password": f"{CANARY}-password"}),
    ({"auth": "header", "auth_header": "X-Key"}, {"value": f"{CANARY}-value"}),
]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        keyed: JsonObject = {"base_url": BASE, "idempotency_header": "Idempotency-Key"}
        room.install(http, crm=({"base_url": BASE}, {}), keyed=(keyed, {}))
        room.install(log_connector)
        yield room


@pytest.fixture
def records(room: EngineRoom) -> Iterator[Callable[[], list[dict[str, object]]]]:
    """What the process has logged."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    log.configure(format="json", level="info", process="worker", redactor=room.redactor, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)


def post(connection: str = "crm", extra: str = "") -> str:
    return f"steps:\n  - {{id: a, uses: http.request, connection: {connection}, with: {{method: POST, path: /notes, json: {{n: 1}}}}{extra}}}\n"


def repeat(room: EngineRoom, run_id: str) -> None:
    while not room.journal.runs.ring(limit=10, again_in_ms=1_000):
        assert room.journal.runs.next_due_in() is not None
    room.execute(run_id)


# http.request


def test_the_answer_is_the_output(room: EngineRoom) -> None:
    body = b'{"id": "n-1"}'
    room.service.replies[NOTES] = [Response(status=201, headers={"content-type": "application/json"}, body=body)]
    run = room.run(post() + "outputs: {id: '{{ steps.a.output.json.id }}'}\n", connection="crm")
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"id": "n-1"})
    assert room.steps(run.id)["a"][0].output == {
        "status": 201,
        "headers": {"content-type": "application/json"},
        "json": {"id": "n-1"},
        "text": "",
    }
    [request] = room.service.requests
    assert (request.headers["Content-Type"], request.body) == ("application/json", b'{"n":1}')


def test_a_post_whose_answer_was_lost_is_uncertain_and_not_sent_again(room: EngineRoom) -> None:
    room.service.replies[NOTES] = [AnswerLost("crm.example gave no complete answer: cut")]
    run = room.run(post(extra=", retry: {max_attempts: 3, interval: 10ms}"), connection="crm")
    assert run.status is RunStatus.UNCERTAIN
    assert room.service.seen == [NOTES]
    assert run.error is not None
    assert run.error["message"] == "POST /notes crm.example gave no complete answer: cut"


def test_a_keyed_post_whose_answer_was_lost_is_sent_again_with_the_same_key(room: EngineRoom) -> None:
    room.service.replies[NOTES] = [AnswerLost("cut")]
    run = room.run(post("keyed", ", retry: {max_attempts: 3, interval: 10ms}"), connection="keyed")
    repeat(room, run.id)
    assert room.state(run.id).status is RunStatus.SUCCEEDED
    first, second = [request.headers["Idempotency-Key"] for request in room.service.requests]
    assert first == second
    assert len(first) == 36
    other = room.run(post("keyed"), connection="keyed")
    assert other.status is RunStatus.SUCCEEDED
    assert room.service.requests[-1].headers["Idempotency-Key"] != first, "another run is another request"


def interrupt(room: EngineRoom, steps: str, uses: str, given: JsonObject, *, connection: str | None) -> str:
    """A run whose worker died while its only step was under way."""
    run_id = room.start(steps, connection=connection or "probe")
    claimed = room.journal.runs.claim(run_id, lease_ms=0)
    assert claimed is not None
    change = StepChange(path="a", attempt=1, uses=uses, status=StepStatus.RUNNING, connection=connection, given=given)
    room.journal.runs.record(claimed.claim, [change], lease_ms=0)
    return run_id


@pytest.mark.parametrize(
    ("method", "connection", "became", "sent"),
    [
        ("GET", "crm", RunStatus.SUCCEEDED, 1),
        ("HEAD", "crm", RunStatus.SUCCEEDED, 1),
        ("PUT", "crm", RunStatus.SUCCEEDED, 1),
        ("DELETE", "crm", RunStatus.SUCCEEDED, 1),
        ("POST", "crm", RunStatus.UNCERTAIN, 0),
        ("PATCH", "crm", RunStatus.UNCERTAIN, 0),
        ("POST", "keyed", RunStatus.SUCCEEDED, 1),
        ("PATCH", "keyed", RunStatus.SUCCEEDED, 1),
    ],
)
def test_an_interrupted_call_is_repeated_as_its_method_and_key_allow(
    room: EngineRoom, method: str, connection: str, became: RunStatus, sent: int
) -> None:
    steps = (
        f"steps:\n  - {{id: a, uses: http.request, connection: {connection}, with: {{method: {method}, path: /x}}}}\n"
    )
    run_id = interrupt(room, steps, "http.request", {"method": method, "path": "/x"}, connection=connection)
    room.execute(run_id)
    assert room.state(run_id).status is became
    assert len(room.service.requests) == sent


def test_an_expected_404_is_an_output_and_an_unexpected_one_an_error(room: EngineRoom) -> None:
    room.service.replies[f"GET {BASE}/x"] = [status(404), status(404)]
    expected = "steps:\n  - {id: a, uses: http.request, connection: crm, with: {path: /x, expect: [200, 404]}}\n"
    run = room.run(expected + "outputs: {there: '{{ steps.a.output.status == 200 }}'}\n", connection="crm")
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"there": False})
    run = room.run("steps:\n  - {id: a, uses: http.request, connection: crm, with: {path: /x}}\n", connection="crm")
    assert run.error is not None
    assert (run.error["kind"], run.error["status"]) == ("not_found", 404)
    assert run.error["message"] == "GET /x answered 404: no"


def test_a_429_is_waited_out_although_nothing_was_expected_of_it(room: EngineRoom) -> None:
    room.service.replies[NOTES] = [status(429, retry_after="3")]
    run = room.run(post(), connection="crm")
    assert run.status is RunStatus.PARKED
    assert run.waiting_for is not None
    assert run.waiting_for.startswith("http/crm 429 from the service until ")


def test_a_connection_chooses_its_own_budget(room: EngineRoom) -> None:
    room.install(http, slow=({"base_url": BASE, "calls": 1, "per_seconds": 3600}, {}))
    assert room.run(post("slow"), connection="slow").status is RunStatus.SUCCEEDED
    waiting = room.run(post("slow"), connection="slow")
    assert waiting.status is RunStatus.PARKED
    assert waiting.waiting_for is not None
    assert waiting.waiting_for.startswith("http/slow 1/3600s until ")


def echo(code: int) -> Callable[[Request], Response]:
    """A service that repeats whatever it was sent, as some do while one is looking for a mistake."""

    def answer(request: Request) -> Response:
        said = json.dumps({"headers": dict(request.headers)}).replace("/", "\\/").encode()
        return Response(
            status=code, headers={"content-type": "application/json", "x-echo": str(request.headers)}, body=said
        )

    return answer


@pytest.mark.parametrize("code", [200, 500], ids=["an output", "an error"])
@pytest.mark.parametrize(("auth", "secrets"), AUTHS, ids=["bearer", "basic", "header"])
def test_no_secret_reaches_the_journal_or_the_log_although_the_service_repeats_it(
    room: EngineRoom,
    records: Callable[[], list[dict[str, object]]],
    auth: JsonObject,
    secrets: dict[str, str],
    code: int,
) -> None:
    room.install(http, echoing=({"base_url": BASE, **auth}, secrets))
    room.service.replies[NOTES] = [echo(code)]
    tell = "  - {id: tell, uses: log.write, with: {message: 'it said {{ steps.a }}', fields: {all: '{{ steps.a }}'}}}\n"
    room.run(post("echoing", ", on_error: continue") + tell, connection="echoing")
    sent = room.service.requests[0].headers
    encoded = b64encode(":".join(secrets.values()).encode()).decode()
    assert any(secret in str(sent) for secret in (*secrets.values(), encoded)), "it is sent, of course"
    written = b"".join(file.read_bytes() for file in room.database.parent.iterdir()) + json.dumps(records()).encode()
    assert b"it said" in written
    for hidden in (*secrets.values(), encoded, CANARY):
        assert hidden.encode() not in written


# log.write


def test_a_record_carries_its_ids_and_needs_no_connection(
    room: EngineRoom, records: Callable[[], list[dict[str, object]]]
) -> None:
    fields = "{who: ann, level: critical, run: forged, token: canary-of-a-token}"
    run = room.run(
        f"steps:\n  - {{id: a, uses: log.write, with: {{level: warning, message: late, fields: {fields}}}}}\n"
    )
    assert run.status is RunStatus.SUCCEEDED
    [record] = [record for record in records() if record["event"] == "late"]
    assert {key: record[key] for key in ("level", "run", "step", "flow", "process")} == {
        "level": "warning",
        "run": run.id,
        "step": "a",
        "flow": "f",
        "process": "worker",
    }
    assert record["fields"] == {"who": "ann", "level": "critical", "run": "forged", "token": "***"}
    [row] = room.steps(run.id)["a"]
    assert (row.status, row.connection, row.output) == (
        StepStatus.SUCCEEDED,
        None,
        {"level": "warning", "message": "late"},
    )
    assert room.service.requests == []


class Look(Input):
    """Look at the journal."""


class Looked(Output):
    """Nothing."""


def looking(room: EngineRoom, *, idempotent: bool) -> tuple[Connector, list[list[str]]]:
    """A local action that sees what the journal holds while it is performed."""
    seen: list[list[str]] = []
    local = Connector(name="local", title="Local")

    @local.local_action(effect="write", idempotent=idempotent)
    def look(here: Local, given: Look) -> Looked:
        run = room.journal.runs.list()[0]
        seen.append([f"{path} {row.status.value}" for path, rows in room.steps(run.id).items() for row in rows])
        return Looked()

    return local, seen


def test_a_local_action_is_recorded_before_it_is_performed(room: EngineRoom) -> None:
    local, seen = looking(room, idempotent=True)
    room.install(local)
    room.run("steps:\n  - {id: a, uses: local.look}\n")
    assert seen == [["a running"]]


@pytest.mark.parametrize(("idempotent", "became"), [(True, RunStatus.SUCCEEDED), (False, RunStatus.UNCERTAIN)])
def test_an_interrupted_local_action_is_repeated_only_if_that_is_safe(
    room: EngineRoom, idempotent: bool, became: RunStatus
) -> None:
    local, seen = looking(room, idempotent=idempotent)
    room.install(local)
    run_id = interrupt(room, "steps:\n  - {id: a, uses: local.look}\n", "local.look", {}, connection=None)
    room.execute(run_id)
    assert room.state(run_id).status is became
    assert len(seen) == int(idempotent)


def test_a_secret_of_a_connection_is_hidden_in_a_record(
    room: EngineRoom, records: Callable[[], list[dict[str, object]]]
) -> None:
    room.install(http, mine=({"base_url": BASE, "auth": "bearer"}, {"token": CANARY}))
    room.service.replies[f"GET {BASE}/x"] = [ok({})]
    steps = f"  - {{id: b, uses: log.write, with: {{message: 'it is {CANARY}'}}}}\n"
    room.run("steps:\n  - {id: a, uses: http.request, connection: mine, with: {path: /x}}\n" + steps, connection="mine")
    assert [record["event"] for record in records() if record["logger"] == "flow"] == ["it is ***"]
