"""How a run looks: as JSON for programs, as a page for people. Owns the words around its steps, whose tree is run_tree's; reads and prints nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import click

from engine import strictjson
from engine.cli.output import plain, took, when, when_json
from engine.cli.run_acts import (
    acts_json,
    acts_words,
    is_copied,
    origin_lines,
    said_json,
    uncertain_json,
    uncertain_lines,
)
from engine.cli.run_tree import StepTree, error_line
from engine.core.statuses import RUN_ACTIVE, RunStatus
from engine.flow.model import Flow
from engine.journal.again import Said
from engine.journal.records import HIDDEN, Event, Run, StepRow, with_item
from engine.journal.seal import is_sealed
from engine.strictjson import Json, JsonObject

RUN_COLOURS: Mapping[RunStatus, str] = {
    RunStatus.SUCCEEDED: "green",
    RunStatus.FAILED: "red",
    RunStatus.UNCERTAIN: "magenta",
    RunStatus.CANCELLED: "bright_black",
    RunStatus.POISONED: "red",
}

LONGEST_ITEM = 200


@dataclass(frozen=True, kw_only=True)
class RunView:
    """A run with its attempts, its event, its version, the runs that it started and those that did it again.

    ``flow`` is None when this release cannot read the version any more. ``more``: iterations that ``steps`` lacks, see ``run_tree.Shortened``.
    """

    run: Run
    steps: Sequence[StepRow]
    event: Event | None = None
    source: str = ""
    file: str = ""
    flow: Flow | None = None
    children: Sequence[Run] = ()
    reruns: Sequence[Run] = ()
    more: Mapping[str, tuple[int, int]] = field(default_factory=dict)

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
            "trigger": self._trigger(),
            "outputs": shown_outputs(self.run),
            "error": self.run.error,
            "steps": [
                _step_json(row, copied=is_copied(self.run, row))
                for row in sorted(self.steps, key=lambda row: (self._steps.key(row.path), row.attempt))
            ],
            "message": self.run.message,
            "waiting_for": self.run.waiting_for,
            "event_id": self.run.event_id,
            "inputs": shown_inputs(self.run),
            "held": self.run.held,
            "paused": self.run.paused,
            "cancel_requested": self.run.cancel_requested,
            "lane": self.run.lane,
            "parent": _parent_json(self.run),
            "children": [
                {"path": child.parent_path, "run": child.id, "flow": child.flow, "status": child.status.value}
                for child in self.children
            ],
            **acts_json(self.run),
            "reruns": [{"run": rerun.id, "status": rerun.status.value} for rerun in self.reruns],
            "uncertain": uncertain_json(self.run, self.steps, self.flow),
        }

    def _trigger(self) -> JsonObject | None:
        """What expressions saw as ``trigger``."""
        event = self.event.event if self.event is not None else None
        return None if event is None else with_item(event, self.run.trigger_item, self.run.trigger_index)

    def lines(self) -> Iterator[str]:
        """The whole page for a person."""
        yield from self._head()
        yield ""
        yield from self._tree()
        yield from self._outputs()
        yield from self._failure()
        yield from uncertain_lines(self.run, self.steps, self.flow, self.children)

    def _head(self) -> Iterator[str]:
        run = self.run
        yield f"run      {run.id}  {click.style(status_words(run), fg=RUN_COLOURS.get(run.status, 'cyan'), bold=True)}"
        yield f"flow     {run.flow}  version {run.version}  {plain(self.file)}".rstrip()
        source = f"  ({self.event.source.value})" if self.event is not None else ""
        yield f"event    {run.event_id}{source}"
        if run.trigger_index is not None:
            yield f"item     {run.trigger_index}: {_short(strictjson.dump(run.trigger_item))}"
        if run.parent_run is not None:
            yield f"parent   {run.parent_run}  at {plain(run.parent_path or '')}"
        yield from origin_lines(run, self.reruns)
        if inputs := shown_inputs(run):
            yield f"inputs   {_short(inputs if isinstance(inputs, str) else strictjson.dump(inputs))}"
        if run.lane is not None:
            yield f"lane     {_short(run.lane)}"
        yield from self._times()
        if run.paused:
            yield f"paused   with its flow; nothing of it is done until: hookline flow resume {run.flow}"
        if run.status in RUN_ACTIVE and run.waiting_for:
            yield f"waits    {plain(run.waiting_for)}"
        elif run.status is RunStatus.QUEUED and not (run.held or run.paused):
            yield "waits    for a worker; if none takes it: hookline doctor"
        if run.status in RUN_ACTIVE and run.cancel_requested:
            yield "cancel   was asked for; the run ends at its next step"
        if run.message:
            yield f"message  {plain(run.message)}"

    def _times(self) -> Iterator[str]:
        run = self.run
        yield f"created  {when(run.created_at)} UTC"
        if run.started_at is not None:
            duration = took(run.started_at, run.ended_at)
            yield f"started  {when(run.started_at)} UTC" + (f", took {duration}" if duration else "")

    def _tree(self) -> Iterator[str]:
        yield from self._steps.lines()

    def _outputs(self) -> Iterator[str]:
        if is_sealed(self.run.outputs):
            yield from ("", f"outputs  {HIDDEN}")
        elif self.run.outputs:
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
        yield click.style(f"{self.run.status.value} {where}{error_line(error)}", fg="red")
        yield from excerpt(str(error.get("place") or ""), self.source)
        if self.run.status is RunStatus.POISONED:
            yield "  See why the workers stopped (their logs, the system's for out of memory), mend it, then let it go on from there:"
            yield f"    hookline runs rerun {self.run.id} --resume"

    @cached_property
    def _steps(self) -> StepTree:
        children = {child.parent_path: child for child in self.children if child.parent_path is not None}
        copied = frozenset(row.path for row in self.steps if is_copied(self.run, row))
        return StepTree(steps=self.steps, flow=self.flow, children=children, more=self.more, copied=copied)


def status_words(run: Run) -> str:
    """The status for people: ``queued (held)`` for a run that may not begin yet, ``parked (paused)`` for one of a paused flow."""
    notes = [word for word, holds in (("held", run.held), ("paused", run.paused)) if holds]
    return f"{run.status.value} ({', '.join(notes)})" if notes else run.status.value


def run_json(run: Run, said: Sequence[Said] = ()) -> JsonObject:
    """One line of a list. ``said``: what people said of its steps."""
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
        "outputs": shown_outputs(run),
        "waiting_for": run.waiting_for,
        "event_id": run.event_id,
        "held": run.held,
        "paused": run.paused,
        "parent_run": run.parent_run,
        **acts_json(run),
        "settled": said_json(said),
    }


def _parent_json(run: Run) -> JsonObject | None:
    return None if run.parent_run is None else {"run": run.parent_run, "path": run.parent_path}


def shown_inputs(run: Run) -> Json:
    return HIDDEN if is_sealed(run.inputs) else run.inputs


def shown_outputs(run: Run) -> Json:
    return HIDDEN if is_sealed(run.outputs) else run.outputs


def _short(text: str) -> str:
    words = plain(text)
    return words if len(words) <= LONGEST_ITEM else f"{words[: LONGEST_ITEM - 1]}…"


def remark(run: Run, said: Sequence[Said] = ()) -> str:
    """What a list says about a run besides its status: what it waits for, or what was done about it and why it ended so."""
    if run.status in RUN_ACTIVE:
        return f"waits for {run.waiting_for}" if run.waiting_for else ""
    return "; ".join(filter(None, (acts_words(run, said), _why_ended(run))))


def _why_ended(run: Run) -> str:
    if run.error is not None:
        return f"{run.error.get('step') or ''}: {error_line(run.error)}".removeprefix(": ")
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


def _step_json(row: StepRow, *, copied: bool) -> Json:
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
        "settled": row.settled,
        "copied": copied,
    }
