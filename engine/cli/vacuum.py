"""``hookline vacuum``: give the room in a SQLite file back to the system. Owns the command; rebuilding is the journal's."""

from __future__ import annotations

import click

from engine.cli.output import as_json, confirmed, print_json, say
from engine.errors import UsageError


@click.command()
@click.option("--yes", is_flag=True, help="Rebuild without asking.")
@as_json
def vacuum(yes: bool, as_json: bool) -> None:
    """Rebuild the SQLite file without the room that is free in it. Every process must be stopped: nobody can write meanwhile.

    It is hardly ever needed: what purging frees is used again, and the file does not grow until it is used up. It takes as much free disk beside the
    database as what is in it, and about a second per 100 MB. On PostgreSQL autovacuum does this, and there is nothing to do.

    \b
    Example:  hookline vacuum
    """
    from engine.cli.lifecycle import opened
    from engine.journal.snapshots import rebuild

    with opened() as app:
        database = app.settings.database_path
        if database is None:
            raise UsageError("the database is PostgreSQL, whose autovacuum does this", remedy="See docker/README.md.")
        if not confirmed(f"Rebuild {database}? No process can use it meanwhile.", yes=yes):
            return
        before, after = rebuild(database)
    if as_json:
        print_json({"before": before, "after": after})
    else:
        click.echo(f"{database}  {before / 1e6:,.1f} MB -> {after / 1e6:,.1f} MB")
        say("Start the processes again.")
