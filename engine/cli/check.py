"""``hookline check``: judge flow files, offline. Owns the command and how findings are printed; the rules are engine.check's.

It opens no database, no Redis and reads no settings, so that it runs in an editor and in any CI job.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from engine.cli.output import FAILED, print_json, say
from engine.errors import Finding, NotFoundError
from engine.strictjson import Json

if TYPE_CHECKING:
    from engine.runtime.deploy import Checked


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def check(paths: tuple[str, ...], form: str, as_json: bool) -> None:
    """Check flow files and folders of them, offline; nothing is started.

    Each finding is a line FILE:LINE:COLUMN: error CODE words. Exit status: 0 no errors, 1 errors, 2 could not run.

    \b
    Example:  hookline check flows
              hookline check flows/late-cancellation-no-show.yaml --json
    """
    from engine.app import installed_connectors
    from engine.runtime.deploy import check_files

    checked = check_files(paths, installed_connectors())
    require_files(checked, paths)
    if as_json or form == "json":
        print_json(_checked_json(checked))
    else:
        print_findings(checked.findings)
    say(summary(checked))
    sys.exit(FAILED if checked.errors else 0)


def require_files(checked: Checked, paths: Sequence[str]) -> None:
    """Raises NotFoundError when there was no flow file at all: a check of nothing must not look like a success."""
    if not checked.flows and not checked.findings:
        raise NotFoundError(
            f"there is no flow file in {', '.join(paths)}", remedy="Flow files end in .yaml or .yml; see `flows/`."
        )


def print_findings(findings: Sequence[Finding]) -> None:
    for finding in findings:
        click.echo(str(finding))


def summary(checked: Checked) -> str:
    broken = {finding.place.file for finding in checked.errors}
    right = sum(flow.file not in broken for flow in checked.flows)
    warnings = len(checked.findings) - len(checked.errors)
    files = f"{_count(right, 'flow')} right, {_count(len(broken), 'file')} with errors"
    return f"{files}; {_count(len(checked.errors), 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def findings_json(findings: Sequence[Finding]) -> Json:
    return [
        {
            "file": finding.place.file,
            "line": finding.place.line,
            "column": finding.place.column,
            "severity": "error" if finding.is_error else "warning",
            "code": finding.code,
            "message": finding.message,
        }
        for finding in findings
    ]


def _checked_json(checked: Checked) -> Json:
    return {
        "flows": [
            {"id": flow.id, "name": flow.name, "version": flow.version, "file": flow.file} for flow in checked.flows
        ],
        "findings": findings_json(checked.findings),
    }
