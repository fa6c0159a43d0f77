"""``hookline replay``: a recorded run against a version of its flow. Owns the command and how the difference is printed.

It reads the journal and changes nothing; no call leaves.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.output import FAILED, as_json, plain, print_json
from engine.errors import UsageError
from engine.strictjson import Json, JsonObject, dump

if TYPE_CHECKING:
    from engine.flow.model import Flow
    from engine.runtime.rehearsal.recording import Recording
    from engine.runtime.rehearsal.replay import Difference, Replayed


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option("--flow", "flow_file", metavar="FILE", help="Another version of the flow; else the run's own.")
@as_json
def replay(run_id: str, flow_file: str | None, as_json: bool) -> None:
    """Execute a recorded run again, offline: every call is answered from the record. Show where the two part, if they do.

    With --flow this answers: would the version that I am writing have done the same? Exit status 1 when they part.

    \b
    Example:  hookline replay 01jd3k --flow flows/no-show.yaml
    """
    from engine.cli.lifecycle import opened
    from engine.cli.run_lookup import recorded
    from engine.flow.load import load_flow
    from engine.runtime.rehearsal.replay import replay as replayed
    from engine.runtime.rehearsal.suite import content

    with opened() as app:
        flow, recording = recorded(app, run_id)
    if flow_file is not None:
        flow = load_flow(content(Path(flow_file)), flow_file)
        if flow.id != recording.run.flow:
            raise UsageError(f"{flow_file} holds the flow {flow.id}, but the run is one of {recording.run.flow}")
    found = replayed(flow, recording)
    if as_json:
        print_json(replayed_json(flow, recording, found))
    else:
        for line in lines(flow, recording, found):
            click.echo(line)
    sys.exit(FAILED if found.difference is not None else 0)


def lines(flow: Flow, recording: Recording, found: Replayed) -> Iterator[str]:
    """The whole page."""
    run = recording.run
    yield f"run      {run.id}  {run.status.value}, version {run.version}"
    yield f"against  {flow.id}  version {flow.version}  {plain(flow.file)}"
    steps = f"{found.same_steps} step{'' if found.same_steps == 1 else 's'}"
    if found.difference is not None:
        yield f"{steps} as recorded, then they part"
        yield from _difference(found.difference, flow.source)
    elif found.whole:
        yield f"the same: {steps} as recorded, and the same end"
    else:
        yield f"the same as far as the record goes: {steps}"


def _difference(difference: Difference, source: str) -> Iterator[str]:
    from engine.cli.run_view import excerpt

    where = difference.step or "the run"
    attempt = f", attempt {difference.attempt}" if difference.attempt > 1 else ""
    yield f"  {plain(where)}{attempt}: {difference.what}"
    yield click.style(f"  - recorded {_words(difference.recorded)}", fg="red")
    yield click.style(f"  + now      {_words(difference.now)}", fg="green")
    if difference.place is not None:
        yield from excerpt(str(difference.place), source)


def _words(value: Json) -> str:
    return "(nothing)" if value is None else plain(dump(value))


def replayed_json(flow: Flow, recording: Recording, found: Replayed) -> JsonObject:
    """The shape that ``replay --json`` promises; each object may grow."""
    difference = found.difference
    return {
        "run": recording.run.id,
        "recorded_version": recording.run.version,
        "version": flow.version,
        "same": difference is None,
        "same_steps": found.same_steps,
        "whole": found.whole,
        "difference": None
        if difference is None
        else {
            "step": difference.step or None,
            "attempt": difference.attempt,
            "what": difference.what,
            "recorded": difference.recorded,
            "now": difference.now,
            "place": str(difference.place) if difference.place is not None else None,
        },
    }
