"""Group commit. Owns the one thread that stores events: deliveries that arrive together share a transaction.

A delivery is answered 2xx only after its transaction is committed. It must not touch Redis; it hands run ids to the doorbell afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread

from engine import log
from engine.errors import DatabaseUnavailable
from engine.failpoints import Point, reach
from engine.journal.port import Events
from engine.journal.records import Accepted, NewEvent

BATCH = 200
RING_IN_MS = 2_000
"""The web process rings by itself; should that be lost, the scheduler does after this long."""

logger = log.get(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Order:
    events: tuple[NewEvent, ...]
    answer: Future[Sequence[Accepted]]


class Intake:
    """Stores events in batches; ``ring`` is called with the run ids of each batch, after its commit."""

    def __init__(self, events: Events, ring: Callable[[Sequence[str]], None]) -> None:
        self._events = events
        self._ring = ring
        self._queue: SimpleQueue[_Order | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="intake", daemon=True)
        self._thread.start()

    def submit(self, events: tuple[NewEvent, ...]) -> Future[Sequence[Accepted]]:
        """The answers come when the events are committed; DatabaseUnavailable when they could not be."""
        order = _Order(events=events, answer=Future())
        self._queue.put(order)
        return order.answer

    def close(self) -> None:
        self._queue.put(None)
        self._thread.join(timeout=10)

    def _work(self) -> None:
        while (order := self._queue.get()) is not None:
            orders, more = self._gather(order)
            self._store(orders)
            if not more:
                return

    def _gather(self, first: _Order) -> tuple[list[_Order], bool]:
        """What has come while the last commit was under way; False when ``close`` was among it."""
        orders = [first]
        while len(orders) < BATCH:
            try:
                order = self._queue.get_nowait()
            except Empty:
                break
            if order is None:
                return orders, False
            orders.append(order)
        return orders, True

    def _store(self, orders: Sequence[_Order]) -> None:
        # An order whose caller gave up (it was answered 503) is not stored: it was not accepted.
        live = [order for order in orders if order.answer.set_running_or_notify_cancel()]
        try:
            self._commit(live)
        except DatabaseUnavailable as error:
            self._refuse(live, error)
        except Exception as error:  # what cannot be stored must not take its neighbours with it
            logger.error("events could not be stored", deliveries=len(live), exc_info=True)
            if len(live) == 1:
                self._refuse(live, error)
            else:
                self._one_by_one(live)

    def _one_by_one(self, orders: Sequence[_Order]) -> None:
        for order in orders:
            try:
                self._commit([order])
            except Exception as error:
                self._refuse([order], error)

    def _commit(self, orders: Sequence[_Order]) -> None:
        reach(Point.ACCEPT_BEFORE_COMMIT)
        accepted = self._events.accept([event for order in orders for event in order.events], ring_in_ms=RING_IN_MS)
        reach(Point.ACCEPT_AFTER_COMMIT)
        self._answer(orders, accepted)

    def _refuse(self, orders: Sequence[_Order], error: Exception) -> None:
        for order in orders:
            order.answer.set_exception(error)

    def _answer(self, orders: Sequence[_Order], accepted: Sequence[Accepted]) -> None:
        self._ring([run_id for item in accepted for run_id in item.run_ids])
        remaining = iter(accepted)
        for order in orders:
            order.answer.set_result([next(remaining) for _ in order.events])
