"""Pausing flows and connections by hand. Owns the four commands, their words, and what the doctor says about what is paused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from engine.cli.output import as_json, print_json, say, when
from engine.errors import NotFoundError

if TYPE_CHECKING:
    from engine.app import App
    from engine.journal.paused import PauseChange
    from engine.strictjson import JsonObject

ACTOR = "cli"
"""As the audit log has it."""


@click.command("pause", short_help="Keep its events, and queue its runs.")
@click.argument("flow_ids", metavar="FLOW...", nargs=-1, required=True)
@as_json
def pause_flow(flow_ids: tuple[str, ...], as_json: bool) -> None:
    """Pause flows: events are kept and start runs, schedules fire, and none of these runs does anything until the flow is resumed.

    Runs that are under way stop before their next call; a call that is on its way ends first. Time limits go on. A run that is cancelled
    ends itself all the same, with its `finally`.

    \b
    Example:  hookline flow pause late-cancellation-no-show
    """
    _flows(flow_ids, paused=True, as_json=as_json)


@click.command("resume", short_help="Let its runs go on.")
@click.argument("flow_ids", metavar="FLOW...", nargs=-1, required=True)
@as_json
def resume_flow(flow_ids: tuple[str, ...], as_json: bool) -> None:
    """Let paused flows go on: what is due runs at once, in the order in which it came to be due.

    \b
    Example:  hookline flow resume late-cancellation-no-show
    """
    _flows(flow_ids, paused=False, as_json=as_json)


@click.command("pause", short_help="Let no call leave on it.")
@click.argument("name")
@as_json
def pause_connection(name: str, as_json: bool) -> None:
    """Pause the connection NAME: no call leaves on it, and steps that need it wait. No attempt of theirs is used up.

    A call that is on its way ends first. Tests, deploys and the upkeep of webhooks leave its service alone too; webhooks are taken as before.

    \b
    Example:  hookline connection pause team-calendly
    """
    _connection(name, paused=True, as_json=as_json)


@click.command("resume", short_help="Let calls leave on it again.")
@click.argument("name")
@as_json
def resume_connection(name: str, as_json: bool) -> None:
    """Let the paused connection NAME work again: the steps that wait for it go on at once, as its budget allows.

    \b
    Example:  hookline connection resume team-calendly
    """
    _connection(name, paused=False, as_json=as_json)


def _flows(flow_ids: Sequence[str], *, paused: bool, as_json: bool) -> None:
    from engine.cli.lifecycle import opened
    from engine.runtime.deploy import require_flow

    with opened() as app:
        for flow_id in flow_ids:
            require_flow(app.journal, flow_id)
        changes = [(flow_id, app.journal.pauses.flow(flow_id, paused=paused, actor=ACTOR)) for flow_id in flow_ids]
    if as_json:
        print_json([{"flow": flow_id, **_json(change, paused)} for flow_id, change in changes if change is not None])
        return
    for flow_id, change in changes:
        if change is not None:
            say(f"the flow {flow_id} {_became(change, paused)}{_flow_words(flow_id, change, paused)}")


def _connection(name: str, *, paused: bool, as_json: bool) -> None:
    from engine.app import OWNER
    from engine.cli.lifecycle import opened

    with opened() as app:
        change = app.journal.pauses.connection(name, owner=OWNER, paused=paused, actor=ACTOR)
    if change is None:
        raise NotFoundError(f"there is no connection called {name!r}", remedy="See them: hookline connection list")
    if as_json:
        print_json({"connection": name, **_json(change, paused)})
    else:
        say(f"the connection {name} {_became(change, paused)}{_connection_words(name, change, paused)}")


def _json(change: PauseChange, paused: bool) -> JsonObject:
    return {"paused": paused, "changed": change.changed, "runs": change.runs, "under_way": change.under_way}


def _became(change: PauseChange, paused: bool) -> str:
    word = "is paused" if paused else "goes on"
    if change.changed:
        return word
    return f"{word} as before" if paused else "was not paused"


def _flow_words(flow_id: str, change: PauseChange, paused: bool) -> str:
    if not paused:
        return f"; of its runs {change.runs} {'is' if change.runs == 1 else 'are'} not over" if change.runs else ""
    waiting = f": of its runs {_wait(change.runs)}" if change.runs else ""
    under_way = f"; what a worker is at now ends first ({change.under_way})" if change.under_way else ""
    return f"{waiting}{under_way}. Let it go on: hookline flow resume {flow_id}"


def _connection_words(name: str, change: PauseChange, paused: bool) -> str:
    if not paused:
        return f"; what waited for it goes on (runs: {change.runs})" if change.changed and change.runs else ""
    waiting = f"; runs with a step on it: {change.runs}" if change.runs else ""
    under_way = f"; calls that are on their way and end first: {change.under_way}" if change.under_way else ""
    return f"{waiting}{under_way}. Let it work again: hookline connection resume {name}"


def _wait(runs: int) -> str:
    return f"{runs} wait{'s' if runs == 1 else ''}"


def paused_things(app: App) -> Iterator[tuple[str, str, str]]:
    """(part, what was found, what to do) of everything that is paused, for the doctor."""
    for subject, at in sorted(app.unchecked_journal.pauses.since().items()):
        kind, _, name = subject.partition(":")
        waiting = app.unchecked_journal.pauses.waiting_runs(name) if kind == "flow" else 0
        words = f"paused since {when(at)} UTC" + (f"; of its runs {_wait(waiting)}" if waiting else "")
        yield f"{kind} {name}", words, f"If that is over: hookline {kind} resume {name}"
