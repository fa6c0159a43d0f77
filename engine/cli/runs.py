"""``hookline runs``: what has run. Owns the commands; how a run looks is run_view's, how it becomes a test engine.runtime.rehearsal's."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.output import as_json, print_json, print_table, say, took, when
from engine.core.statuses import RunStatus
from engine.errors import FlowFileError, NotFoundError, UsageError

if TYPE_CHECKING:
    from engine.app import App
    from engine.cli.run_view import RunView
    from engine.flow.model import Flow, Secret
    from engine.journal.records import Run, StepRow
    from engine.runtime.rehearsal.recording import Recording
    from engine.strictjson import Json

LONGEST_REMARK = 100


@click.group()
def runs() -> None:
    """List, show and export runs.

    \b
    Example:  hookline runs list --status failed
              hookline runs show 01jd3k
              hookline runs export 01jd3k --as-test
    """


def _statuses(context: click.Context, parameter: click.Parameter, given: str | None) -> tuple[RunStatus, ...]:
    names = [name.strip() for name in (given or "").split(",") if name.strip()]
    known = {status.value: status for status in RunStatus}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}")
    return tuple(known[name] for name in names)


@runs.command("list")
@click.option("--flow", metavar="ID", help="Only runs of this flow.")
@click.option("--status", "statuses", callback=_statuses, metavar="A,B", help="Only runs with one of these statuses.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most so many.")
@click.option("--before", metavar="RUN", help="Go on after this run, the last one of the page before.")
@as_json
def list_runs(flow: str | None, statuses: tuple[RunStatus, ...], limit: int, before: str | None, as_json: bool) -> None:
    """List runs, newest first.

    \b
    Example:  hookline runs list --flow late-cancellation-no-show --status failed,uncertain
    """
    from engine.cli.lifecycle import opened
    from engine.cli.run_view import run_json

    with opened() as app:
        last = required_run(app, before)[0].id if before is not None else None
        found = app.journal.runs.list(flow=flow, statuses=statuses, limit=limit, before=last)
    if as_json:
        print_json([run_json(run) for run in found])
    else:
        print_table([_row(run) for run in found], empty="no runs")


@runs.command("show", short_help="Show one run with its steps.")
@click.argument("run_id", metavar="RUN")
@as_json
def show(run_id: str, as_json: bool) -> None:
    """Show one run: its steps with their status, attempts and duration, and where it failed.

    RUN is a run's id, or enough of its beginning (6 characters or more).

    \b
    Example:  hookline runs show 01jd3k --json
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        view = view_of(app, run_id)
    if as_json:
        print_json(view.to_json())
    else:
        for line in view.lines():
            click.echo(line)


@runs.command("export")
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


def recorded(app: App, run_id: str) -> tuple[Flow, Recording]:
    """The run as the journal keeps it, with its version of the flow. Raises NotFoundError, FlowFileError."""
    from engine.runtime.rehearsal.recording import Recording

    run, steps = required_run(app, run_id)
    found = app.journal.flows.source(run.digest)
    if found is None:
        raise NotFoundError(f"the version {run.version} of {run.flow} is not stored any more")
    opener = partial(_opened, app, run) if any(step.secure for step in steps) else None
    return app.flows.get(run.digest, *found), Recording.of(run, steps, app.journal.events.get(run.event_id), opener)


def _opened(app: App, run: Run, value: Json, path: str, side: Secret) -> Json:
    """What ``secure`` sealed, to compare with it; it is printed nowhere. Raises SecretError without the key."""
    from engine.journal.seal import open_json

    return open_json(app.keyring, value, owner=run.owner, of=run.id, field=f"{path} {side}")


def required_run(app: App, run_id: str) -> tuple[Run, tuple[StepRow, ...]]:
    """The run with its attempts. Raises NotFoundError."""
    found = app.journal.runs.get(run_id)
    if found is None:
        raise NotFoundError(
            f"there is no run {run_id!r}, or more than one begins so",
            remedy="See them: hookline runs list. An id may be shortened to 6 characters or more.",
        )
    return found


def view_of(app: App, run_id: str) -> RunView:
    """The run with all that belongs to it. Raises NotFoundError."""
    from engine.cli.run_view import RunView

    run, steps = required_run(app, run_id)
    source, file = app.journal.flows.source(run.digest) or ("", "")
    try:
        flow = app.flows.get(run.digest, source, file) if source else None
    except FlowFileError:
        # A version that another release accepted; its run can be shown all the same.
        flow = None
    event = app.journal.events.get(run.event_id)
    return RunView(run=run, steps=steps, event=event, source=source, file=file, flow=flow)


def _row(run: Run) -> dict[str, str]:
    from engine.cli.run_view import remark

    words = remark(run)
    return {
        "run": run.id,
        "flow": run.flow,
        "version": run.version,
        "status": run.status.value,
        "created": when(run.created_at),
        "took": took(run.started_at, run.ended_at),
        "remark": words if len(words) <= LONGEST_REMARK else words[: LONGEST_REMARK - 1] + "…",
    }
