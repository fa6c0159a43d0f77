"""How a run looks: as JSON for programs, as a tree of steps for people. Owns order, signs and words; reads and prints nothing.

Steps stand in the order of the flow's own file, whatever ran first; containers hold their children, iterations are ``[i]``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import click

from engine import strictjson
from engine.cli.output import plain, took, when, when_json
from engine.core.statuses import RUN_ACTIVE, RunStatus, StepStatus
from engine.flow.model import Flow, ForeachStep, IfStep, Step
from engine.journal.records import Event, Run, StepRow
from engine.strictjson import Json, JsonObject

SIGNS: Mapping[StepStatus, tuple[str, str]] = {
    StepStatus.RUNNING: ("▸", "cyan"),
    StepStatus.WAITING: ("…", "yellow"),
    StepStatus.SUCCEEDED: ("✓", "green"),
    StepStatus.FAILED: ("✗", "red"),
    StepStatus.SKIPPED: ("-", "bright_black"),
    StepStatus.UNCERTAIN: ("?", "magenta"),
    StepStatus.CANCELLED: ("⊘", "bright_black"),
}
RUN_COLOURS: Mapping[RunStatus, str] = {
    RunStatus.SUCCEEDED: "green",
    RunStatus.FAILED: "red",
    RunStatus.UNCERTAIN: "magenta",
    RunStatus.CANCELLED: "bright_black",
}

_SEGMENT = re.compile(r"[^.\[\]]+|\[\d+\]")
_LAST = 1_000_000


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with its attempts, its event and its version. ``flow`` is None when this release cannot read the version any more."""

    run: Run
    steps: Sequence[StepRow]
    event: Event | None = None
    source: str = ""
    file: str = ""
    flow: Flow | None = None
    _ranks: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> JsonObject:
        """The shape that ``runs show --json`` promises; what stands after ``steps`` may grow."""
        return {
            "id": self.run.id,
            "flow": self.run.flow,
            "version": self.run.version,
            "status": self.run.status.value,
            "created_at": when_json(self.run.created_at),
            "started_at": when_json(self.run.started_at),
            "ended_at": when_json(self.run.ended_at),
            "trigger": self.event.event if self.event is not None else None,
            "outputs": self.run.outputs,
            "error": self.run.error,
            "steps": [
                _step_json(row) for row in sorted(self.steps, key=lambda row: (self._key(row.path), row.attempt))
            ],
            "message": self.run.message,
            "waiting_for": self.run.waiting_for,
            "event_id": self.run.event_id,
            "inputs": self.run.inputs,
        }

    def lines(self) -> Iterator[str]:
        """The whole page for a person."""
        yield from self._head()
        yield ""
        yield from self._tree()
        yield from self._outputs()
        yield from self._failure()

    def _head(self) -> Iterator[str]:
        run = self.run
        status = click.style(run.status.value, fg=RUN_COLOURS.get(run.status, "cyan"), bold=True)
        yield f"run      {run.id}  {status}"
        yield f"flow     {run.flow}  version {run.version}  {plain(self.file)}".rstrip()
        source = f"  ({self.event.source.value})" if self.event is not None else ""
        yield f"event    {run.event_id}{source}"
        yield f"created  {when(run.created_at)} UTC"
        if run.started_at is not None:
            duration = took(run.started_at, run.ended_at)
            yield f"started  {when(run.started_at)} UTC" + (f", took {duration}" if duration else "")
        if run.status in RUN_ACTIVE and run.waiting_for:
            yield f"waits    {plain(run.waiting_for)}"
        if run.message:
            yield f"message  {plain(run.message)}"

    def _tree(self) -> Iterator[str]:
        attempts: dict[str, list[StepRow]] = {}
        for row in self.steps:
            for path in _ancestry(row.path):
                attempts.setdefault(path, [])
            attempts[row.path].append(row)
        if not attempts:
            yield "no step has started"
            return
        paths = sorted(attempts, key=self._key)
        width = max(len(_label(path, " ")) for path in paths)
        uses = max(len(row.uses) for row in self.steps)
        for path in paths:
            yield from self._step(path, sorted(attempts[path], key=lambda row: row.attempt), width, uses)

    def _step(self, path: str, attempts: Sequence[StepRow], width: int, uses: int) -> Iterator[str]:
        if not attempts:
            yield _label(path, " ")
            return
        last = attempts[-1]
        sign, colour = SIGNS[last.status]
        label = _label(path, sign).ljust(width).replace(sign, click.style(sign, fg=colour), 1)
        words = [last.uses.ljust(uses), click.style(last.status.value, fg=colour)]
        words += [f"{last.attempt} attempts"] if last.attempt > 1 else []
        words += [duration] if (duration := _duration(attempts)) else []
        words += [f"waits for {plain(last.waiting_for)}"] if last.waiting_for else []
        yield f"{label}  {'  '.join(words)}"
        indent = " " * (_depth(path) + 4)
        for row in attempts:
            if row.error is not None and self._is_own(row):
                yield f"{indent}{f'attempt {row.attempt}: ' if len(attempts) > 1 else ''}{_error_line(row.error)}"

    def _is_own(self, row: StepRow) -> bool:
        """A container's failure is that of a step inside it, which says it already."""
        return row.error is not None and row.error.get("step") in (row.path, None, "")

    def _outputs(self) -> Iterator[str]:
        if self.run.outputs:
            yield ""
            yield "outputs"
            width = max(len(name) for name in self.run.outputs)
            for name, value in self.run.outputs.items():
                yield f"  {name.ljust(width)}  {plain(strictjson.dump(value))}"

    def _failure(self) -> Iterator[str]:
        error = self.run.error
        if error is None:
            return
        yield ""
        step = str(error.get("step") or "")
        where = f"at {plain(step)}: " if step else ""
        yield click.style(f"{self.run.status.value} {where}{_error_line(error)}", fg="red")
        yield from excerpt(str(error.get("place") or ""), self.source)

    def _key(self, path: str) -> tuple[tuple[int, int], ...]:
        """Sorts a path after its container, and among its neighbours as the file has them."""
        found = []
        name = ""
        for segment in _segments(path):
            if segment.startswith("["):
                name += "[]"
                found.append((0, int(segment[1:-1])))
            else:
                name = f"{name}.{segment}"
                found.append((self._rank(name), 0))
        return tuple(found)

    def _rank(self, name: str) -> int:
        if name in self._order:
            return self._order[name]
        # Not in the file, or the file cannot be read: in the order of appearance, after what is known.
        return self._ranks.setdefault(name, _LAST + len(self._ranks))

    @cached_property
    def _order(self) -> Mapping[str, int]:
        names = list(_names(self.flow.steps, "")) if self.flow is not None else []
        if self.flow is not None and self.flow.on_error is not None:
            names += [".on_error", *_names(self.flow.on_error, ".on_error")]
        return {name: number for number, name in enumerate(names)}


def run_json(run: Run) -> JsonObject:
    """One line of a list."""
    return {
        "id": run.id,
        "flow": run.flow,
        "version": run.version,
        "status": run.status.value,
        "created_at": when_json(run.created_at),
        "started_at": when_json(run.started_at),
        "ended_at": when_json(run.ended_at),
        "error": run.error,
        "message": run.message,
        "outputs": run.outputs,
        "waiting_for": run.waiting_for,
        "event_id": run.event_id,
    }


def remark(run: Run) -> str:
    """What a list says about a run besides its status: what it waits for, or why it ended so."""
    if run.status in RUN_ACTIVE:
        return f"waits for {run.waiting_for}" if run.waiting_for else ""
    if run.error is not None:
        return f"{run.error.get('step') or ''}: {_error_line(run.error)}".removeprefix(": ")
    return run.message or ""


def excerpt(place: str, source: str) -> Iterator[str]:
    """The place, and the author's line with a caret under the column, when the source has it."""
    found = re.fullmatch(r"(?P<file>.*):(?P<line>\d+):(?P<column>\d+)", place, re.DOTALL)
    if found is None:
        return
    yield f"  {plain(place)}"
    number, column = int(found["line"]), int(found["column"])
    lines = source.splitlines()
    if not 1 <= number <= len(lines):
        return
    text = lines[number - 1].expandtabs(1)
    gutter = f"  {number:>6} | "
    yield gutter + plain(text)
    caret = len(plain(text[: max(0, column - 1)]))
    yield " " * (len(gutter) - 2) + "| " + " " * caret + click.style("^", fg="red", bold=True)


def _names(steps: Sequence[Step], prefix: str) -> Iterator[str]:
    """The paths of steps without the numbers of iterations, in the order of the file."""
    for step in steps:
        name = f"{prefix}.{step.id}"
        yield name
        if isinstance(step, IfStep):
            yield from _names((*step.then, *step.otherwise), name)
        elif isinstance(step, ForeachStep):
            yield from _names(step.steps, f"{name}[]")
        if isinstance(step.on_error, tuple):
            yield f"{name}.on_error"
            yield from _names(step.on_error, f"{name}.on_error")


def _segments(path: str) -> list[str]:
    found: list[str] = _SEGMENT.findall(path)
    return found


def _depth(path: str) -> int:
    return 2 * len(_segments(path))


def _label(path: str, sign: str) -> str:
    return f"{' ' * _depth(path)}{sign} {_segments(path)[-1]}"


def _ancestry(path: str) -> Iterator[str]:
    """Every container's path, outermost first, then the path itself."""
    text = ""
    for segment in _segments(path):
        text += segment if segment.startswith("[") or not text else f".{segment}"
        yield text


def _step_json(row: StepRow) -> Json:
    return {
        "path": row.path,
        "uses": row.uses,
        "attempt": row.attempt,
        "status": row.status.value,
        "input": row.shown_given,
        "output": row.shown_output,
        "error": row.error,
        "started_at": when_json(row.started_at),
        "ended_at": when_json(row.ended_at),
        "waiting_for": row.waiting_for,
    }


def _duration(attempts: Sequence[StepRow]) -> str:
    """From the first attempt's start to the last one's end; nothing for steps that take none."""
    starts = [row.started_at for row in attempts if row.started_at is not None]
    if not starts or "." not in attempts[-1].uses or attempts[-1].status is StepStatus.SKIPPED:
        return ""
    return took(min(starts), attempts[-1].ended_at)


def _error_line(error: JsonObject) -> str:
    status = f" {error['status']}" if error.get("status") else ""
    return plain(f"{error.get('kind') or 'error'}{status}: {error.get('message') or ''}")
