"""Purging by hand, and what the doctor says of the room that it leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from engine.app import App
from engine.cli import room
from engine.cli.services import Services
from engine.core.statuses import RunStatus
from engine.journal.database import writing
from engine.journal.journal import Journal
from engine.runtime import purging
from engine.settings import Settings
from tests.contracts.journal.stories import queued_run, webhook
from tests.contracts.journal.test_purges import age, ended
from tests.eventually import eventually
from tests.integration.command_line import CommandLine


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


def test_a_plan_counts_by_status_and_deletes_nothing(hookline: CommandLine, journal: Journal) -> None:
    for number in range(3):
        ended(journal, f"key {number}")
    ended(journal, "failed", RunStatus.FAILED)
    age(journal, 31)
    queued_run(journal, "active")

    shown = hookline.ok("purge", "--plan")

    rows = {tuple(line.split()) for line in shown.splitlines()}
    assert ("succeeded", "runs", "30d", "3") in rows
    assert ("failed", "runs", "90d", "0") in rows
    assert ("uncertain", "runs", "365d", "0") in rows
    assert hookline.json("purge", "--plan")["plan"]["succeeded"] == 3
    assert len(journal.runs.list()) == 5


def test_what_was_planned_is_deleted_once_it_is_said(hookline: CommandLine, journal: Journal) -> None:
    ended(journal, "old")
    age(journal, 100)
    kept = queued_run(journal, "active")

    assert "deleted 2" in hookline.run("purge", "--yes").stderr
    assert [run.id for run in journal.runs.list()] == [kept]
    assert hookline.json("purge", "--yes") == {
        "plan": dict.fromkeys(
            ("cancelled", "failed", "poisoned", "succeeded", "uncertain", "events", "versions", "audit"), 0
        ),
        "deleted": {},
    }


def test_where_everything_is_kept_there_is_nothing_to_delete(hookline: CommandLine, journal: Journal) -> None:
    ended(journal, "old")
    age(journal, 10_000)
    hookline.settings["HOOKLINE_RETAIN"] = "off"

    result = hookline.run("purge", "--yes")

    assert result.exit_code == 0
    assert "HOOKLINE_RETAIN keeps everything" in result.output
    assert len(journal.runs.list()) == 1


def test_a_wrong_setting_is_said_before_anything_is_deleted(hookline: CommandLine) -> None:
    hookline.settings["HOOKLINE_RETAIN"] = "failed=soon"

    result = hookline.run("purge", "--yes")

    assert result.exit_code == 2
    assert "HOOKLINE_RETAIN: given 'failed=soon', expected failed with a time such as 90d" in result.output


def test_the_scheduler_purges_by_itself(
    hookline: CommandLine, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "FIRST_REST_SECONDS", 0.0)
    ended(journal, "old")
    age(journal, 100)
    kept = ended(journal, "new")
    app = App(Settings.load(hookline.settings))
    services = Services(app)

    services.scheduler()

    eventually(lambda: [run.id for run in journal.runs.list()] == [kept])
    app.stopping.set()
    services.close()
    app.close()


def test_the_doctor_says_when_much_of_the_file_is_free_and_how_to_give_it_back(
    hookline: CommandLine, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> dict[str, str]:
        (check,) = (check for check in hookline.json("doctor")["checks"] if check["part"] == "room")
        return {name: str(check[name]) for name in ("status", "found", "remedy")}

    assert found()["status"] == "ok"
    monkeypatch.setattr(room, "MUCH", 1_000_000)
    journal.events.accept([webhook(f"key {number}" + "x" * 400) for number in range(2_000)], ring_in_ms=0)
    assert found()["status"] == "ok"
    with writing(journal.engine) as db:
        db.execute(text("DELETE FROM events"))

    told = found()
    journal.close()

    assert told["status"] == "warn"
    assert "MB are free inside of the file: what was purged" in told["found"]
    assert "hookline vacuum" in told["remedy"]
    hookline.ok("vacuum")
    assert found()["status"] == "ok"
