"""``hookline flow hooks``: the addresses that a flow hands out, and their secrets. Owns the command; keeping them is the runtime's.

A secret is printed when ``--reveal`` asks for it, to standard output and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.cli.output import as_json, print_json, say, when_json
from engine.errors import NotFoundError, UsageError
from engine.strictjson import JsonObject

if TYPE_CHECKING:
    from engine.app import App
    from engine.journal.records import SubscriptionRow


@click.command("hooks", short_help="Show the flow's own addresses and their secrets.")
@click.argument("flow_id", metavar="FLOW")
@click.option("--trigger", help="Only this trigger of the flow, by its id.")
@click.option("--reveal", is_flag=True, help="Print the secrets too.")
@click.option("--rotate", is_flag=True, help="Make a new secret; the old one stays good for a while.")
@click.option("--grace", default="24h", show_default=True, help="For how long, with --rotate; 0 ends it at once.")
@click.option("--revoke", is_flag=True, help="End the old secret now.")
@as_json
def hooks(
    flow_id: str, trigger: str | None, reveal: bool, rotate: bool, grace: str, revoke: bool, as_json: bool
) -> None:
    """Show the addresses at which the flow's http.request triggers are called, and with --reveal their secrets.

    \b
    Example:  hookline flow hooks new-orders --reveal
              hookline flow hooks new-orders --rotate --grace 2h --reveal
              hookline flow hooks new-orders --revoke
    """
    from engine.cli.lifecycle import opened

    if rotate and revoke:
        raise UsageError("--rotate and --revoke are two things; do one after the other")
    grace_ms = _grace(grace)
    with opened() as app:
        rows = _rows(app, flow_id, trigger)
        for row in rows:
            if rotate:
                app.subscriptions.rotate(row, grace_ms=grace_ms)
            if revoke:
                app.subscriptions.revoke_old(row)
        found = [_hook(app, row, reveal) for row in _rows(app, flow_id, trigger)]
    if as_json:
        print_json(list(found))
        return
    for hook in found:
        click.echo(f"{hook['trigger']}  {hook['url']}")
        for secret in hook["secrets"] if isinstance(hook["secrets"], list) else []:
            click.echo(f"  secret  {secret}")
        if hook["old_until"]:
            say(
                f"  the old secret is good until {str(hook['old_until'])[:19].replace('T', ' ')} UTC; end it now with --revoke"
            )
    if not reveal:
        say("show the secrets: --reveal")


def _hook(app: App, row: SubscriptionRow, reveal: bool) -> JsonObject:
    secrets, until = app.subscriptions.secrets_of(row)
    return {
        "trigger": str(row.given["trigger"]),
        "uses": row.uses,
        "url": row.callback_url,
        "secrets": list(secrets) if reveal else None,
        "old_until": when_json(until),
    }


def _rows(app: App, flow_id: str, trigger: str | None) -> list[SubscriptionRow]:
    """Raises NotFoundError when there is no such flow, or it has no such address."""
    from engine.runtime.deploy import require_flow

    require_flow(app.journal, flow_id)
    found = app.subscriptions.addresses_of(flow_id)
    wanted = [row for row in found if trigger in (None, row.given["trigger"])]
    if not wanted:
        ids = ", ".join(str(row.given["trigger"]) for row in found)
        what = (
            f"no trigger {trigger!r} with an address of its own" if found else "no trigger with an address of its own"
        )
        raise NotFoundError(
            f"the flow {flow_id} has {what}",
            remedy=f"It has: {ids}" if ids else "Give it one: triggers: [{uses: http.request}], and deploy it.",
        )
    return wanted


def _grace(text: str) -> int:
    from engine.flow.durations import NotADuration, milliseconds

    if text == "0":
        return 0
    try:
        return milliseconds(text)
    except NotADuration as error:
        raise UsageError(f"--grace: {error}") from None
