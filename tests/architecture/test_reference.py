"""What is generated is in step with the code, and stands where its reader is; `make docs` writes it."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

import engine.sdk.errors
from engine.cli import COMMANDS
from engine.errors import HooklineError

ROOT = Path(__file__).resolve().parents[2]
PLACES: Mapping[str, tuple[str, ...]] = {
    "README.md": ("commands",),
    "flows/README.md": ("filters", "limits", "kinds", "codes"),
    "connectors/README.md": ("kinds",),
    "docker/README.md": ("settings",),
    "engine/README.md": ("run-statuses", "step-statuses"),
}


def test_the_generated_parts_are_in_step_with_the_code() -> None:
    done = subprocess.run(
        [sys.executable, ".ci/docs.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", PLACES)
def test_a_guide_holds_the_tables_that_its_reader_needs(name: str) -> None:
    held = set(re.findall(r"<!-- generated: ([\w-]+) -->", (ROOT / name).read_text(encoding="utf-8")))
    assert held >= set(PLACES[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_help_shows_an_example(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    command = getattr(importlib.import_module(module), attribute)
    for item in command.commands.values() if isinstance(command, click.Group) else [command]:
        assert "Example" in (item.help or ""), f"{name} {item.name}"


def test_every_error_has_a_code_of_its_own_and_says_what_it_means() -> None:
    assert engine.sdk.errors.ServiceError.code  # the module is imported, so that its errors are among the subclasses
    seen: dict[str, str] = {}
    found: list[type[HooklineError]] = [HooklineError]
    while found:
        error = found.pop()
        found.extend(error.__subclasses__())
        if error.__module__.startswith("engine."):
            assert error.__doc__, error.__name__
            assert error.code not in seen, f"{error.__name__} and {seen.get(error.code)} share {error.code}"
            seen[error.code] = error.__name__
