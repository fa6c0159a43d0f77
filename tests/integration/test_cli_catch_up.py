"""`hookline flow catch-up` and what the doctor says of gaps: against the simulated Calendly over real HTTP, with the home's own Redis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from engine.cli.flow_catch_up import instant
from engine.errors import UsageError
from engine.journal.database import writing
from engine.journal.journal import Journal
from tests.integration.command_line import CommandLine
from tests.integration.test_cli_service import Simulated, flow_file, hookline, simulated

__all__ = ["flow_file", "hookline", "simulated"]
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).isoformat()
LONG_AGO = (datetime.now(UTC) - timedelta(days=200)).isoformat()


@pytest.fixture
def missed(hookline: CommandLine, simulated: Simulated, flow_file: str) -> CommandLine:
    """A flow on bookings, of which two were made without any delivery."""
    hookline.ok("connection", "add", "team", "calendly", "--set", f"base_url={simulated.url}", given=simulated.token)
    hookline.ok("deploy", flow_file)
    happen(simulated, "subscription", act="disable")
    for who in ("ada", "bo"):
        happen(simulated, "book", email=f"{who}@guests.example")
    return hookline


def happen(simulated: Simulated, name: str, **order: Any) -> None:
    httpx.post(f"{simulated.url}/_sim/{name}", json=order).raise_for_status()


def events(line: CommandLine) -> list[str]:
    return [item["source"] for item in line.json("events", "list")]


def test_the_plan_shows_what_was_missed_and_changes_nothing(missed: CommandLine) -> None:
    plan = missed.run("flow", "catch-up", "--since", YESTERDAY, "--plan")
    assert plan.exit_code == 0, plan.output
    assert plan.stdout.count("invitee.created") == 2
    assert "calendly.invitee on team: 2 happened, 2 of them missed" in plan.stderr
    assert "not recoverable: the notification's own time" in plan.stderr
    assert "nothing was changed" in plan.stderr
    assert events(missed) == []


def test_a_plan_for_programs_holds_the_events(missed: CommandLine) -> None:
    [found] = missed.json("flow", "catch-up", "welcome", "--since", YESTERDAY, "--plan")
    assert (found["uses"], found["happened"], found["known"]) == ("calendly.invitee", 2, 0)
    assert sorted(item["event"]["payload"]["email"] for item in found["missed"]) == [
        "ada@guests.example",
        "bo@guests.example",
    ]


def test_what_was_missed_is_fed_in_once_and_starts_the_flows_runs(missed: CommandLine) -> None:
    done = missed.run("flow", "catch-up", "welcome", "--since", YESTERDAY, "--yes")
    assert done.exit_code == 0, done.output
    assert "calendly.invitee on team: 2 fed in, 2 runs started" in done.stderr
    assert events(missed) == ["recovered", "recovered"]
    assert len(missed.json("runs", "list")) == 2
    again = missed.run("flow", "catch-up", "welcome", "--since", YESTERDAY, "--yes")
    assert "nothing was missed" in again.stderr
    assert len(missed.json("runs", "list")) == 2


def test_a_time_of_which_is_not_known_any_more_what_was_done_is_refused(missed: CommandLine) -> None:
    missed.ok("flow", "catch-up", "welcome", "--since", YESTERDAY, "--yes")
    for run in missed.json("runs", "list"):
        missed.ok("runs", "cancel", run["id"])
    grow_old(missed, days=150)
    missed.ok("purge", "--yes")
    assert events(missed) == []
    refused = missed.run("flow", "catch-up", "welcome", "--since", LONG_AGO, "--yes")
    assert (refused.exit_code, "would start their runs again" in refused.stderr) == (2, True)
    assert events(missed) == []
    missed.settings["HOOKLINE_RETAIN"] = "off"
    assert "2 fed in, 2 runs started" in missed.run("flow", "catch-up", "--since", LONG_AGO, "--yes").stderr


def grow_old(line: CommandLine, *, days: int) -> None:
    """As if so long had gone by since everything that was done until now."""
    journal, ms = Journal.open(f"sqlite:///{next(line.home.glob('*.db'))}"), days * 86_400_000
    with writing(journal.engine) as db:
        for change in (
            "runs SET created_at = created_at - :ms, ended_at = ended_at - :ms",
            "events SET received_at = received_at - :ms",
            "subscriptions SET good_at = NULL, gap_from = NULL",
        ):
            db.execute(text(f"UPDATE {change}"), {"ms": ms})
    journal.close()


def test_a_service_that_cannot_be_asked_keeps_no_other_from_being_caught_up_with(
    missed: CommandLine, simulated: Simulated, tmp_path: Path, flow_file: str
) -> None:
    missed.ok("connection", "add", "second", "calendly", "--set", f"base_url={simulated.url}", given=simulated.token)
    other = tmp_path / "other.yaml"
    text = Path(flow_file).read_text(encoding="utf-8")
    other.write_text(text.replace("team", "second").replace("id: welcome", "id: other"), encoding="utf-8")
    missed.ok("deploy", str(other), "--yes")
    happen(simulated, "faults", path="/scheduled_events", status=403, body={"message": "not you"})
    done = missed.run("flow", "catch-up", "--since", YESTERDAY, "--yes")
    assert done.exit_code == 1
    assert "calendly.invitee on team: could not be asked: Calendly answered 403 not you" in done.stderr
    assert "calendly.invitee on second: 2 fed in, 2 runs started" in done.stderr


def test_a_connection_that_is_paused_is_not_asked(missed: CommandLine) -> None:
    missed.ok("connection", "pause", "team")
    refused = missed.run("flow", "catch-up", "--since", YESTERDAY, "--plan")
    assert refused.exit_code == 2
    assert "paused by an operator" in refused.stderr
    assert "hookline connection resume team" in refused.stderr


def test_a_flow_without_a_service_behind_it_has_nothing_to_catch_up_with(hookline: CommandLine) -> None:
    unknown = hookline.run("flow", "catch-up", "nobody", "--since", YESTERDAY)
    assert (unknown.exit_code, "there is no deployed flow 'nobody'" in unknown.stderr) == (2, True)
    nothing = hookline.run("flow", "catch-up", "--since", YESTERDAY)
    assert nothing.exit_code == 2
    assert "there is no subscription to catch up with: no flow listens to a service" in nothing.stderr
    own = hookline.home.parent / "by-hand.yaml"
    own.write_text(
        "id: by-hand\nname: By hand\ntriggers: [{uses: manual}]\nsteps: [{id: s, stop: {status: succeeded}}]\n"
    )
    hookline.ok("deploy", "--yes", str(own))
    of_one = hookline.run("flow", "catch-up", "by-hand", "--since", YESTERDAY)
    assert (of_one.exit_code, of_one.stderr) == (
        2,
        "error: there is no subscription to catch up with: the flow by-hand does not listen to a service\n"
        "  See what there is: hookline flow show by-hand\n",
    )


@pytest.mark.parametrize(
    ("text", "words"), [("yesterday", "is not a time"), ("2999-01-01", "lies ahead"), ("", "is not a time")]
)
def test_a_time_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        instant(text, now=1_800_000_000)


def test_a_time_with_an_offset_is_that_instant() -> None:
    assert instant("1970-01-02T01:00:00+01:00", now=1e10) == 86_400


def test_a_deploy_heals_what_the_service_gave_up_and_the_doctor_tells_of_the_gap(
    missed: CommandLine, flow_file: str
) -> None:
    deployed = missed.run("deploy", flow_file, "--yes")
    assert "made anew: disabled at the service; what was missed meanwhile is asked for" in deployed.stderr
    told = missed.run("doctor").stdout
    assert "is still to be asked for (made anew at" in told
    assert "(flows: welcome)" in told
    assert "The scheduler does it as soon as the subscription is active" in told
