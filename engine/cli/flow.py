"""``hookline flow``: the deployed flows. Owns the commands; turning flows on and off is the runtime's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from engine.cli.deploy import on, say_reports
from engine.cli.flow_catch_up import catch_up
from engine.cli.flow_hooks import hooks
from engine.cli.output import FAILED, as_json, confirmed, plain, print_json, print_table, say, when, when_json
from engine.cli.pauses import pause_flow, resume_flow
from engine.errors import FlowFileError
from engine.flow.words import MANUAL
from engine.strictjson import Json, JsonObject, dump

if TYPE_CHECKING:
    from engine.app import App
    from engine.flow.model import Flow, Trigger
    from engine.journal.records import FlowRow, SubscriptionRow
    from engine.runtime.registrar import SubscriptionReport


@click.group()
def flow() -> None:
    """List, show, enable, disable, pause, resume and remove deployed flows.

    \b
    Example:  hookline flow list
              hookline flow show late-cancellation-no-show
              hookline flow hooks new-orders --reveal
    """


flow.add_command(hooks)
flow.add_command(pause_flow)
flow.add_command(resume_flow)
flow.add_command(catch_up)


@flow.command("list", short_help="List the deployed flows.")
@as_json
def list_flows(as_json: bool) -> None:
    """List the deployed flows with their active versions.

    \b
    Example:  hookline flow list
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        rows = app.journal.flows.list()
        times = [(item.flow, item.next_at) for item in app.journal.schedules.list()]
    next_at = {flow_id: min(at for one, at in times if one == flow_id and at) for flow_id, at in times if at}
    if as_json:
        print_json([{**_row_json(row), "next_at": when_json(next_at.get(row.id))} for row in rows])
        return
    print_table(
        [
            {
                "flow": row.id,
                "state": _state(row),
                "version": row.digest[:12],
                "deployed": when(row.deployed_at),
                "next": when(next_at[row.id]) if row.id in next_at and row.enabled else "-",
                "file": row.file,
                "name": row.name,
            }
            for row in rows
        ],
        empty="no flow is deployed yet; deploy some: hookline deploy flows",
    )


@flow.command("show", short_help="Show a flow with its subscriptions.")
@click.argument("flow_id", metavar="FLOW")
@click.option("--source", is_flag=True, help="Print the active version's YAML, and nothing else.")
@as_json
def show(flow_id: str, source: bool, as_json: bool) -> None:
    """Show a deployed flow: its active version, its triggers with their subscriptions, and its versions.

    \b
    Example:  hookline flow show late-cancellation-no-show
              hookline flow show late-cancellation-no-show --source > flows/late-cancellation-no-show.yaml
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        row = _required(app, flow_id)
        if source:
            click.echo(row.source, nl=not row.source.endswith("\n"))
            return
        page = _Page(app, row)
    if as_json:
        print_json(page.to_json())
    else:
        for line in page.lines():
            click.echo(line)


@flow.command("enable")
@click.argument("flow_id", metavar="FLOW")
def enable(flow_id: str) -> None:
    """Let the flow's triggers start runs again.

    \b
    Example:  hookline flow enable late-cancellation-no-show
    """
    _turn(flow_id, on=True)


@flow.command("disable", short_help="Let its triggers start no more runs.")
@click.argument("flow_id", metavar="FLOW")
def disable(flow_id: str) -> None:
    """Let the flow's triggers start no more runs; those that have started go on.

    Events that come meanwhile start nothing, also later. To keep them, pause it: hookline flow pause.

    \b
    Example:  hookline flow disable late-cancellation-no-show
    """
    _turn(flow_id, on=False)


@flow.command("remove", short_help="Take a flow away; its runs stay.")
@click.argument("flow_ids", metavar="FLOW...", nargs=-1, required=True)
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(flow_ids: tuple[str, ...], yes: bool) -> None:
    """Take flows away, with the subscriptions that only they need. Their runs and versions stay.

    \b
    Example:  hookline flow remove late-cancellation-no-show
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        for flow_id in flow_ids:
            _required(app, flow_id)
        names = ", ".join(flow_ids)
        if not confirmed(f"Remove {names}?", yes=yes):
            say("nothing was removed")
            sys.exit(FAILED)
        reports = app.deployer.remove(flow_ids)
    _finish(f"removed {names}; the runs stay", reports)


def _turn(flow_id: str, *, on: bool) -> None:
    from engine.cli.lifecycle import opened

    with opened() as app:
        reports = app.deployer.set_enabled(flow_id, on)
    _finish(f"the flow {flow_id} is {'enabled' if on else 'disabled'}", reports)


def _finish(words: str, reports: Sequence[SubscriptionReport]) -> None:
    say(words)
    say_reports(reports)
    sys.exit(FAILED if any(report.became == "failed" for report in reports) else 0)


def _required(app: App, flow_id: str) -> FlowRow:
    from engine.runtime.deploy import require_flow

    return require_flow(app.journal, flow_id)


def next_words(at: int | None, enabled: bool) -> str:
    """When a schedule fires next."""
    if not enabled:
        return "fires no more while the flow is disabled"
    return f"fires next at {when(at)} UTC" if at is not None else "fires no more"


def _state(row: FlowRow) -> str:
    state = "enabled" if row.enabled else "disabled"
    return f"{state}, paused" if row.paused else state


def _row_json(row: FlowRow) -> dict[str, Json]:
    return {
        "id": row.id,
        "name": row.name,
        "enabled": row.enabled,
        "paused": row.paused,
        "version": row.digest[:12],
        "file": row.file,
        "deployed_at": when_json(row.deployed_at),
    }


class _Page:
    """All that `flow show` says about one flow, read while the journal is open."""

    def __init__(self, app: App, row: FlowRow) -> None:
        self._row = row
        self._versions = app.journal.flows.versions(row.id)
        subscriptions = {item.id: item for item in app.journal.subscriptions.list()}
        self._subscriptions: Mapping[str, SubscriptionRow] = {
            binding.trigger: subscriptions[binding.subscription_id]
            for binding in app.journal.subscriptions.bindings()
            if binding.flow == row.id and binding.subscription_id in subscriptions and binding.left_at is None
        }
        self._next = {item.trigger: item.next_at for item in app.journal.schedules.list() if item.flow == row.id}
        self._flow: Flow | None = None
        self._problem: str | None = None
        try:
            self._flow = app.flows.get(row.digest, row.source, row.file)
        except FlowFileError as error:
            self._problem = f"this release cannot read the active version: {error}"

    def to_json(self) -> JsonObject:
        return {
            **_row_json(self._row),
            "problem": self._problem,
            "triggers": [self._trigger_json(item) for item in self._triggers],
            "versions": [
                {"version": digest[:12], "digest": digest, "deployed_at": when_json(at)}
                for digest, at in self._versions
            ],
        }

    def lines(self) -> Iterator[str]:
        row = self._row
        yield f"flow      {row.id}  {_state(row)}"
        if row.paused:
            yield f"paused    its runs wait; let them go on: hookline flow resume {row.id}"
        if row.name != row.id:
            yield f"name      {plain(row.name)}"
        yield f"version   {row.digest[:12]}, since {when(row.deployed_at)} UTC"
        yield f"file      {row.file}"
        if self._problem:
            yield f"problem   {self._problem}"
        yield "triggers" if self._triggers else "triggers  none; start it by hand: hookline run " + row.id
        for trigger in self._triggers:
            yield from self._trigger_lines(trigger)
        yield "versions"
        for digest, at in self._versions:
            yield f"  {digest[:12]}  {when(at)} UTC" + ("  active" if digest == row.digest else "")

    @property
    def _triggers(self) -> Sequence[Trigger]:
        return self._flow.triggers if self._flow is not None else ()

    def _trigger_lines(self, trigger: Trigger) -> Iterator[str]:
        assert self._flow is not None
        connection = self._flow.connections.get(trigger.connection, trigger.connection)
        yield f"  {trigger.id}  {on(trigger.uses, connection)}  {plain(dump(trigger.given))}"
        if trigger.condition is not None:
            yield f"    if {plain(trigger.condition.text)}"
        if trigger.uses == MANUAL:
            yield f"    start it by hand: hookline run {self._row.id}"
            return
        if trigger.id in self._next:
            yield f"    {next_words(self._next[trigger.id], self._row.enabled)}"
            return
        subscription = self._subscriptions.get(trigger.id)
        if subscription is None:
            yield "    no subscription" + ("" if self._row.enabled else "; the flow is disabled")
            return
        since = f", looked at {when(subscription.checked_at)} UTC" if subscription.checked_at else ""
        yield f"    subscription {subscription.state.value}{since}"
        if not subscription.connection:
            yield f"    {subscription.callback_url}"
            yield f"    its secret: hookline flow hooks {self._row.id} --reveal"
        if subscription.detail:
            yield f"      {plain(subscription.detail)}"

    def _trigger_json(self, trigger: Trigger) -> Json:
        assert self._flow is not None
        return {
            "id": trigger.id,
            "uses": trigger.uses,
            "connection": self._flow.connections.get(trigger.connection, trigger.connection),
            "with": trigger.given,
            "if": trigger.condition.text if trigger.condition is not None else None,
            "next_at": when_json(self._next.get(trigger.id)),
            "subscription": _subscription_json(self._subscriptions.get(trigger.id)),
        }


def _subscription_json(row: SubscriptionRow | None) -> Json:
    if row is None:
        return None
    return {
        "id": row.id,
        "state": row.state.value,
        "detail": row.detail,
        "callback_url": row.callback_url,
        "remote_uri": row.remote_uri,
        "checked_at": when_json(row.checked_at),
    }
