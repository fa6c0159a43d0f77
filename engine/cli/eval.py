"""``hookline eval``: try an expression on real data. Owns the command and how a value or an error is printed.

With an event it opens no database and reads no settings; with a run it reads the journal and changes nothing.
"""

from __future__ import annotations

import json
import sys

import click

from engine.cli.output import FAILED, as_json, plain, print_json
from engine.errors import ExpressionError, Place, UsageError
from engine.strictjson import JsonObject

NAME = "expression"


@click.command("eval")
@click.argument("expression", metavar="EXPRESSION")
@click.option("--event", "event_file", metavar="FILE", help="An event as JSON, - for standard input.")
@click.option("--sample", metavar="NAME", help="A connector's sample, as calendly/invitee.created.")
@click.option("--run", "run_id", metavar="RUN", help="A run: its event, inputs, variables and steps.")
@as_json
def evaluate(expression: str, event_file: str | None, sample: str | None, run_id: str | None, as_json: bool) -> None:
    """Evaluate EXPRESSION, bare or in {{ }}, and show its value and type.

    An event shows as `trigger`. A run shows all that the outputs of its flow can name. Exit status 1 when it fails.

    \b
    Example:  hookline eval 'trigger.payload.email | lower' --sample calendly/invitee.created
              hookline eval 'steps.type.output.resource.name' --run 01jd3k
    """
    from engine.expressions import compile_expression
    from engine.runtime.rehearsal.sight import type_words

    context = _context(event_file, sample, run_id)
    try:
        value = compile_expression(expression, Place(file=NAME, line=1, column=1)).evaluate(context)
    except ExpressionError as error:
        _fail(error, expression, as_json)
    if as_json:
        print_json({"value": value, "type": type_words(value)})
        return
    click.echo(plain(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2))
    click.echo(type_words(value), err=True)


def _context(event_file: str | None, sample: str | None, run_id: str | None) -> JsonObject:
    from engine.cli.rehearse import delivered_from
    from engine.runtime.rehearsal import sight

    if run_id is None:
        return sight.of_event(delivered_from(event_file, sample).event)
    if event_file is not None or sample is not None:
        raise UsageError("--run has an event of its own; leave --event and --sample out")
    from engine.cli.lifecycle import opened
    from engine.cli.run_lookup import recorded

    with opened() as app:
        return sight.of_recording(*recorded(app, run_id))


def _fail(error: ExpressionError, expression: str, as_json: bool) -> None:
    from engine.cli.run_view import excerpt

    if as_json:
        place = error.place
        column = place.column if place is not None else None
        print_json({"error": error.message, "line": place.line if place is not None else None, "column": column})
    else:
        click.echo(f"error: {plain(error.message)}", err=True)
        for line in excerpt(str(error.place or ""), expression):
            click.echo(line, err=True)
    sys.exit(FAILED)
