"""``hookline runs resolve``: a person says what became of a call whose outcome nobody knows. Owns the command; what it does is the runtime's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine import strictjson
from engine.cli.output import as_json, plain, print_json, say
from engine.cli.run_lookup import again_of, required_run
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.journal.records import Settled
    from engine.runtime.resolving import Given, Resolved


@click.command("resolve", short_help="Say whether an uncertain step happened.")
@click.argument("run_id", metavar="RUN")
@click.argument("step", metavar="STEP")
@click.option("--happened", is_flag=True, help="The call had its effect; the run goes on behind it.")
@click.option("--did-not-happen", "did_not", is_flag=True, help="It had none; the run goes on by doing it.")
@click.option(
    "--output", metavar="JSON", help="With --happened: what the step answers. Else the service is asked, if it can be."
)
@as_json
def resolve(run_id: str, step: str, happened: bool, did_not: bool, output: str | None, as_json: bool) -> None:
    """Settle a step that is uncertain: its call may have had its effect at the service, or not. Look there first.

    A run that had stopped at the step goes on as a new run; where the flow dealt with the uncertainty itself, your word is only kept. It
    holds: the same word again changes nothing, another one is refused. STEP is the step's path as `runs show` prints it.

    \b
    Example:  hookline runs resolve 01jd3k mark --did-not-happen
              hookline runs resolve 01jd3k mark --happened --output '{"uri": "https://api.calendly.com/invitee_no_shows/1"}'
    """
    from engine.cli.lifecycle import opened
    from engine.runtime.resolving import Resolving

    if happened == did_not:
        raise UsageError("say one of --happened and --did-not-happen")
    if did_not and output is not None:
        raise UsageError("--output belongs to --happened: a call that did not happen has none")
    given = _given(output)
    settled: Settled = "happened" if happened else "did_not_happen"
    with opened() as app:
        run = required_run(app, run_id, limit=0)[0]
        resolving = Resolving(again=again_of(app), catalogue=app.catalogue, connections=lambda: app.connections)
        found = resolving.resolve(run, step, settled, given)
    if as_json:
        went_on = found.went_on
        print_json(
            {
                "run": run.id,
                "step": step,
                "settled": settled,
                "goes_on_as": went_on.run_id if went_on is not None else None,
                "held": went_on is not None and went_on.held,
                "output": found.output,
                "asked": found.asked,
                "found": found.found,
            }
        )
    else:
        _print(run.id, found)


def _given(output: str | None) -> Given | None:
    """Raises UsageError."""
    from engine.runtime.resolving import Given

    if output is None:
        return None
    try:
        return Given(value=strictjson.parse(output))
    except strictjson.NotJson as error:
        raise UsageError(
            f"--output is not JSON: {error}", remedy='Quote it for the shell: --output \'{"uri": "…"}\''
        ) from None


def _print(run_id: str, found: Resolved) -> None:
    words = f"{run_id}  {plain(found.step)} {found.settled.replace('_', ' ')}"
    if found.went_on is None:
        click.echo(f"{words}: noted. The flow had dealt with it, so that nothing is done again")
        return
    click.echo(f"{words}: goes on as {found.went_on.run_id}{' (held)' if found.went_on.held else ''}")
    if found.asked and not found.found:
        say("note: the service was asked and does not show the effect; the step's output is null. Was it this call?")
