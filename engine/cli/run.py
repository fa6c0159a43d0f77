"""``hookline run``: start a run by hand. Owns reading the event and the inputs, and waiting for the run's end."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import strictjson
from engine.cli.output import FAILED, as_json, plain, print_json, say, took
from engine.core.statuses import RUN_FINAL, RunStatus
from engine.errors import DatabaseUnavailable, NotFoundError, UsageError
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.app import App
    from engine.flow.model import Flow
    from engine.journal.records import Run
    from engine.runtime.manual import Started

SHORTEST_LOOK, LONGEST_LOOK = 0.1, 1.0
"""Seconds between two looks at the journal."""

NOBODY_AFTER = 10
"""Looks at a run that nobody takes, after which a person is told what may be missing."""


@click.command()
@click.argument("flow_id", metavar="FLOW")
@click.option("--event", "event_file", metavar="FILE", help="An event as JSON, - for standard input.")
@click.option("--input", "assignments", multiple=True, metavar="NAME=VALUE", help="An input; repeatable.")
@click.option("--wait", is_flag=True, help="Wait for the run's end; exit status 1 unless it succeeds.")
@as_json
def run(flow_id: str, event_file: str | None, assignments: tuple[str, ...], wait: bool, as_json: bool) -> None:
    """Start a run of the deployed flow FLOW and print its id. The triggers' conditions are not asked.

    The event is what expressions see as `trigger`; without one, trigger.event is "manual" and trigger.payload is empty. A VALUE is
    read as JSON where the input's type asks for it.

    \b
    Example:  hookline run monthly-report --input month=2026-03
              hookline run late-cancellation-no-show --event event.json --input hours=12 --wait
    """
    from engine.app import OWNER
    from engine.cli.lifecycle import opened
    from engine.runtime.deploy import require_flow
    from engine.runtime.manual import start

    event = read_event(event_file)
    with opened() as app:
        row = require_flow(app.journal, flow_id)
        flow = app.flows.get(row.digest, row.source, row.file)
        inputs = read_inputs(flow, assignments)
        if not row.enabled:
            say(f"note: the flow {flow_id} is disabled; its triggers start no run, this command does")
        started = start(app.journal, flow, owner=OWNER, event=event, inputs=inputs)
        if not (as_json and wait):
            _print_id(started, as_json)
        waiting = Waiting(app, started.run_id)
        if started.held:
            waiting.say_held()
        if wait:
            ended = waiting.until_final()
            _print_end(app, ended, as_json)
            sys.exit(0 if ended.status is RunStatus.SUCCEEDED else FAILED)


def read_event(file: str | None) -> JsonObject | None:
    """The event in ``file``, None without one. Raises UsageError."""
    if file is None:
        return None
    name = "standard input" if file == "-" else file
    try:
        text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise NotFoundError(f"the event file {file} cannot be read: {error.strerror}") from None
    try:
        event = strictjson.parse(text)
    except strictjson.NotJson as error:
        raise UsageError(f"{name} is not JSON: {error}") from None
    if not isinstance(event, Mapping):
        raise UsageError(f"{name} must hold a JSON object, as a service delivers it")
    return event


def read_inputs(flow: Flow, assignments: tuple[str, ...]) -> JsonObject:
    """``--input`` as the flow declares them; whether they are right is judged when the run starts. Raises UsageError."""
    found: dict[str, Json] = {}
    for assignment in assignments:
        name, separator, value = assignment.partition("=")
        if not separator or not name:
            raise UsageError(f"--input {assignment!r}: expected NAME=VALUE")
        spec = flow.inputs.get(name)
        found[name] = _typed(value, spec.type if spec is not None else "string")
    return found


def _typed(value: str, kind: str) -> Json:
    try:
        parsed = strictjson.parse(value)
    except strictjson.NotJson:
        return value
    # An input that is text gets the text as it was written: 007 and true too, and "007" without its quotes.
    return value if kind == "string" and not isinstance(parsed, str) else parsed


def _print_id(started: Started, as_json: bool) -> None:
    if as_json:
        print_json({"id": started.run_id, "held": started.held})
    else:
        click.echo(started.run_id)


def _print_end(app: App, ended: Run, as_json: bool) -> None:
    from engine.cli.run_lookup import view_of
    from engine.cli.run_view import remark

    if as_json:
        print_json(view_of(app, ended.id).to_json())
    words = f"{ended.status.value} after {took(ended.created_at, ended.ended_at)}"
    say(f"{words}: {plain(remark(ended))}" if remark(ended) else words)
    if ended.status is not RunStatus.SUCCEEDED:
        say(f"see it: hookline runs show {ended.id}")


class Waiting:
    """Looks at a run until it is final, less and less often, and says what it waits for when that changes."""

    def __init__(self, app: App, run_id: str) -> None:
        self._app = app
        self._run_id = run_id
        self._said: str | None = None
        self._looks = 0

    def say_held(self) -> None:
        """That the run has to wait before it begins, and for what; nothing when it could begin meanwhile."""
        self._tell(self._look())

    def until_final(self) -> Run:
        nap = SHORTEST_LOOK
        while True:
            try:
                run = self._look()
                if run.status in RUN_FINAL:
                    return run
                self._tell(run)
            except DatabaseUnavailable as error:
                self._say_once(f"still waiting, although {error.message}")
            try:
                self._app.stopping.wait(nap)
            except KeyboardInterrupt:
                say(f"no longer waiting; the run goes on. See it: hookline runs show {self._run_id}")
                sys.exit(FAILED)
            nap = min(nap * 1.3, LONGEST_LOOK)

    def _look(self) -> Run:
        found = self._app.journal.runs.get(self._run_id, limit=0)
        if found is None:
            raise NotFoundError(f"the run {self._run_id} is not in the journal any more")
        return found[0]

    def _tell(self, run: Run) -> None:
        self._looks += 1
        words = f"waits for {plain(run.waiting_for)}" if run.status is RunStatus.PARKED and run.waiting_for else None
        if run.held:
            words = f"held: waits for {plain(run.waiting_for or 'its turn')}"
        elif run.status is RunStatus.QUEUED and run.claim_no == 0 and self._looks == NOBODY_AFTER:
            words = "no worker has taken it yet. Is one running? Start all: hookline dev, or hookline scheduler and hookline worker"
        if words is not None:
            self._say_once(words)

    def _say_once(self, words: str) -> None:
        if words != self._said:
            self._said = words
            say(words)
