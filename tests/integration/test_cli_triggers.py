"""The commands about what starts flows: addresses and their secrets, when a schedule fires next, runs by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine import app
from tests.integration.command_line import CommandLine

STEPS = "steps:\n  - {id: tell, uses: log.write, with: {message: hi}}\n"
ORDERS = f"id: new-orders\nname: New orders\ntriggers:\n  - uses: http.request\n{STEPS}"
NIGHTLY = f"id: nightly\nname: Nightly\ntriggers:\n  - uses: schedule.cron\n    with: {{cron: '0 0 1 1 *', timezone: Europe/Rome}}\n{STEPS}"
REPORT = f"id: report\nname: Report\ninputs: {{month: {{type: string}}}}\ntriggers: [{{uses: manual}}]\n{STEPS}"


@pytest.fixture
def hookline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr(app, "installed_connectors", lambda: {"http": http, "log": log, "schedule": schedule})
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    return line


@pytest.fixture
def deployed(hookline: CommandLine, tmp_path: Path) -> CommandLine:
    folder = tmp_path / "flows"
    folder.mkdir()
    for name, text in {"orders": ORDERS, "nightly": NIGHTLY, "report": REPORT}.items():
        (folder / f"{name}.yaml").write_text(text)
    hookline.ok("deploy", str(folder), "--yes")
    return hookline


def test_a_deploy_says_that_an_address_was_made(hookline: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(ORDERS)
    said = hookline.run("deploy", str(file), "--yes")
    assert said.exit_code == 0
    assert "create     http.request" in said.output
    assert "subscription active: http.request" in said.output


def test_a_secret_is_shown_only_when_it_is_asked_for(deployed: CommandLine) -> None:
    [hidden] = deployed.json("flow", "hooks", "new-orders")
    [shown] = deployed.json("flow", "hooks", "new-orders", "--reveal")
    assert (hidden["secrets"], hidden["trigger"], hidden["uses"]) == (None, "request", "http.request")
    assert hidden["url"].startswith("http://127.0.0.1:8480/hooks/")
    [secret] = shown["secrets"]
    assert len(secret) == 43
    assert secret in deployed.ok("flow", "hooks", "new-orders", "--reveal")
    for quiet in (("flow", "hooks", "new-orders"), ("flow", "show", "new-orders"), ("doctor",)):
        assert secret not in deployed.run(*quiet).output


def test_a_secret_is_rotated_and_the_old_one_revoked(deployed: CommandLine) -> None:
    [before] = deployed.json("flow", "hooks", "new-orders", "--reveal")
    [after] = deployed.json("flow", "hooks", "new-orders", "--reveal", "--rotate", "--grace", "2h")
    assert after["secrets"][1:] == before["secrets"]
    assert after["old_until"] is not None
    assert after["url"] == before["url"]
    assert "the old secret is good until" in deployed.run("flow", "hooks", "new-orders").output
    [revoked] = deployed.json("flow", "hooks", "new-orders", "--reveal", "--revoke")
    assert revoked["secrets"] == after["secrets"][:1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nightly",), "no trigger with an address of its own"),
        (("new-orders", "--trigger", "other"), "no trigger 'other' with an address of its own"),
        (("nothing",), "there is no deployed flow 'nothing'"),
        (("new-orders", "--rotate", "--revoke"), "two things"),
        (("new-orders", "--rotate", "--grace", "2"), "--grace: a duration needs a unit"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(deployed: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    said = deployed.run("flow", "hooks", *arguments)
    assert said.exit_code == 2
    assert words in said.output


def test_the_doctor_asks_no_service_about_addresses_of_our_own(deployed: CommandLine) -> None:
    checks = {check["part"]: check for check in deployed.json("doctor")["checks"]}
    address = checks["address of new-orders.request"]
    assert (address["status"], address["found"]) == ("ok", "takes requests at http://127.0.0.1:8480/hooks/…")


def test_a_flow_says_when_it_fires_next(deployed: CommandLine) -> None:
    rows = {row["id"]: row for row in deployed.json("flow", "list")}
    assert str(rows["nightly"]["next_at"])[5:16] == "12-31T23:00"
    assert rows["new-orders"]["next_at"] is None
    assert "-12-31 23:00:00" in deployed.ok("flow", "list")
    assert "-12-31 23:00:00 UTC" in deployed.ok("flow", "show", "nightly")
    deployed.ok("flow", "disable", "nightly")
    assert "fires no more while the flow is disabled" in deployed.ok("flow", "show", "nightly")
    assert "-12-31 23:00:00" not in deployed.ok("flow", "list")


def test_a_flow_shows_how_it_is_started(deployed: CommandLine) -> None:
    assert "start it by hand: hookline run report" in deployed.ok("flow", "show", "report")
    page = deployed.ok("flow", "show", "new-orders")
    assert "/hooks/" in page
    assert "hookline flow hooks new-orders --reveal" in page


def test_a_run_by_hand_needs_inputs_and_no_event(deployed: CommandLine) -> None:
    assert "the input 'month' (string) is required" in deployed.run("run", "report").output
    run_id = deployed.ok("run", "report", "--input", "month=March").strip()
    [event] = deployed.json("events", "list")
    shown = deployed.json("events", "show", event["id"])
    assert run_id in str(shown)
    assert "manual" in str(shown)


def test_a_wrong_expression_is_found_at_its_place(hookline: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "nightly.yaml"
    file.write_text(NIGHTLY.replace("0 0 1 1 *", "0 25 * * *").replace("Europe/Rome", "Europe/Roma"))
    said = hookline.run("deploy", str(file), "--yes")
    assert said.exit_code == 1
    assert f"{file}:5:19: error E214 cron of schedule.cron: '25' is no hour: it may be 0-23" in said.output
    assert f"{file}:5:42: error E214 timezone of schedule.cron: 'Europe/Roma' is no time zone" in said.output
