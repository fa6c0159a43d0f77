"""The command line for tests: every call is a whole command in an environment of its own. Owns nothing of what it prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from engine.cli import cli

NO_REDIS = "redis://127.0.0.1:1/0"
"""Nothing listens on port 1."""


class CommandLine:
    """``run("runs", "list")`` as a person would, from a program (standard input is no terminal)."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.settings: dict[str, str] = {"HOOKLINE_HOME": str(home), "HOOKLINE_REDIS_URL": NO_REDIS, **settings}

    def run(self, *arguments: str, given: str | bytes = b"") -> Result:
        return CliRunner(env=self._environment()).invoke(cli, list(arguments), input=given, prog_name="hookline")

    def ok(self, *arguments: str, given: str | bytes = b"") -> str:
        """The standard output of a command that must succeed."""
        result = self.run(*arguments, given=given)
        assert result.exit_code == 0, result.output
        return result.stdout

    def json(self, *arguments: str) -> Any:
        """What a command prints for programs, whatever its exit status."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def _environment(self) -> Mapping[str, str]:
        return self.settings
