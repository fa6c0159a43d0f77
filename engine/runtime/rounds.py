"""Work that is done over and over in a thread of its own. Owns the rhythm, and that what goes wrong in one round does not end the next ones."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

from engine import log
from engine.errors import HooklineError

STOP_SECONDS = 2.0
logger = log.get(__name__)


class Rounds:
    """Calls ``work`` every so many seconds, from ``start`` until ``stop``."""

    def __init__(self, name: str, work: Callable[[], object], *, every: float) -> None:
        self._name = name
        self._work = work
        self._every = every
        self._stopping = Event()
        # A daemon: a service that does not answer must not hold up the end of the process.
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begin no other round, and wait a moment for the one that is under way."""
        self._stopping.set()
        self._thread.join(timeout=STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.wait(self._every):
            try:
                self._work()
            except HooklineError as error:
                logger.warning("a round failed; tried again soon", work=self._name, reason=error.message)
            except Exception:
                logger.error("a round failed; tried again soon", work=self._name, exc_info=True)
