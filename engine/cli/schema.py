"""``hookline schema``: write the JSON Schema that editors complete flows with. Owns the command and where the file goes by itself."""

from __future__ import annotations

import json
from pathlib import Path

import click

from engine.cli.output import say

FLOWS = Path(".hookline/flow.schema.json")
TESTS = Path(".hookline/test.schema.json")


@click.command()
@click.option("-o", "--output", metavar="FILE", help=f"Where to write it; - prints it. [default: {FLOWS}]")
@click.option("--tests", is_flag=True, help=f"The schema of *.test.yaml instead. [default: {TESTS}]")
def schema(output: str | None, tests: bool) -> None:
    """Write a JSON Schema of flows with the connectors that are installed here, for editors.

    Write it again when connectors come or go. In a flow, this first line tells most editors where it is:

    \b
        # yaml-language-server: $schema=../.hookline/flow.schema.json

    \b
    Example:  hookline schema
              hookline schema --tests
              hookline schema -o - | jq .properties
    """
    from engine.editor import flow_schema, tests_schema
    from engine.sdk.installed import installed_connectors

    made = (tests_schema if tests else flow_schema)(installed_connectors())
    text = json.dumps(made, ensure_ascii=False, indent=2)
    if output == "-":
        click.echo(text)
        return
    path = Path(output) if output is not None else TESTS if tests else FLOWS
    _write(path, f"{text}\n")
    say(f"{path} is written; editors find it by this first line of a file in a folder beside .hookline:")
    say(
        f"# yaml-language-server: $schema=../{path}"
        if not path.is_absolute()
        else f"# yaml-language-server: $schema={path}"
    )


def _write(path: Path, text: str) -> None:
    from engine.errors import UsageError

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", remedy="Name another with -o FILE, or print it with -o -."
        ) from None
