"""``hookline rehearse``: what a flow would do with an event. Owns the command and how the steps are printed.

It opens no database, no Redis and no connection, and reads no settings.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.output import FAILED, as_json, plain, print_json
from engine.cli.run_tree import SIGNS
from engine.core.statuses import RunStatus
from engine.core.times import lasting
from engine.errors import UsageError
from engine.flow.words import MANUAL
from engine.strictjson import Json, JsonObject, dump

if TYPE_CHECKING:
    from engine.flow.model import Flow
    from engine.runtime.rehearsal.cases import Delivered
    from engine.runtime.rehearsal.outline import Outline, Source
    from engine.runtime.rehearsal.played import Acted, Played, Tried

LONGEST_ANSWER = 240
"""Characters of an answer on the page."""

SHOW_OUTPUT = frozenset({"foreach", "until", "parallel", "group", "stop"})
"""Kinds of steps whose words do not say their output."""

FAILS = frozenset({RunStatus.FAILED, RunStatus.UNCERTAIN, RunStatus.PARKED})


@click.command()
@click.argument("flow_file", metavar="FLOW_FILE")
@click.option("--event", "event_file", metavar="FILE", help="The event as JSON, - for standard input.")
@click.option("--sample", metavar="NAME", help="A connector's sample, as calendly/invitee.created.")
@click.option("--input", "assignments", multiple=True, metavar="NAME=VALUE", help="An input; repeatable.")
@click.option("--mock", "mock_file", metavar="FILE", help="Answers by step, in the form of `mock` in a test.")
@as_json
def rehearse(
    flow_file: str,
    event_file: str | None,
    sample: str | None,
    assignments: tuple[str, ...],
    mock_file: str | None,
    as_json: bool,
) -> None:
    """Show what the flow in FLOW_FILE would do with an event, step by step. Nothing is called, stored or waited for.

    Each call shows its input. Its answer comes from --mock, or is made up from the action's output schema: such texts
    stand in ‹ ›, and where the flow would go with other answers is not shown. Exit status 1 when the run would fail.

    \b
    Example:  hookline rehearse flows/label-bookings.yaml --sample calendly/invitee.created
              hookline rehearse flows/label-bookings.yaml --event event.json --mock answers.yaml --json
    """
    from engine.app import installed_connectors
    from engine.cli.run import read_inputs
    from engine.runtime.manual import given_inputs
    from engine.runtime.rehearsal.outline import outline, read_mocks
    from engine.runtime.rehearsal.read import called_flows
    from engine.runtime.rehearsal.suite import Suite, content

    catalogue = installed_connectors()
    flow = _flow(flow_file)
    delivered = delivered_from(event_file, sample, by_hand=_by_hand(flow))
    inputs = given_inputs(flow, read_inputs(flow, assignments))
    suite = Suite(catalogue)
    called = called_flows(flow, lambda name: suite.beside(Path(flow_file).parent, name))
    mocks = read_mocks(content(Path(mock_file)), mock_file, flow, catalogue, called) if mock_file is not None else {}
    found = outline(flow, delivered, inputs, mocks, catalogue, called)
    if as_json:
        print_json(outline_json(flow, found))
    else:
        for line in lines(flow, found):
            click.echo(line)
    fails = found.played is not None and found.played.ending.status in FAILS
    sys.exit(FAILED if fails else 0)


def _by_hand(flow: Flow) -> bool:
    """Whether nothing but a person starts the flow."""
    return all(trigger.uses == MANUAL for trigger in flow.triggers)


def _flow(file: str) -> Flow:
    """The flow, without an error. Raises FlowFileError with its findings, UsageError when it cannot be read."""
    from engine.app import installed_connectors
    from engine.check.tree import check_beside
    from engine.errors import FlowFileError
    from engine.flow.load import load_flow
    from engine.runtime.rehearsal.suite import content

    flow = load_flow(content(Path(file)), file)
    errors = [finding for finding in check_beside(flow, installed_connectors()) if finding.is_error]
    if errors:
        raise FlowFileError(errors)
    return flow


def delivered_from(event_file: str | None, sample: str | None, *, by_hand: bool = False) -> Delivered:
    """The event that the options name. Raises UsageError; ``by_hand`` allows that there is none."""
    from engine.app import installed_connectors
    from engine.cli.run import read_event
    from engine.runtime.rehearsal.cases import STARTED_AT, Delivered
    from engine.runtime.rehearsal.deliveries import manual_event, sample_named

    if event_file is not None and sample is not None:
        raise UsageError("--event and --sample are two events; give one of them")
    if sample is not None:
        connector, event = sample_named(sample, installed_connectors())
        return Delivered(event=event, connector=connector)
    if event_file is None and not by_hand:
        raise UsageError("an event is needed", remedy="Give --event FILE, or --sample calendly/invitee.created.")
    given = read_event(event_file)
    return Delivered(event=manual_event(STARTED_AT) if given is None else given, manual=given is None)


def lines(flow: Flow, found: Outline) -> Iterator[str]:
    """The whole page."""
    yield f"flow     {flow.id}  version {flow.version}  {plain(flow.file)}"
    if found.played is None:
        yield "no run would start"
        yield from (f"  {plain(reason)}" for reason in found.started.reasons)
        return
    yield f"trigger  {found.started.trigger or 'none: started by hand'}"
    if len(found.started.events) > 1:
        yield f"runs     {len(found.started.events)}, one for each item; this is the first"
    yield ""
    from engine.cli.step_words import is_shown

    for acted in in_reading_order(found.played.steps):
        if is_shown(acted.path):
            yield from _step(flow, acted, found, found.played)
    yield ""
    yield from _end(found)


def in_reading_order(steps: Mapping[str, Acted]) -> list[Acted]:
    """As they would begin: what holds other steps stands before them, though it ends after them."""
    first: dict[str, int] = {}
    for number, path in enumerate(steps):
        for end in (*(found.start() for found in re.finditer(r"[.\[]", path)), len(path)):
            first.setdefault(path[:end], number)
    return sorted(steps.values(), key=lambda acted: (first[acted.path], len(acted.path)))


def _step(flow: Flow, acted: Acted, found: Outline, played: Played) -> Iterator[str]:
    from engine.cli.step_words import told
    from engine.runtime.rehearsal.paths import step_at

    sign, colour = SIGNS[acted.status]
    step = step_at(flow, acted.path)
    yield f"  {click.style(sign, fg=colour)} {acted.path}  {acted.uses}  {click.style(acted.status.value, fg=colour)}"
    if step is not None:
        yield from (f"      {plain(words)}" for words in told(step, acted, played))
    elif acted.uses == "wait":
        yield f"      would wait {lasting(played.waited_in(acted.path))} until the next round"
    for tried in acted.tries:
        yield from _attempt(acted, tried, found)
    if acted.uses in SHOW_OUTPUT and acted.output is not None:
        yield f"      = {shortened(acted.output)}"
    source = found.sources.get((acted.path, 1))
    if acted.uses == "wait" and source is not None and acted.output is not None:
        yield f"      < {shortened(acted.output)}{_origin(source)}"
    if not acted.tries and acted.error is not None and acted.error.step == acted.path:
        yield f"      {plain(acted.error.message)} ({plain(str(acted.error.place))})"


def _origin(source: Source | None) -> str:
    return click.style(f"  ({source.value})", fg="bright_black") if source is not None else ""


def _attempt(acted: Acted, tried: Tried, found: Outline) -> Iterator[str]:
    from engine.cli.test import seconds

    if tried.attempt > 1:
        yield f"      attempt {tried.attempt}, {seconds(tried.waited_ms)} later"
    yield f"      > {plain(dump(tried.given))}"
    outcome, origin = tried.outcome, _origin(found.sources.get((acted.path, tried.attempt)))
    if outcome.error is not None:
        yield f"      < {outcome.error.kind}: {plain(outcome.error.message)}{origin}"
    else:
        yield f"      < {shortened(outcome.output)}{origin}"


def shortened(value: Json) -> str:
    """On one line that a person can read; --json shows all of it."""
    text = plain(dump(value))
    return text if len(text) <= LONGEST_ANSWER else f"{text[: LONGEST_ANSWER - 1]}…"


def _end(found: Outline) -> Iterator[str]:
    assert found.played is not None
    ending = found.played.ending
    if ending.status is RunStatus.PARKED and ending.error is not None:
        yield f"the run would wait for ever at {ending.error.step}: none of the connector's samples is the event that it waits for"
        return
    took = f" after {lasting(found.played.took_ms)}" if found.played.took_ms else ""
    yield f"the run would end as {ending.status.value}{took}" + (f": {plain(ending.message)}" if ending.message else "")
    if ending.error is not None and ending.error.message != ending.message:
        yield f"  {ending.error.step}: {ending.error.kind}: {plain(ending.error.message)}"
    for name, value in (ending.outputs or {}).items():
        yield f"  {name}  {plain(dump(value))}"


def outline_json(flow: Flow, found: Outline) -> JsonObject:
    """The shape that ``rehearse --json`` promises; each object may grow."""
    played = found.played
    return {
        "flow": flow.id,
        "version": flow.version,
        "starts": found.started.runs,
        "trigger": found.started.trigger,
        "reasons": list(found.started.reasons),
        "runs": len(found.started.events),
        "took_ms": played.took_ms if played is not None else 0,
        "status": played.ending.status.value if played is not None else "not_started",
        "message": played.ending.message if played is not None else None,
        "outputs": played.ending.outputs if played is not None else None,
        "error": played.ending.error.to_json() if played is not None and played.ending.error is not None else None,
        "steps": [_step_json(acted, found, played) for acted in played.steps.values()] if played is not None else [],
    }


def _step_json(acted: Acted, found: Outline, played: Played) -> Json:
    return {
        "path": acted.path,
        "uses": acted.uses,
        "status": acted.status.value,
        "output": acted.output,
        "error": acted.error.to_json() if acted.error is not None else None,
        "waited_ms": played.waited_in(acted.path),
        "took_ms": played.took_in(acted.path),
        "attempts": [
            {
                "attempt": tried.attempt,
                "input": tried.given,
                "output": tried.outcome.output,
                "error": tried.outcome.error.to_json() if tried.outcome.error is not None else None,
                "waited_ms": tried.waited_ms,
                "took_ms": tried.took_ms,
                "answer_from": found.sources.get((acted.path, tried.attempt)),
            }
            for tried in acted.tries
        ],
    }
