"""``hookline runs``: what has run. Owns the commands; how a run looks is run_view's, how it becomes a test engine.runtime.rehearsal's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.output import as_json, print_json, print_table, say, took, when
from engine.cli.run_lookup import recorded, require_known, required_run, view_of
from engine.cli.runs_rerun import rerun
from engine.cli.runs_resolve import resolve
from engine.cli.statuses import statuses_option
from engine.core.statuses import RUN_FINAL, RunStatus
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.journal.again import Said
    from engine.journal.records import Run

LONGEST_REMARK = 100


@click.group()
def runs() -> None:
    """List, show, cancel, rerun, resolve and export runs.

    \b
    Example:  hookline runs list --status failed,uncertain,poisoned --open
              hookline runs show 01jd3k
              hookline runs cancel 01jd3k
              hookline runs rerun 01jd3k --resume
              hookline runs resolve 01jd3k mark --happened
              hookline runs export 01jd3k --as-test
    """


runs.add_command(rerun)
runs.add_command(resolve)


@runs.command("list")
@click.option("--flow", metavar="ID", help="Only runs of this flow.")
@statuses_option
@click.option("--open", "undone", is_flag=True, help="Only runs that nobody has done again or resolved.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--before", metavar="RUN", help="Go on after this run, the last one of the page before.")
@as_json
def list_runs(
    flow: str | None, statuses: tuple[RunStatus, ...], undone: bool, limit: int, before: str | None, as_json: bool
) -> None:
    """List runs, newest first. The remark says what was done about a run that did not succeed.

    \b
    Example:  hookline runs list --flow late-cancellation-no-show --limit 20
              hookline runs list --status failed,uncertain,poisoned --open
    """
    from engine.cli.lifecycle import opened
    from engine.cli.run_view import run_json

    with opened() as app:
        if flow is not None:
            require_known(app, flow)
        last = required_run(app, before, limit=0)[0].id if before is not None else None
        found = app.journal.runs.list(flow=flow, statuses=statuses, limit=limit, before=last, undone=undone)
        said = app.journal.reruns.said([run.id for run in found])
    if as_json:
        print_json([run_json(run, said.get(run.id, ())) for run in found])
    else:
        print_table([_row(run, said.get(run.id, ())) for run in found], empty="no runs")


@runs.command("show", short_help="Show one run with its steps.")
@click.argument("run_id", metavar="RUN")
@click.option("--all", "whole", is_flag=True, help="With every iteration of long loops; --json has them always.")
@as_json
def show(run_id: str, whole: bool, as_json: bool) -> None:
    """Show one run: its steps with their status, attempts and duration, the runs that they started, and where it failed.

    RUN is a run's id, or enough of its beginning (6 characters or more). Of a long loop the first iterations are shown, and the last ones
    with a step that did not succeed.

    \b
    Example:  hookline runs show 01jd3k --json
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        view = view_of(app, run_id, whole=whole or as_json)
    if as_json:
        print_json(view.to_json())
    else:
        for line in view.lines():
            click.echo(line)


@runs.command("cancel", short_help="Ask a run to end.")
@click.argument("run_id", metavar="RUN")
@as_json
def cancel(run_id: str, as_json: bool) -> None:
    """Ask a run to end, with the runs that it waits for. What is done stays done; handlers are left out, `finally` runs.

    A run that has not begun ends at once. Another one ends itself before its next call; a call that is under way ends first.

    \b
    Example:  hookline runs cancel 01jd3k
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        before = required_run(app, run_id, limit=0)[0]
        app.journal.runs.request_cancel(before.id)
        run = required_run(app, before.id, limit=0)[0]
    became = _became(before, run)
    if as_json:
        print_json({"id": run.id, "became": became, "status": run.status.value})
    else:
        click.echo(f"{run.id}  {_CANCEL_WORDS[became].format(status=run.status.value, id=run.id)}")


_CANCEL_WORDS = {
    "ended": "cancelled: it had not begun",
    "asked": "asked to end; now {status}. See it: hookline runs show {id}",
    "over": "was over already: {status}",
}


def _became(before: Run, run: Run) -> str:
    """What a request to end made of a run: ``ended`` at once, ``asked`` to end, or it was ``over`` already."""
    if before.status in RUN_FINAL:
        return "over"
    if run.cancel_requested:
        return "ended" if run.status is RunStatus.CANCELLED and run.started_at is None else "asked"
    return "over"


@runs.command("export", short_help="Turn a run that has ended into a test of its flow.")
@click.argument("run_id", metavar="RUN")
@click.option("--as-test", is_flag=True, required=True, help="As a test of the flow, in the form of *.test.yaml.")
@click.option("--output", metavar="FILE", help="Write it there, where nothing may be yet; else to standard output.")
def export(run_id: str, as_test: bool, output: str | None) -> None:
    """Turn a run that has ended into a test of its flow: its event, the answers that it got, and how it ended.

    The test holds real data: look through it before you share it. It is played once before it is printed, so that it passes.

    \b
    Example:  hookline runs export 01jd3k --as-test --output flows/no-show.test.yaml
    """
    from engine.cli.lifecycle import opened
    from engine.runtime.rehearsal.export import exported

    with opened() as app:
        flow, recording = recorded(app, run_id)
        text = exported(flow, recording, app.catalogue)
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        with Path(output).open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}") from error
    say(f"{output}: a test of {flow.id}; play it with   hookline test {output}")


def _row(run: Run, said: Sequence[Said]) -> dict[str, str]:
    from engine.cli.run_view import remark, status_words

    words = remark(run, said)
    return {
        "run": run.id,
        "flow": run.flow,
        "version": run.version,
        "status": status_words(run),
        "created": when(run.created_at),
        "took": took(run.started_at, run.ended_at),
        "remark": words if len(words) <= LONGEST_REMARK else words[: LONGEST_REMARK - 1] + "…",
    }
