"""``hookline events``: what was delivered, and what became of it. Owns the commands and how an event looks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from engine import strictjson
from engine.cli.output import as_json, plain, print_json, print_table, when, when_json
from engine.errors import NotFoundError
from engine.journal.records import HIDDEN, EventSource
from engine.journal.seal import is_sealed
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.app import App
    from engine.journal.records import Event, SubscriptionRow


@click.group()
def events() -> None:
    """List and show accepted events, and why no run started.

    \b
    Example:  hookline events list
              hookline events show 01jd3k
    """


@events.command("list")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--before", metavar="EVENT", help="Go on after this event, the last one of the page before.")
@as_json
def list_events(limit: int, before: str | None, as_json: bool) -> None:
    """List accepted events, newest first.

    \b
    Example:  hookline events list --limit 20
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        last = _required(app, before).id if before is not None else None
        found = app.journal.events.list(limit=limit, before=last)
        subscriptions = _subscriptions(app)
    if as_json:
        print_json([event_json(event, subscriptions.get(event.subscription_id or "")) for event in found])
    else:
        print_table([_row(event, subscriptions.get(event.subscription_id or "")) for event in found], empty="no events")


@events.command("show", short_help="Show one event, and why no run started.")
@click.argument("event_id", metavar="EVENT")
@click.option("--body", is_flag=True, help="Print the body as it was received, and nothing else.")
@as_json
def show(event_id: str, body: bool, as_json: bool) -> None:
    """Show one event: where it came from, the runs that it started, and why other flows started none.

    EVENT is an event's id, or enough of its beginning (6 characters or more).

    \b
    Example:  hookline events show 01jd3k
              hookline events show 01jd3k --body > event.json
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        event = _required(app, event_id)
        subscription = app.journal.subscriptions.get(event.subscription_id) if event.subscription_id else None
    if as_json:
        shown: dict[str, Json] = {**event_json(event, subscription), "event": event.event}
        print_json({**shown, "body": shown_body(event).decode(errors="replace")} if body else shown)
    elif body:
        click.echo(shown_body(event), nl=False)
    else:
        for line in event_lines(event, subscription):
            click.echo(line)


def shown_body(event: Event) -> bytes:
    """The body as received; of a run that a step started, its inputs, which that step may hide."""
    if event.source is EventSource.FLOW and is_sealed(_object(event.body)):
        return HIDDEN.encode()
    return event.body


def _object(body: bytes) -> JsonObject | None:
    try:
        found = strictjson.parse(body)
    except strictjson.NotJson:
        return None
    return found if isinstance(found, dict) else None


def event_json(event: Event, subscription: SubscriptionRow | None) -> dict[str, Json]:
    """One event without what it carries."""
    return {
        "id": event.id,
        "received_at": when_json(event.received_at),
        "source": event.source.value,
        "subscription": event.subscription_id,
        "connection": subscription.connection if subscription is not None else None,
        "uses": subscription.uses if subscription is not None else None,
        "name": _name(event),
        "outcomes": [
            {
                "flow": outcome.flow,
                "version": outcome.version,
                "trigger": outcome.trigger,
                "run": outcome.run_id,
                "reason": outcome.reason,
            }
            for outcome in event.outcomes
        ],
        "repeats": event.repeats,
        "stale": event.stale,
        "error": event.error,
    }


def event_lines(event: Event, subscription: SubscriptionRow | None) -> Iterator[str]:
    """The whole page for a person."""
    yield f"event     {event.id}  {plain(_name(event))}".rstrip()
    yield f"received  {when(event.received_at)} UTC"
    yield f"source    {_source(event, subscription)}"
    if event.repeats:
        yield f"repeats   delivered {event.repeats} more time{'s' if event.repeats > 1 else ''}; repeats start no run"
    if event.stale:
        yield "stale     its signature holds, but is older than usual: a late delivery"
    if event.error:
        yield f"error     {plain(event.error)}"
    yield "flows" if event.outcomes else f"flows     none: {_why_none(event)}"
    for outcome in event.outcomes:
        became = f"run {outcome.run_id}" if outcome.run_id else f"no run: {plain(outcome.reason or '')}"
        yield f"  {outcome.flow} ({outcome.trigger}, version {outcome.version})"
        yield f"    {became}"
    yield "carries"
    shown = (
        json.dumps(event.event, ensure_ascii=False, indent=2)
        if event.event is not None
        else event.body.decode(errors="replace")
    )
    for line in shown.split("\n"):
        yield f"  {plain(line)}"


def _why_none(event: Event) -> str:
    if event.error:
        return "what was delivered could not be read"
    return "no enabled flow listened to its subscription when it came"


def _source(event: Event, subscription: SubscriptionRow | None) -> str:
    if event.source is EventSource.FLOW:
        caller = event.event.get("created_by") if event.event is not None else None
        return f"{event.source.value}: started by a run of {plain(str(caller))}"
    if event.source is EventSource.SCHEDULE:
        return plain((event.subscription_id or event.source.value).replace(":", ": ", 1))
    if event.subscription_id is None:
        return f"{event.source.value}: started by hookline run"
    if subscription is None:
        return f"{event.source.value}: a subscription that is gone ({event.subscription_id})"
    return f"{event.source.value}: {subscription.uses} on {subscription.connection}"


def _name(event: Event) -> str:
    """What the service calls it; services that Hookline knows put it in ``event``."""
    name = event.event.get("event") if event.event is not None else None
    return name if isinstance(name, str) else ""


def _row(event: Event, subscription: SubscriptionRow | None) -> dict[str, str]:
    runs = sum(outcome.run_id is not None for outcome in event.outcomes)
    return {
        "event": event.id,
        "received": when(event.received_at),
        "source": subscription.uses if subscription is not None else event.source.value,
        "connection": subscription.connection if subscription is not None else "",
        "name": _name(event),
        "runs": str(runs),
        "repeats": str(event.repeats) if event.repeats else "",
        "remark": _remark(event, runs),
    }


def _remark(event: Event, runs: int) -> str:
    if event.error:
        words = event.error
    elif runs:
        words = ", ".join(outcome.flow for outcome in event.outcomes if outcome.run_id)
    else:
        words = next((f"{item.flow}: {item.reason}" for item in event.outcomes), _why_none(event))
    return words if len(words) <= 100 else words[:99] + "…"


def _required(app: App, event_id: str) -> Event:
    found = app.journal.events.get(event_id)
    if found is None:
        raise NotFoundError(
            f"there is no event {event_id!r}, or more than one begins so",
            remedy="See them: hookline events list. An id may be shortened to 6 characters or more.",
        )
    return found


def _subscriptions(app: App) -> dict[str, SubscriptionRow]:
    return {row.id: row for row in app.journal.subscriptions.list()}
