"""The tour on the first page is true: the wrong flow's findings and the tests that it shows are what the commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.flows.sessions import alike, sessions, words
from tests.integration.command_line import CommandLine

ROOT = Path(__file__).parents[2]
TOUR = (ROOT / "README.md").read_text()
WRONG = next(block for block in re.findall(r"^```yaml\n(# thank-you.*?)^```", TOUR, re.MULTILINE | re.DOTALL))
SHOWN = [
    (command, shown) for command, shown in sessions(TOUR) if command.startswith(("hookline check", "hookline test"))
]


@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_the_first_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, shown: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flows").symlink_to(ROOT / "flows")
    (tmp_path / "thank-you.yaml").write_text(WRONG)
    assert alike(CommandLine(tmp_path / "home").run(*words(command)).output) == alike(shown)


def test_the_first_page_shows_a_check_and_a_test() -> None:
    assert [command.split()[1] for command, _ in SHOWN] == ["check", "test"]
