"""``hookline test``: play tests of flows. Owns the command and how results are printed; playing is engine.runtime.rehearsal's.

It opens no database, no Redis and no connection, and reads no settings.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from engine.cli.check import findings_json
from engine.cli.output import FAILED, as_json, plain, print_json, say
from engine.core.times import lasting
from engine.errors import HooklineError, UsageError
from engine.strictjson import Json

if TYPE_CHECKING:
    from engine.runtime.rehearsal.suite import FileReport, Timed

LOOK_EVERY = 0.3
"""Seconds between two looks at the files under --watch."""

SLOW_MS = 1000
MINUTE_MS = 60_000


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@as_json
@click.option("--junit", "junit_file", metavar="FILE", help="Write the result as JUnit XML too.")
@click.option("--watch", is_flag=True, help="Play them again whenever a file changes, until Ctrl-C.")
def test(paths: tuple[str, ...], as_json: bool, junit_file: str | None, watch: bool) -> None:
    """Play tests of flows (*.test.yaml), offline: mocked answers, a virtual clock, nothing is called.

    PATH is a test file, a flow file with tests beside it, or a folder. Exit status: 0 all pass, 1 some fail, 2 could not run.

    \b
    Example:  hookline test flows
              hookline test flows/no-show.yaml --junit report.xml
    """
    if watch:
        _watch(paths, as_json, junit_file, Event())
    else:
        sys.exit(0 if _once(paths, as_json, junit_file) else FAILED)


def _once(paths: Sequence[str], as_json: bool, junit_file: str | None) -> bool:
    from engine.app import installed_connectors
    from engine.runtime.rehearsal.suite import Suite, find_files

    files = find_files(paths)
    reports: list[FileReport] = []
    for report in Suite(installed_connectors()).reports(files):
        reports.append(report)
        if not as_json:
            for line in lines(report):
                click.echo(line)
    if as_json:
        print_json([report_json(report) for report in reports])
    if junit_file is not None:
        _write_junit(junit_file, reports)
    say(summary(reports))
    return all(report.passed for report in reports)


def _write_junit(file: str, reports: Sequence[FileReport]) -> None:
    from engine.runtime.rehearsal.junit import junit

    try:
        Path(file).write_text(junit(reports), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the report {file} cannot be written: {error.strerror}") from error


def _watch(paths: Sequence[str], as_json: bool, junit_file: str | None, stopping: Event) -> None:
    """Play, then again after each change; what cannot be read now may be readable after the next one."""
    from engine.runtime.watch import Watch

    watches = [Watch(_folder(Path(path))) for path in paths]
    try:
        while not stopping.is_set():
            try:
                _once(paths, as_json, junit_file)
            except HooklineError as error:
                say(f"error: {error}")
            say("watching; Ctrl-C ends it")
            while not sum(watch.changed() for watch in watches) and not stopping.wait(LOOK_EVERY):
                pass
    except KeyboardInterrupt:
        say("")


def _folder(path: Path) -> Path:
    """A test depends on the flow beside it, so that the folder of a file is watched."""
    return path if path.is_dir() else path.parent


def lines(report: FileReport) -> Iterator[str]:
    """One file's part of the page."""
    yield click.style(plain(report.file), bold=True)
    for finding in report.findings:
        yield f"  {plain(str(finding))}"
    for test in report.tests:
        yield from _test_lines(test)


def _test_lines(test: Timed) -> Iterator[str]:
    verdict = test.verdict
    sign = click.style("✓", fg="green") if verdict.passed else click.style("✗", fg="red")
    yield f"  {sign} {plain(verdict.case.name)}{_waited(test)}"
    yield from (click.style(f"      note: {plain(remark)}", fg="bright_black") for remark in verdict.case.remarks)
    for problem in verdict.problems:
        first, *rest = problem.lines()
        yield f"      {plain(first)}"
        yield from (f"      {_coloured(plain(line))}" for line in rest)


def _waited(test: Timed) -> str:
    waited = test.verdict.waited_ms
    if waited == 0:
        return ""
    return click.style(f"  (waited {seconds(waited)}, on the virtual clock)", fg="bright_black")


def seconds(ms: int) -> str:
    """For people: ``250 ms``, ``10.5 s``, and from a minute on as authors write it, without what is less than a second."""
    if ms >= MINUTE_MS:
        return lasting(ms - ms % 1000)
    return f"{ms} ms" if ms < SLOW_MS else f"{ms / 1000:.1f} s"


def _coloured(line: str) -> str:
    colour = {"-": "red", "+": "green"}.get(line.lstrip()[:1])
    return click.style(line, fg=colour) if colour else line


def summary(reports: Sequence[FileReport]) -> str:
    tests = [test for report in reports for test in report.tests]
    failed = sum(not test.verdict.passed for test in tests)
    unread = sum(bool(report.findings) for report in reports)
    words = [f"{len(tests) - failed} passed", *([f"{failed} failed"] if failed else [])]
    words += [f"{unread} file{'' if unread == 1 else 's'} with findings"] if unread else []
    return f"{', '.join(words)}, in {sum(test.seconds for test in tests):.2f} s"


def report_json(report: FileReport) -> Json:
    """The shape that ``hookline test --json`` promises; each object may grow."""
    return {
        "file": report.file,
        "flow": report.flow or None,
        "passed": report.passed,
        "findings": findings_json(report.findings),
        "tests": [_test_json(test) for test in report.tests],
    }


def _test_json(test: Timed) -> Json:
    verdict = test.verdict
    return {
        "name": verdict.case.name,
        "line": verdict.case.place.line,
        "passed": verdict.passed,
        "seconds": round(test.seconds, 6),
        "waited_ms": verdict.waited_ms,
        "took_ms": max((played.took_ms for played in verdict.plays), default=0),
        "remarks": list(verdict.case.remarks),
        "problems": [
            {
                "file": problem.place.file,
                "line": problem.place.line,
                "column": problem.place.column,
                "what": problem.what,
                "diff": list(problem.diff),
            }
            for problem in verdict.problems
        ],
    }
