"""``hookline schema``: where the editor's schema goes, and what the command says about it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.command_line import CommandLine


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path / "home")


def test_it_stands_where_the_first_line_of_a_flow_looks_for_it(line: CommandLine, tmp_path: Path) -> None:
    result = line.run("schema")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "# yaml-language-server: $schema=../.hookline/flow.schema.json" in result.stderr
    written = json.loads((tmp_path / ".hookline/flow.schema.json").read_text())
    assert "calendly.create_invitee_no_show" in written["definitions"]["action"]["properties"]["uses"]["enum"]
    assert not line.home.exists()


def test_tests_have_a_schema_of_their_own(line: CommandLine, tmp_path: Path) -> None:
    line.ok("schema", "--tests")
    assert "tests" in json.loads((tmp_path / ".hookline/test.schema.json").read_text())["properties"]


def test_it_can_be_printed_and_put_elsewhere(line: CommandLine, tmp_path: Path) -> None:
    printed = line.ok("schema", "-o", "-")
    assert not (tmp_path / ".hookline").exists()
    line.ok("schema", "--output", "deep/flows.json")
    assert (tmp_path / "deep/flows.json").read_text() == printed


def test_a_place_that_cannot_be_written_is_named(line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = line.run("schema", "-o", "file/flows.json")
    assert result.exit_code == 2
    assert "file/flows.json cannot be written" in result.stderr
    assert "Traceback" not in result.output
