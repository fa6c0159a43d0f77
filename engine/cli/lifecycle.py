"""The life of a command. Owns settings, logs and parts for its duration, signals, and leaving in time."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Timer
from types import FrameType

from engine import failpoints, log
from engine.app import App
from engine.redaction import Redactor
from engine.settings import Settings, armed_failpoints

LEAVE_WITHIN = 19.0
"""Seconds from a stop signal to the process's end at the latest; what is cut off then is recovered from the journal."""


@contextmanager
def opened(process: str = "cli", *, level: str | None = None) -> Iterator[App]:
    """The parts for one command, closed after it. Commands log warnings only; ``process`` names longer-lived ones."""
    settings = Settings.load()
    failpoints.arm(armed_failpoints())
    redactor = Redactor()
    quiet = "warning" if process == "cli" and settings.log_level == "info" else settings.log_level
    log.configure(format=settings.log_format, level=level or quiet, process=process, redactor=redactor)
    with App(settings, redactor=redactor) as app:
        yield app


def stop_on_signal(stopping: Event) -> None:
    """SIGTERM and SIGINT set ``stopping``; a process that then does not end within LEAVE_WITHIN is ended. Call it from the main thread."""
    logger = log.get(__name__)

    def handle(number: int, frame: FrameType | None) -> None:
        if stopping.is_set():
            return
        stopping.set()
        timer = Timer(LEAVE_WITHIN, _leave)
        timer.daemon = True
        timer.start()

    def _leave() -> None:
        logger.error("did not stop in time; what was cut off goes on from the journal", seconds=LEAVE_WITHIN)
        sys.stderr.flush()
        os._exit(1)

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)


def wait_for(stopping: Event) -> None:
    """Block the main thread until a stop signal; in short naps, so that signals are handled at once everywhere."""
    while not stopping.wait(0.5):
        pass
