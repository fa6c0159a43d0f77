"""What the authors' guide says about tests and rehearsals is true: its commands are executed, and print what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connectors.calendly import calendly
from engine.core.commands import Ending
from engine.core.statuses import RunStatus, StepStatus
from engine.flow import load_flow
from engine.journal.journal import Journal
from engine.journal.records import EventSource, NewEvent, NewRun, StepChange
from engine.runtime.rehearsal import expectations
from engine.runtime.rehearsal import read as reading
from engine.runtime.rehearsal.answers import placeholder
from tests.flows.sessions import alike, sessions, words
from tests.flows.test_guide import BLOCKS, GUIDE, TEST_FILES
from tests.integration.command_line import CommandLine

SECTION = GUIDE.partition("\n## Tests\n")[2].partition("\n## In your editor\n")[0]
SHELL = "".join(re.findall(r"^```sh\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)).splitlines()
SESSIONS = sessions(SECTION)
HELLO = next(block for block in BLOCKS if block.startswith("id: hello"))
TESTS = next(text for text in TEST_FILES if text in SECTION)


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """A folder as the guide's reader has it after ten minutes."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my-flows").mkdir()
    (tmp_path / "my-flows" / "hello.yaml").write_text(HELLO)
    (tmp_path / "my-flows" / "hello.test.yaml").write_text(TESTS)
    (tmp_path / "answers.yaml").write_text("type: {returns: {resource: {name: Product demo}}}\n")
    return CommandLine(tmp_path / "home")


@pytest.mark.parametrize(("command", "shown"), SESSIONS, ids=[command[:40] for command, _ in SESSIONS])
def test_a_command_prints_what_the_guide_shows(author: CommandLine, command: str, shown: str) -> None:
    assert alike(author.run(*words(command)).output) == alike(shown)


def test_the_guide_shows_the_commands() -> None:
    assert {words(command)[0] for command, _ in SESSIONS} == {"test", "rehearse", "eval"}
    assert {words(command)[0] for command in SHELL} == {"runs", "replay"}


def test_a_difference_looks_as_the_guide_shows(author: CommandLine) -> None:
    file = Path("my-flows/hello.test.yaml")
    file.write_text(file.read_text().replace("{greeting: Ann booked Product demo}", "{greeting: Ann booked a call}"))
    shown = re.findall(r"^```text\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)[0]
    assert [line.strip() for line in shown.splitlines()] == [
        line.strip() for line in author.run("test", "my-flows").stdout.splitlines()[2:5]
    ]


@pytest.fixture
def run_id(author: CommandLine) -> str:
    """A run of the guide's flow in the reader's database."""
    author.ok("migrate")
    journal = Journal.open(f"sqlite:///{author.home / 'hookline.db'}")
    flow, event = load_flow(HELLO, "my-flows/hello.yaml"), calendly.samples["invitee.created"]
    journal.flows.deploy(
        flow_id=flow.id, name=flow.name, owner="local", digest=flow.digest, source=flow.source, file=flow.file
    )
    new = NewRun(flow=flow.id, digest=flow.digest, trigger="invitee", owner="local")
    source = EventSource.WEBHOOK
    stored = NewEvent(subscription_id=None, source=source, dedupe_key="k", body=b"{}", event=event, runs=(new,))
    ran = journal.events.accept([stored], ring_in_ms=0)[0].run_ids[0]
    claimed = journal.runs.claim(ran, lease_ms=10_000)
    assert claimed is not None
    step = StepChange(
        path="type",
        attempt=1,
        uses="calendly.get_event_type",
        status=StepStatus.SUCCEEDED,
        given={"uuid": "0180d5e1-945c-407b-8118-9866d29e6868"},
        output=placeholder(calendly.actions["get_event_type"].output).one,
    )
    outputs = {"greeting": "Mara Jensen booked ‹resource.name›"}
    journal.runs.finish(claimed.claim, [step], Ending(status=RunStatus.SUCCEEDED, outputs=outputs))
    journal.close()
    return ran


def test_a_run_becomes_a_test_as_the_guide_says(author: CommandLine, run_id: str) -> None:
    for command in SHELL:
        author.ok(*words(command.replace("RUN", run_id)))
    assert "✓ as in the run" in author.ok("test", "my-flows/booked.test.yaml")


@pytest.mark.parametrize("tests", TEST_FILES, ids=[tests.split("\n", 1)[0] for tests in TEST_FILES])
def test_the_tests_on_the_page_pass(author: CommandLine, tests: str) -> None:
    name = tests.partition("flow: ")[2].split("\n", 1)[0]
    (flow,) = (block for block in BLOCKS if block.startswith(f"id: {name}\n"))
    Path("my-flows", f"{name}.yaml").write_text(flow)
    Path("my-flows", f"{name}.test.yaml").write_text(tests)
    assert author.ok("test", f"my-flows/{name}.yaml").count("✓") == tests.count("- name:")


KEYS = {*reading.FILE_KEYS, *reading.TEST_KEYS, *reading.RUN_KEYS, *expectations.EXPECT_KEYS, *expectations.STEP_KEYS}
STATUSES = {*expectations.RUN_STATUSES, "not_reached"}
MOCK_KEYS = {"returns", "error", "uncertain", "took", "sample", "set", "at", "event"}


@pytest.mark.parametrize("word", sorted(KEYS | STATUSES | MOCK_KEYS))
def test_every_word_of_a_test_file_stands_in_the_guide(word: str) -> None:
    assert re.search(rf"[`{{ ,]{word}[:`}}, ]", SECTION)
