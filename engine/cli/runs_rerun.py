"""``hookline runs rerun``: runs that are over are done again, one or many. Owns the command and its words; what it does is the runtime's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from engine.cli.output import FAILED, as_json, confirmed, interactive, plain, print_json, print_table, say
from engine.cli.run_lookup import again_of, require_known, required_run
from engine.cli.statuses import statuses_option
from engine.core.statuses import RUN_FINAL, RunStatus
from engine.errors import UnavailableError, UsageError

if TYPE_CHECKING:
    from engine.app import App
    from engine.runtime.again import Plan, Wish
    from engine.runtime.bulk import Bulk, BulkPlan, Filter, Group, Left, Outlook
    from engine.strictjson import Json, JsonObject

SHOWN = 20
"""So many of the runs that are left out are named one by one; --json names them all."""


@click.command("rerun", short_help="Do a run again, or many by filter.")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--latest", is_flag=True, help="On the flow's active version instead of the run's own.")
@click.option("--from", "step", metavar="STEP", help="From this step on; what lies before it is kept as it went.")
@click.option("--resume", is_flag=True, help="From the first step that did not succeed.")
@click.option("--again", is_flag=True, help="Also when it was done again already.")
@statuses_option
@click.option("--flow", metavar="ID", help="Many: only runs of this flow.")
@click.option("--since", metavar="DURATION", help="Many: only runs created so long ago or later, such as 2h.")
@click.option("--error", "kind", metavar="KIND", help="Many: only runs that ended with this kind of error.")
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=1000,
    show_default=True,
    help="Many: at most so many, oldest first.",
)
@click.option("--yes", is_flag=True, help="Many: do it without asking.")
@as_json
def rerun(
    run_id: str | None,
    latest: bool,
    step: str | None,
    resume: bool,
    again: bool,
    statuses: tuple[RunStatus, ...],
    flow: str | None,
    since: str | None,
    kind: str | None,
    limit: int,
    yes: bool,
    as_json: bool,
) -> None:
    """Do a run that is over again, as a new run with the same event and inputs; the old one stays as it is. Prints the new run's id.

    From the start everything is done once more, as something new. A call of which nobody knows what came of it is repeated under the same idempotency
    key, is asked for at the service, or stops the run until you say what happened (`runs resolve`). STEP is a path as `runs show` prints it.

    Many runs are chosen with --status. First a plan is shown; --yes, or your answer, does it, one run after the other. Broken off, the same
    command goes on: runs that were done again are left out.

    \b
    Example:  hookline runs rerun 01jd3k
              hookline runs rerun 01jd3k --latest --resume
              hookline runs rerun 01jd3k --from "each[3].note"
              hookline runs rerun --status failed --error server --since 2h --resume
    """
    from engine.cli.lifecycle import opened
    from engine.runtime.again import Wish

    if step is not None and resume:
        raise UsageError("--from and --resume both say where to begin; give one of them")
    wish = Wish(latest=latest, step=step, resume=resume, again=again)
    narrowed = bool(statuses or flow or since or kind)
    if run_id is not None and (narrowed or yes):
        raise UsageError("give either RUN, or --status and what narrows it down further")
    if run_id is None:
        _require_many(statuses, step)
    with opened() as app:
        if run_id is not None:
            _one(app, run_id, wish, as_json)
            return
        wanted = _filter(app, statuses, flow, since, kind, limit)
        _many(app, wanted, wish, yes=yes, as_json=as_json)


def _require_many(statuses: tuple[RunStatus, ...], step: str | None) -> None:
    """Raises UsageError."""
    if not statuses:
        raise UsageError(
            "give RUN, or --status for many", remedy="Such as: hookline runs rerun --status failed --since 2h"
        )
    if step is not None:
        raise UsageError("--from is for one run; for many there is --resume")
    active = [status.value for status in statuses if status not in RUN_FINAL]
    if active:
        raise UsageError(f"a run that is {active[0]} is not over; only runs that are can be done again")


def _one(app: App, run_id: str, wish: Wish, as_json: bool) -> None:
    from engine.runtime.bulk import Bulk

    run = required_run(app, run_id, limit=0)[0]
    again = again_of(app)
    plan = again.plan(run, wish)
    done = again.start(plan)
    if as_json:
        unsettled: Json = sorted(plan.unsettled)
        print_json(
            {
                "id": done.run_id,
                "origin": run.id,
                "from": done.path,
                "version": plan.flow.version,
                "held": done.held,
                "unsettled": unsettled,
            }
        )
        return
    click.echo(done.run_id)
    if done.path is not None and wish.resume:
        say(f"from {plain(done.path)} on")
    if done.held:
        say("held: it waits for its turn, as the flow's concurrency says")
    for note in _notes(plan, Bulk(again=again, catalogue=app.catalogue).outlook(plan)):
        say(f"note: {plain(note)}")
    row = app.journal.flows.get(run.flow)
    if row is not None and row.paused:
        say(f"note: the flow is paused, and so is this run: hookline flow resume {run.flow}")


_NOTES = {
    "twice": "happened, and happens again",
    "repeated": "unknown what came of it; repeated under the same idempotency key",
    "asked": "unknown what came of it; the service is asked first",
    "stopped": "unknown what came of it; the run stops there until `hookline runs resolve` says what happened",
}


def _notes(plan: Plan, outlook: Outlook) -> Iterator[str]:
    """What the new run means for calls that happened, or may have."""
    for attribute, words in _NOTES.items():
        for what in sorted(getattr(outlook, attribute)):
            yield f"{what}: {words}"
    for path in sorted(plan.unsettled.keys() - {row.path for row in plan.repeated}):
        yield f"{path}: unknown what came of it; repeated under the same key, asked for, or the run stops there"


def _filter(
    app: App, statuses: tuple[RunStatus, ...], flow: str | None, since: str | None, kind: str | None, limit: int
) -> Filter:
    """Raises UsageError, NotFoundError."""
    from engine.core.commands import OWN_KINDS
    from engine.flow.durations import NotADuration, milliseconds
    from engine.runtime.bulk import Filter
    from engine.sdk.errors import Kind

    known = sorted({*(each.value for each in Kind), *OWN_KINDS})
    if kind is not None and kind not in known:
        raise UsageError(f"--error {kind!r} is no kind of error", remedy=f"One of: {', '.join(known)}")
    if flow is not None:
        require_known(app, flow)
    try:
        ago = None if since is None else milliseconds(since)
    except NotADuration as error:
        raise UsageError(f"--since {since!r}: {error}") from None
    now = app.journal.now()
    return Filter(statuses=statuses, flow=flow, since=None if ago is None else now - ago, kind=kind, limit=limit)


def _many(app: App, wanted: Filter, wish: Wish, *, yes: bool, as_json: bool) -> None:
    from engine.runtime.bulk import Bulk

    bulk = Bulk(again=again_of(app), catalogue=app.catalogue)
    plan = bulk.plan(wanted, wish)
    if not as_json:
        _print_plan(plan, wish)
    go = bool(plan.runs) and (yes or (interactive() and not as_json and _asked(plan)))
    if not go and not as_json:
        say("nothing was done" + ("; --yes does it" if plan.runs and not yes else ""))
    done = _do(bulk, plan, wish, as_json) if go else None
    if as_json:
        print_json({"plan": _plan_json(plan), "done": done})
    if done is not None and done["broken_off"]:
        sys.exit(FAILED)


def _asked(plan: BulkPlan) -> bool:
    return confirmed(f"Do {_runs(len(plan.runs))} again?", yes=False)


def _do(bulk: Bulk, plan: BulkPlan, wish: Wish, as_json: bool) -> JsonObject:
    from engine.runtime.bulk import Left

    started: list[Json] = []
    left: list[Left] = []
    broken_off = False
    try:
        for run_id, became in bulk.do(plan.runs, wish):
            if isinstance(became, Left):
                left.append(became)
                continue
            started.append({"run": run_id, "as": became})
            if not as_json:
                click.echo(f"{run_id}  done again as {became}")
    except KeyboardInterrupt:
        broken_off = True
    except UnavailableError:
        say(f"{_runs(len(started))} of {len(plan.runs)} done again; the same command goes on with the others")
        raise
    say(f"{_runs(len(started))} of {len(plan.runs)} done again" + _broken_words(broken_off))
    if not as_json:
        _print_left(left)
    return {"started": started, "left": [_left_json(item) for item in left], "broken_off": broken_off}


def _broken_words(broken_off: bool) -> str:
    return "; broken off. The same command goes on with the others" if broken_off else ""


def _print_plan(plan: BulkPlan, wish: Wish) -> None:
    _print_left(plan.left)
    rows = [_group_row(group, outlook) for group, outlook in sorted(plan.groups.items(), key=_by_name)]
    print_table(rows, empty="no run fits")
    if rows:
        where = "from the first step that did not succeed" if wish.resume else "from the start"
        version = "the active version" if wish.latest else "its own version"
        say(f"{_runs(len(plan.runs))} would be done again {where}, each on {version}")
    for words, attribute in _MEANINGS.items():
        for what, count in _total(plan, attribute).items():
            say(f"  {what}: {words.format(runs=_runs(count))}")


_MEANINGS = {
    "happened in {runs} and would happen again": "twice",
    "unknown in {runs}; would be repeated under the same idempotency key": "repeated",
    "unknown in {runs}; the service would be asked first": "asked",
    "unknown in {runs}; would stop there until `hookline runs resolve` says what happened": "stopped",
}


def _total(plan: BulkPlan, attribute: str) -> dict[str, int]:
    total: dict[str, int] = {}
    for outlook in plan.groups.values():
        for what, count in getattr(outlook, attribute).items():
            total[what] = total.get(what, 0) + count
    return dict(sorted(total.items()))


def _print_left(left: list[Left]) -> None:
    for item in left[:SHOWN]:
        say(f"left out: {plain(item.why)}")
    if len(left) > SHOWN:
        say(f"left out: {len(left) - SHOWN} more; --json names them")


def _by_name(item: tuple[Group, Outlook]) -> tuple[str, str, str]:
    return item[0].flow, item[0].status.value, item[0].kind or ""


def _group_row(group: Group, outlook: Outlook) -> dict[str, str]:
    twice = sum(outlook.twice.values())
    unknown = sum(sum(each.values()) for each in (outlook.repeated, outlook.asked, outlook.stopped))
    return {
        "flow": group.flow,
        "status": group.status.value,
        "error": group.kind or "-",
        "runs": str(outlook.runs),
        "writes twice": str(twice) if twice else "-",
        "unknown": str(unknown) if unknown else "-",
    }


def _plan_json(plan: BulkPlan) -> JsonObject:
    return {
        "runs": list(plan.runs),
        "groups": [_group_json(group, outlook) for group, outlook in sorted(plan.groups.items(), key=_by_name)],
        "left": [_left_json(item) for item in plan.left],
    }


def _group_json(group: Group, outlook: Outlook) -> JsonObject:
    return {
        "flow": group.flow,
        "status": group.status.value,
        "error": group.kind,
        "runs": outlook.runs,
        "twice": dict(outlook.twice),
        "repeated": dict(outlook.repeated),
        "asked": dict(outlook.asked),
        "stopped": dict(outlook.stopped),
    }


def _left_json(item: Left) -> JsonObject:
    return {"run": item.run.id, "flow": item.run.flow, "status": item.run.status.value, "reason": item.why}


def _runs(count: int) -> str:
    return f"{count} run" if count == 1 else f"{count} runs"
