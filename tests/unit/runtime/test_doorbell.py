"""The doorbell: many ids in few messages, nobody who rings waits, and a publish that fails silences nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Event, Thread

import pytest

from engine.errors import RedisUnavailable
from engine.metrics import Metrics
from engine.runtime.doorbell import BATCH, Doorbell
from tests.eventually import eventually

PATIENCE = 10


class Broker:
    """Takes messages; while ``gate`` is shut, publishing blocks."""

    def __init__(self) -> None:
        self.messages: list[list[str]] = []
        self.failures: list[Exception] = []
        self.gate = Event()
        self.gate.set()
        self.entered = Event()

    def publish(self, run_ids: Sequence[str]) -> None:
        self.entered.set()
        assert self.gate.wait(PATIENCE)
        if self.failures:
            raise self.failures.pop(0)
        self.messages.append(list(run_ids))


@pytest.fixture
def broker() -> Iterator[Broker]:
    broker = Broker()
    yield broker
    broker.gate.set()


def test_what_rings_while_a_message_is_under_way_goes_into_the_next_one(broker: Broker) -> None:
    broker.gate.clear()
    bell = Doorbell(broker.publish)
    bell.ring(["a"])
    assert broker.entered.wait(PATIENCE)
    bell.ring(["b", "c"])
    bell.ring(["b", "d"])
    broker.gate.set()
    bell.close()
    assert broker.messages == [["a"], ["b", "c", "d"]]


def test_a_message_carries_so_few_ids_that_several_workers_get_a_share(broker: Broker) -> None:
    broker.gate.clear()
    bell = Doorbell(broker.publish)
    bell.ring(["first"])
    assert broker.entered.wait(PATIENCE)
    ids = [f"run-{number}" for number in range(2 * BATCH + 1)]
    bell.ring(ids)
    broker.gate.set()
    bell.close()
    assert [len(message) for message in broker.messages] == [1, BATCH, BATCH, 1]
    assert [run for message in broker.messages[1:] for run in message] == ids


def test_messages_that_could_not_be_sent_are_counted() -> None:
    counts = Metrics()

    def fail(run_ids: object) -> None:
        raise RedisUnavailable("gone")

    bell = Doorbell(fail, counts)
    bell.ring(["a"])
    bell.close()
    assert counts.doorbell_failures.read().values == {"": 1}


def test_ringing_never_waits_for_the_broker(broker: Broker) -> None:
    broker.gate.clear()
    bell = Doorbell(broker.publish)
    for number in range(10_000):
        bell.ring([f"run-{number}"])
    assert broker.messages == [], "all of it was rung while not one message had left"
    broker.gate.set()
    bell.close()
    assert sum(len(message) for message in broker.messages) == 10_000


@pytest.mark.parametrize("failure", [RedisUnavailable("away"), RuntimeError("a bug"), OSError("cut")])
def test_after_a_publish_that_failed_the_next_one_is_tried(broker: Broker, failure: Exception) -> None:
    broker.failures = [failure]
    broker.gate.clear()
    bell = Doorbell(broker.publish)
    bell.ring(["a"])
    assert broker.entered.wait(PATIENCE)
    bell.ring(["b"])
    broker.gate.set()
    eventually(lambda: broker.messages)
    bell.close()
    assert broker.messages == [["b"]]


def test_closing_sends_what_is_waiting(broker: Broker) -> None:
    bell = Doorbell(broker.publish)
    bell.ring(["a", "b"])
    bell.close()
    assert [run for message in broker.messages for run in message] == ["a", "b"]


def test_closing_gives_up_on_a_broker_that_takes_nothing(broker: Broker) -> None:
    broker.failures = [RedisUnavailable("away") for _ in range(100)]
    broker.gate.clear()
    bell = Doorbell(broker.publish)
    bell.ring(["first"])
    assert broker.entered.wait(PATIENCE)
    bell.ring(f"run-{number}" for number in range(50 * BATCH))
    Thread(target=bell.close).start()
    eventually(lambda: bell._closing)
    broker.gate.set()
    bell._thread.join(PATIENCE)
    assert len(broker.failures) >= 98


def test_ringing_nothing_sends_nothing(broker: Broker) -> None:
    bell = Doorbell(broker.publish)
    bell.ring([])
    bell.close()
    assert broker.messages == []
