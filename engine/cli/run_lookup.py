"""Finding runs for commands. Owns what a shortened id means and reading all that belongs to a run; prints nothing."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from engine.errors import FlowFileError, NotFoundError

if TYPE_CHECKING:
    from engine.app import App
    from engine.cli.run_view import RunView
    from engine.flow.model import Flow, Secret
    from engine.journal.records import Run, StepRow
    from engine.runtime.again import Again
    from engine.runtime.rehearsal.recording import Recording
    from engine.strictjson import Json

ACTOR = "cli"
"""Who acts, for the audit log."""


def again_of(app: App) -> Again:
    """What does runs again for a person at the command line."""
    from engine.runtime.again import Again

    return Again(journal=app.journal, flows=app.flows, keyring=lambda: app.keyring, actor=ACTOR)


def recorded(app: App, run_id: str) -> tuple[Flow, Recording]:
    """The run as the journal keeps it, with its version of the flow. Raises NotFoundError, FlowFileError."""
    from engine.journal.seal import is_sealed
    from engine.runtime.rehearsal.recording import Recording

    run, steps = required_run(app, run_id)
    found = app.journal.flows.source(run.digest)
    if found is None:
        raise NotFoundError(f"the version {run.version} of {run.flow} is not stored any more")
    hides = is_sealed(run.inputs) or is_sealed(run.outputs) or any(step.secure for step in steps)
    opener = partial(_opened, app, run) if hides else None
    return app.flows.get(run.digest, *found), Recording.of(run, steps, app.journal.events.get(run.event_id), opener)


def _opened(app: App, run: Run, value: Json, path: str, side: Secret) -> Json:
    """What ``secure`` sealed, to compare with it; it is printed nowhere. Raises SecretError without the key."""
    from engine.journal.seal import open_json

    return open_json(app.keyring, value, owner=run.owner, of=run.id, field=f"{path} {side}")


def required_run(app: App, run_id: str, *, limit: int | None = None) -> tuple[Run, tuple[StepRow, ...]]:
    """The run with its attempts, at most ``limit``. Raises NotFoundError."""
    found = app.journal.runs.get(run_id, limit=limit)
    if found is None:
        raise NotFoundError(
            f"there is no run {run_id!r}, or more than one begins so",
            remedy="See them: hookline runs list. An id may be shortened to 6 characters or more.",
        )
    return found


def require_known(app: App, flow: str) -> None:
    """Raises NotFoundError for a flow that never was: a misspelt one has no runs either."""
    if app.journal.flows.get(flow) is None and not app.journal.flows.versions(flow):
        raise NotFoundError(f"there is no flow {flow!r}", remedy="See them: hookline flow list")


def view_of(app: App, run_id: str, *, whole: bool = True) -> RunView:
    """The run with all that belongs to it; unless ``whole``, long loops are shortened. Raises NotFoundError."""
    from engine.cli.run_tree import Shortened, shortened
    from engine.cli.run_view import RunView

    run, steps = required_run(app, run_id, limit=None if whole else 0)
    short = Shortened(paths=())
    if not whole:
        short = shortened(app.journal.runs.outline(run.id))
        steps = tuple(app.journal.runs.attempts(run.id, short.paths))
    source, file = app.journal.flows.source(run.digest) or ("", "")
    try:
        flow = app.flows.get(run.digest, source, file) if source else None
    except FlowFileError:
        # A version that another release accepted; its run can be shown all the same.
        flow = None
    return RunView(
        run=run,
        steps=steps,
        event=app.journal.events.get(run.event_id),
        source=source,
        file=file,
        flow=flow,
        children=app.journal.runs.children(run.id),
        reruns=app.journal.reruns.made_of(run.id),
        more=short.more,
    )
