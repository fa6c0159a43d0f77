"""``hookline connection`` with the connectors ``http`` and ``log``: secrets as the settings call for them, and a budget of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.http import http
from connectors.log import log
from engine import app
from tests.integration.command_line import CommandLine

TOKEN = "canary-token-21aa07"
BASE = "base_url=https://crm.example/v2"


@pytest.fixture
def hookline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setattr(app, "installed_connectors", lambda: {"http": http, "log": log})
    line = CommandLine(tmp_path / "home")
    line.ok("migrate")
    return line


def test_a_service_without_credentials_asks_for_none(hookline: CommandLine) -> None:
    hookline.ok("connection", "add", "crm", "http", "--set", BASE, "--no-test")
    [row] = hookline.json("connection", "list")
    assert (row["budget"], row["secrets"], row["settings"]["auth"]) == ("10/1s", [], "none")


@pytest.mark.parametrize(
    ("auth", "given", "stored"),
    [
        ("bearer", TOKEN, ["token"]),
        ("header", TOKEN, ["value"]),
        ("basic", json.dumps({"user": "ann", "password": TOKEN}), ["password", "user"]),
    ],
)
def test_the_setting_auth_says_which_secrets_there_are(
    hookline: CommandLine, auth: str, given: str, stored: list[str]
) -> None:
    hookline.ok("connection", "add", "crm", "http", "--set", BASE, "--set", f"auth={auth}", "--no-test", given=given)
    shown = hookline.json("connection", "list")
    assert shown[0]["secrets"] == stored
    assert TOKEN not in json.dumps(shown)


def test_a_connection_chooses_its_budget_and_its_headers(hookline: CommandLine) -> None:
    more = ("--set", "calls=100", "--set", "per_seconds=60", "--set", 'headers={"X-Tenant": "acme"}')
    hookline.ok("connection", "add", "crm", "http", "--set", BASE, *more, "--no-test")
    [row] = hookline.json("connection", "list")
    assert (row["budget"], row["settings"]["headers"]) == ("100/60s", {"X-Tenant": "acme"})
    assert "100/60s" in hookline.ok("connection", "list")


@pytest.mark.parametrize(
    ("arguments", "given", "words"),
    [
        (["http"], "", "base_url: Field required"),
        (["http", "--set", "base_url=crm"], "", "must be an address like"),
        (["http", "--set", BASE, "--set", "auth=magic"], TOKEN, "auth"),
        (["http", "--set", BASE, "--set", "auth=bearer"], "", "standard input holds no secrets"),
        (["http", "--set", BASE, "--set", "auth=basic"], '{"user": "ann"}', "needs the secret password"),
        (["http", "--set", BASE, "--set", f"token={TOKEN}"], "", "never taken from an argument"),
        (["log"], "", "the connector 'log' calls no service and has no connections"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(
    hookline: CommandLine, arguments: list[str], given: str, words: str
) -> None:
    result = hookline.run("connection", "add", "crm", *arguments, "--no-test", given=given)
    assert result.exit_code == 2, result.output
    assert words in result.stderr
    assert TOKEN not in result.output
    assert hookline.json("connection", "list") == []
