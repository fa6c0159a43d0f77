"""``hookline flow catch-up``: feed in what happened while no delivery came through. Owns the command; asking and feeding is the runtime's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import time
from typing import TYPE_CHECKING

import click

from engine.cli.deploy import on
from engine.cli.output import FAILED, as_json, confirmed, plain, print_json, print_table, say, when
from engine.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from engine.app import App
    from engine.journal.records import SubscriptionRow
    from engine.retention import Retention
    from engine.runtime.recovery import Found
    from engine.strictjson import Json


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """What one subscription's service says has happened; ``unasked``: why it could not be asked, or not to the end."""

    row: SubscriptionRow
    found: Sequence[Found] = ()
    lacking: Sequence[str] = ()
    unasked: str | None = None

    @property
    def missed(self) -> Sequence[Found]:
        return [item for item in self.found if not item.known]

    @property
    def name(self) -> str:
        return on(self.row.uses, self.row.connection)

    def to_json(self) -> Json:
        return {
            "subscription": self.row.id,
            "uses": self.row.uses,
            "connection": self.row.connection,
            "happened": len(self.found),
            "known": len(self.found) - len(self.missed),
            "missed": [{"at": item.at, "event": item.event} for item in self.missed],
            "not_recoverable": list(self.lacking),
            "could_not_be_asked": self.unasked,
        }


@click.command("catch-up", short_help="Feed in events that were missed.")
@click.argument("flow_id", metavar="[FLOW]", required=False)
@click.option(
    "--since",
    required=True,
    metavar="TIME",
    help="From when on, as 2026-11-20T10:00 (this machine's time) or with an offset.",
)
@click.option("--plan", "plan_only", is_flag=True, help="Show what would be fed in, and stop.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def catch_up(flow_id: str | None, since: str, plan_only: bool, yes: bool, as_json: bool) -> None:
    """Ask the services what happened since TIME, and feed in what no delivery told of.

    For the subscriptions of FLOW, or for all. The scheduler does this by itself when it finds a subscription disabled or gone. Events that
    are known start nothing again; others start the runs of every flow that listens to the subscription. TIME must not be so long ago that
    what was done may be purged (HOOKLINE_RETAIN). The calls go through the connections' limits.

    \b
    Example:  hookline flow catch-up --since 2026-11-20T10:00 --plan
              hookline flow catch-up late-cancellation-no-show --since 2026-11-20T10:00
    """
    from engine.cli.lifecycle import opened

    start = instant(since, now=time())
    with opened() as app:
        rows = _rows(app, flow_id)
        _require_known(start, app.settings.retain, now=time())
        plans = [_planned(app, row, start) for row in rows]
        if as_json and plan_only:
            print_json([plan.to_json() for plan in plans])
        else:
            _say_plans(plans)
            _carry_out(app, plans, plan_only=plan_only, yes=yes)
        sys.exit(FAILED if any(plan.unasked for plan in plans) else 0)


def _carry_out(app: App, plans: Sequence[_Plan], *, plan_only: bool, yes: bool) -> None:
    missed = sum(len(plan.missed) for plan in plans)
    if plan_only:
        say("this is the plan; nothing was changed")
    elif not missed:
        say(
            "nothing was missed of what could be asked for"
            if any(plan.unasked for plan in plans)
            else "nothing was missed"
        )
    elif not confirmed(f"Feed in {missed} events?", yes=yes):
        say("nothing was changed")
        sys.exit(FAILED)
    else:
        for plan in plans:
            _feed(app, plan)


def instant(text: str, *, now: float) -> float:
    """Seconds since the epoch. Raises UsageError for what is no time, or lies ahead."""
    try:
        at = datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError):
        raise UsageError(
            f"--since {text[:40]!r} is not a time", remedy="Write it as 2026-11-20T10:00 or 2026-11-20T10:00+01:00."
        ) from None
    if at >= now:
        raise UsageError(
            f"--since {text[:40]!r} lies ahead", remedy="Name the time from which on something was missed."
        )
    return at


def _require_known(since: float, keep: Retention, *, now: float) -> None:
    """Raises UsageError for a time of which it may be forgotten what was done: its events would pass for missed."""
    if keep.known is not None and since < now - keep.known / 1000:
        raise UsageError(
            f"what came before {when(round(now * 1000) - keep.known)} may be purged (HOOKLINE_RETAIN): events of that time would start their runs again",
            remedy="Name a later time. Where nothing was purged yet: HOOKLINE_RETAIN=off hookline flow catch-up …",
        )


def _rows(app: App, flow_id: str | None) -> Sequence[SubscriptionRow]:
    from engine.runtime.deploy import require_flow
    from engine.runtime.inbound import is_inbound

    store = app.journal.subscriptions
    rows = [row for row in store.list() if not is_inbound(row.uses, app.catalogue)]
    if flow_id is not None:
        require_flow(app.journal, flow_id)
        bound = {item.subscription_id for item in store.bindings() if item.flow == flow_id}
        rows = [row for row in rows if row.id in bound]
    if not rows:
        whose = "no flow listens" if flow_id is None else f"the flow {flow_id} does not listen"
        raise NotFoundError(
            f"there is no subscription to catch up with: {whose} to a service",
            remedy=f"See what there is: hookline flow {'list' if flow_id is None else f'show {flow_id}'}",
        )
    paused = {(item.owner, item.name) for item in app.journal.connections.list() if item.paused}
    for row in rows:
        if (row.owner, row.connection) in paused:
            raise UsageError(
                f"the connection {row.connection} is paused by an operator, so that its service cannot be asked",
                remedy=f"hookline connection resume {row.connection}",
            )
    return rows


def _planned(app: App, row: SubscriptionRow, since: float) -> _Plan:
    from engine.runtime.patient_http import Interrupted
    from engine.runtime.recovery import CannotBeAsked
    from engine.sdk.errors import ServiceError

    recovery, lost = app.recovery(), list[str]()
    say(f"asking for {on(row.uses, row.connection)} …")
    try:
        events = recovery.found(row, since=since, until=recovery.until(), lost=lost)
        found = sorted(events, key=lambda item: item.at)
    except CannotBeAsked as error:
        return _Plan(row=row, lacking=[str(error)])
    except (ServiceError, NotFoundError) as error:
        # The others' events must not wait for it.
        return _Plan(row=row, unasked=app.redactor.text(str(error)))
    except Interrupted as error:
        raise UsageError(f"not read to its end, and nothing was changed: {error}") from None
    return _Plan(row=row, found=found, lacking=[*recovery.unrecoverable(row), *lost])


def _say_plans(plans: Sequence[_Plan]) -> None:
    print_table(
        [
            {
                "at": when(round(item.at * 1000)),
                "event": plain(str(item.event.get("event", "-"))),
                "of": _what(item),
                "for": plan.name,
            }
            for plan in plans
            for item in plan.missed
        ],
        empty="every event that was found is known",
    )
    for plan in plans:
        if plan.unasked is not None:
            say(f"{plan.name}: could not be asked: {plain(plan.unasked)}")
            continue
        say(f"{plan.name}: {len(plan.found)} happened, {len(plan.missed)} of them missed")
        for words in plan.lacking:
            say(f"  not recoverable: {words}")


def _what(item: Found) -> str:
    payload = item.event.get("payload")
    uri = payload.get("uri") if isinstance(payload, dict) else None
    return plain(str(uri or "-"))


def _feed(app: App, plan: _Plan) -> None:
    tally = app.recovery().feed(plan.row, [item.event for item in plan.missed])
    say(f"{plan.name}: {tally.missed} fed in, {tally.runs} runs started")
