"""``hookline connection``: stored accounts at services. Owns the commands and how secrets are asked for: never from an argument, never echoed."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from engine import strictjson
from engine.cli.output import FAILED, as_json, confirmed, interactive, print_json, print_table, say, when_json
from engine.cli.pauses import pause_connection, resume_connection
from engine.errors import FlowFileError, HooklineError, NotFoundError, UsageError
from engine.strictjson import Json, JsonObject

if TYPE_CHECKING:
    from engine.app import App
    from engine.journal.records import ConnectionRow
    from engine.sdk.connection import ConnectionType

NAME = re.compile(r"[a-z0-9_-]{1,64}")
LONGEST_SECRETS = 64 * 1024


@click.group()
def connection() -> None:
    """Add, list, test, pause, resume and remove connections: the accounts that flows work with.

    \b
    Example:  hookline connection add team-calendly calendly
              hookline connection test team-calendly
              hookline connection pause team-calendly
    """


connection.add_command(pause_connection)
connection.add_command(resume_connection)


@connection.command("add", short_help="Add a connection or replace its secrets.")
@click.argument("name")
@click.argument("connector")
@click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help="A setting of the connection; repeatable."
)
@click.option("--secrets-stdin", is_flag=True, help="Read the secrets from standard input, also on a terminal.")
@click.option("--no-test", is_flag=True, help="Store it without calling the service.")
@as_json
def add(
    name: str, connector: str, assignments: tuple[str, ...], secrets_stdin: bool, no_test: bool, as_json: bool
) -> None:
    """Add the connection NAME to CONNECTOR's service, or replace its settings and secrets, then test it.

    Secrets are asked for without echo. From a program, give them on standard input: a JSON object such as
    {"token": "…"}, or the bare text when there is one secret only.

    \b
    Example:  hookline connection add team-calendly calendly
              hookline connection add team-calendly calendly < token.txt
              hookline connection add eu calendly --set scope=user
    """
    from engine.app import OWNER
    from engine.cli.lifecycle import opened

    if not NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} cannot name a connection",
            remedy="A name has 1 to 64 characters of a-z, 0-9, - and _, for instance team-calendly.",
        )
    with opened() as app:
        kind = app.connections.kind(connector)
        settings = _settings(kind, assignments)
        names = app.connections.secrets_for(connector, settings)
        app.journal.connections.get(name, owner=OWNER)  # a database that is down is said before secrets are asked for
        secrets = _secrets_from_stdin(names) if secrets_stdin or not interactive() else _ask_for_secrets(kind, names)
        app.redactor.add(*secrets.values())
        row = app.connections.add(name, connector, owner=OWNER, settings=settings, secrets=secrets)
        say(f"stored the connection {name}")
        passed = no_test or _tested(app, name)
        if as_json:
            print_json(_row_json(app, app.journal.connections.get(name, owner=OWNER) or row))
        if not passed:
            say(f"the connection is kept; test it again: hookline connection test {name}, or add it again to change it")
            sys.exit(FAILED)


@connection.command("list")
@as_json
def list_connections(as_json: bool) -> None:
    """List the connections, with their health and budget.

    \b
    Example:  hookline connection list
    """
    from engine.cli.lifecycle import opened

    with opened() as app:
        rows = app.journal.connections.list()
        if as_json:
            print_json([_row_json(app, row) for row in rows])
            return
        print_table(
            [
                {
                    "name": row.name,
                    "connector": row.connector,
                    "health": row.health,
                    "state": "paused" if row.paused else "active",
                    "budget": _budget(app, row) or "connector not installed",
                    "remark": row.health_message or "",
                }
                for row in rows
            ],
            empty="no connections yet; add one: hookline connection add NAME CONNECTOR",
        )


@connection.command("test", short_help="Call the service once.")
@click.argument("name")
@as_json
def test(name: str, as_json: bool) -> None:
    """Call the service once with the connection NAME, and keep what it says about the account.

    \b
    Example:  hookline connection test team-calendly
    """
    from engine.app import OWNER
    from engine.cli.lifecycle import opened

    with opened() as app:
        passed = _tested(app, name)
        if as_json:
            print_json(_row_json(app, app.connections.row(name, owner=OWNER)))
        if not passed:
            sys.exit(FAILED)


@connection.command("remove", short_help="Remove a connection and its secrets.")
@click.argument("name")
@click.option("--force", is_flag=True, help="Remove it although flows use it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, force: bool, yes: bool) -> None:
    """Remove the connection NAME and its secrets, with the webhooks that were registered through it.

    It is refused while a deployed flow uses the connection. With --force the flow's next steps fail until a
    connection of that name is added again.

    \b
    Example:  hookline connection remove team-calendly
    """
    from engine.app import OWNER
    from engine.cli.lifecycle import opened

    with opened() as app:
        row = app.journal.connections.get(name, owner=OWNER)
        if row is None:
            raise NotFoundError(f"there is no connection called {name!r}", remedy="See them: hookline connection list")
        users = _users(app, name)
        if users and not force:
            raise UsageError(
                f"the connection {name!r} is used by {', '.join(users)}",
                remedy="Remove these flows first (hookline flow remove ID), or add --force.",
            )
        if not confirmed(f"Remove the connection {name} and its secrets?", yes=yes):
            say("nothing was removed")
            sys.exit(FAILED)
        if not users:
            _remove_webhooks(app, name)
        app.journal.connections.remove(row.id)
    say(f"removed the connection {name}")
    if users:
        say(f"These flows fail until it is added again: {', '.join(users)}")


def _tested(app: App, name: str) -> bool:
    """Whether the service accepts the connection; says what the service said. Raises UnavailableError when it could not be asked."""
    from engine.app import OWNER
    from engine.sdk.errors import Kind, ServiceError

    try:
        facts = app.connections.test(name, owner=OWNER)
    except ServiceError as error:
        say(f"the test of {name} failed ({error.kind.value}): {app.redactor.text(str(error))}")
        if error.kind is Kind.THROTTLED and error.status is None:
            say(
                "  While no process keeps the bundled Redis running, calls within one window count against the next command."
            )
            say(
                f"  Start hookline dev (or web, worker, scheduler), or wait until then: hookline connection test {name}"
            )
        return False
    account = next((str(facts[key]) for key in ("email", "name", "user", "account") if facts.get(key)), "")
    say(f"tested {name}: ok" + (f", the account is {account}" if account else ""))
    return True


def _users(app: App, name: str) -> list[str]:
    """Ids of the deployed flows that name the connection."""
    users = []
    for row in app.journal.flows.list():
        try:
            uses = name in app.flows.get(row.digest, row.source, row.file).connections.values()
        except FlowFileError:
            # Another release accepted it; whether it uses the connection cannot be told, so it might.
            uses = name in row.source
        if uses:
            users.append(row.id)
    return users


def _remove_webhooks(app: App, name: str) -> None:
    """Take what is left of the connection's subscriptions away, at the service while we still can call it, and here."""
    if not any(row.connection == name for row in app.journal.subscriptions.list()):
        return
    try:
        reports = app.subscriptions.reconcile(connection=name)
    except HooklineError as error:
        say(f"its webhooks could not be removed at the service: {error.message}")
        reports = ()
    for report in reports:
        if report.became in ("failed", "paused"):
            say(f"the webhook of {report.uses} could not be removed at the service; delete it there: {report.detail}")
    for row in app.journal.subscriptions.list():
        if row.connection == name:
            app.journal.subscriptions.delete(row.id)


def _settings(kind: ConnectionType, assignments: Sequence[str]) -> JsonObject:
    """``--set`` as the settings' model wants it. Raises UsageError."""
    known = list(kind.settings.model_fields)
    found: dict[str, Json] = {}
    for assignment in assignments:
        key, separator, value = assignment.partition("=")
        if key in kind.secrets.model_fields:
            raise UsageError(
                f"{key!r} is a secret; it is never taken from an argument, where others could read it",
                remedy="Leave it out: it is asked for, or read from standard input.",
            )
        if not separator or key not in known:
            raise UsageError(
                f"--set {key!r}: expected KEY=VALUE with a setting of this connector",
                remedy=f"Its settings: {', '.join(known) or 'none'}",
            )
        found[key] = _structured(value)
    return found


def _structured(value: str) -> Json:
    """Lists and objects are given as JSON; pydantic reads numbers and booleans from text by itself."""
    if not value.startswith(("[", "{")):
        return value
    try:
        return strictjson.parse(value)
    except strictjson.NotJson:
        return value


def _ask_for_secrets(kind: ConnectionType, names: Sequence[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name in names:
        spec = kind.secrets.model_fields[name]
        question = spec.description or name
        if spec.is_required() or kind.secrets_for is not None:
            found[name] = click.prompt(question, hide_input=True, err=True).strip()
        elif given := click.prompt(f"{question} (optional)", hide_input=True, err=True, default="", show_default=False):
            found[name] = given.strip()
    return found


def _secrets_from_stdin(names: Sequence[str]) -> Mapping[str, str]:
    """Raises UsageError, which never quotes what was read."""
    if not names:
        return {}
    if interactive():
        say(f"reading {_form(names)} from standard input, until Ctrl-D")
    text = sys.stdin.buffer.read(LONGEST_SECRETS + 1)
    if not text.strip() or len(text) > LONGEST_SECRETS:
        raise UsageError(f"standard input holds no secrets, expected {_form(names)}")
    given = parsed_secrets(text, names)
    unknown = sorted(set(given) - set(names))
    if unknown or not all(isinstance(value, str) for value in given.values()):
        raise UsageError(f"the secrets on standard input are not right, expected {_form(names)}")
    return {name: str(value) for name, value in given.items()}


def parsed_secrets(text: bytes, names: Sequence[str]) -> JsonObject:
    try:
        parsed = strictjson.parse(text)
    except strictjson.NotJson:
        parsed = None
    if isinstance(parsed, Mapping):
        return parsed
    lines = [line.strip() for line in text.decode(errors="replace").splitlines() if line.strip()]
    if len(names) != 1 or len(lines) != 1 or "\ufffd" in lines[0]:
        raise UsageError(f"the secrets on standard input cannot be read, expected {_form(names)}")
    return {names[0]: lines[0]}


def _form(names: Sequence[str]) -> str:
    described = ", ".join(f'"{name}": "…"' for name in names)
    return f"{{{described}}}" + (f", or the {names[0]} on a line of its own" if len(names) == 1 else "")


def _budget(app: App, row: ConnectionRow) -> str | None:
    connector = app.catalogue.get(row.connector)
    return str(connector.budget_of(row.settings)) if connector is not None else None


def _row_json(app: App, row: ConnectionRow) -> JsonObject:
    """Without its secrets, sealed or not."""
    return {
        "name": row.name,
        "connector": row.connector,
        "health": row.health,
        "health_message": row.health_message,
        "paused": row.paused,
        "budget": _budget(app, row),
        "settings": row.settings,
        "facts": row.facts,
        "secrets": sorted(row.secrets),
        "created_at": when_json(row.created_at),
        "updated_at": when_json(row.updated_at),
    }
