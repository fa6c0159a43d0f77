"""The Celery worker as a part of a process. Owns starting and stopping it; the caller owns signals and what the runs need.

One message that cannot be read (kombu decodes it outside of any task) ends Celery's consumer: it is then built anew. It runs in a thread, so that `hookline dev` can hold web, worker and scheduler in one process, and so that signals stay the caller's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from threading import Event, Thread

import celery.worker.state
from celery import Celery
from celery.app.trace import setup_worker_optimizations
from celery.worker import WorkController
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown
from kombu.connection import Connection
from kombu.transport.redis import QoS

from engine import log
from engine.failpoints import Point, reach
from engine.runtime.crew import Crew
from engine.worker.celery_app import QUEUE, register_ring

RESTART_SECONDS = 0.5
RECONNECT_SECONDS = 1.0
logger = log.get(__name__)


class Unheard(QoS):
    """kombu's count of messages under way, but that one whose acknowledgement the broker did not hear counts no more.

    Each would take one of the worker's places for ever, and with none left the worker heard nothing any more. Redis gives such a message out once
    more, an hour later, which changes nothing.
    """

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)  # type: ignore[no-untyped-call]
        except Exception:
            super(QoS, self).ack(delivery_tag)  # type: ignore[no-untyped-call]
            raise


class Persistent(Consumer):  # type: ignore[misc]  # Celery has no types
    """Celery's consumer, but for how it connects anew: every second. Its own pauses grow to 30 s, which runs would wait after an outage."""

    def ensure_connected(self, conn: Connection) -> Connection:
        connected = self._connected(conn)
        connected.default_channel.QoS = Unheard
        return connected

    def _connected(self, conn: Connection) -> Connection:
        def failed(error: Exception, interval: float) -> None:
            logger.warning("the broker does not answer; tried again soon", reason=str(error)[:200])

        return conn.ensure_connection(  # type: ignore[no-any-return, no-untyped-call]
            failed,
            interval_start=RECONNECT_SECONDS,
            interval_step=0,
            interval_max=RECONNECT_SECONDS,
            callback=maybe_shutdown,
        )


class WorkerProcess:
    """Takes doorbell messages and lets the crew execute what they announce."""

    def __init__(self, app: Celery, crew: Crew, *, threads: int, hostname: str) -> None:
        self._app = app
        self._crew = crew
        self._threads = threads
        self._hostname = hostname
        self._ready = Event()
        self._stopping = Event()
        register_ring(app, self._take)
        # Celery's own command does this too: without it the pool's threads look for the task in whichever app was made last.
        setup_worker_optimizations(app)
        self._thread = Thread(target=self._run, name="celery", daemon=True)

    def _controller(self) -> WorkController:
        return self._app.WorkController(
            pool="threads",
            concurrency=self._threads,
            queues=[QUEUE],
            hostname=f"{self._hostname}-{os.getpid()}@hookline",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            consumer_cls=Persistent,
            ready_callback=lambda _consumer: self._ready.set(),
        )

    def _take(self, run_ids: Sequence[str]) -> None:
        reach(Point.TASK_RECEIVED)
        self._crew.take(run_ids)
        # The task ends when its runs have begun, so that the broker gives this worker no more than it has threads for, and so that runs that
        # wait for a slow service do not keep the next message waiting.
        self._crew.until_begun(run_ids)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._controller().start()
            except SystemExit:
                return
            except Exception:
                logger.error("the Celery worker failed", exc_info=True)
            if not self._stopping.wait(RESTART_SECONDS):
                logger.error("the Celery worker ended unexpectedly; it is started again")

    def start(self) -> None:
        celery.worker.state.should_stop = None
        celery.worker.state.should_terminate = None
        self._thread.start()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def wait_ready(self, timeout: float) -> bool:
        """Whether the worker reached the broker within ``timeout`` seconds."""
        return self._ready.wait(timeout)

    def stop(self) -> None:
        """Take no more messages, let running segments park at their next call, and return when they have."""
        self._stopping.set()
        celery.worker.state.should_stop = os.EX_OK
        self._crew.close()
        self._thread.join(timeout=5)
