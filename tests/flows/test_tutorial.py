"""The first ten minutes of the authors' guide go as they stand there: in an empty folder, one command after the other.

The steps that need no server are here; tests/integration/test_tutorial.py takes those that do.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.sessions import alike, sessions, words
from tests.flows.test_guide import BLOCKS, GUIDE, TEST_FILES
from tests.integration.command_line import CommandLine

TUTORIAL = GUIDE.partition("\n## Ten minutes to the first flow\n")[2].partition("\n## ")[0]
SESSIONS = sessions(TUTORIAL)
HELLO = next(block for block in BLOCKS if block in TUTORIAL and block.startswith("id: hello"))
PAUSE = next(block for block in BLOCKS if block in TUTORIAL and block.startswith("- id: pause"))
TESTS = next(text for text in TEST_FILES if text in TUTORIAL)


def test_the_commands_that_need_no_server_print_what_the_guide_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "my-flows"
    folder.mkdir()
    hookline = CommandLine(tmp_path / "home")
    offline = [(command, shown) for command, shown in SESSIONS if command.split()[1] in ("check", "rehearse", "test")]
    (folder / "hello.yaml").write_text(HELLO.replace("payload.name", "payload.nam"))
    for command, shown in offline:
        assert alike(hookline.run(*words(command)).output) == alike(shown), command
        (folder / "hello.yaml").write_text(HELLO)
        (folder / "hello.test.yaml").write_text(TESTS)
    assert [command.split()[1] for command, _ in offline] == ["check", "check", "rehearse", "test"]


def test_every_command_of_the_tutorial_is_executed_here_or_there() -> None:
    names = [command.split()[1] for command, _ in SESSIONS if command.startswith("hookline ")]
    assert names == ["check", "check", "rehearse", "test", "dev", "runs", "runs", "events", "runs", "deploy"]
