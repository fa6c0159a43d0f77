"""Writes whose outcome nobody knows: tried again or passed by as the author says, with the author's key where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.http import http
from engine.core.statuses import RunStatus
from engine.egress import AnswerLost, Request
from engine.errors import ClaimLost
from tests.engine_room import EngineRoom, ok

WRITE = "steps: [{{id: a, uses: probe.{action}, with: {{name: a}}, on_uncertain: {choice}{more}}}]\noutputs: {{status: '{{{{ steps.a.status }}}}'}}\n"
SOON = ", retry: {max_attempts: 1, interval: 10ms, jitter: false}"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def attempts(room: EngineRoom, run_id: str) -> list[str]:
    return [row.status.value for row in room.steps(run_id)["a"]]


def test_an_uncertain_write_is_tried_again_where_the_author_says_so(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [AnswerLost("cut")]
    run_id = room.start(WRITE.format(action="write", choice="retry", more=SOON))
    assert room.through(run_id).outputs == {"status": "succeeded"}
    assert attempts(room, run_id) == ["uncertain", "succeeded"]
    assert room.service.seen == ["POST /things", "POST /things"]


def test_after_a_crash_an_uncertain_write_is_tried_again_as_a_new_attempt(room: EngineRoom) -> None:
    def die(request: Request) -> None:
        raise ClaimLost("the worker is dead")

    room.service.before = die
    run_id = room.start(WRITE.format(action="write", choice="retry", more=SOON))
    room.execute(run_id)
    room.service.before = lambda request: None
    room.abandon()
    assert room.through(run_id).outputs == {"status": "succeeded"}
    assert attempts(room, run_id) == ["uncertain", "succeeded"]


def test_before_an_uncertain_write_is_tried_again_the_service_is_asked_where_it_can_be(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [AnswerLost("cut")]
    room.service.replies["GET /things/a"] = [ok({}), ok({"name": "there"})]
    run_id = room.start(
        WRITE.format(action="make", choice="retry", more=", retry: {max_attempts: 2, interval: 10ms, jitter: false}")
    )
    assert room.through(run_id).outputs == {"status": "succeeded"}
    assert room.service.seen == ["POST /things", "GET /things/a", "GET /things/a"]


def test_an_uncertain_write_is_passed_by_where_the_author_says_so(room: EngineRoom) -> None:
    room.service.replies["POST /things"] = [AnswerLost("cut")]
    run = room.run(WRITE.format(action="write", choice="skip", more=""))
    assert (run.status, run.outputs) == (RunStatus.SUCCEEDED, {"status": "uncertain"})
    assert room.service.seen == ["POST /things"]


def test_the_authors_key_goes_to_the_service_instead_of_the_engines(room: EngineRoom) -> None:
    settings = {"base_url": "https://probe.example", "idempotency_header": "Idempotency-Key"}
    room.install(http, http=(settings, {}))
    run_id = room.start(
        "steps:\n"
        "  - {id: a, uses: http.request, connection: http, with: {method: POST, path: /x, json: {}}, idempotency_key: 'order-{{ trigger.number }}'}\n"
        "  - {id: b, uses: http.request, connection: http, with: {method: POST, path: /x, json: {}}}\n",
        trigger={"number": 7},
        connection="http",
    )
    room.through(run_id)
    first, second = (request.headers["Idempotency-Key"] for request in room.service.requests)
    assert first == "order-7"
    assert second != first
