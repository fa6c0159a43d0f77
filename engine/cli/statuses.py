"""``--status A,B``: the option of commands about many runs. Owns reading the names."""

from __future__ import annotations

import click

from engine.core.statuses import RunStatus


def _statuses(context: click.Context, parameter: click.Parameter, given: str | None) -> tuple[RunStatus, ...]:
    names = [name.strip() for name in (given or "").split(",") if name.strip()]
    known = {status.value: status for status in RunStatus}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.BadParameter(f"{unknown[0]!r} is none of {', '.join(known)}")
    return tuple(known[name] for name in names)


statuses_option = click.option(
    "--status", "statuses", callback=_statuses, metavar="A,B", help="Only runs with one of these statuses."
)
