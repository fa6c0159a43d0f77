"""What a loop keeps of its iterations. Owns their rows: one per iteration that is through, folded away behind a note of how far the loop is.

``path[i]`` (``iteration``) holds the iteration's outputs by step id; under ``given``, where there is any, what it leaves to the next
one: ``{"variables": …, "last": true}``. While the loop runs, its own row holds ``{"through": [[from, to], …], "bytes": n}``. So what a claim
loads, and what is kept in memory of earlier segments, does not grow with the number of iterations.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from engine import strictjson
from engine.core.commands import Branch, Result, StepError
from engine.core.statuses import STEP_FINAL, StepStatus
from engine.flow.model import Secret
from engine.journal.port import Runs
from engine.journal.records import StepChange, StepRow
from engine.runtime.ledger import Ledger, as_object, error_of
from engine.strictjson import Json

OUTPUT_CAP = 8 * 1024 * 1024
"""Bytes of JSON that all outputs of a loop may have together: they become one value."""

FOLD_EVERY = 50
"""So many iterations are folded away at once; that few are loaded with a claim."""

SHORTEST_FOLD = 10
_DONE = STEP_FINAL - {StepStatus.CANCELLED}
SEALED: frozenset[Secret] = frozenset({"inputs", "outputs"})


class Spans:
    """Whole numbers, as sorted half-open spans that do not touch."""

    def __init__(self, spans: Sequence[tuple[int, int]] = ()) -> None:
        self._spans = list(spans)
        self.count = sum(end - start for start, end in spans)

    def __contains__(self, number: int) -> bool:
        found = self._before(number)
        return found >= 0 and number < self._spans[found][1]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._spans)

    @property
    def end(self) -> int:
        """One more than the greatest number; 0 when there is none."""
        return self._spans[-1][1] if self._spans else 0

    def add(self, number: int) -> None:
        if number in self:
            return
        self.count += 1
        at = self._before(number) + 1
        joins_left = at > 0 and self._spans[at - 1][1] == number
        joins_right = at < len(self._spans) and self._spans[at][0] == number + 1
        start = self._spans[at - 1][0] if joins_left else number
        end = self._spans[at][1] if joins_right else number + 1
        self._spans[at - joins_left : at + joins_right] = [(start, end)]

    def without(self, other: Spans, *, below: int) -> Iterator[range]:
        """What is here and not in ``other``, as far as it is less than ``below``."""
        for span in self._gaps(other, below):
            if span:
                yield span

    def _gaps(self, other: Spans, below: int) -> Iterator[range]:
        for start, end in self._spans:
            for taken, free in other._spans:
                if taken < end and free > start:
                    yield range(start, min(taken, below))
                    start = free
            yield range(start, min(end, below))

    def _before(self, number: int) -> int:
        return bisect_right(self._spans, number, key=lambda span: span[0]) - 1


class Iterations:
    """The iterations of one loop, in one segment. The caller sees to it that one thread at a time is here."""

    def __init__(self, ledger: Ledger, runs: Runs, branch: Branch) -> None:
        self._ledger = ledger
        self._runs = runs
        self._branch = branch
        self._row = ledger.recorded(branch.path)
        spans, self._folded_bytes = _progress(self._row)
        self._before, self._folded, self._through = Spans(spans), Spans(spans), Spans(spans)
        self._kept: dict[int, Mapping[str, Json]] = {}
        self._sizes: dict[int, int] = {}
        self._failed: dict[int, Result] = {}
        self._last: tuple[int, Result] = (-1, Result())
        self._has_more_inside = False
        for index, row in self._loaded():
            self._take_up(index, row)

    def _loaded(self) -> Iterator[tuple[int, StepRow]]:
        """The rows of iterations that have ended, among those that the claim has loaded."""
        start = f"{self._branch.path}["
        for path in self._ledger.below(start):
            number = path[len(start) : -1]
            row = self._ledger.recorded(path)
            if not number.isdecimal():
                self._has_more_inside = True
            elif row is not None and row.status in _DONE:
                yield int(number), row

    def _take_up(self, index: int, row: StepRow) -> None:
        if row.status is StepStatus.SUCCEEDED:
            result = self._result(row)
            self._keep(index, result, len(strictjson.dump(result.outputs)))
        else:
            self._failed[index] = Result(failure=error_of(row))

    def _result(self, row: StepRow) -> Result:
        left = as_object(self._ledger.given(row))
        variables = left.get("variables")
        return Result(
            outputs=as_object(self._ledger.output(row)),
            variables=variables if isinstance(variables, Mapping) else None,
            last=left.get("last") is True,
        )

    def _keep(self, index: int, result: Result, size: int) -> None:
        self._through.add(index)
        self._kept[index] = result.outputs or {}
        self._sizes[index] = size
        if index > self._last[0]:
            self._last = (index, result)

    @property
    def count(self) -> int:
        """How many are through."""
        return self._through.count

    def is_through(self, index: int) -> bool:
        return index in self._through or index in self._failed

    def resume(self) -> bool:
        """Tell the interpreter of the last iteration that is through: it has the variables of all. Whether the loop is over already."""
        if self._last[0] >= 0 and self._branch.resumed is not None:
            self._branch.resumed(self._last[1])
        return bool(self._failed) or self._last[1].last

    def end(self, index: int, result: Result) -> Result:
        """The iteration is through: its row is written with the next commit. The answer is a failure when the outputs are too much."""
        size = len(strictjson.dump(result.outputs or {}))
        if self._folded_bytes + sum(self._sizes.values()) + size > OUTPUT_CAP:
            self._failed[index] = Result(failure=self._too_much(index))
            self._write(index, StepStatus.FAILED, self._failed[index])
            return self._failed[index]
        self._keep(index, result, size)
        self._write(index, StepStatus.SUCCEEDED, result)
        if len(self._sizes) > FOLD_EVERY:
            self._fold()
        return result

    def _too_much(self, index: int) -> StepError:
        path = self._branch.path
        message = (
            f"the outputs of the iterations of {path} come to more than {OUTPUT_CAP // 1024 // 1024} MB with number {index}; "
            "loop over fewer items, or move steps with large outputs into a sub-flow that returns only what is needed"
        )
        return StepError(step=path, kind="invalid", message=message)

    def _write(self, index: int, status: StepStatus, result: Result) -> None:
        left: dict[str, Json] = {}
        if result.variables is not None:
            left["variables"] = dict(result.variables)
        if result.last:
            left["last"] = True
        change = StepChange(
            path=f"{self._branch.path}[{index}]",
            attempt=1,
            uses="iteration",
            status=status,
            output=None if result.outputs is None else dict(result.outputs),
            given=left or None,
            error=result.failure.to_json() if result.failure is not None else None,
            secure=SEALED if self._branch.secure else frozenset(),
            folds=True,
        )
        self._ledger.change(change)

    def _fold(self) -> None:
        # The last one stays: it says what the next one starts from.
        for span in list(self._through.without(self._folded, below=self._last[0])):
            if len(span) >= SHORTEST_FOLD:
                for index in span:
                    self._folded.add(index)
                    self._folded_bytes += self._sizes.pop(index)
                self._note_progress(span)

    def _note_progress(self, span: range) -> None:
        through: Json = [[start, end] for start, end in self._folded]
        change = StepChange(
            path=self._branch.path,
            attempt=1,
            uses=self._row.uses if self._row is not None else "foreach",
            status=StepStatus.RUNNING,
            output={"through": through, "bytes": self._folded_bytes},
            folds_iterations=span,
        )
        self._ledger.change(change)

    def results(self, others: Mapping[int, Result]) -> Mapping[int, Result]:
        """The results of all that ended, in order. What earlier segments folded away is read here, once; not when the loop failed."""
        found = {**others, **self._failed}
        if not any(result.failure is not None for result in found.values()):
            for span in self._before:
                found.update(self._read(range(*span)))
        found.update({index: Result(outputs=outputs) for index, outputs in self._kept.items()})
        if self._last[0] >= 0:
            found[self._last[0]] = self._last[1]
        return {index: found[index] for index in sorted(found)}

    def of_ended(self) -> Mapping[int, Result]:
        """The iterations that were through of a loop whose step has ended."""
        if self._row is None or self._row.status is not StepStatus.SUCCEEDED:
            return self.results({})
        output = self._ledger.output(self._row)
        if not isinstance(output, Sequence) or isinstance(output, str):
            return self.results({})
        if self._has_more_inside:  # One of them stopped the run; which ones were through is known by their rows only.
            return self._read(range(self._branch.count))
        return {index: Result(outputs=as_object(outputs)) for index, outputs in enumerate(output)}

    def _read(self, indices: range) -> dict[int, Result]:
        start = len(self._branch.path) + 1
        rows = self._runs.iterations(self._ledger.claim.run_id, self._branch.path, indices)
        return {int(row.path[start:-1]): self._result(row) for row in rows if row.status is StepStatus.SUCCEEDED}


def _progress(row: StepRow | None) -> tuple[Sequence[tuple[int, int]], int]:
    """How far the loop was noted to be: the spans that are folded away, and the bytes of their outputs."""
    noted = as_object(row.output) if row is not None and row.status not in _DONE else {}
    spans, size = noted.get("through"), noted.get("bytes")
    if not isinstance(spans, Sequence) or isinstance(spans, str) or not isinstance(size, int):
        return (), 0
    return [(int(span[0]), int(span[1])) for span in spans if isinstance(span, Sequence)], size  # type: ignore[arg-type]
