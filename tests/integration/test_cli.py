"""Commands on a real SQLite journal, without Redis and without a service: what they store, what they print, how they end."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from engine.core.commands import Ending
from engine.core.statuses import RunStatus
from engine.journal.journal import Journal
from tests.engine_room import EngineRoom, status
from tests.integration.command_line import CommandLine

TOKEN, NOBODY = "canary-token-93bd11", "base_url=http://127.0.0.1:1"
FLOW = """\
id: greet
name: Greet
connections: {calendly: mine}
inputs:
  name: {type: string}
  times: {type: integer, default: 1}
steps:
  - {id: hello, set: {text: "hello {{ inputs.name }}"}}
outputs: {text: "{{ vars.text }}"}
"""
WRONG = """\
id: wrong
name: Wrong
steps:
  - {id: a, set: {x: "{{ trigger.payload.x }} {{ steps.b.output }}"}}
"""


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    return line


@pytest.fixture
def greet(hookline: CommandLine, tmp_path: Path) -> CommandLine:
    """A home with the flow ``greet`` deployed."""
    hookline.ok("connection", "add", "mine", "calendly", "--no-test", given=TOKEN)
    (tmp_path / "greet.yaml").write_text(FLOW)
    hookline.ok("deploy", str(tmp_path / "greet.yaml"))
    return hookline


class TestCheck:
    """``hookline check`` works anywhere, and leaves no trace."""

    def test_a_finding_shows_the_line_with_a_caret_under_the_word(self, tmp_path: Path) -> None:
        (tmp_path / "wrong.yaml").write_text(WRONG)
        shown = CommandLine(tmp_path).run("check", str(tmp_path)).stdout.splitlines()
        assert shown[1].index("b.output") == shown[2].index("^")

    def test_other_programs_get_their_own_form(self, tmp_path: Path) -> None:
        (tmp_path / "wrong.yaml").write_text(WRONG)
        line = CommandLine(tmp_path)
        assert line.run("check", str(tmp_path), "--format", "github").stdout.startswith("::error file=")
        assert '"ruleId": "E206"' in line.run("check", str(tmp_path), "--format", "sarif").stdout

    def test_a_right_flow_ends_with_0_and_nothing_is_made(self, tmp_path: Path) -> None:
        (tmp_path / "greet.yaml").write_text(FLOW.replace("connections: {calendly: mine}\n", ""))
        line = CommandLine(tmp_path / "home", HOOKLINE_PORT="not a port")
        result = line.run("check", str(tmp_path))
        assert (result.exit_code, result.stdout) == (0, "")
        assert result.stderr == "1 flow right, 0 files with errors; 0 errors, 0 warnings\n"
        assert not line.home.exists()

    def test_findings_are_lines_with_their_place_and_end_with_1(self, tmp_path: Path) -> None:
        file = tmp_path / "wrong.yaml"
        file.write_text(WRONG)
        result = CommandLine(tmp_path).run("check", str(file))
        assert result.exit_code == 1
        assert result.stdout.startswith(f"{file}:4:")
        assert "error E2" in result.stdout
        assert "0 flows right, 1 file with errors" in result.stderr

    def test_findings_for_programs(self, tmp_path: Path) -> None:
        (tmp_path / "wrong.yaml").write_text(WRONG)
        (tmp_path / "greet.yaml").write_text(FLOW)
        found = CommandLine(tmp_path).json("check", str(tmp_path))
        assert {flow["id"] for flow in found["flows"]} >= {"greet"}
        assert set(found["findings"][0]) == {"file", "line", "column", "severity", "code", "message"}
        assert found == json.loads(CommandLine(tmp_path).run("check", str(tmp_path), "--format", "json").stdout)

    def test_a_check_of_nothing_is_no_success(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("no flow")
        for path in (tmp_path, tmp_path / "nowhere"):
            result = CommandLine(tmp_path).run("check", str(path))
            assert result.exit_code == 2
            assert str(path) in result.stderr


def test_a_terminal_that_cannot_show_a_character_ends_no_command() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from engine.cli import main; main()", "check", "--help"],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    assert rb"PATH\u2026" in done.stdout


class TestMigrate:
    """The schema is made once, looked at without being made, and a newer one is left alone."""

    def test_looking_makes_nothing_and_migrating_tells_before_and_after(self, tmp_path: Path) -> None:
        line = CommandLine(tmp_path / "home")
        behind = line.run("migrate", "--check")
        assert behind.exit_code == 1
        assert behind.stdout.startswith("nothing (this release: ")
        assert not line.home.exists()
        assert line.ok("migrate").startswith("nothing -> ")
        assert "up to date" in line.ok("migrate")
        assert line.run("migrate", "--check").exit_code == 0

    def test_a_newer_database_is_refused_with_a_remedy(self, hookline: CommandLine) -> None:
        with sqlite3.connect(hookline.home / "hookline.db") as db:
            db.execute("UPDATE alembic_version SET version_num = '9999'")
        db.close()
        for command in (["migrate"], ["migrate", "--check"], ["runs", "list"]):
            result = hookline.run(*command)
            assert result.exit_code == 2, command
            assert "newer than this release" in result.stderr

    def test_a_command_before_migrate_says_where_it_looked_and_what_to_do(self, tmp_path: Path) -> None:
        result = CommandLine(tmp_path / "home").run("runs", "list")
        assert result.exit_code == 2
        where = tmp_path / "home" / "hookline.db"
        assert f"the database {where} has no tables yet\n  Run `hookline migrate`. Is yours elsewhere?" in result.stderr


class TestConnection:
    """A secret goes in by standard input, is stored sealed, and never comes out."""

    def test_a_connection_is_stored_without_redis_and_its_secret_sealed(self, hookline: CommandLine) -> None:
        result = hookline.run("connection", "add", "mine", "calendly", "--no-test", given=json.dumps({"token": TOKEN}))
        assert result.exit_code == 0
        shown = result.output + hookline.ok("connection", "list") + str(hookline.json("connection", "list"))
        assert TOKEN not in shown
        assert "100/60s" in shown
        for file in hookline.home.rglob("*"):
            assert not file.is_file() or TOKEN.encode() not in file.read_bytes(), file

    def test_a_failed_test_keeps_the_connection(self, hookline: CommandLine) -> None:
        result = hookline.run("connection", "add", "mine", "calendly", "--set", NOBODY, given=TOKEN)
        assert result.exit_code == 1
        assert "the test of mine failed (throttled)" in result.stderr
        assert [row["name"] for row in hookline.json("connection", "list")] == ["mine"]

    @pytest.mark.parametrize(
        ("arguments", "given", "words"),
        [
            (["Mine!", "calendly"], TOKEN, "cannot name a connection"),
            (["m" * 65, "calendly"], TOKEN, "cannot name a connection"),
            (["mine", "calendli"], TOKEN, "'calendli' is not installed"),
            (["mine", "calendly", "--set", f"token={TOKEN}"], "", "never taken from an argument"),
            (["mine", "calendly", "--set", "colour=red"], TOKEN, "Its settings: base_url, scope"),
            (["mine", "calendly", "--set", "scope"], TOKEN, "expected KEY=VALUE"),
            (["mine", "calendly", "--set", "scope=galaxy"], TOKEN, "scope"),
            (["mine", "calendly"], "", "standard input holds no secrets"),
            (["mine", "calendly"], f"{TOKEN}\n{TOKEN}", "cannot be read"),
            (["mine", "calendly"], json.dumps({"tokn": TOKEN}), "not right"),
            (["mine", "calendly"], json.dumps({"token": [TOKEN]}), "not right"),
            (["mine", "calendly"], f"{TOKEN} {TOKEN}", "token"),
        ],
    )
    def test_what_is_wrong_is_said_without_the_secret_and_nothing_is_stored(
        self, hookline: CommandLine, arguments: list[str], given: str, words: str
    ) -> None:
        result = hookline.run("connection", "add", *arguments, "--no-test", given=given)
        assert result.exit_code == 2
        assert words in result.stderr
        assert TOKEN not in result.output
        assert hookline.json("connection", "list") == []

    def test_removing_is_refused_while_a_flow_uses_it(self, greet: CommandLine) -> None:
        refused = greet.run("connection", "remove", "mine")
        assert refused.exit_code == 2
        assert "is used by greet" in refused.stderr
        forced = greet.run("connection", "remove", "mine", "--force")
        assert forced.exit_code == 0
        assert "fail until it is added again: greet" in forced.stderr
        assert greet.json("connection", "list") == []

    def test_a_connection_that_nobody_uses_is_removed(self, hookline: CommandLine) -> None:
        hookline.ok("connection", "add", "mine", "calendly", "--no-test", given=TOKEN)
        hookline.ok("connection", "remove", "mine")
        assert hookline.json("connection", "list") == []
        assert hookline.run("connection", "remove", "mine").exit_code == 2


class TestDeploy:
    """Nothing changes unless every file is right, and everything is said before it is done."""

    def test_a_finding_in_one_file_leaves_everything_as_it_was(self, greet: CommandLine, tmp_path: Path) -> None:
        before = greet.json("flow", "list")
        (tmp_path / "wrong.yaml").write_text(WRONG)
        (tmp_path / "greet.yaml").write_text(FLOW.replace("hello", "good evening"))
        result = greet.run("deploy", str(tmp_path))
        assert result.exit_code == 1
        assert "wrong.yaml:4:" in result.stdout
        assert "nothing was changed" in result.stderr
        assert greet.json("flow", "list") == before

    def test_a_plan_changes_nothing(self, greet: CommandLine, tmp_path: Path) -> None:
        before = greet.json("flow", "list")
        (tmp_path / "greet.yaml").write_text(FLOW.replace("hello {{", "good evening {{"))
        result = greet.run("deploy", str(tmp_path), "--plan")
        assert result.exit_code == 0
        assert f"changed    greet  {before[0]['version']} -> " in result.stdout
        assert greet.json("flow", "list") == before

    def test_a_connection_that_is_missing_is_named_with_the_command_that_adds_it(
        self, hookline: CommandLine, tmp_path: Path
    ) -> None:
        (tmp_path / "greet.yaml").write_text(FLOW)
        result = hookline.run("deploy", str(tmp_path / "greet.yaml"))
        assert result.exit_code == 2
        assert "hookline connection add mine" in result.stderr

    def test_a_deploy_for_programs(self, greet: CommandLine, tmp_path: Path) -> None:
        done = greet.json("deploy", str(tmp_path / "greet.yaml"))
        assert done["applied"] is True
        assert [(flow["id"], flow["change"]) for flow in done["flows"]] == [("greet", "unchanged")]
        planned = greet.json("deploy", str(tmp_path / "greet.yaml"), "--plan")
        assert planned["applied"] is False


class TestFlow:
    """A flow is shown as it was deployed, turned off and on, and taken away; its runs stay."""

    def test_the_source_comes_out_as_it_went_in(self, greet: CommandLine) -> None:
        assert greet.ok("flow", "show", "greet", "--source") == FLOW

    def test_a_flow_is_turned_off_and_on(self, greet: CommandLine) -> None:
        greet.ok("flow", "disable", "greet")
        assert "greet  disabled" in greet.ok("flow", "list")
        assert greet.json("flow", "show", "greet")["enabled"] is False
        greet.ok("flow", "enable", "greet")
        assert greet.json("flow", "show", "greet")["enabled"] is True

    def test_a_removed_flows_runs_stay(self, greet: CommandLine) -> None:
        run_id = greet.ok("run", "greet", "--input", "name=Ada").strip()
        greet.ok("flow", "remove", "greet")
        assert greet.json("flow", "list") == []
        assert greet.json("runs", "show", run_id)["flow"] == "greet"

    @pytest.mark.parametrize("command", [["show"], ["enable"], ["disable"], ["remove"]])
    def test_an_unknown_flow_is_said_to_be_unknown(self, hookline: CommandLine, command: list[str]) -> None:
        result = hookline.run("flow", *command, "nope")
        assert result.exit_code == 2
        assert "there is no deployed flow 'nope'" in result.stderr


class TestRun:
    """A run that a person starts: its inputs are judged first, and waiting tells how it ended."""

    def test_the_id_is_the_result(self, greet: CommandLine) -> None:
        run_id = greet.ok("run", "greet", "--input", "name=007", "--input", "times=3").strip()
        shown = greet.json("runs", "show", run_id[:20])
        assert (shown["id"], shown["status"], shown["inputs"]) == (run_id, "queued", {"name": "007", "times": 3})
        assert greet.json("run", "greet", "--input", "name=x").keys() == {"id", "held"}

    def test_the_event_is_read_from_a_file_or_standard_input(self, greet: CommandLine, tmp_path: Path) -> None:
        (tmp_path / "event.json").write_text('{"a": 1}')
        from_file = greet.ok("run", "greet", "--input", "name=x", "--event", str(tmp_path / "event.json")).strip()
        from_input = greet.ok("run", "greet", "--input", "name=x", "--event", "-", given='{"b": 2}').strip()
        assert greet.json("runs", "show", from_file)["trigger"] == {"a": 1}
        assert greet.json("runs", "show", from_input)["trigger"] == {"b": 2}

    @pytest.mark.parametrize(
        ("arguments", "given", "words"),
        [
            ([], "", "the input 'name' (string) is required"),
            (["--input", "name=x", "--input", "nmae=y"], "", "no input 'nmae'"),
            (["--input", "name=x", "--input", "times=often"], "", "'times' needs integer"),
            (["--input", "name=x", "--event", "nowhere.json"], "", "nowhere.json cannot be read"),
            (["--input", "name=x", "--event", "-"], "[1]", "must hold a JSON object"),
            (["--input", "name=x", "--event", "-"], '{"a": 1, "a": 2}', "is not JSON"),
        ],
    )
    def test_what_is_wrong_starts_no_run(
        self, greet: CommandLine, arguments: list[str], given: str, words: str
    ) -> None:
        result = greet.run("run", "greet", *arguments, given=given)
        assert result.exit_code == 2
        assert words in result.stderr
        assert greet.json("runs", "list") == []

    @pytest.mark.parametrize(("ending", "code"), [(RunStatus.SUCCEEDED, 0), (RunStatus.CANCELLED, 1)])
    def test_waiting_ends_with_the_run(self, greet: CommandLine, ending: RunStatus, code: int) -> None:
        worker = Thread(target=end_next_run, args=(greet, Ending(status=ending, message="as told")))
        worker.start()
        result = greet.run("run", "greet", "--input", "name=x", "--wait")
        worker.join()
        assert result.exit_code == code
        assert len(result.stdout.split()) == 1
        assert f"{ending.value} after" in result.stderr
        assert "as told" in result.stderr


def end_next_run(line: CommandLine, ending: Ending) -> None:
    """Be the worker: take the next run, park it once, and end it."""
    journal = Journal.open(f"sqlite:///{line.home / 'hookline.db'}")
    look_again = Event()
    try:
        while not (due := journal.runs.ring(limit=1, again_in_ms=60_000)):
            look_again.wait(0.02)
        for number in range(2):
            while (claimed := journal.runs.claim(due[0], lease_ms=10_000)) is None:
                look_again.wait(0.02)
            if number == 0:
                journal.runs.park(claimed.claim, [], in_ms=300, waiting_for="a retry, at 12:00:31")
            else:
                journal.runs.finish(claimed.claim, [], ending)
    finally:
        journal.close()


class TestHistory:
    """Runs and events as they were recorded."""

    def test_pages_of_runs_follow_each_other(self, greet: CommandLine) -> None:
        started = [greet.ok("run", "greet", "--input", "name=x").strip() for _ in range(3)]
        first = greet.json("runs", "list", "--limit", "2")
        assert [run["id"] for run in first] == started[:0:-1]
        rest = greet.json("runs", "list", "--before", first[-1]["id"])
        assert [run["id"] for run in rest] == started[:1]
        assert len(greet.json("runs", "list", "--flow", "greet", "--status", "queued,failed")) == 3
        assert greet.json("runs", "list", "--status", "failed") == []
        assert greet.run("runs", "list", "--before", "nonsense").exit_code == 2

    def test_an_event_names_the_run_that_it_started(self, greet: CommandLine) -> None:
        run_id = greet.ok("run", "greet", "--input", "name=x", "--event", "-", given='{"event": "made.up"}').strip()
        (event,) = greet.json("events", "list")
        assert (event["name"], event["source"], event["outcomes"][0]["run"]) == ("made.up", "manual", run_id)
        assert f"run {run_id}" in greet.ok("events", "show", event["id"])
        assert json.loads(greet.ok("events", "show", event["id"], "--body")) == {"event": "made.up"}
        assert greet.json("events", "show", event["id"])["event"] == {"event": "made.up"}
        assert "made.up" in greet.ok("events", "list")

    def test_what_is_not_there_is_said_to_be_not_there(self, hookline: CommandLine) -> None:
        for noun in ("runs", "events"):
            result = hookline.run(noun, "show", "01zzzzzzzz")
            assert result.exit_code == 2
            assert "hookline " + noun + " list" in result.stderr


class TestExecutedRuns:
    """Runs that a crew has executed, read afterwards from the same database."""

    @pytest.fixture
    def room(self, tmp_path: Path) -> Iterator[EngineRoom]:
        with EngineRoom(tmp_path) as room:
            yield room

    @pytest.fixture
    def reader(self, room: EngineRoom, tmp_path: Path) -> CommandLine:
        return CommandLine(tmp_path / "home", HOOKLINE_DATABASE_URL=f"sqlite:///{room.database}")

    def test_a_failure_is_shown_with_its_line_in_the_flow(self, room: EngineRoom, reader: CommandLine) -> None:
        room.service.replies["GET /things/b"] = [status(404)]
        run = room.run(
            "steps:\n"
            "  - id: each\n"
            "    foreach: '[1, 2]'\n"
            "    steps:\n"
            "      - {id: a, uses: probe.read, with: {name: a}}\n"
            "  - {id: b, uses: probe.read, with: {name: b}}\n"
        )
        shown = reader.ok("runs", "show", run.id)
        order = [shown.index(name) for name in ("✓ each", "[0]", "✓ a", "[1]", "✗ b", "f.yaml:9:")]
        assert order == sorted(order)
        assert "not_found 404" in shown
        assert "       9 |   - {id: b, uses: probe.read, with: {name: b}}" in shown
        steps = reader.json("runs", "show", run.id)["steps"]
        assert [step["path"] for step in steps] == ["each", "each[0]", "each[0].a", "each[1]", "each[1].a", "b"]
        assert steps[-1]["error"]["place"].startswith("f.yaml:9:")
        assert steps[-1]["input"] == {"name": "b"}

    def test_a_parked_run_says_what_it_waits_for(self, room: EngineRoom, reader: CommandLine) -> None:
        room.service.replies["GET /things/a"] = [status(500)]
        run = room.run(
            "steps:\n  - {id: a, uses: probe.read, with: {name: a}, retry: {max_attempts: 2, interval: 1h, max_interval: 1h}}\n"
        )
        assert "waits for attempt 2 of 2 after server" in reader.ok("runs", "show", run.id)
        assert "waits for attempt 2 of 2 after server" in reader.ok("runs", "list")
        assert reader.json("runs", "show", run.id)["waiting_for"].startswith("attempt 2 of 2 after server")
