"""The commands that execute flows without a server: what they print, where findings stand, how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from xml.etree.ElementTree import fromstring

import pytest

from connectors.calendly import calendly
from engine.cli import test as command
from tests.engine_room import EngineRoom, ok
from tests.integration.command_line import CommandLine

FLOW = """\
id: label
connections: {calendly: calendly}
inputs: {quick: {type: integer, default: 20}}
triggers: [{uses: calendly.invitee, with: {events: [invitee.created]}, if: trigger.payload.email != 'x@y.example' and trigger.payload.scheduled_event.event_type is not none}]
steps:
  - {id: type, uses: calendly.get_event_type, with: {uuid: "{{ trigger.payload.scheduled_event.event_type | uuid }}"}, retry: {max_attempts: 2}}
  - id: is_quick
    if: steps.type.output.resource.duration <= inputs.quick
    then: [{id: remember, set: {label: quick}}]
outputs: {name: "{{ steps.type.output.resource.name }}"}
"""
TESTS = """\
flow: label
tests:
  - name: a demo is named
    trigger: {sample: calendly/invitee.created}
    mock: {type: [{error: {kind: server}}, {returns: {resource: {name: Demo}}}]}
    expect: {outputs: {name: Demo}}
"""
WRONG = TESTS.replace("outputs: {name: Demo}", "outputs: {name: Other}")


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    """A folder with a flow and its tests; a home that must not be made, and settings that must not be read."""
    (tmp_path / "label.yaml").write_text(FLOW)
    (tmp_path / "label.test.yaml").write_text(TESTS)
    return CommandLine(tmp_path / "home", HOOKLINE_PORT="not a port")


@pytest.fixture
def folder(hookline: CommandLine, tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    assert not hookline.home.exists(), "an offline command leaves no trace"


class TestTest:
    """``hookline test``."""

    @pytest.mark.parametrize("path", [".", "label.yaml", "label.test.yaml"])
    def test_tests_are_found_by_folder_flow_or_file(self, hookline: CommandLine, folder: Path, path: str) -> None:
        result = hookline.run("test", str(folder / path))
        assert result.exit_code == 0
        assert "✓ a demo is named  (waited 1." in result.stdout
        assert result.stderr.startswith("1 passed, in ")

    def test_a_failure_shows_its_place_and_the_difference(self, hookline: CommandLine, folder: Path) -> None:
        (folder / "label.test.yaml").write_text(WRONG)
        result = hookline.run("test", str(folder))
        assert result.exit_code == 1
        assert f"{folder / 'label.test.yaml'}:6:30: outputs.name\n" in result.stdout
        assert '- expected "Other"\n' in result.stdout
        assert '+ happened "Demo"\n' in result.stdout
        assert "1 failed" in result.stderr

    @pytest.mark.parametrize(
        ("file", "old", "new", "words"),
        [
            ("label.test.yaml", "type:", "typo:", "label.test.yaml:5:12: error E261"),
            ("label.test.yaml", "flow: label", "flow: lable", "label.test.yaml:1:7: error E260"),
            ("label.yaml", "payload.email", "payload.emial", "label.yaml:4:92: error E201"),
            ("label.yaml", "steps:", "stps:", "label.yaml:5:1: error E241"),
        ],
    )
    def test_findings_in_the_tests_or_in_the_flow_fail(
        self, hookline: CommandLine, folder: Path, file: str, old: str, new: str, words: str
    ) -> None:
        (folder / file).write_text((folder / file).read_text().replace(old, new, 1))
        result = hookline.run("test", str(folder))
        assert result.exit_code == 1
        assert words in result.stdout
        assert "1 file with findings" in result.stderr

    @pytest.mark.parametrize("path", ["nowhere", "empty", "untested.yaml"])
    def test_a_test_of_nothing_is_no_success(self, hookline: CommandLine, folder: Path, path: str) -> None:
        (folder / "empty").mkdir()
        (folder / "untested.yaml").write_text(FLOW)
        result = hookline.run("test", str(folder / path))
        assert result.exit_code == 2
        assert path in result.stderr

    def test_results_for_programs(self, hookline: CommandLine, folder: Path) -> None:
        (folder / "label.test.yaml").write_text(WRONG)
        (report,) = hookline.json("test", str(folder))
        assert (report["flow"], report["passed"], report["findings"]) == ("label", False, [])
        (test,) = report["tests"]
        assert (test["name"], test["line"], test["passed"]) == ("a demo is named", 3, False)
        assert 1000 <= test["waited_ms"] <= 2000
        assert [problem["what"] for problem in test["problems"]] == ["outputs.name"]

    def test_a_report_for_ci_systems(self, hookline: CommandLine, folder: Path) -> None:
        hookline.ok("test", str(folder), "--junit", str(folder / "report.xml"))
        assert fromstring((folder / "report.xml").read_text()).get("tests") == "1"
        refused = hookline.run("test", str(folder), "--junit", str(folder / "no" / "report.xml"))
        assert refused.exit_code == 2
        assert "cannot be written" in refused.stderr

    def test_watching_plays_again_when_a_file_changes(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        stopping, looks = Event(), iter([WRONG, "", TESTS])

        def look(seconds: float) -> bool:
            """Instead of waiting: the author's next edit; after the last one Ctrl-C."""
            edit = next(looks, None)
            if edit is None:
                raise KeyboardInterrupt
            (folder / "label.test.yaml").write_text(edit)
            return False

        monkeypatch.setattr(stopping, "wait", look)
        command._watch([str(folder)], False, None, stopping)
        rounds = [line for line in capsys.readouterr().err.splitlines() if ", in " in line]
        assert [line.partition(", in ")[0] for line in rounds] == [
            "1 passed",
            "0 passed, 1 failed",
            "0 passed, 1 file with findings",
            "1 passed",
        ]


class TestRehearse:
    """``hookline rehearse``."""

    def test_every_step_is_shown_with_its_input_and_where_its_answer_is_from(
        self, hookline: CommandLine, folder: Path
    ) -> None:
        shown = hookline.ok("rehearse", str(folder / "label.yaml"), "--sample", "calendly/invitee.created")
        assert '> {"uuid":"0180d5e1-945c-407b-8118-9866d29e6868"}' in shown
        assert "made up from the action's output schema" in shown
        assert "the run would end as succeeded" in shown
        assert shown.index("is_quick  if") < shown.index("is_quick.remember  set"), (
            "what holds steps stands before them"
        )

    def test_answers_are_taken_from_a_file_of_mocks(self, hookline: CommandLine, folder: Path) -> None:
        (folder / "mocks.yaml").write_text(
            "type: [{error: {kind: network}}, {returns: {resource: {name: Call, duration: 30}}}]\n"
        )
        flow, event = str(folder / "label.yaml"), folder / "event.json"
        event.write_text(json.dumps(calendly.samples["invitee.created"]))
        arguments = (flow, "--event", str(event), "--mock", str(folder / "mocks.yaml"))
        found = hookline.json("rehearse", *arguments)
        steps = {step["path"]: step for step in found["steps"]}
        assert [attempt["answer_from"] for attempt in steps["type"]["attempts"]] == [
            "mock",
            "mock, completed with made-up values",
        ]
        assert steps["is_quick.remember"]["status"] == "skipped"
        assert (found["status"], found["outputs"]) == ("succeeded", {"name": "Call"})
        assert hookline.json("rehearse", *arguments, "--input", "quick=40")["steps"][1]["status"] == "succeeded"
        assert "attempt 2, 1." in hookline.ok("rehearse", *arguments)

    def test_an_event_that_starts_no_run_says_why(self, hookline: CommandLine, folder: Path) -> None:
        shown = hookline.ok("rehearse", str(folder / "label.yaml"), "--sample", "calendly/invitee.canceled")
        assert "no run would start\n  invitee: the trigger asks for" in shown

    def test_a_run_that_would_fail_ends_with_1(self, hookline: CommandLine, folder: Path) -> None:
        (folder / "mocks.yaml").write_text("type: {error: {kind: not_found, message: gone}}\n")
        arguments = ("--sample", "invitee.created", "--mock", str(folder / "mocks.yaml"))
        result = hookline.run("rehearse", str(folder / "label.yaml"), *arguments)
        assert result.exit_code == 1
        assert "the run would end as failed\n  type: not_found: gone" in result.stdout

    @pytest.mark.parametrize(
        ("arguments", "code", "words"),
        [
            ([], 2, "an event is needed"),
            (["--sample", "invitee.created", "--event", "x.json"], 2, "give one of them"),
            (["--sample", "invitee.craeted"], 2, "did you mean 'calendly/invitee.created'?"),
            (["--sample", "invitee.created", "--input", "quik=1"], 2, "no input 'quik'"),
            (["--sample", "invitee.created", "--mock", "MOCKS"], 1, "error E261"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, hookline: CommandLine, folder: Path, arguments: list[str], code: int, words: str
    ) -> None:
        (folder / "mocks.yaml").write_text("typ: {returns: {}}\n")
        given = [str(folder / "mocks.yaml") if word == "MOCKS" else word for word in arguments]
        result = hookline.run("rehearse", str(folder / "label.yaml"), *given)
        assert result.exit_code == code
        assert words in result.output


class TestEval:
    """``hookline eval``."""

    def test_the_value_is_shown_with_its_type(self, hookline: CommandLine, folder: Path) -> None:
        result = hookline.run("eval", "trigger.payload.email | upper", "--sample", "calendly/invitee.created")
        assert (result.exit_code, result.stdout, result.stderr) == (
            0,
            "MARA.JENSEN@GUESTS.EXAMPLE\n",
            "text of 26 characters\n",
        )

    @pytest.mark.parametrize(
        ("expression", "value", "words"),
        [
            ("{{ 1 + 1 }}", 2, "a whole number"),
            ("trigger.a | length > 5", False, "true or false"),
            ("trigger.a", [1, 2.5], "a list of 2 items"),
            ("trigger", {"a": [1, 2.5]}, "an object of 1 field"),
            ("none", None, "null"),
            ("trigger.a | last", 2.5, "a number"),
        ],
    )
    def test_values_keep_their_types(
        self, hookline: CommandLine, folder: Path, expression: str, value: object, words: str
    ) -> None:
        result = hookline.run("eval", expression, "--event", "-", "--json", given='{"a": [1, 2.5]}')
        assert json.loads(result.stdout) == {"value": value, "type": words}

    @pytest.mark.parametrize(
        ("expression", "message", "caret"),
        [
            ("trigger.payload.emial | lower", "did you mean 'email'?", 16),
            ("trigger.payload.email | uper", "did you mean 'upper'?", 24),
            ("trigger.payload.email +", "", None),
        ],
    )
    def test_an_error_has_a_caret_below_the_wrong_word(
        self, hookline: CommandLine, folder: Path, expression: str, message: str, caret: int | None
    ) -> None:
        result = hookline.run("eval", expression, "--sample", "invitee.created")
        assert result.exit_code == 1
        assert message in result.stderr
        *_, line, mark = result.stderr.splitlines()
        assert expression in line
        assert "^" in mark
        if caret is not None:
            assert mark.index("^") - line.index(expression) == caret

    def test_without_data_it_says_what_is_needed(self, hookline: CommandLine, folder: Path) -> None:
        assert hookline.run("eval", "1").exit_code == 2
        both = hookline.run("eval", "1", "--run", "01abcdef", "--sample", "invitee.created")
        assert (both.exit_code, "leave --event and --sample out" in both.stderr) == (2, True)


class TestRecorded:
    """``runs export``, ``replay`` and ``eval --run`` on a run that a crew has executed."""

    STEPS = (
        'steps:\n  - {id: a, uses: probe.read, with: {name: a}}\n  - {id: b, set: {v: "{{ steps.a.output.name | default('
        ') }}"}}\noutputs: {v: "{{ vars.v }}"}\n'
    )

    @pytest.fixture
    def room(self, tmp_path: Path) -> Iterator[EngineRoom]:
        with EngineRoom(tmp_path) as room:
            yield room

    @pytest.fixture
    def reader(self, room: EngineRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
        catalogue = room.connections.catalogue
        monkeypatch.setattr("engine.app.installed_connectors", lambda: catalogue)
        return CommandLine(tmp_path / "home", HOOKLINE_DATABASE_URL=f"sqlite:///{room.database}")

    def test_a_run_that_was_exported_passes_as_a_test(
        self, room: EngineRoom, reader: CommandLine, tmp_path: Path
    ) -> None:
        room.service.replies["GET /things/a"] = [ok({"name": "Ann"})]
        run = room.run(self.STEPS, trigger={"x": 1})
        source = room.journal.flows.source(run.digest)
        assert source is not None
        (tmp_path / "f.yaml").write_text(source[0])
        target = str(tmp_path / "f.test.yaml")
        reader.ok("runs", "export", run.id, "--as-test", "--output", target)
        assert "✓ as in the run" in reader.ok("test", target)
        assert reader.run("runs", "export", run.id, "--as-test", "--output", target).exit_code == 2, (
            "nothing is overwritten"
        )
        assert reader.ok("runs", "export", run.id[:12], "--as-test") == Path(target).read_text()
        (tmp_path / "f.yaml").write_text(source[0].replace("name: a}", "name: b}"))
        assert "steps.a.input.name" in reader.run("test", target).stdout

    def test_a_form_has_to_be_named(self, room: EngineRoom, reader: CommandLine) -> None:
        result = reader.run("runs", "export", room.run(self.STEPS).id)
        assert result.exit_code == 2
        assert "--as-test" in result.stderr

    def test_a_replay_tells_whether_another_version_does_the_same(
        self, room: EngineRoom, reader: CommandLine, tmp_path: Path
    ) -> None:
        run = room.run(self.STEPS)
        assert "the same: 2 steps as recorded, and the same end" in reader.ok("replay", run.id)
        source = room.journal.flows.source(run.digest)
        assert source is not None
        (tmp_path / "new.yaml").write_text(source[0].replace("name: a}", "name: b}"))
        result = reader.run("replay", run.id, "--flow", str(tmp_path / "new.yaml"))
        assert result.exit_code == 1
        assert "0 steps as recorded, then they part\n  a: input\n" in result.stdout
        assert '- recorded {"name":"a"}' in result.stdout
        assert '+ now      {"name":"b"}' in result.stdout
        assert "^" in result.stdout
        found = reader.json("replay", run.id, "--flow", str(tmp_path / "new.yaml"))
        assert (found["same"], found["difference"]["what"], found["difference"]["step"]) == (False, "input", "a")
        assert reader.json("replay", run.id)["same"] is True
        (tmp_path / "new.yaml").write_text(source[0].replace("id: f\n", "id: g\n"))
        assert "but the run is one of f" in reader.run("replay", run.id, "--flow", str(tmp_path / "new.yaml")).stderr

    def test_expressions_see_a_run(self, room: EngineRoom, reader: CommandLine) -> None:
        room.service.replies["GET /things/a"] = [ok({"name": "Ann"})]
        run = room.run(self.STEPS)
        assert reader.ok("eval", "steps.a.output.name ~ vars.v", "--run", run.id) == "AnnAnn\n"

    @pytest.mark.parametrize("command", [["replay"], ["runs", "export", "--as-test"], ["eval", "1", "--run"]])
    def test_a_run_that_is_not_there_is_said_to_be_not_there(
        self, room: EngineRoom, reader: CommandLine, command: list[str]
    ) -> None:
        result = reader.run(*command, "01zzzzzzzz")
        assert result.exit_code == 2
        assert "there is no run '01zzzzzzzz'" in result.stderr
