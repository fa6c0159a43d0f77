"""What is around a step while it is executed: time limits, requests to end the run, decided branches. Owns when something is cut; does nothing.

Before anything that the journal does not know yet is done, the frames are asked, from the outermost inward. A frame whose own step is
recorded as ended is frozen: its inside is answered from the journal alone, and is cut where that ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import NoReturn, TypeAlias

from engine.core.commands import Cut
from engine.core.statuses import STEP_FINAL, StepStatus
from engine.journal.records import StepRow
from engine.runtime.ledger import Ledger

FAIR_SECONDS = 10.0
"""A segment that has run this long gives its worker back before its next call, so that long runs do not starve short ones."""

FLOW_PAUSED = "its flow, paused by an operator"


class Parked(Exception):
    """The run cannot go on before ``in_ms`` from now. ``under_way``: what it waits for is how a call ended that may have left."""

    def __init__(self, in_ms: int, waiting_for: str | None, *, under_way: bool = False) -> None:
        super().__init__(waiting_for or "")
        self.in_ms = in_ms
        self.waiting_for = waiting_for
        self.under_way = under_way


@dataclass(eq=False, kw_only=True, slots=True)
class Frame:
    """A Limit or a Branch. ``frozen``: why its inside was cut, if it was, of a step that has ended; ``decided``: whether other branches won."""

    path: str
    ends_at: int | None = None
    cancellable: bool = False
    frozen: Cut | None = None
    decided: Callable[[], bool] | None = None


Frames: TypeAlias = "tuple[Frame, ...]"


class CutOff(Exception):
    """What ``frame`` holds ends here."""

    def __init__(self, frame: Frame, why: Cut) -> None:
        super().__init__(frame.path, why)
        self.frame = frame
        self.why: Cut = why

    def of(self, frame: Frame) -> Cut:
        """Why, when it is this frame that ends; else it goes on outward."""
        if self.frame is not frame:
            raise self
        return self.why


def ended_with(row: StepRow | None, *, otherwise: Cut) -> Cut | None:
    """What freezes the frame of a step with this row; None when it goes on, or when what is around it was cut."""
    if row is None or row.status not in STEP_FINAL or (row.status is StepStatus.CANCELLED and row.cut is None):
        return None
    return row.cut or otherwise


def is_frozen(frames: Frames) -> bool:
    return any(frame.frozen is not None for frame in frames)


class Guard:
    """Asks frames, for one segment."""

    def __init__(self, ledger: Ledger, stopping: Event) -> None:
        self._ledger = ledger
        self._stopping = stopping
        self._started = monotonic()

    def begin(self, frames: Frames) -> None:
        """Something new is about to be done. Raises CutOff, and Parked when the flow is paused or it is time to let others go first."""
        self.cut(frames)
        if self._ledger.flow_is_paused:
            # Due as it is: the resume makes it go on, whenever that is.
            raise Parked(0, FLOW_PAUSED)
        if self._stopping.is_set() or monotonic() - self._started > FAIR_SECONDS:
            raise Parked(0, None)

    def cut(self, frames: Frames) -> None:
        """Raises CutOff when a frame ends here."""
        for frame in reversed(frames):
            if frame.frozen is not None:
                raise CutOff(frame, frame.frozen)
        for frame in frames:
            if frame.ends_at is not None and self._ledger.now() >= frame.ends_at:
                raise CutOff(frame, "timeout")
            if frame.cancellable and self._ledger.cancel_requested:
                raise CutOff(frame, "cancelled")
            if frame.decided is not None and frame.decided():
                raise CutOff(frame, "lost")

    def cut_again(self, frames: Frames) -> NoReturn:
        """What comes was cut before, by a worker that died before it could say by what."""
        self.cut(frames)
        for frame in reversed(frames):
            if frame.decided is not None:
                raise CutOff(frame, "lost")
        for frame in reversed(frames):
            raise CutOff(frame, "timeout" if frame.ends_at is not None else "cancelled")
        raise RuntimeError("a step was cut, and nothing is around it")

    def time_left(self, frames: Frames) -> int | None:
        """Milliseconds until the first time limit around; None without one."""
        ends = [frame.ends_at for frame in frames if frame.ends_at is not None]
        return min(ends) - self._ledger.now() if ends else None

    def parked(self, frames: Frames, in_ms: int, why: str, *, under_way: bool = False) -> Parked:
        """The wait, no longer than the time limits around allow. A call that may have left is waited for even then."""
        left = self.time_left(frames)
        if left is not None and not under_way:
            in_ms = max(1, min(in_ms, left))
        return Parked(in_ms, why, under_way=under_way)
