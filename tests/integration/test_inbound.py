"""Inbound webhooks through the real web application: who is let in, what is kept, who is answered what, and the secrets' life."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from time import time

import httpx
import pytest
from sqlalchemy import text

from connectors.http.proofs import signature
from engine.core.statuses import RunStatus
from engine.journal.database import writing
from engine.journal.records import SubscriptionState
from engine.runtime.manual import start
from engine.strictjson import JsonObject
from engine.web.replies import Replies
from tests.engine_room import OWNER
from tests.eventually import PATIENCE
from tests.trigger_room import TriggerRoom

BODY = "body: {type: object, required: [email], properties: {email: {type: string}, seats: {type: integer}}}"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[TriggerRoom]:
    room = TriggerRoom(tmp_path)
    with room:
        yield room


@pytest.fixture
def working(tmp_path: Path) -> Iterator[TriggerRoom]:
    room = TriggerRoom(tmp_path, works=True)
    with room:
        yield room


def flow(given: str = "", steps: str = "", *, trigger: str = "", extra: str = "") -> str:
    told = steps or "  - {id: tell, uses: log.write, with: {message: 'hello'}}\n"
    return f"id: orders\n{extra}triggers:\n  - uses: http.request\n    with: {{{given}}}\n{trigger}steps:\n{told}"


ANSWERS = "  - {id: answer, uses: http.respond, with: {status: 201, json: {said: '{{ trigger.payload.email }}'}}}\n"


async def send(room: TriggerRoom, body: object = None, *, method: str = "POST", **headers: str) -> httpx.Response:
    content = json.dumps({"email": "ada@example.com"} if body is None else body).encode()
    async with room.client() as client:
        path = f"/hooks/{room.address.id}?from=shop"
        named = dict(room.bearer(**{"content_type": "application/json", **headers}))
        return await client.request(method, path, content=content, headers=named)


def sent(room: TriggerRoom, body: object = None, *, method: str = "POST", **headers: str) -> httpx.Response:
    return asyncio.run(send(room, body, method=method, **headers))


def test_a_request_with_the_token_starts_a_run(room: TriggerRoom) -> None:
    room.deploy_texts(flow(BODY))
    answer = sent(room)
    assert answer.status_code == 202
    [event] = room.events
    assert answer.json() == {"events": [event.id]}
    assert event.event is not None
    assert (event.event["payload"], event.event["query"]) == ({"email": "ada@example.com"}, {"from": "shop"})
    [run] = room.runs
    assert room.rung == [run.id]


def test_nobody_is_let_in_without_the_secret(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    assert sent(room, authorization="Bearer guess").status_code == 401
    assert sent(room, authorization="").status_code == 401
    assert room.events == []


def test_a_signed_request_is_let_in_once(room: TriggerRoom) -> None:
    room.deploy_texts(flow("auth: signature"))
    body = b'{"email": "ada@example.com"}'

    async def post(header: str) -> httpx.Response:
        async with room.client() as client:
            path = f"/hooks/{room.address.id}"
            return await client.post(path, content=body, headers={"X-Hookline-Signature": header})

    genuine = signature(body, room.secret, round(time()))
    assert asyncio.run(post(genuine)).status_code == 202
    assert asyncio.run(post(genuine)).status_code == 202, "a replay is a repeat of the same event"
    assert asyncio.run(post(signature(body, room.secret, round(time()) - 600))).status_code == 401
    assert len(room.events) == len(room.runs) == 1
    assert room.events[0].repeats == 1


@pytest.mark.parametrize(
    ("body", "method", "status", "words"),
    [
        ({"seats": 5}, "POST", 400, "body has no email"),
        ({"email": "a", "seats": "5"}, "POST", 400, "body.seats is not integer"),
        ({"email": "a"}, "PUT", 405, "this webhook takes POST, not PUT"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_kept(
    room: TriggerRoom, body: JsonObject, method: str, status: int, words: str
) -> None:
    room.deploy_texts(flow(BODY))
    answer = sent(room, body, method=method)
    assert (answer.status_code, answer.json()) == (status, {"error": words})
    assert room.events == []


def test_the_senders_key_makes_repeats_one_event(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    first, again = sent(room, idempotency_key="order-7"), sent(room, idempotency_key="order-7")
    assert first.json() == again.json()
    sent(room, idempotency_key="order-8")
    assert len(room.runs) == 2
    sent(room)
    sent(room)
    assert len(room.runs) == 4, "without a key every request is an event of its own"


def test_split_on_judges_every_item_and_starts_a_run_for_each(room: TriggerRoom) -> None:
    trigger = "    split_on: trigger.payload['items']\n    if: trigger.item.n > 1\n"
    lane = "concurrency: {key: trigger.item.n, limit: 1, on_limit: skip}\n"
    room.deploy_texts(flow(trigger=trigger, extra=lane))
    sent(room, {"items": [{"n": 1}, {"n": 2}, {"n": 2}, {"n": 3}, {"m": 1}]})
    assert [(run.trigger_item, run.trigger_index) for run in room.runs] == [({"n": 2}, 1), ({"n": 3}, 3)]
    reasons = [str(outcome.reason) for outcome in room.events[0].outcomes if outcome.reason]
    assert any(reason.startswith("item 0 of 5: if was false: trigger.item.n > 1") for reason in reasons)
    assert any(reason.startswith("item 4 of 5: if failed: ") for reason in reasons)
    assert len(reasons) == 3, "one more: its lane is taken"


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "split_on found no item"),
        ("text", "split_on needs a list, and got text"),
        (None, "split_on needs a list, and got null"),
        (list(range(1_001)), "split_on found 1,001 items, and an event starts at most 1,000 runs; none was started"),
    ],
)
def test_what_cannot_be_split_starts_nothing_and_says_so(room: TriggerRoom, items: object, words: str) -> None:
    room.deploy_texts(flow(trigger="    split_on: trigger.payload['items']\n"))
    sent(room, {"items": items})
    assert room.runs == []
    [outcome] = room.events[0].outcomes
    assert str(outcome.reason).startswith(words)


# The address and its secret


def test_the_address_and_the_secret_stay_when_the_flow_changes(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    before, secret = room.address, room.secret
    room.deploy_texts(flow(BODY))
    assert (room.address.id, room.secret) == (before.id, secret)
    assert before.callback_url == f"https://hooks.example/hooks/{before.id}"
    assert before.signing_key is not None
    assert secret not in before.signing_key
    room.deployer.set_enabled("orders", False)
    assert sent(room).status_code == 404
    assert room.deployer.plan([]).is_empty, "its address stays, and no plan says otherwise"
    room.deployer.set_enabled("orders", True)
    assert (room.address.id, room.secret, room.address.state) == (before.id, secret, SubscriptionState.ACTIVE)
    assert sent(room).status_code == 202
    room.deployer.remove(["orders"])
    assert room.journal.subscriptions.list() == []


def test_two_flows_with_the_same_wish_have_an_address_each(room: TriggerRoom) -> None:
    room.deploy_texts(flow(), flow().replace("id: orders", "id: others"))
    rows = room.journal.subscriptions.list()
    assert len({row.id for row in rows}) == 2
    assert len({room.subscriptions.secrets_of(row)[0] for row in rows}) == 2


def test_a_rotated_secret_is_good_until_its_time_is_up_or_it_is_revoked(room: TriggerRoom) -> None:
    room.deploy_texts(flow())
    old = room.secret
    room.subscriptions.rotate(room.address)
    new = room.secret
    assert new != old
    assert [sent(room, authorization=f"Bearer {key}").status_code for key in (old, new)] == [202, 202]
    room.subscriptions.revoke_old(room.address)
    assert [sent(room, authorization=f"Bearer {key}").status_code for key in (old, new)] == [401, 202]
    room.subscriptions.rotate(room.address, grace_ms=0)
    assert sent(room, authorization=f"Bearer {new}").status_code == 401
    room.deployer.subscriptions.reconcile(check=True)
    assert len(room.subscriptions.secrets_of(room.address)[0]) == 1, "looking after it makes no new one"


# Answers


def test_the_sender_gets_the_answer_of_the_run(working: TriggerRoom) -> None:
    working.deploy_texts(flow("respond: {timeout: 20s}", ANSWERS))
    answer = sent(working)
    assert (answer.status_code, answer.json()) == (201, {"said": "ada@example.com"})
    assert answer.headers["content-type"] == "application/json"


def test_a_repeat_gets_the_answer_of_the_first(working: TriggerRoom) -> None:
    working.deploy_texts(flow("respond: {timeout: 20s}", ANSWERS))
    first, again = sent(working, idempotency_key="a"), sent(working, {"email": "else"}, idempotency_key="a")
    assert first.json() == again.json() == {"said": "ada@example.com"}
    assert len(working.runs) == 1


def test_a_repeat_is_answered_at_once_when_the_run_of_the_first_is_purged(room: TriggerRoom) -> None:
    """Its event is kept for longer, so that it is a repeat all the same."""
    room.deploy_texts(flow("respond: {timeout: 100ms}", ANSWERS))
    [run_id] = sent(room, idempotency_key="a").json()["runs"]
    with writing(room.journal.engine) as db:
        db.execute(text("DELETE FROM runs"))

    async def wait() -> object:
        async with asyncio.timeout(PATIENCE):
            return await Replies(room.journal.answers).wait(run_id, "http.respond", seconds=1_000 * PATIENCE)

    assert asyncio.run(wait()) is None
    answer = sent(room, idempotency_key="a")
    assert (answer.status_code, answer.json()["runs"]) == (202, [run_id])


def test_a_run_without_an_answer_is_told_by_its_end(working: TriggerRoom) -> None:
    working.deploy_texts(flow("respond: {timeout: 20s}"))
    answer = sent(working)
    [run] = working.runs
    assert (answer.status_code, answer.json()) == (200, {"run": run.id, "status": "succeeded"})
    working.deploy_texts(
        flow("respond: {timeout: 20s}", "  - {id: no, stop: {status: failed, message: secret words}}\n")
    )
    answer = sent(working)
    assert answer.status_code == 500
    assert answer.json()["status"] == "failed"
    assert "secret" not in answer.text


def test_whoever_waits_too_long_gets_202_with_the_run(room: TriggerRoom) -> None:
    room.deploy_texts(flow("respond: {timeout: 100ms}", ANSWERS))
    answer = sent(room)
    [run] = room.runs
    assert (answer.status_code, answer.json()) == (202, {"events": [room.events[0].id], "runs": [run.id]})


def test_whoever_starts_nothing_waits_for_nothing(room: TriggerRoom) -> None:
    room.deploy_texts(flow("respond: {timeout: 1m}", trigger="    if: trigger.payload.email == 'else'\n"))
    assert (sent(room).status_code, room.runs) == (202, [])


def test_a_run_answers_once(working: TriggerRoom) -> None:
    twice = ANSWERS + ANSWERS.replace("id: answer", "id: again").replace("201", "202")
    working.deploy_texts(flow("respond: {timeout: 20s}", twice))
    assert sent(working).status_code == 201
    [run] = working.runs
    working.crew.close()
    state = working.state(run.id)
    assert state.status is RunStatus.FAILED
    assert state.error is not None
    assert (state.error["kind"], state.error["step"]) == ("conflict", "again")


def test_a_hundred_who_wait_share_their_looks(working: TriggerRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    working.deploy_texts(flow("respond: {timeout: 50s}", ANSWERS))
    looks: list[int] = []
    look = working.journal.answers.of

    def counted(run_ids: list[str], *, uses: str) -> object:
        looks.append(len(run_ids))
        return look(run_ids, uses=uses)

    monkeypatch.setattr(working.journal.answers, "of", counted)

    async def all_of_them() -> list[httpx.Response]:
        app, address, headers = working.web(), working.address.id, dict(working.bearer())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="https://hooks.example"
        ) as client:
            calls = [
                client.post(f"/hooks/{address}", json={"email": f"{n}@example.com"}, headers=headers)
                for n in range(100)
            ]
            return list(await asyncio.gather(*calls))

    answers = asyncio.run(all_of_them())
    assert [answer.json() for answer in answers] == [{"said": f"{n}@example.com"} for n in range(100)]
    assert max(looks) > 10, "one look asks for many runs"


# By hand


def test_a_run_by_hand_needs_no_event(room: TriggerRoom) -> None:
    text = (
        "id: report\ninputs: {month: {type: string}}\ntriggers: [{uses: manual}]\nsteps:\n"
        "  - {id: tell, uses: log.write, with: {message: '{{ inputs.month }} {{ trigger.event }} {{ trigger.created_by }}'}}\n"
    )
    room.deploy_texts(text)
    row = room.journal.flows.get("report")
    assert row is not None
    loaded = room.flows.get(row.digest, row.source, row.file)
    run_id = start(room.journal, loaded, owner=OWNER, event=None, inputs={"month": "March"}).run_id
    room.execute(run_id)
    output = room.steps(run_id)["tell"][0].output
    assert isinstance(output, dict)
    assert output["message"] == f"March manual {OWNER}"
    assert room.journal.subscriptions.list() == []


def test_a_run_by_hand_stands_in_its_lane(room: TriggerRoom) -> None:
    from engine.errors import BusyError

    text = "id: report\nconcurrency: {limit: 1, on_limit: queue, max_queued: 1}\nsteps:\n  - {id: tell, uses: log.write, with: {message: hi}}\n"
    room.deploy_texts(text)
    row = room.journal.flows.get("report")
    assert row is not None
    loaded = room.flows.get(row.digest, row.source, row.file)
    started = [start(room.journal, loaded, owner=OWNER, event=None, inputs={}) for _ in range(2)]
    assert [one.held for one in started] == [False, True]
    assert [room.state(one.run_id).held for one in started] == [False, True]
    with pytest.raises(BusyError, match="report was not started: the queue is full"):
        start(room.journal, loaded, owner=OWNER, event=None, inputs={})
