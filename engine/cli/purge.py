"""``hookline purge``: delete what is over for long enough, now. Owns the command and its plan; what may go is the journal's to say."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

import click

from engine.cli.output import as_json, confirmed, print_json, print_table, say
from engine.retention import Retention

WORDS = {
    "events": "events that no run refers to",
    "versions": "versions of flows that nothing refers to",
    "audit": "entries of the audit log",
}


@click.command()
@click.option("--plan", "plan_only", is_flag=True, help="Only say what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@as_json
def purge(plan_only: bool, yes: bool, as_json: bool) -> None:
    """Delete now what HOOKLINE_RETAIN does not keep any longer. The scheduler does the same by itself every ten minutes.

    Runs that are not over, what they refer to, and what makes a repeated delivery a duplicate are never deleted. Everything may run meanwhile.

    \b
    Example:  hookline purge --plan
              HOOKLINE_RETAIN=succeeded=7d hookline purge --yes
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        keep = app.settings.retain
        plan = app.journal.purges.plan(keep)
        wanted = sum(plan.values())
        if not as_json:
            print_table([] if keep.keeps_all else _rows(plan, keep), empty="nothing: HOOKLINE_RETAIN keeps everything")
        if plan_only or wanted == 0 or not confirmed(f"Delete these {wanted:,}?", yes=yes):
            if as_json:
                print_json({"plan": dict(plan), "deleted": {}})
            return
        gone: Counter[str] = Counter()
        for step in app.journal.purges.sweep(keep):
            gone.update(step)
            # Others write in the pauses.
            time.sleep(PAUSE_SECONDS)
    if as_json:
        print_json({"plan": dict(plan), "deleted": dict(gone)})
    else:
        say(
            f"deleted {sum(gone.values()):,}. On SQLite the file keeps its size, and the room in it is used again: hookline doctor"
        )


PAUSE_SECONDS = 0.02


def _rows(plan: Mapping[str, int], keep: Retention) -> list[dict[str, str]]:
    times = dict(item.split("=") for item in str(keep).split(","))
    return [
        {
            "what": WORDS.get(kind, f"{kind} runs"),
            "kept for": times.get(kind, "30d"),
            "to delete": f"{count:,}",
        }
        for kind, count in plan.items()
    ]
