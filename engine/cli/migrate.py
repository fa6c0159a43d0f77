"""``hookline migrate``: bring the database's schema up to date. Owns the command; the schema is the journal's."""

from __future__ import annotations

import sys

import click

from engine.cli.output import FAILED


@click.command()
@click.option("--check", "check_only", is_flag=True, help="Only say; exit status 1 when the schema is behind.")
def migrate(check_only: bool) -> None:
    """Bring the database's schema up to this release. Safe to repeat, and from several machines at once.

    \b
    Example:  hookline migrate
              hookline migrate --check
    """
    from engine.cli.lifecycle import opened
    from engine.journal import schema

    with opened() as app:
        newest = schema.REVISIONS[-1]
        path = app.settings.database_path
        if check_only:
            # Opening a SQLite file makes it, and this only looks.
            missing = path is not None and not path.exists()
            found = None if missing else schema.current(app.unchecked_journal.engine)
            click.echo(f"{found or 'nothing'} (this release: {newest})")
            if found is not None and found not in schema.REVISIONS:
                schema.check(app.unchecked_journal.engine)
            sys.exit(0 if found == newest else FAILED)
        before, after = schema.migrate(app.unchecked_journal.engine)
    click.echo(f"{after} (up to date)" if before == after else f"{before or 'nothing'} -> {after}")
