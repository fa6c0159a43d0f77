"""``hookline deploy``: make flows active. Owns the command and how a plan and its outcome look; deploying is the runtime's."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from engine.cli.check import findings_json, print_findings, require_files, summary
from engine.cli.output import FAILED, as_json, confirmed, plain, print_json, say
from engine.strictjson import Json

if TYPE_CHECKING:
    from engine.app import App
    from engine.runtime.deploy import FlowChange, Plan, SubscriptionChange
    from engine.runtime.registrar import SubscriptionReport

TRIED_AGAIN = "the scheduler tries it again every minute; now: hookline deploy, once more"


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--plan", "plan_only", is_flag=True, help="Print what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def deploy(paths: tuple[str, ...], plan_only: bool, yes: bool, as_json: bool) -> None:
    """Check flow files and folders of them, print what will change, and make the flows active.

    With an error in any file nothing changes. Flows that are active and not named stay as they are.

    \b
    Example:  hookline deploy flows --plan
              hookline deploy flows --yes
    """
    from engine.cli.lifecycle import opened
    from engine.runtime.deploy import check_files

    with opened() as app:
        checked = check_files(paths, app.catalogue, deployed=app.deployer.deployed())
        require_files(checked, paths)
        if checked.findings and not as_json:
            print_findings(checked.findings)
        if checked.errors:
            if as_json:
                print_json({"applied": False, "findings": findings_json(checked.findings)})
            say(f"{summary(checked)}; nothing was changed")
            sys.exit(FAILED)
        plan = app.deployer.plan(checked.flows)
        if not as_json:
            for line in plan_lines(plan, disabled=_disabled(app)):
                click.echo(line)
        warn_of_loopback(app, plan)
        reports = _carried_out(app, plan, plan_only=plan_only, yes=yes)
        if as_json:
            print_json({**_plan_json(plan), "applied": reports is not None, **_reports_json(reports or ())})
        if reports is not None:
            say_reports(reports)
            say(_done(plan))
            sys.exit(FAILED if any(report.became == "failed" for report in reports) else 0)


def _carried_out(app: App, plan: Plan, *, plan_only: bool, yes: bool) -> Sequence[SubscriptionReport] | None:
    """What became of the subscriptions; None when nothing was to be changed after all."""
    if plan_only:
        say("this is the plan; nothing was changed")
        return None
    if not confirmed("Change this?", yes=yes or plan.is_empty):
        say("nothing was changed")
        sys.exit(FAILED)
    return app.deployer.apply(plan)


def _done(plan: Plan) -> str:
    changed = sum(item.change != "unchanged" for item in plan.flows)
    same = len(plan.flows) - changed
    return f"deployed: {changed} changed, {same} as before"


def plan_lines(plan: Plan, *, disabled: frozenset[str] = frozenset()) -> Iterator[str]:
    """What will change, for a person: a line for each flow and each subscription."""
    yield "flows"
    width = max((len(item.flow.id) for item in plan.flows), default=0)
    for item in plan.flows:
        note = "  (disabled: it stays so)" if item.flow.id in disabled else ""
        yield f"  {item.change:<9}  {item.flow.id.ljust(width)}  {_versions(item)}  {item.flow.file}{note}"
    yield "subscriptions"
    if not plan.subscriptions:
        yield "  none"
    for change in plan.subscriptions:
        yield f"  {change.change:<9}  {on(change.uses, change.connection)}  {plain(change.given)}"


def _versions(item: FlowChange) -> str:
    version = item.flow.version
    return f"{item.before} -> {version}" if item.change == "changed" else version


def say_reports(reports: Iterable[SubscriptionReport]) -> None:
    """What became of each subscription that was touched; a failed one with its reason and what happens next."""
    for report in reports:
        say(f"subscription {report.became}: {on(report.uses, report.connection)}")
        if report.healed:
            say(f"  made anew: {plain(report.healed)}; what was missed meanwhile is asked for")
        if report.detail:
            for line in report.detail.splitlines():
                say(f"  {plain(line.strip())}")
        if report.became == "failed":
            say(f"  {TRIED_AGAIN}")


def on(uses: str, connection: str) -> str:
    """A subscription in words; an address of our own has no connection."""
    return f"{uses} on {connection}" if connection else uses


def warn_of_loopback(app: App, plan: Plan) -> None:
    """A service on the internet cannot reach a webhook address of this machine: say so before it is registered there."""
    from engine.app import OWNER

    if not is_loopback(app.settings.public_url):
        return
    for name in sorted(
        {change.connection for change in plan.subscriptions if change.change != "remove" and change.connection}
    ):
        row = app.connections.row(name, owner=OWNER)
        base = app.connections.connector(row.connector).connection.base_url(row.settings)
        if not is_loopback(base):
            say(
                f"warning: HOOKLINE_PUBLIC_URL is {app.settings.public_url}, which {urlsplit(base).hostname} cannot reach: "
                f"no webhook of {name} will arrive. Set it to the https:// address at which this installation is reached."
            )


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _disabled(app: App) -> frozenset[str]:
    return frozenset(row.id for row in app.journal.flows.list() if not row.enabled)


def _plan_json(plan: Plan) -> dict[str, Json]:
    return {
        "flows": [
            {
                "id": item.flow.id,
                "change": item.change,
                "before": item.before,
                "version": item.flow.version,
                "file": item.flow.file,
            }
            for item in plan.flows
        ],
        "subscriptions": [_change_json(change) for change in plan.subscriptions],
    }


def _change_json(change: SubscriptionChange) -> Json:
    return {"change": change.change, "connection": change.connection, "uses": change.uses, "given": change.given}


def _reports_json(reports: Sequence[SubscriptionReport]) -> dict[str, Json]:
    return {
        "reports": [
            {
                "id": report.id,
                "connection": report.connection,
                "uses": report.uses,
                "became": report.became,
                "detail": report.detail,
            }
            for report in reports
        ]
    }
