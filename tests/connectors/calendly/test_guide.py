"""The guide to the connector names everything that it offers, in step with the models."""

from __future__ import annotations

import re

import pytest

from connectors.calendly import calendly
from connectors.calendly.connection import CalendlySecrets, CalendlySettings
from connectors.calendly.simulator import CONTROLS
from connectors.calendly.simulator.world import World
from tests.connectors.calendly.field_tables import GUIDE, filled, tables

TEXT = GUIDE.read_text()


def test_the_tables_are_in_step_with_the_models() -> None:
    assert filled(TEXT) == TEXT, "run: python -m tests.connectors.calendly.field_tables"


@pytest.mark.parametrize("name", [*calendly.triggers, *calendly.actions])
def test_every_trigger_and_action_has_a_chapter_with_its_fields(name: str) -> None:
    assert f"### `calendly.{name}`" in TEXT
    assert f"<!-- fields: {name} -->" in TEXT
    assert len(tables(name).splitlines()) > 5


@pytest.mark.parametrize("name", [*CalendlySettings.model_fields, *CalendlySecrets.model_fields])
def test_every_setting_and_secret_is_named(name: str) -> None:
    assert re.search(rf"`{name}`|\*\*{name}\*\*", TEXT)


@pytest.mark.parametrize("control", CONTROLS)
def test_every_control_call_of_the_simulator_is_named(control: str) -> None:
    method, path, *_ = control.split()
    assert f"| `{method} {path}` |" in TEXT


def test_every_event_type_of_the_simulator_is_named() -> None:
    world = World("https://calendly.test", lambda: 0)
    assert [kind.slug for kind in world.event_types if f"`{kind.slug}`" not in TEXT] == []


def test_every_file_of_the_connector_is_in_its_table_of_contents() -> None:
    package = GUIDE.parent
    contents = (package / "__init__.py").read_text()
    for path in sorted(package.glob("*.py")):
        assert path.name == "__init__.py" or path.name in contents, f"{path.name} is not in {package / '__init__.py'}"


def test_every_file_of_the_simulator_is_in_its_table_of_contents() -> None:
    package = GUIDE.parent / "simulator"
    contents = (package / "__init__.py").read_text()
    for path in sorted(package.glob("*.py")):
        assert path.name == "__init__.py" or path.name in contents, f"{path.name} is not in {package / '__init__.py'}"
