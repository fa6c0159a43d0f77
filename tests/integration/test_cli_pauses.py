"""The commands that pause and resume flows and connections, and where one sees that something is paused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal.journal import Journal
from tests.integration.command_line import CommandLine

FLOW = "id: {id}\nname: One\nsteps:\n  - {{id: hello, set: {{x: 1}}}}\n"


@pytest.fixture
def hookline(tmp_path: Path) -> CommandLine:
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(FLOW.format(id=name))
        line.ok("deploy", str(tmp_path / f"{name}.yaml"), "--yes")
    line.ok("connection", "add", "crm", "http", "--set", "base_url=https://crm.example.com", "--no-test", given=b"")
    return line


@pytest.fixture
def journal(hookline: CommandLine) -> Iterator[Journal]:
    journal = Journal.open(f"sqlite:///{hookline.home / 'hookline.db'}")
    yield journal
    journal.close()


def states(line: CommandLine) -> dict[str, bool]:
    return {row["id"]: row["paused"] for row in line.json("flow", "list")}


def test_flows_are_paused_and_resumed_by_their_ids(hookline: CommandLine, journal: Journal) -> None:
    run_id = hookline.ok("run", "one").strip()

    paused = hookline.run("flow", "pause", "one", "two")

    assert paused.exit_code == 0
    assert paused.stderr.splitlines() == [
        "the flow one is paused: of its runs 1 waits. Let it go on: hookline flow resume one",
        "the flow two is paused. Let it go on: hookline flow resume two",
    ]
    assert states(hookline) == {"one": True, "two": True}
    assert "enabled, paused" in hookline.ok("flow", "list")
    assert "paused    its runs wait; let them go on: hookline flow resume one" in hookline.ok("flow", "show", "one")
    assert journal.runs.claim(run_id, lease_ms=1_000) is None

    assert hookline.json("flow", "resume", "one", "two") == [
        {"flow": "one", "paused": False, "changed": True, "runs": 1, "under_way": 0},
        {"flow": "two", "paused": False, "changed": True, "runs": 0, "under_way": 0},
    ]
    assert states(hookline) == {"one": False, "two": False}
    assert journal.runs.claim(run_id, lease_ms=1_000) is not None
    again = hookline.run("flow", "resume", "one")
    assert (again.exit_code, again.stderr) == (0, "the flow one was not paused; of its runs 1 is not over\n")


def test_of_flows_that_are_not_all_there_none_is_paused(hookline: CommandLine) -> None:
    refused = hookline.run("flow", "pause", "one", "three")
    assert refused.exit_code == 2
    assert "there is no deployed flow 'three'" in refused.stderr
    assert states(hookline) == {"one": False, "two": False}


def test_a_run_of_a_paused_flow_says_so(hookline: CommandLine) -> None:
    hookline.ok("flow", "pause", "one")
    run_id = hookline.ok("run", "one").strip()
    assert "queued (paused)" in hookline.ok("runs", "list")
    page = hookline.ok("runs", "show", run_id)
    assert "paused   with its flow; nothing of it is done until: hookline flow resume one" in page
    assert hookline.json("runs", "show", run_id)["paused"] is True
    assert hookline.json("runs", "cancel", run_id)["became"] == "ended"


def test_a_paused_flow_with_runs_that_wait_is_not_removed(hookline: CommandLine) -> None:
    hookline.ok("flow", "pause", "one")
    run_id = hookline.ok("run", "one").strip()
    refused = hookline.run("flow", "remove", "one", "--yes")
    assert refused.exit_code == 2
    assert "the flow one is paused, and of its runs 1 waits" in refused.stderr
    assert "hookline flow resume one" in refused.stderr
    hookline.ok("runs", "cancel", run_id)
    hookline.ok("flow", "remove", "one", "--yes")


def test_a_connection_is_paused_and_resumed(hookline: CommandLine) -> None:
    paused = hookline.run("connection", "pause", "crm")
    assert (paused.exit_code, paused.stderr) == (
        0,
        "the connection crm is paused. Let it work again: hookline connection resume crm\n",
    )
    assert hookline.json("connection", "list")[0]["paused"] is True
    assert " paused " in hookline.ok("connection", "list")

    tested = hookline.run("connection", "test", "crm")
    assert tested.exit_code == 2
    assert "the connection 'crm' is paused, and no call leaves on it" in tested.stderr
    assert "hookline connection resume crm" in tested.stderr

    assert hookline.json("connection", "pause", "crm")["changed"] is False
    resumed = {"connection": "crm", "paused": False, "changed": True, "runs": 0, "under_way": 0}
    assert hookline.json("connection", "resume", "crm") == resumed
    assert " active " in hookline.ok("connection", "list")


def test_a_connection_that_is_not_there_cannot_be_paused(hookline: CommandLine) -> None:
    refused = hookline.run("connection", "pause", "erp")
    assert refused.exit_code == 2
    assert "there is no connection called 'erp'" in refused.stderr


def test_the_doctor_names_what_is_paused_and_since_when(hookline: CommandLine) -> None:
    hookline.ok("flow", "pause", "one")
    hookline.ok("run", "one")
    hookline.ok("connection", "pause", "crm")
    checks = {check["part"]: check for check in hookline.json("doctor")["checks"]}
    flow, connection = checks["flow one"], checks["connection crm"]
    assert (flow["status"], flow["remedy"]) == ("warn", "If that is over: hookline flow resume one")
    assert flow["found"].startswith("paused since 20")
    assert flow["found"].endswith(" UTC; of its runs 1 waits")
    assert (connection["status"], connection["remedy"]) == (
        "warn",
        "If that is over: hookline connection resume crm",
    )
    hookline.ok("flow", "resume", "one")
    assert "flow one" not in {check["part"] for check in hookline.json("doctor")["checks"]}
