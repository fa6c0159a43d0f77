"""Writes that the service knows again by a key: each repetition carries it, whoever writes the connector, so that there is one effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import Field

from engine import strictjson
from engine.core.statuses import RunStatus
from engine.egress import AnswerLost, Request
from engine.errors import ClaimLost
from engine.sdk import Connector, Http, Input, Output, Response
from tests.engine_room import EngineRoom, ok

HEADER = "Idempotency-Key"
STEP = "steps: [{{id: a, uses: {uses}, with: {{name: a}}{more}}}]\n"
SOON = ", retry: {max_attempts: 3, interval: 10ms, jitter: false}"


class Shop:
    """A service that does what it is asked once for each key, and loses its first ``lost`` answers."""

    def __init__(self, lost: int = 0) -> None:
        self.lost = lost
        self.orders: dict[str, str] = {}

    def __call__(self, request: Request) -> Response:
        self.orders.setdefault(request.headers[HEADER], f"order {len(self.orders) + 1}")
        if self.lost:
            self.lost -= 1
            raise AnswerLost("cut after it acted")
        return ok({"name": self.orders[request.headers[HEADER]]})


class Given(Input):
    """Make an order, after a look."""

    name: str = Field(description="What is ordered.")


class Made(Output):
    """An order."""

    name: str | None = Field(default=None, description="Its number.")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[EngineRoom]:
    with EngineRoom(tmp_path) as room:
        yield room


def keys(room: EngineRoom) -> list[str | None]:
    return [request.headers.get(HEADER) for request in room.service.requests]


def test_after_a_lost_answer_the_same_key_goes_out_again_and_there_is_one_effect(room: EngineRoom) -> None:
    shop = Shop(lost=2)
    room.service.replies["POST /things"] = [shop, shop, shop]
    run_id = room.start(STEP.format(uses="probe.order", more=SOON))

    assert room.through(run_id).status is RunStatus.SUCCEEDED

    assert [row.status.value for row in room.steps(run_id)["a"]] == ["failed", "failed", "succeeded"]
    assert room.steps(run_id)["a"][0].error is not None
    assert room.steps(run_id)["a"][0].error["kind"] == "timeout"  # type: ignore[index]
    assert list(shop.orders.values()) == ["order 1"]
    assert len(keys(room)) == 3
    assert len(set(keys(room))) == 1


def test_after_a_crash_the_same_attempt_goes_out_again_with_the_same_key(room: EngineRoom) -> None:
    def die(request: Request) -> None:
        raise ClaimLost("the worker is dead")

    shop = Shop()
    room.service.replies["POST /things"] = [shop, shop]
    room.service.before = die
    run_id = room.start(STEP.format(uses="probe.order", more=""))
    room.execute(run_id)
    room.service.before = lambda request: None
    room.abandon()

    assert room.through(run_id).status is RunStatus.SUCCEEDED

    assert [(row.attempt, row.status.value) for row in room.steps(run_id)["a"]] == [(1, "succeeded")]
    assert len(keys(room)) == 2
    assert len(set(keys(room))) == 1


def test_the_authors_key_is_what_travels(room: EngineRoom) -> None:
    room.run(STEP.format(uses="probe.order", more=", idempotency_key: 'order {{ 40 + 2 }}'"))
    assert keys(room) == ["order 42"]


@pytest.mark.parametrize(
    ("key", "why"),
    [
        (r'"two\nlines"', "holds a line break"),
        ("Zürich", "holds U+00FC, which is no printable ASCII"),
        ('" before"', "begins or ends with a space, or is empty"),
        ("x" * 256, "has 256 characters, of at most 255"),
    ],
)
def test_a_key_that_cannot_travel_fails_the_step_before_anything_leaves(room: EngineRoom, key: str, why: str) -> None:
    run = room.run(STEP.format(uses="probe.order", more=f", idempotency_key: {key}"))
    assert run.error is not None
    assert (run.status, run.error["kind"]) == (RunStatus.FAILED, "invalid")
    assert why in str(run.error["message"])
    assert "filter uuid" in str(run.error["message"])
    assert room.service.seen == []


def test_an_action_without_a_key_header_sends_none_and_takes_any_key(room: EngineRoom) -> None:
    run = room.run(STEP.format(uses="probe.write", more=", idempotency_key: Zürich"))
    assert (run.status, keys(room)) == (RunStatus.SUCCEEDED, [None])


def test_reads_of_a_keyed_action_carry_no_key_and_a_connector_cannot_replace_it(room: EngineRoom) -> None:
    probe = room.catalogue["probe"]
    other = Connector(name="other", title="Other", connection=probe.connection, budget=probe.budget)

    @other.action(effect="write", key_header=HEADER)
    def order(http: Http, given: Given) -> Made:
        http.get("/me")
        answer = http.request("POST", "/things", json={"name": given.name}, headers={HEADER.lower(): "my own"})
        http.delete("/drafts")
        return Made.model_validate(answer.json_object())

    room.install(other, other=({}, {"token": "another-canary-token"}))

    run = room.run(STEP.format(uses="other.order", more=", idempotency_key: k-1"), connection="other")

    assert run.status is RunStatus.SUCCEEDED
    sent = [
        (request.method, [value for name, value in request.headers.items() if name.lower() == HEADER.lower()])
        for request in room.service.requests
    ]
    assert sent == [("GET", []), ("POST", ["k-1"]), ("DELETE", ["k-1"])]
    assert strictjson.parse(room.service.requests[1].body or b"") == {"name": "a"}
