"""``hookline doctor``: is this installation well? Owns the command and how findings look; the checks are checkup's."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from engine.cli.output import FAILED, as_json, plain, print_json, say
from engine.errors import SettingsError

if TYPE_CHECKING:
    from engine.cli.findings import Result

COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command()
@as_json
def doctor(as_json: bool) -> None:
    """Check this installation: settings, database, Redis, key, public URL, workers, schedules, connections, subscriptions.

    It mends nothing and starts nothing; services are asked whether our webhooks are there. Exit status: 0 when nothing fails, 1 when
    something does.

    \b
    Example:  hookline doctor
              hookline doctor --json | jq '.checks[] | select(.status != "ok")'
    """
    results = _results()
    if as_json:
        print_json(
            {
                "ok": not _fails(results),
                "checks": [
                    {"part": item.part, "status": item.status, "found": item.found, "remedy": item.remedy}
                    for item in results
                ],
            }
        )
    else:
        for line in lines(results):
            click.echo(line)
        say(summary(results))
    sys.exit(FAILED if _fails(results) else 0)


def _results() -> Sequence[Result]:
    from engine.cli.checkup import Checkup
    from engine.cli.findings import fail
    from engine.cli.lifecycle import opened

    try:
        with opened(level="error") as app:
            return list(Checkup(app).results())
    except SettingsError as error:
        remedy = error.remedy or "Correct it in the environment; the rest can be checked then."
        return [fail("settings", error.message, remedy)]


def lines(results: Sequence[Result]) -> Iterator[str]:
    width = max((len(item.part) for item in results), default=0)
    for item in results:
        sign = click.style(item.status.ljust(4), fg=COLOURS[item.status])
        yield f"{sign}  {item.part.ljust(width)}  {plain(item.found)}"
        for remedy in (item.remedy or "").splitlines():
            yield f"{' ' * (width + 6)}  -> {plain(remedy.strip())}"


def summary(results: Sequence[Result]) -> str:
    counts = {status: sum(item.status == status for item in results) for status in ("ok", "warn", "fail")}
    return f"{counts['ok']} ok, {counts['warn']} to look at, {counts['fail']} failed"


def _fails(results: Sequence[Result]) -> bool:
    return any(item.status == "fail" for item in results)
