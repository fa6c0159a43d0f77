"""``hookline backup`` and ``hookline restore``: copies of the database. Owns the commands and what they say; the copies are the journal's.

SQLite is copied here. PostgreSQL has tools of its own, whose exact commands are said instead.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from urllib.parse import urlsplit

import click

from engine.cli.output import as_json, confirmed, print_json, say, when, when_json
from engine.errors import UsageError
from engine.settings import Settings

NEXT = (
    "Runs that were not over in the copy go on from there: what they did since is done again where that is safe, with the same idempotency keys.",
    "The scheduler asks the services for events since then; those that it finds start runs with the same idempotency keys as before.",
    "Next: hookline doctor (is it the right key?), hookline deploy FLOWS (flows are as they were then), then start the processes.",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@as_json
def backup(file: Path, as_json: bool) -> None:
    """Copy the SQLite database to FILE, as it is at one instant, while everything runs; the copy is checked. FILE must not be there yet.

    The copy is for this user alone (mode 0600). The key that opens its secrets is not in it: keep that elsewhere. Redis needs no copy.
    On PostgreSQL this says the command to use, and exits with status 2.

    \b
    Example:  hookline backup /var/backups/hookline-$(date +%F).db
    """
    from engine.cli.lifecycle import opened
    from engine.journal.snapshots import back_up

    with opened() as app:
        found = back_up(_sqlite_file(app.settings, _dump_words(app.settings, file)), file.absolute())
        key = _where_the_key_is(app.settings)
    if as_json:
        print_json(
            {
                "file": str(found.file),
                "bytes": found.size,
                "schema": found.revision,
                "instant": when_json(found.instant),
                "runs": found.runs,
                "active": found.active,
                "key": key,
            }
        )
        return
    click.echo(f"{found.file}  {found.size / 1e6:,.1f} MB, {found.runs:,} runs ({found.active:,} not over), checked")
    say(
        f"Not in it: {key}; without it the secrets in the copy cannot be opened. Redis, which needs no copy. Your flow files."
    )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@click.option("--yes", is_flag=True, help="Restore without asking.")
@click.option(
    "--noted",
    is_flag=True,
    help="The database was restored by other tools (pg_restore): only note what to make up for.",
)
def restore(file: Path | None, yes: bool, noted: bool) -> None:
    """Put a copy in the place of the SQLite database. Every process must be stopped; the database that is there is kept under another name.

    The copy is checked first; one of an older release is brought up to date, one of a newer release refused. Afterwards the scheduler asks the services
    for the events since the copy was made, and runs that it did not know to be over are repeated with the same idempotency keys.

    \b
    Example:  hookline restore /var/backups/hookline-2027-01-31.db
              pg_restore … && hookline restore --noted
    """
    from engine.cli.lifecycle import opened

    if noted == (file is not None):
        raise UsageError("expected a FILE to restore, or --noted", remedy="See: hookline restore --help")
    with opened() as app:
        if file is None:
            from engine.journal.restored import note_restored

            instant = note_restored(app.journal.engine)
            click.echo(
                f"noted: events since {when(instant)} UTC will be asked for" if instant else "nothing to make up for"
            )
        else:
            _restore_file(app.settings, file, yes=yes)


def _restore_file(settings: Settings, file: Path, *, yes: bool) -> None:
    from engine.journal.snapshots import to_restore

    database = _sqlite_file(settings, _restore_words(settings, file))
    if settings.is_embedded_database:
        settings.prepare_home()
    with to_restore(file.absolute(), database) as restoring:
        found = restoring.snapshot
        click.echo(
            f"{file}: {found.runs:,} runs ({found.active:,} not over), of {when(found.instant) or 'a time unknown'} UTC"
        )
        if found.is_older:
            click.echo(
                f"It is of an older release (schema {found.revision}), and is brought up to date; to go back to that release, restore with it."
            )
        if not confirmed(f"Put it in the place of {database}?", yes=yes):
            return
        kept = restoring.put()
    click.echo(f"{database} is restored" + (f"; what was there is {kept}" if kept is not None else ""))
    for words in NEXT:
        say(words)


def _sqlite_file(settings: Settings, remedy: str) -> Path:
    if settings.database_path is None:
        raise UsageError("the database is PostgreSQL, which has tools of its own for this", remedy=remedy)
    return settings.database_path


def _dump_words(settings: Settings, file: Path) -> str:
    return f"pg_dump --format=custom --file={shlex.quote(str(file))} {_without_password(settings)}\n  The password comes from ~/.pgpass or PGPASSWORD. Back up {_where_the_key_is(settings)} apart from it."


def _restore_words(settings: Settings, file: Path) -> str:
    return (
        "Stop every process, then:\n"
        f"  pg_restore --clean --if-exists --no-owner --single-transaction --dbname={_without_password(settings)} {shlex.quote(str(file))}\n"
        "  hookline migrate && hookline restore --noted"
    )


def _without_password(settings: Settings) -> str:
    """As PostgreSQL's programs take it. Without a host it has three slashes, which urlunsplit would not keep."""
    parts = urlsplit(settings.database_url)
    user, _, host = parts.netloc.rpartition("@")
    name = user.partition(":")[0]
    options = "&".join(item for item in parts.query.split("&") if not _is_secret(item))
    at = f"{name}@{host}" if name else host
    return shlex.quote(f"{parts.scheme}://{at}{parts.path}{'?' if options else ''}{options}")


def _is_secret(option: str) -> bool:
    return "password" in option.partition("=")[0].lower()


def _where_the_key_is(settings: Settings) -> str:
    if settings.secret_key is not None:
        return "the key (HOOKLINE_SECRET_KEY)"
    return f"the key ({settings.secret_key_file or settings.made_key_file})"
