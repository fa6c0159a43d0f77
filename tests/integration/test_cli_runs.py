"""The commands about runs: those that are held or refused, that started others, and that somebody asks to end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal.journal import Journal
from tests.integration.command_line import CommandLine

ONE = "id: one\nname: One\nconcurrency: {{limit: 1, on_limit: {on_limit}{more}}}\nsteps:\n  - {{id: hello, set: {{x: 1}}}}\n"


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    return line


@pytest.fixture
def journal(hookline: CommandLine) -> Iterator[Journal]:
    journal = Journal.open(f"sqlite:///{hookline.home / 'hookline.db'}")
    yield journal
    journal.close()


def deploy(line: CommandLine, tmp_path: Path, text: str) -> None:
    (tmp_path / "flow.yaml").write_text(text)
    line.ok("deploy", str(tmp_path / "flow.yaml"), "--yes")


def test_a_run_that_is_held_says_so_and_goes_when_its_turn_has_come(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    deploy(hookline, tmp_path, ONE.format(on_limit="queue", more=""))
    first = hookline.run("run", "one")
    second = hookline.run("run", "one")
    assert (first.exit_code, first.stderr) == (0, "")
    assert second.exit_code == 0
    assert second.stderr == "held: waits for its turn: at most 1 run at a time with this concurrency key\n"
    listed = hookline.ok("runs", "list").splitlines()
    assert [line.split("  ")[3].strip() for line in listed[1:]] == ["queued (held)", "queued"]
    assert hookline.json("run", "one")["held"] is True
    page = hookline.ok("runs", "show", second.stdout.strip())
    assert "queued (held)" in page
    assert "waits    its turn" in page
    assert "lane     one:null" in page

    assert hookline.ok("runs", "cancel", first.stdout.strip()).endswith("cancelled: it had not begun\n")
    assert not hookline.json("runs", "show", second.stdout.strip())["held"]
    assert journal.runs.claim(second.stdout.strip(), lease_ms=1_000) is not None


@pytest.mark.parametrize(
    ("on_limit", "more", "words"),
    [
        ("skip", "", "error: one was not started: skipped: 1 run with this concurrency key under way (on_limit: skip)"),
        ("queue", ", max_queued: 1", "error: one was not started: the queue is full: 1 run with this"),
    ],
)
def test_a_run_that_its_lane_refuses_is_refused_in_words(
    hookline: CommandLine, tmp_path: Path, on_limit: str, more: str, words: str
) -> None:
    deploy(hookline, tmp_path, ONE.format(on_limit=on_limit, more=more))
    for _ in range(2 if more else 1):
        hookline.ok("run", "one")
    refused = hookline.run("run", "one")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(words)
    assert "hookline runs list --flow one --status parked,queued,running" in refused.stderr


def test_a_run_that_works_is_asked_to_end_and_one_that_is_over_stays(
    hookline: CommandLine, journal: Journal, tmp_path: Path
) -> None:
    deploy(hookline, tmp_path, ONE.format(on_limit="queue", more=""))
    run_id = hookline.ok("run", "one").strip()
    assert journal.runs.claim(run_id, lease_ms=60_000) is not None
    assert hookline.json("runs", "cancel", run_id[:20]) == {"id": run_id, "became": "asked", "status": "running"}
    assert "cancel   was asked for" in hookline.ok("runs", "show", run_id)
    assert f"asked to end; now running. See it: hookline runs show {run_id}" in hookline.ok("runs", "cancel", run_id)

    other = hookline.ok("run", "one").strip()
    assert hookline.json("runs", "cancel", other) == {"id": other, "became": "ended", "status": "cancelled"}
    assert hookline.json("runs", "cancel", other) == {"id": other, "became": "over", "status": "cancelled"}
    assert "was over already: cancelled" in hookline.ok("runs", "cancel", other)


def test_a_run_that_is_not_there_cannot_be_cancelled(hookline: CommandLine) -> None:
    refused = hookline.run("runs", "cancel", "01jd3k")
    assert refused.exit_code == 2
    assert "there is no run '01jd3k'" in refused.stderr
