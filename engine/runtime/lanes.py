"""Children of a Branch, side by side. Owns their order, on how many threads they run, and when no further one begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from threading import BoundedSemaphore, Lock, Thread
from typing import Protocol

from engine.core.commands import Branch, Cut, Result, Steps
from engine.runtime.frames import CutOff, Frame, Frames, Parked, ended_with
from engine.runtime.iterations import Iterations
from engine.runtime.ledger import Ledger


class Drive(Protocol):
    """Runs the steps of a child within these frames."""

    def __call__(self, steps: Steps, frames: Frames, /) -> Result: ...


class Lanes:
    """Children in order of index, at most ``limit`` of them begun and not ended, on as many threads as are to be had.

    A parked child stays begun, so that its place counts. Once the branch is over no further child begins, but one that was begun in an
    earlier segment is: what it had under way has to be settled. All threads have ended when ``run`` returns.
    """

    def __init__(
        self,
        branch: Branch,
        frames: Frames,
        iterations: Iterations | None,
        *,
        ledger: Ledger,
        helpers: BoundedSemaphore,
        drive: Drive,
        cancel: Callable[[str], None],
    ) -> None:
        self._branch = branch
        self._iterations = iterations
        self._ledger = ledger
        self._helpers = helpers
        self._drive = drive
        self._cancel = cancel
        any_of_them = branch.join == "any"
        self._frame = Frame(
            path=branch.path,
            frozen=_frozen(branch, ledger, frames),
            decided=(lambda: self._over) if any_of_them else None,
        )
        self._frames: Frames = (*frames, self._frame)
        self._lock = Lock()
        self._next = 0
        self._lanes = 1
        self._over = False
        self._results: dict[int, Result] = {}
        self._parked: list[Parked] = []
        self._gives_way = False
        self._cut: CutOff | None = None
        self._broken: BaseException | None = None

    def run(self) -> Mapping[int, Result]:
        if self._frame.frozen is not None:
            return self._replayed()
        self._resume()
        threads = self._start_helpers()
        self._lane()
        for thread in threads:
            thread.join()
        return self._joined()

    def _replayed(self) -> Mapping[int, Result]:
        """The step has ended: every child that was begun is taken as far as it came then, and no other one."""
        results: dict[int, Result] = {}
        if self._iterations is not None:
            self._iterations.resume()
            results.update(self._iterations.of_ended())
        for index in range(self._branch.count):
            if index not in results and self._was_begun(index):
                try:
                    results[index] = self._drive(self._branch.child(index), self._frames)
                except CutOff as cut:
                    cut.of(self._frame)
        return results

    def _resume(self) -> None:
        if self._iterations is not None:
            self._over = self._iterations.resume()
        elif self._branch.join == "any":
            self._look_for_a_winner()

    def _look_for_a_winner(self) -> None:
        """Whether a child is through by what is recorded: then no other one must make a call before that is known."""
        probe = Frame(path=self._branch.path, frozen="lost")
        for index in filter(self._was_begun, range(self._branch.count)):
            try:
                self._results[index] = self._drive(self._branch.child(index), (*self._frames, probe))
            except CutOff as cut:
                cut.of(probe)
        self._over = any(_decides(self._branch, result) for result in self._results.values())
        if not self._over:
            self._results.clear()

    def _was_begun(self, index: int) -> bool:
        return bool(self._ledger.below(self._branch.prefix(index)))

    def _start_helpers(self) -> list[Thread]:
        through = 0 if self._iterations is None else self._iterations.count
        wanted = min(self._branch.limit, self._branch.count - through) - 1
        threads: list[Thread] = []
        while len(threads) < wanted and self._helpers.acquire(blocking=False):
            thread = Thread(target=copy_context().run, args=(self._helper_lane,), name=f"branch-{self._branch.path}")
            threads.append(thread)
        self._lanes += len(threads)
        for thread in threads:
            thread.start()
        return threads

    def _helper_lane(self) -> None:
        try:
            self._lane()
        finally:
            self._helpers.release()

    def _lane(self) -> None:
        while (index := self._take()) is not None:
            try:
                result = self._drive(self._branch.child(index), self._frames)
            except Parked as parked:
                if not self._may_go_on(parked):
                    return
            except CutOff as cut:
                if cut.frame is not self._frame:
                    self._cut = self._cut or cut
            except BaseException as error:
                self._broken = self._broken or error
                return
            else:
                self._end(index, result)

    def _take(self) -> int | None:
        with self._lock:
            while self._next < self._branch.count and self._broken is None and not self._gives_way:
                index = self._next
                self._next += 1
                if not self._is_known(index) and (not self._is_closed or self._was_begun(index)):
                    return index
            return None

    def _is_known(self, index: int) -> bool:
        return index in self._results or (self._iterations is not None and self._iterations.is_through(index))

    @property
    def _is_closed(self) -> bool:
        return self._over or self._cut is not None

    def _may_go_on(self, parked: Parked) -> bool:
        with self._lock:
            self._parked.append(parked)
            self._gives_way = self._gives_way or parked.in_ms <= 0
            if len(self._parked) + self._lanes <= self._branch.limit:
                return True
            self._lanes -= 1
            return False

    def _end(self, index: int, result: Result) -> None:
        with self._lock:
            if self._iterations is not None and result.through:
                result = self._iterations.end(index, result)
            if self._iterations is None or not result.through:
                self._results[index] = result
            self._over = self._over or _decides(self._branch, result)

    def _joined(self) -> Mapping[int, Result]:
        if self._broken is not None:
            raise self._broken
        # A call that may have left is waited for, whatever else is over.
        waits = [parked for parked in self._parked if parked.under_way or not self._is_closed]
        if waits:
            raise min(waits, key=lambda parked: parked.in_ms)
        if self._cut is not None:
            raise self._cut
        if self._over:
            self._cancel_the_rest()
        if self._iterations is None:
            return self._results
        return self._iterations.results(self._results)

    def _cancel_the_rest(self) -> None:
        # What is open in an iteration includes its own row; a branch has none.
        for index in range(self._next):
            if not self._is_known(index):
                prefix = self._branch.prefix(index)
                self._cancel(prefix.removesuffix(".") if self._branch.iterations else prefix)


def _frozen(branch: Branch, ledger: Ledger, frames: Frames) -> Cut | None:
    row = ledger.recorded(branch.path)
    if row is not None and row.cut is not None and frames and frames[-1].path == branch.path:
        return None  # It was the time limit around it, which stands for the same step, that was cut.
    return ended_with(row, otherwise="lost")


def _decides(branch: Branch, result: Result) -> bool:
    """Whether nothing more begins because of this result."""
    if branch.join == "any":
        return result.through or result.stopped is not None
    return result.last or not result.through
