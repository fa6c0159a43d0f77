"""Commands that call a service: the simulated Calendly over real HTTP, with the home's own Redis. What the simulator saw is what counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine.cli.simulate import start_simulator
from engine.embedded import EmbeddedRedis
from engine.sdk.installed import installed_connectors
from tests.integration.command_line import CommandLine

FLOW = """\
id: welcome
name: Welcome
connections: {calendly: team}
triggers:
  - uses: calendly.invitee
    with: {events: [invitee.created]}
    if: trigger.payload.email is not none
steps:
  - id: mark
    uses: calendly.create_invitee_no_show
    with: {invitee: "{{ trigger.payload.uri }}"}
"""


class Simulated:
    """A running simulator: ``url``, its token, and what it was asked."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token

    def webhooks(self) -> list[str]:
        """Callback URLs that are registered now."""
        state = httpx.get(f"{self.url}/_sim/state").json()
        return [hook["callback_url"] for hook in state["webhook_subscriptions"]]

    def mode(self, **changes: Any) -> None:
        httpx.post(f"{self.url}/_sim/mode", json=changes).raise_for_status()


@pytest.fixture
def simulated() -> Iterator[Simulated]:
    server, simulator = start_simulator(installed_connectors(), "calendly", 0)
    try:
        yield Simulated(f"http://127.0.0.1:{server.port}", simulator.secrets["token"])
    finally:
        server.stop()


@pytest.fixture
def hookline(tmp_path: Path) -> Iterator[CommandLine]:
    home = tmp_path / "home"
    line = CommandLine(home, HOOKLINE_REDIS_URL="", HOOKLINE_EGRESS_ALLOW="127.0.0.0/8")
    line.ok("migrate")
    # As when a worker runs: the throttle's memory lives from one command to the next.
    share = EmbeddedRedis.join(home)
    try:
        yield line
    finally:
        share.close()


@pytest.fixture
def flow_file(tmp_path: Path) -> str:
    file = tmp_path / "welcome.yaml"
    file.write_text(FLOW)
    return str(file)


def test_from_a_connection_to_a_webhook_and_back(hookline: CommandLine, simulated: Simulated, flow_file: str) -> None:
    added = hookline.run(
        "connection", "add", "team", "calendly", "--set", f"base_url={simulated.url}", given=simulated.token
    )
    assert added.exit_code == 0, added.output
    assert "tested team: ok" in added.stderr
    assert simulated.token not in added.output
    assert hookline.json("connection", "test", "team")["health"] == "ok"

    plan = hookline.run("deploy", flow_file, "--plan")
    assert "create     calendly.invitee on team" in plan.stdout
    assert "warning: HOOKLINE_PUBLIC_URL" not in plan.stderr
    assert simulated.webhooks() == []

    done = hookline.run("deploy", flow_file)
    assert done.exit_code == 0, done.output
    assert "subscription active: calendly.invitee on team" in done.stderr
    (callback,) = simulated.webhooks()
    assert callback.startswith("http://127.0.0.1:8480/hooks/")
    assert "keep" in hookline.ok("deploy", flow_file, "--plan")

    (trigger,) = hookline.json("flow", "show", "welcome")["triggers"]
    assert (trigger["subscription"]["state"], trigger["subscription"]["callback_url"]) == ("active", callback)
    assert "subscription active" in hookline.ok("flow", "show", "welcome")

    hookline.ok("flow", "disable", "welcome")
    assert simulated.webhooks() == []
    hookline.ok("flow", "enable", "welcome")
    assert len(simulated.webhooks()) == 1
    hookline.ok("flow", "remove", "welcome", "--yes")
    assert simulated.webhooks() == []
    hookline.ok("connection", "remove", "team", "--yes")


def test_a_refused_token_is_told_with_what_mends_it_and_the_connection_is_kept(
    hookline: CommandLine, simulated: Simulated
) -> None:
    added = hookline.run(
        "connection", "add", "team", "calendly", "--set", f"base_url={simulated.url}", given="wrong-token"
    )
    assert added.exit_code == 1
    assert "the test of team failed (auth)" in added.stderr
    assert "personal access token" in added.stderr
    assert "wrong-token" not in added.output
    assert hookline.json("connection", "list")[0]["health"] == "failed"
    assert "fail  connection team" in hookline.run("doctor").stdout


def test_a_subscription_that_the_service_refuses_fails_the_deploy_but_not_the_flow(
    hookline: CommandLine, simulated: Simulated, flow_file: str
) -> None:
    hookline.ok("connection", "add", "team", "calendly", "--set", f"base_url={simulated.url}", given=simulated.token)
    simulated.mode(plan="free")
    refused = hookline.run("deploy", flow_file)
    assert refused.exit_code == 1
    assert "subscription failed: calendly.invitee on team" in refused.stderr
    assert "tries it again every minute" in refused.stderr
    assert hookline.json("flow", "show", "welcome")["triggers"][0]["subscription"]["state"] == "failed"
    assert hookline.run("doctor").exit_code == 1

    simulated.mode(plan="paid")
    assert hookline.run("deploy", flow_file).exit_code == 0
    assert len(simulated.webhooks()) == 1


def test_a_loopback_address_is_warned_of_when_the_service_is_not_on_this_machine(
    hookline: CommandLine, flow_file: str
) -> None:
    hookline.ok("connection", "add", "team", "calendly", "--no-test", given="never-used-token")
    plan = hookline.run("deploy", flow_file, "--plan")
    assert "warning: HOOKLINE_PUBLIC_URL is http://127.0.0.1:8480, which api.calendly.com cannot reach" in plan.stderr
    assert "no webhook of team will arrive" in hookline.run("doctor").stdout


def test_the_doctor_asks_the_service_whether_our_webhooks_are_there(
    hookline: CommandLine, simulated: Simulated, flow_file: str
) -> None:
    hookline.ok("connection", "add", "team", "calendly", "--set", f"base_url={simulated.url}", given=simulated.token)
    hookline.ok("deploy", flow_file)
    assert "active, as the service says too" in hookline.ok("doctor")

    (hook,) = httpx.get(f"{simulated.url}/_sim/state").json()["webhook_subscriptions"]
    httpx.delete(hook["uri"], headers={"Authorization": f"Bearer {simulated.token}"}).raise_for_status()
    doctor = hookline.run("doctor")
    assert doctor.exit_code == 1
    assert "missing at the service" in doctor.stdout
    assert "hookline deploy registers it anew" in doctor.stdout

    hookline.ok("deploy", flow_file)
    simulated.mode(token="revoked")
    doctor = hookline.run("doctor")
    assert doctor.exit_code == 1
    assert "fail  subscription calendly.invitee on team  Calendly answered 401" in doctor.stdout


def test_the_doctor_says_what_it_cannot_ask(hookline: CommandLine, simulated: Simulated, flow_file: str) -> None:
    hookline.ok("connection", "add", "team", "calendly", "--set", f"base_url={simulated.url}", given=simulated.token)
    hookline.ok("deploy", flow_file)
    del hookline.settings["HOOKLINE_EGRESS_ALLOW"]
    said = hookline.ok("doctor")
    assert "active when it was looked at last (" in said
    assert "; the service could not be asked" in said
