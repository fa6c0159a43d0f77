"""The doorbell: tells workers which runs are ready. Owns coalescing many ids into few messages on a background thread.

Losing a ring loses nothing: every run that is due is rung again by the scheduler. So a failed publish is logged and forgotten, and
nobody who rings ever waits for the broker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from queue import SimpleQueue
from threading import Thread

from engine import log
from engine.errors import RedisUnavailable
from engine.failpoints import Point, reach
from engine.metrics import Metrics

BATCH = 20
"""Run ids per message: enough to save messages under load, few enough that several workers get a share."""

logger = log.get(__name__)
Publish = Callable[[Sequence[str]], None]


class Doorbell:
    """Rings through ``publish(run ids)``, which may block and may raise RedisUnavailable."""

    def __init__(self, publish: Publish, metrics: Metrics | None = None) -> None:
        self._publish = publish
        self._metrics = metrics or Metrics()
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._closing = False
        self._thread = Thread(target=self._work, name="doorbell", daemon=True)
        self._thread.start()

    def ring(self, run_ids: Iterable[str]) -> None:
        """Returns at once."""
        for run_id in run_ids:
            self._queue.put(run_id)

    def close(self) -> None:
        """Send what is waiting, as long as the broker takes it, then stop."""
        self._closing = True
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _work(self) -> None:
        while True:
            batch, more = self._batch()
            sent = not batch or self._send(batch)
            if not more or (self._closing and not sent):
                return

    def _batch(self) -> tuple[list[str], bool]:
        """Block for the first id, then take what has come meanwhile."""
        found: dict[str, None] = {}
        item = self._queue.get()
        while item is not None:
            found[item] = None
            if len(found) >= BATCH or self._queue.empty():
                return list(found), True
            item = self._queue.get()
        return list(found), False

    def _send(self, batch: Sequence[str]) -> bool:
        try:
            reach(Point.DOORBELL_BEFORE_SEND)
            self._publish(batch)
            reach(Point.DOORBELL_AFTER_SEND)
            return True
        except RedisUnavailable as error:
            self._metrics.doorbell_failures.add()
            logger.warning("the doorbell is silent; the scheduler rings again", runs=len(batch), reason=error.message)
        except Exception:  # whatever it was, the next ring must be tried
            self._metrics.doorbell_failures.add()
            logger.error("the doorbell failed; the scheduler rings again", runs=len(batch), exc_info=True)
        return False
