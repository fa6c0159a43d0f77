"""Failpoints: the named instants at which a test ends, breaks or holds up a process. Owns their names and what happens there.

Nothing is armed outside of tests, and passing a point then costs one look at a variable. It reads no environment: the command line arms what
``HOOKLINE_TEST_FAILPOINT`` names, ``name[:nth[:action]]``, several separated by commas. The nth passing (1 by default) does the action:
``exit`` (the default: ``os._exit(137)``, as after a SIGKILL), ``raise`` (FailpointReached), or ``sleep=SECONDS``.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from enum import StrEnum
from itertools import count

KILLED = 137


class Point(StrEnum):
    """Every boundary at which a process may be cut off; each with a meaning for those who read a test's output."""

    meaning: str

    def __new__(cls, value: str, meaning: str) -> Point:
        member = str.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    ACCEPT_BEFORE_COMMIT = "accept.before-commit", "a delivery is verified, and nothing of it is stored"
    ACCEPT_AFTER_COMMIT = "accept.after-commit", "a delivery is stored with its runs, and nobody was answered"
    ACCEPT_BEFORE_ANSWER = (
        "accept.before-answer",
        "a delivery is stored, the doorbell is told of it, and nobody was answered",
    )
    DOORBELL_BEFORE_SEND = "doorbell.before-send", "the message is not at the broker yet"
    DOORBELL_AFTER_SEND = "doorbell.after-send", "the message is at the broker"
    TASK_RECEIVED = "task.received", "a worker has taken the message off, and claimed nothing"
    CLAIM_AFTER_COMMIT = "claim.after-commit", "the run is claimed, and nothing of it is done"
    OPEN_BEFORE_COMMIT = "open.before-commit", "a permit is held, and the attempt is not written"
    OPEN_AFTER_COMMIT = "open.after-commit", "the attempt is written, and its call has not left"
    CALL_AFTER_ANSWER = "call.after-answer", "the service has answered, and nothing of it is written"
    RECORD_BEFORE_COMMIT = "record.before-commit", "changes of steps are about to be written"
    RECORD_AFTER_COMMIT = "record.after-commit", "changes of steps are written"
    PARK_BEFORE_COMMIT = "park.before-commit", "the run is about to give its worker back"
    PARK_AFTER_COMMIT = "park.after-commit", "the run waits and holds no worker"
    FINISH_BEFORE_COMMIT = "finish.before-commit", "the run is through, and its end is not written"
    FINISH_AFTER_COMMIT = "finish.after-commit", "the run's end is written"
    RING_AFTER_COMMIT = "ring.after-commit", "the scheduler has moved due runs on, and rung for none"


class FailpointReached(RuntimeError):
    """The action ``raise``."""


@dataclass(frozen=True, slots=True)
class _Armed:
    passings: count[int]
    nth: int
    action: str


_armed: dict[Point, _Armed] = {}


def arm(text: str) -> None:
    """Replace what is armed by what ``text`` names. Raises ValueError for a name or an action that does not exist."""
    wanted = dict(_parsed(item.strip()) for item in text.split(",") if item.strip())
    _armed.clear()
    _armed.update(wanted)


def _parsed(item: str) -> tuple[Point, _Armed]:
    name, _, rest = item.partition(":")
    nth, _, action = rest.partition(":")
    action = action or "exit"
    if action not in ("exit", "raise") and not action.startswith("sleep="):
        raise ValueError(f"a failpoint cannot {action!r}")
    if action.startswith("sleep="):
        float(action.removeprefix("sleep="))
    point = {known.value: known for known in Point}.get(name)
    if point is None:
        raise ValueError(f"there is no failpoint {name!r}")
    return point, _Armed(passings=count(1), nth=int(nth or 1), action=action)


def reach(point: Point) -> None:
    """Pass the point."""
    if _armed:
        _do(point)


def _do(point: Point) -> None:
    armed = _armed.get(point)
    if armed is None or next(armed.passings) != armed.nth:
        return
    if armed.action == "exit":
        os._exit(KILLED)
    if armed.action == "raise":
        raise FailpointReached(point.value)
    time.sleep(float(armed.action.removeprefix("sleep=")))
