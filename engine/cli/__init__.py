"""The command line. Owns the table of commands; each is loaded when it is called, so that a command pays only for what it uses.

Exit status: 0 ok, 1 findings or failed, 2 usage or environment.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from io import TextIOWrapper

import click

from engine import __version__
from engine.cli.output import Failing

COMMANDS: Mapping[str, tuple[str, str]] = {
    "backup": ("engine.cli.backup:backup", "Copy the database while everything runs."),
    "check": ("engine.cli.check:check", "Check flow files, offline."),
    "connection": ("engine.cli.connection:connection", "Add, list, test, pause, resume and remove connections."),
    "deploy": ("engine.cli.deploy:deploy", "Check flows and make them active."),
    "dev": ("engine.cli.dev:dev", "Run everything in one terminal, and reload flows as you edit them."),
    "doctor": ("engine.cli.doctor:doctor", "Check this installation, with a remedy for each problem."),
    "eval": ("engine.cli.eval:evaluate", "Evaluate an expression on an event or a run."),
    "events": ("engine.cli.events:events", "List and show accepted events, and why no run started."),
    "flow": ("engine.cli.flow:flow", "List, show, pause, resume, disable and remove flows; catch up on events."),
    "migrate": ("engine.cli.migrate:migrate", "Bring the database's schema up to date."),
    "purge": ("engine.cli.purge:purge", "Delete what is over and kept long enough."),
    "rehearse": ("engine.cli.rehearse:rehearse", "Show what a flow would do with an event, calling nothing."),
    "replay": ("engine.cli.replay:replay", "Execute a recorded run again, offline, and show where it parts."),
    "restore": ("engine.cli.backup:restore", "Put a copy of the database in its place."),
    "run": ("engine.cli.run:run", "Start a run of a flow by hand."),
    "runs": ("engine.cli.runs:runs", "List, show, cancel, rerun, resolve and export runs."),
    "scheduler": ("engine.cli.scheduler:scheduler", "Run the scheduler."),
    "schema": ("engine.cli.schema:schema", "Write the JSON Schema that editors complete flows with."),
    "simulate": ("engine.cli.simulate:simulate", "Run a simulator of a connector's service."),
    "test": ("engine.cli.test:test", "Play tests of flows, offline."),
    "vacuum": ("engine.cli.vacuum:vacuum", "Give free room in the SQLite file back to the system."),
    "web": ("engine.cli.web:web", "Run the web process, which takes the webhooks."),
    "worker": ("engine.cli.worker:worker", "Run a worker, which executes runs."),
}


class LazyGroup(Failing, click.Group):
    """Imports a command's module when the command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in sorted(COMMANDS.items())])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hookline")
def cli() -> None:
    """Hookline runs automations: flows in YAML, started by connectors' triggers.

    \b
    Start here:  hookline dev --flows flows --simulate calendly
    Completion:  eval "$(_HOOKLINE_COMPLETE=bash_source hookline)"
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal that cannot show a character must not end the command.
            stream.reconfigure(errors="backslashreplace")
    cli.main(args=list(arguments) if arguments is not None else None, prog_name="hookline")
