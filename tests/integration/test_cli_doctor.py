"""The doctor on real installations: well, empty, damaged and half down. It finds, names a remedy, and changes nothing."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest

from tests.integration.command_line import NO_REDIS, CommandLine
from tests.valkey_server import ValkeyServer

TOKEN = "canary-token-93bd11"


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "home", HOOKLINE_REDIS_URL="")
    line.ok("migrate")
    return line


def found(line: CommandLine, part: str) -> tuple[str, str, str | None]:
    """(status, what was found, remedy) of one part."""
    (check,) = [check for check in line.json("doctor")["checks"] if check["part"] == part]
    return check["status"], check["found"], check["remedy"]


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_new_machine_is_told_to_migrate_and_nothing_is_made(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_REDIS_URL="")
    result = line.run("doctor")
    assert result.exit_code == 1
    assert "hookline migrate" in result.stdout
    assert "not running; the first process that needs it starts" in result.stdout
    assert not line.home.exists()


def test_a_migrated_home_is_well_and_stays_as_it_is(hookline: CommandLine) -> None:
    before = snapshot(hookline.home)
    result = hookline.run("doctor")
    assert result.exit_code == 0, result.output
    assert "not checked, because this machine's own addresses" in result.stdout
    assert hookline.json("doctor")["ok"] is True
    assert snapshot(hookline.home) == before


def test_a_wrong_setting_is_a_finding_not_a_crash(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_PORT="many")
    report = line.json("doctor")
    assert report["ok"] is False
    assert [(check["part"], check["status"]) for check in report["checks"]] == [("settings", "fail")]
    assert "HOOKLINE_PORT: given 'many'" in report["checks"][0]["found"]


def test_a_home_that_others_can_enter_is_named(hookline: CommandLine) -> None:
    hookline.home.chmod(0o755)
    status, words, remedy = found(hookline, "home")
    assert (status, remedy) == ("fail", f"chmod 700 {hookline.home}")
    assert "mode 0755" in words


def test_the_home_of_another_user_is_named_with_what_to_do(
    hookline: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(home: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(home / "redis"))

    hookline.settings["HOOKLINE_REDIS_URL"] = ""
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.setattr("engine.embedded.running_url", refused)
    owner = hookline.home.owner()
    assert found(hookline, "home") == (
        "fail",
        f"{hookline.home} is that of the user {owner}",
        "Run the command as that user, or set HOOKLINE_HOME.",
    )
    assert found(hookline, "redis") == (
        "fail",
        f"this user may not open {hookline.home / 'redis'}",
        f"Run the command as the user {owner}, whose home this is.",
    )
    started = hookline.run("run", "anything")
    assert started.exit_code == 2
    assert f"It is that of the user {owner}: run the command as that user, or set HOOKLINE_HOME." in started.stderr


def test_a_redis_that_is_not_there_fails_and_the_rest_is_checked_all_the_same(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_REDIS_URL=NO_REDIS)
    line.ok("migrate")
    assert found(line, "redis")[0] == "fail"
    assert found(line, "database")[0] == "ok"
    assert line.run("doctor").exit_code == 1


def test_a_redis_that_forgets_is_named(tmp_path: Path) -> None:
    with ValkeyServer() as server:
        line = CommandLine(tmp_path / "home", HOOKLINE_REDIS_URL=server.url)
        line.ok("migrate")
        assert found(line, "redis")[0] == "ok"
        assert found(line, "redis eviction") == ("ok", "noeviction", None)
        assert found(line, "redis persistence")[0] == "ok"
        client = server.client()
        client.config_set("maxmemory-policy", "allkeys-lru")
        client.config_set("appendonly", "no")
        client.close()
        assert found(line, "redis eviction")[0] == "fail"
        assert found(line, "redis persistence")[0] == "warn"


def test_a_lost_key_and_a_changed_secret_are_told_apart(hookline: CommandLine) -> None:
    for name in ("one", "two"):
        hookline.settings["HOOKLINE_REDIS_URL"] = NO_REDIS
        hookline.ok("connection", "add", name, "calendly", "--no-test", given=TOKEN)
    assert found(hookline, "key") == ("ok", "opens every stored secret (2)", None)

    with sqlite3.connect(hookline.home / "hookline.db") as db:
        sealed = db.execute("SELECT secrets FROM connections WHERE name = 'one'").fetchone()[0]
        db.execute("UPDATE connections SET secrets = ? WHERE name = 'two'", (sealed,))
    db.close()
    status, words, _ = found(hookline, "key")
    assert status == "fail"
    assert "the token of two" in words

    (hookline.home / "secret.key").unlink()
    status, words, remedy = found(hookline, "key")
    assert status == "fail"
    assert "secret.key is gone, and 2 stored secrets" in words
    assert remedy is not None
    assert not (hookline.home / "secret.key").exists()


def test_a_damaged_database_fails_and_what_needs_it_is_not_checked(hookline: CommandLine) -> None:
    (hookline.home / "hookline.db").write_bytes(b"this is no database" * 100)
    assert found(hookline, "database")[0] == "fail"
    for part in ("workers", "connections", "subscriptions"):
        assert found(hookline, part)[:2] == ("warn", "not checked: the database cannot be used")


def test_of_a_key_nothing_good_is_said_before_it_was_tried(tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", HOOKLINE_SECRET_KEY="0" * 64)
    line.ok("migrate")
    (line.home / "hookline.db").write_bytes(b"this is no database" * 100)
    [key] = [check for check in line.json("doctor")["checks"] if check["part"] == "key"]
    assert (key["status"], key["found"]) == ("warn", "its secrets were not tried: the database cannot be used")


def test_a_run_that_nobody_takes_is_told(hookline: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("id: f\nname: F\nsteps:\n  - {id: a, set: {x: 1}}\n")
    hookline.ok("deploy", str(tmp_path / "f.yaml"))
    hookline.ok("run", "f")
    assert found(hookline, "workers")[0] == "ok"
    with sqlite3.connect(hookline.home / "hookline.db") as db:
        db.execute("UPDATE runs SET due_at = due_at - 60000")
    db.close()
    status, words, remedy = found(hookline, "workers")
    assert status == "fail"
    assert "nobody takes it" in words
    assert remedy is not None
    assert "hookline worker" in remedy


def test_a_schedule_that_nobody_fires_and_runs_that_are_held_are_told(hookline: CommandLine, tmp_path: Path) -> None:
    assert found(hookline, "schedules") == ("ok", "0 wait for their time, and none is overdue", None)
    (tmp_path / "f.yaml").write_text(
        "id: f\nname: F\nconcurrency: {limit: 1, on_limit: queue}\n"
        "triggers: [{uses: schedule.cron, with: {cron: '0 0 1 1 *'}}]\nsteps: [{id: a, set: {x: 1}}]\n"
    )
    hookline.ok("deploy", str(tmp_path / "f.yaml"), "--yes")
    assert found(hookline, "schedules")[0] == "ok"
    for _ in range(3):
        hookline.ok("run", "f")
    assert found(hookline, "held runs")[:2] == ("ok", "2 wait for their turn: hookline runs list --status queued")

    with sqlite3.connect(hookline.home / "hookline.db") as db:
        db.execute("UPDATE schedules SET next_at = next_at - 366 * 86400000")
        db.execute("UPDATE runs SET lane = NULL WHERE NOT held")
    db.close()
    status, words, remedy = found(hookline, "schedules")
    assert status == "fail"
    assert words.startswith("f should have fired")
    assert "catch_up" in str(remedy)
    assert found(hookline, "held runs")[0] == "warn"


def test_a_public_address_without_tls_is_refused(hookline: CommandLine) -> None:
    hookline.settings["HOOKLINE_PUBLIC_URL"] = "http://hooks.example.invalid"
    assert found(hookline, "public url")[0] == "fail"
