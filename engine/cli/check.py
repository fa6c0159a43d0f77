"""``hookline check``: judge flow files, offline. Owns the command and how findings are printed; the rules are engine.check's.

It opens no database, no Redis and reads no settings, so that it runs in an editor and in any CI job.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli.output import FAILED, print_json, say
from engine.errors import Finding, NotFoundError
from engine.strictjson import Json

if TYPE_CHECKING:
    from engine.check.tree import Checked

FORMS = ("text", "json", "github", "sarif")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def check(paths: tuple[str, ...], form: str, as_json: bool) -> None:
    """Check flow files and folders of them, offline; nothing is started.

    Each finding is a line FILE:LINE:COLUMN: error CODE words, and below it the line of the file with a ^ under the word. --format github
    annotates a pull request, --format sarif feeds code scanning. Exit status: 0 no errors, 1 errors, 2 could not run.

    \b
    Example:  hookline check flows
              hookline check flows/late-cancellation-no-show.yaml --json
              hookline check flows --format sarif > flows.sarif
    """
    from engine.check.tree import check_files
    from engine.sdk.installed import connectors_on_demand

    checked = check_files(paths, connectors_on_demand())
    require_files(checked, paths)
    form = "json" if as_json else form
    if form == "json":
        print_json(_checked_json(checked))
    elif form == "text":
        print_findings(checked.findings)
    elif form == "github":
        from engine.check.report import as_github

        _print(as_github(checked.findings))
    else:
        _print(_sarif(checked.findings))
    say(summary(checked))
    sys.exit(FAILED if checked.errors else 0)


def _print(text: str) -> None:
    if text:
        click.echo(text)


def _sarif(findings: Sequence[Finding]) -> str:
    from engine import __version__
    from engine.check import CODES
    from engine.check.sarif import as_sarif
    from engine.flow.codes import CODES as LOADER_CODES

    return as_sarif(findings, {**LOADER_CODES, **CODES}, __version__)


def require_files(checked: Checked, paths: Sequence[str]) -> None:
    """Raises NotFoundError when there was no flow file at all: a check of nothing must not look like a success."""
    if not checked.flows and not checked.findings:
        raise NotFoundError(
            f"there is no flow file in {', '.join(paths)}", remedy="Flow files end in .yaml or .yml; see `flows/`."
        )


def print_findings(findings: Sequence[Finding]) -> None:
    from engine.check.report import as_text

    _print(as_text(findings, _Lines().line))


class _Lines:
    """The lines of the files that findings are about; each file is read once."""

    def __init__(self) -> None:
        self._files: dict[str, list[str]] = {}

    def line(self, file: str, number: int) -> str | None:
        if file not in self._files:
            try:
                self._files[file] = Path(file).read_bytes().decode("utf-8-sig", errors="replace").splitlines()
            except OSError:
                self._files[file] = []
        lines = self._files[file]
        return lines[number - 1] if 0 < number <= len(lines) else None


def summary(checked: Checked) -> str:
    broken = {finding.place.file for finding in checked.errors}
    right = sum(flow.file not in broken for flow in checked.flows)
    warnings = len(checked.findings) - len(checked.errors)
    files = f"{_count(right, 'flow')} right, {_count(len(broken), 'file')} with errors"
    return f"{files}; {_count(len(checked.errors), 'error')}, {_count(warnings, 'warning')}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def findings_json(findings: Sequence[Finding]) -> Json:
    from engine.check.report import as_list

    return as_list(findings)


def _checked_json(checked: Checked) -> Json:
    return {
        "flows": [
            {"id": flow.id, "name": flow.name, "version": flow.version, "file": flow.file} for flow in checked.flows
        ],
        "findings": findings_json(checked.findings),
    }
