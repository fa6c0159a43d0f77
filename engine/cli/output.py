"""What commands print. Owns JSON and tables on standard output, errors on standard error, and the exit status of every error.

Results go to standard output, words about them to standard error. No traceback reaches a person, and no secret.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import click

from engine.core.times import iso
from engine.errors import FlowFileError, HooklineError, UnavailableError, UsageError
from engine.redaction import Redactor
from engine.strictjson import Json

FAILED = 1
ENVIRONMENT = 2

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


class Failing(click.Command):
    """Turns our errors into words and an exit status: 2 for usage and environment, 1 for everything else."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except FlowFileError as error:
            for finding in error.findings:
                click.echo(str(finding))
            sys.exit(FAILED)
        except HooklineError as error:
            fail(error)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if isinstance(error, BrokenPipeError):
                raise  # whoever reads has enough; click ends the command quietly
            fail_unexpectedly(error)


def fail(error: HooklineError) -> NoReturn:
    """Print the error and exit."""
    click.echo(f"error: {Redactor().text(str(error))}", err=True)
    sys.exit(ENVIRONMENT if isinstance(error, (UsageError, UnavailableError)) else FAILED)


def fail_unexpectedly(error: Exception) -> NoReturn:
    """A bug of ours: words for a person, and the traceback in the log for who asked for it."""
    from engine import log

    log.get(__name__).debug("the command failed unexpectedly", exc_info=True)
    words = plain(Redactor().text(f"{type(error).__name__}: {error}".partition("\n")[0]))
    click.echo(f"error: Hookline itself failed: {words}", err=True)
    click.echo("  Please report this, with what HOOKLINE_LOG_LEVEL=debug adds.", err=True)
    sys.exit(FAILED)


def print_json(value: Json) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def say(words: str) -> None:
    """Words about a result, for a person: on standard error."""
    click.echo(words, err=True)


def interactive() -> bool:
    """Whether a person can be asked: standard input is a terminal."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask a person; a program (or ``yes``) has decided already."""
    return yes or not interactive() or click.confirm(question, default=False, err=True)


def plain(text: str) -> str:
    """One line without control characters: what a payload says must not steer the terminal."""
    return "".join(
        repr(char)[1:-1] if unicodedata.category(char) in _UNSEEN else char for char in text.replace("\n", " ")
    )


_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def print_table(rows: Sequence[Mapping[str, str]], *, empty: str) -> None:
    """Columns are the first row's keys, as wide as needed; ``empty`` is said instead when there are no rows."""
    if not rows:
        click.echo(empty, err=True)
        return
    rows = [{name: plain(cell) for name, cell in row.items()} for row in rows]
    names = list(rows[0])
    widths = {name: max(len(name), *(len(row[name]) for row in rows)) for name in names}
    for row in [{name: name.upper() for name in names}, *rows]:
        click.echo("  ".join(row[name].ljust(widths[name]) for name in names).rstrip())


def when(ms: int | None) -> str:
    """A time in tables: seconds, UTC."""
    return "" if ms is None else iso(ms)[:19].replace("T", " ")


def when_json(ms: int | None) -> str | None:
    return None if ms is None else iso(ms)


def took(start: int | None, end: int | None) -> str:
    """A duration in tables: ``340 ms``, ``2.1 s``, ``3 min``, ``11 h``, ``5 d``."""
    if start is None or end is None:
        return ""
    ms = max(0, end - start)
    if ms < 1000:
        return f"{ms} ms"
    if ms < 120_000:
        return f"{ms / 1000:.1f} s"
    minutes = ms // 60_000
    if minutes < 600:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 3 * 1440 else f"{minutes // 1440} d"
