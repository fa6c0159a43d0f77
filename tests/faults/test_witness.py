"""The witness and the client themselves: what is noted, what counts as an effect, and each way to misbehave as a caller meets it."""

from __future__ import annotations

import http.client
import json
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.faults import misbehaviour
from tests.faults.client_log import ClientLog
from tests.faults.connector import NAME, STEP_KEY
from tests.faults.misbehaviour import Misbehaviour
from tests.faults.witness import Hook, Witness


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with Witness(tmp_path) as found:
        yield found


def call(
    witness: Witness, method: str, path: str, name: str = "", *, patience: float = 5.0, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(str(urlsplit(witness.url).netloc), timeout=patience)
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    try:
        connection.request(
            method, path, None if method == "GET" else b"{}", {NAME: name, STEP_KEY: f"key-{name}", **named}
        )
        answer = connection.getresponse()
        return answer.status, {key.lower(): value for key, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_every_call_is_noted_with_its_name_and_key_also_in_a_file(witness: Witness) -> None:
    before = time.monotonic()
    call(witness, "POST", "/shots", "a")
    [seen] = witness.calls
    assert (seen.place, seen.name, seen.key) == ("POST /shots", "a", "key-a")
    assert before <= seen.at <= time.monotonic()
    [line] = (witness.folder / "witness.jsonl").read_text().splitlines()
    assert json.loads(line)["name"] == "a"


def test_shots_add_up_things_and_payments_do_not(witness: Witness) -> None:
    for _ in range(2):
        call(witness, "POST", "/shots", "shot")
        call(witness, "PUT", "/things", "thing")
        call(witness, "POST", "/payments", "payment", Idempotency_Key="one")
        call(witness, "POST", "/payments", "unkeyed")
    kinds = [effect.name for effect in witness.effects]
    assert {name: kinds.count(name) for name in kinds} == {"shot": 2, "thing": 1, "payment": 1, "unkeyed": 2}


def test_a_mark_can_be_asked_for(witness: Witness) -> None:
    assert call(witness, "GET", "/marks?name=a", "a")[0] == 404
    call(witness, "POST", "/marks", "a")
    assert call(witness, "GET", "/marks?name=a", "a")[0] == 200


@pytest.mark.parametrize(
    ("fault", "acted"),
    [
        (misbehaviour.act_then_drop(), True),
        (misbehaviour.drop(), False),
        (misbehaviour.reset(), False),
        (misbehaviour.reset(acts=True), True),
        (misbehaviour.hang(), False),
        (misbehaviour.hang(acts=True), True),
        (misbehaviour.endless_headers(), False),
    ],
    ids=lambda value: value.name if isinstance(value, Misbehaviour) else str(value),
)
def test_an_answer_can_be_lost_with_and_without_the_effect(witness: Witness, fault: Misbehaviour, acted: bool) -> None:
    witness.misbehave("POST /shots", fault, times=1)
    with pytest.raises((OSError, http.client.HTTPException)):
        call(witness, "POST", "/shots", "a", patience=0.3)
    assert len(witness.effects) == acted
    assert witness.calls[0].misbehaved == fault.name
    assert witness.misbehaved == {fault.name: 1}
    assert call(witness, "POST", "/shots", "b")[0] == 201, "only once was asked for"


def test_a_fault_lasts_until_it_is_taken_back(witness: Witness) -> None:
    witness.misbehave("*", misbehaviour.fail(500))
    assert [call(witness, "POST", "/shots")[0], call(witness, "GET", "/me")[0]] == [500, 500]
    assert witness.effects == []
    witness.behave()
    assert call(witness, "GET", "/me")[0] == 200


@pytest.mark.parametrize("text", ["7", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "soon", None])
def test_a_429_says_what_the_test_wants(witness: Witness, text: str | None) -> None:
    witness.misbehave("GET /me", misbehaviour.too_many(text), times=1)
    status, headers, _ = call(witness, "GET", "/me")
    assert (status, headers.get("retry-after")) == (429, text)


def test_a_body_comes_slowly_and_a_small_one_is_large(witness: Witness) -> None:
    witness.misbehave("GET /me", misbehaviour.slow_body(per_second=100), times=1)
    began = time.monotonic()
    assert json.loads(call(witness, "GET", "/me")[2]) == {"account": "faults"}
    assert time.monotonic() - began > 0.15
    witness.misbehave("GET /me", misbehaviour.gzip_bomb(megabytes=8), times=1)
    _, headers, body = call(witness, "GET", "/me")
    assert headers["content-encoding"] == "gzip"
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body)
    assert len(unpacked) == 8 * 1024 * 1024 > 100 * len(body)


def test_it_holds_some_hundred_calls_in_a_second_and_notes_all(witness: Witness) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: call(witness, "POST", "/shots", str(number)), range(300)))
    assert len({effect.name for effect in witness.effects}) == 300
    assert [seen.number for seen in witness.calls] == list(range(300))


def test_the_client_knows_what_was_accepted_and_what_is_indeterminate(witness: Witness) -> None:
    client = ClientLog(patience=0.3)
    hook = Hook(id="1", url=f"{witness.url}/shots", key="k", channel="main")
    assert client.send(hook, "a").accepted
    witness.misbehave("POST /shots", misbehaviour.act_then_drop(), times=1)
    lost = client.send(hook, "b")
    assert (lost.status, lost.accepted) == (None, False)
    assert client.again(lost).accepted
    assert [delivery.id for delivery in client.sent] == ["a", "b", "b"]
    assert client.accepted == {"a", "b"}
