"""The virtual clock. Owns which instant it is, resting until another one, and branches side by side; it answers nothing itself.

Nothing here waits: whoever is due first goes on, and the clock is moved to that instant. Ties are decided by the order of the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import TypeVar

from engine.core.commands import Branch, Result
from engine.runtime.rehearsal.cases import Arrival
from engine.runtime.rehearsal.drive import CutOff, Frame, Frames, Moves

EndT = TypeVar("EndT")
NEVER = 1 << 62
"""The instant of what will not come."""


class WaitsForEver(Exception):
    """Nothing more happens, and the run has not ended."""


@dataclass(kw_only=True, slots=True)
class Clock:
    """``now`` and ``cancel_at``: milliseconds since the epoch. ``arrivals``: the events that come, by instant; ``taken``: which were."""

    now: int
    cancel_at: int | None = None
    arrivals: tuple[Arrival, ...] = ()
    taken: set[int] = field(default_factory=set)

    def run(self, moves: Moves[EndT]) -> EndT:
        """Move on from instant to instant until the end. Raises WaitsForEver."""
        while True:
            try:
                at = next(moves)
            except StopIteration as ended:
                result: EndT = ended.value
                return result
            if at >= NEVER:
                raise WaitsForEver
            self.now = max(self.now, at)

    def go_on(self, frames: Frames) -> None:
        """Something new is about to begin. Raises CutOff when the time of anything around it is up."""
        for frame in frames:
            if frame.lost:
                raise CutOff(frame, "lost")
            if frame.ends_at is not None and self.now >= frame.ends_at:
                raise CutOff(frame, "timeout")
            if frame.cancellable and self.cancel_at is not None and self.now >= self.cancel_at:
                raise CutOff(frame, "cancelled")

    def rest(self, until: int, frames: Frames) -> Moves[None]:
        """Nothing happens until then. Raises CutOff."""
        while self.now < until:
            self.go_on(frames)
            for frame in frames:
                if frame.hurried:
                    raise CutOff(frame, "lost")
            yield min(until, self._next_cut(frames))

    def busy(self, until: int, frames: Frames) -> Moves[None]:
        """A call is under way until then: it is never cut, but nobody waits for what is lost."""
        while self.now < until and not any(frame.lost for frame in frames):
            yield until

    def _next_cut(self, frames: Frames) -> int:
        ends = [frame.ends_at for frame in frames if frame.ends_at is not None]
        cancelled = self.cancel_at if any(frame.cancellable for frame in frames) else None
        return min([*ends, NEVER if cancelled is None else cancelled])

    def side_by_side(
        self, branch: Branch, frame: Frame, begin: Callable[[int], Moves[Result]]
    ) -> Moves[Mapping[int, Result]]:
        """The branch's children, at most ``branch.limit`` at once; ``begin(i)`` drives child i within ``frame``."""
        return (yield from _Lanes(self, branch, frame, begin).moves())


class _Lanes:
    """The children of one Branch that are under way, as a heap of (the instant at which it goes on, index, its moves)."""

    def __init__(self, clock: Clock, branch: Branch, frame: Frame, begin: Callable[[int], Moves[Result]]) -> None:
        self._clock = clock
        self._branch = branch
        self._frame = frame
        self._begin = begin
        self._lanes: list[tuple[int, int, Moves[Result]]] = []
        self._results: dict[int, Result] = {}
        self._begun = 0
        self._over = False
        self._cut: CutOff | None = None

    def moves(self) -> Moves[Mapping[int, Result]]:
        while self._lanes or self._begins:
            if self._begins:
                self._begun += 1
                self._step(self._begun - 1, self._begin(self._begun - 1))
                continue
            at, index, moves = self._lanes[0]
            if at > self._clock.now:
                yield at
            if at > self._clock.now:
                self._wake()  # resumed too early: something around this branch is cut
            else:
                heappop(self._lanes)
                self._step(index, moves)
        if self._cut is not None:
            raise self._cut
        return self._results

    @property
    def _begins(self) -> bool:
        """Whether the next child begins now."""
        room = len(self._lanes) < self._branch.limit and self._begun < self._branch.count
        return room and not self._over and self._cut is None

    def _step(self, index: int, moves: Moves[Result]) -> None:
        try:
            at = next(moves)
        except StopIteration as ended:
            self._ended(index, ended.value)
        except CutOff as cut:
            if cut.frame is not self._frame:
                self._cut = cut  # the others meet the same cut on their own
        else:
            heappush(self._lanes, (at, index, moves))

    def _ended(self, index: int, result: Result) -> None:
        if self._frame.lost:
            return  # another one was through before
        self._results[index] = result
        if self._over or not _decides(self._branch, result):
            return
        self._over = True
        self._frame.lost = self._branch.join == "any"
        self._frame.hurried = True
        self._wake()

    def _wake(self) -> None:
        """Let every child look around; what is lost ends at this instant."""
        waiting, self._lanes = sorted(self._lanes, key=lambda lane: lane[1]), []
        for _, index, moves in waiting:
            self._step(index, moves)
        if self._frame.lost and self._lanes:
            self._wake()


def _decides(branch: Branch, result: Result) -> bool:
    """Whether no further child begins after this end of one."""
    if branch.join == "any":
        return result.through or result.stopped is not None
    return result.last or not result.through
