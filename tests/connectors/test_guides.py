"""The guides to ``http``, ``log`` and ``schedule`` name everything that these offer, and what they show is right."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.calendly import calendly
from connectors.http import http
from connectors.log import log
from connectors.schedule import schedule
from engine.check import check_flow
from engine.flow import load_flow
from engine.sdk import Connector

FOLDER = Path(__file__).parents[2] / "connectors"
CATALOGUE: Mapping[str, Connector] = {"calendly": calendly, "http": http, "log": log, "schedule": schedule}
OURS = ("http", "log", "schedule")
FRAME = "id: snippet\nconnections: {calendly: calendly}\ntriggers: [{uses: calendly.invitee, with: {events: [invitee.canceled]}}]\n"


def guide(name: str) -> str:
    return (FOLDER / name / "README.md").read_text()


@pytest.mark.parametrize("name", OURS)
def test_every_action_has_a_chapter_with_its_fields(name: str) -> None:
    for action in CATALOGUE[name].actions.values():
        chapter = guide(name).partition(f"### `{name}.{action.name}`")[2].partition("\n## ")[0]
        fields = [*action.given.model_json_schema()["properties"], *action.output.model_json_schema()["properties"]]
        assert [field for field in fields if f"| `{field}` |" not in chapter] == []


@pytest.mark.parametrize("name", OURS)
def test_every_trigger_has_a_chapter_with_its_fields(name: str) -> None:
    for trigger in CATALOGUE[name].triggers.values():
        chapter = (
            guide(name).partition("## Triggers")[2].partition(f"### `{name}.{trigger.name}`")[2].partition("\n## ")[0]
        )
        fields = [*trigger.given.model_json_schema()["properties"], *trigger.delivery.model_json_schema()["properties"]]
        assert [field for field in fields if f"| `{field}` |" not in chapter and f"| `{field}." not in chapter] == []


def test_every_setting_secret_and_default_of_a_connection_is_named() -> None:
    text = guide("http")
    names = [*http.connection.settings.model_fields, *http.connection.secrets.model_fields]
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", OURS)
def test_what_the_guide_shows_checks_without_a_finding(name: str) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```", guide(name), re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        text = block if block.startswith("id:") else FRAME + block
        assert [str(finding) for finding in check_flow(load_flow(text, "README.md"), CATALOGUE)] == []


@pytest.mark.parametrize("name", OURS)
def test_every_file_is_in_the_table_of_contents(name: str) -> None:
    contents = (FOLDER / name / "__init__.py").read_text()
    assert [path.name for path in (FOLDER / name).glob("[a-z]*.py") if path.name not in contents] == []


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_guide_for_developers_leads_to_every_connector(name: str) -> None:
    assert f"]({name}/README.md)" in (FOLDER / "README.md").read_text()
