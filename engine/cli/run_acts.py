"""What people did about a run, and what they can do. Owns these words: what it does again, who did it again, and uncertain steps with what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from engine import strictjson
from engine.cli.output import plain, when, when_json
from engine.core.statuses import RUN_FINAL, StepStatus
from engine.flow.model import ActionStep, Flow
from engine.journal.records import Run, StepRow
from engine.runtime.keys import key_of
from engine.runtime.rehearsal.paths import step_at
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.journal.again import Said

LONGEST_INPUT = 2_000


def acts_words(run: Run, said: Sequence[Said]) -> str:
    """What a list says was done about a run; empty when nothing was."""
    resolved = ", ".join(f"{item.path} {item.settled.replace('_', ' ')}" for item in said)
    if run.rerun_by is not None:
        return f"resolved ({resolved}), goes on as {run.rerun_by}" if said else f"done again as {run.rerun_by}"
    return f"resolved ({resolved})" if said else ""


def origin_lines(run: Run, reruns: Sequence[Run]) -> Iterator[str]:
    """For the head of the page."""
    if run.origin_run is not None:
        where = f"from {plain(run.origin_path)} on" if run.origin_path is not None else "from the start"
        yield f"origin   {run.origin_run}, done again {where}"
    for rerun in reruns:
        yield f"again    {rerun.id}  {rerun.status.value}"


def is_copied(run: Run, row: StepRow) -> bool:
    """Whether the attempt was made by the run that this one does again."""
    return run.origin_run is not None and row.ended_at is not None and row.ended_at <= run.created_at


def uncertain_rows(rows: Sequence[StepRow]) -> Sequence[StepRow]:
    """The steps of which nobody knows whether they happened: the last attempts of actions and sub-flows, not of what holds them."""
    last: dict[str, StepRow] = {}
    for row in sorted(rows, key=lambda row: row.attempt):
        last[row.path] = row
    calls = (row for row in last.values() if "." in row.uses or row.uses.startswith("flow "))
    return [row for row in calls if row.status is StepStatus.UNCERTAIN]


def uncertain_lines(run: Run, rows: Sequence[StepRow], flow: Flow | None, children: Sequence[Run]) -> Iterator[str]:
    """What was sent of each uncertain step, under which key, and the two commands that settle it."""
    for row in uncertain_rows(rows):
        on = f" on {row.connection}" if row.connection is not None else ""
        yield ""
        yield f"uncertain  {plain(row.path)}  {row.uses}{plain(on)}"
        yield f"  sent     {_short(strictjson.dump(row.shown_given))}"
        if "." in row.uses:
            yield f"  key      {_key(run, row, flow)}"
        for child in children:
            if child.parent_path == row.path:
                yield f"  run      {child.id}  {child.status.value}: look there first"
        yield from _settling(run, row)


def _settling(run: Run, row: StepRow) -> Iterator[str]:
    if row.settled is not None:
        yield f"  settled  {row.settled.replace('_', ' ')}, {when(row.settled_at)} UTC"
    elif run.status not in RUN_FINAL:
        yield "  settle   when the run is over"
    elif run.rerun_by is not None:
        yield f"  settle   in the run that does this one again: hookline runs show {run.rerun_by}"
    else:
        command = f"hookline runs resolve {run.id} {plain(row.path)}"
        yield f"  settle   {command} --happened"
        yield f"           {command} --did-not-happen"


def _key(run: Run, row: StepRow, flow: Flow | None) -> str:
    step = None if flow is None else step_at(flow, row.path)
    own = isinstance(step, ActionStep) and step.idempotency_key is not None
    return "the flow's own (idempotency_key)" if own else key_of(run, row.path)


def uncertain_json(run: Run, rows: Sequence[StepRow], flow: Flow | None) -> Json:
    """The same for programs; ``idempotency_key`` is null where the flow makes it."""
    found: list[Json] = []
    for row in uncertain_rows(rows):
        key = _key(run, row, flow)
        found.append(
            {
                "step": row.path,
                "uses": row.uses,
                "connection": row.connection,
                "input": row.shown_given,
                "idempotency_key": key if " " not in key and "." in row.uses else None,
                "settled": row.settled,
                "settled_at": when_json(row.settled_at),
            }
        )
    return found


def acts_json(run: Run) -> JsonObject:
    """For lists and pages."""
    origin = None if run.origin_run is None else {"run": run.origin_run, "from": run.origin_path}
    return {"origin": origin, "rerun_by": run.rerun_by}


def said_json(said: Sequence[Said]) -> Json:
    return [{"step": item.path, "settled": item.settled, "settled_at": when_json(item.settled_at)} for item in said]


def _short(text: str) -> str:
    words = plain(text)
    return words if len(words) <= LONGEST_INPUT else f"{words[: LONGEST_INPUT - 1]}…"
