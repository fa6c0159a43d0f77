"""The Celery app. Owns its configuration and publishing; measured reasons stand beside each setting that is not Celery's default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from celery import Celery
from kombu.exceptions import OperationalError

from engine.errors import RedisUnavailable

RING = "hookline.ring"
QUEUE = "hookline"

SILENCE_SECONDS = 3
"""A worker that hears nothing from the broker for this long connects anew."""

PUBLISH_SECONDS = 2
"""A message that the broker has not taken by then is given up; the scheduler rings for its runs."""

MOST_WAITING = 200
"""Messages, of some twenty ids each, that may wait for workers: more than these can do until the scheduler rings again.

What is due is rung again every few seconds, however many runs are ahead of it: without this, a long backlog filled the broker with repetitions,
which kept workers busy with runs that others had done. Each process counts for itself.
"""

FULL_SECONDS = 0.25
"""How long nothing is published when so many wait."""

# An id that is longer is not one of ours.
LONGEST_ID = 64


def make_app(broker_url: str) -> Celery:
    """An app on this broker. It is built per process and handed on; there is no module-level app."""
    app = Celery("hookline", broker=broker_url, set_as_current=False)
    app.conf.update(
        accept_content=["json"],
        task_serializer="json",
        result_backend=None,
        task_ignore_result=True,
        task_default_queue=QUEUE,
        # The message may be taken off early: what it announced stays due in the journal and is rung again.
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # Without remote control and events a worker holds fewer connections, and nobody can shut it down through Redis.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        task_publish_retry=False,
        broker_transport_options={
            "global_keyprefix": "hookline:celery:",
            "visibility_timeout": 3600,
            # The defaults turn a second of silence into minutes: see engine/README.md, "Redis". A BRPOP waits for a second.
            "socket_timeout": SILENCE_SECONDS,
            "socket_connect_timeout": 2,
            "health_check_interval": 10,
        },
    )
    return app


def register_ring(app: Celery, take: Callable[[Sequence[str]], None]) -> None:
    """Register the one task: ``take(run ids)`` blocks until these runs have begun."""

    # Celery would share the task with every other app of the process, whose messages would then end in this crew.
    @app.task(name=RING, shared=False)  # type: ignore[untyped-decorator]  # Celery has no types
    def ring(run_ids: object = None, *others: object, **named: object) -> None:
        take(plausible(run_ids))


def plausible(run_ids: object) -> list[str]:
    """The ids of a message; anything else in it is ignored, whoever wrote it."""
    if not isinstance(run_ids, list):
        return []
    return [item for item in run_ids if isinstance(item, str) and 0 < len(item) <= LONGEST_ID]


class _Room:
    """How many messages may still be published. The broker is asked when none may, and not for each message, which would cost as much again."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._left = 0
        self._ask_again_at = 0.0

    def take(self) -> bool:
        """Room for one. Not to be called by two threads."""
        if self._left == 0 and monotonic() >= self._ask_again_at:
            self._left = max(0, MOST_WAITING - self._waiting())
            self._ask_again_at = 0.0 if self._left else monotonic() + FULL_SECONDS
        if self._left == 0:
            return False
        self._left -= 1
        return True

    def _waiting(self) -> int:
        with self._app.producer_or_acquire() as producer, producer.connection._reraise_as_library_errors():
            return int(producer.channel._size(QUEUE))


def publisher(app: Celery) -> Callable[[Sequence[str]], None]:
    """Publish one message, unless ``MOST_WAITING`` wait already: the scheduler rings again for its runs.

    Raises RedisUnavailable; call it from a background thread only. The app is for nothing else from then on.
    """
    # kombu would try to connect again after two seconds, then after four, while the next rings wait behind this one.
    impatient = {"max_retries": 0, "socket_timeout": PUBLISH_SECONDS}
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **impatient}
    room = _Room(app)

    def publish(run_ids: Sequence[str]) -> None:
        try:
            if not room.take():
                return
            app.send_task(RING, args=[list(run_ids)], ignore_result=True)
        except (OperationalError, OSError) as error:
            raise RedisUnavailable(f"the broker does not answer: {type(error).__name__}") from None

    return publish
