"""The guide's example connector is complete: it loads, its tests pass, and its functions do what the guide says."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from engine.sdk import CheckRequest, Connector, Kind, MissedRequest, RemoteState, ServiceError, SubscribeRequest
from engine.sdk.testing import Check, FakeHttp, conformance

GUIDE = (Path(__file__).parents[2] / "connectors" / "README.md").read_text()
HOOK = "https://api.notes.example/v1/hooks/1"


def block(language: str, first_line: str) -> str:
    [found] = re.findall(rf"```{language}\n({re.escape(first_line)}\n.*?)```", GUIDE, re.DOTALL)
    return str(found)


@pytest.fixture
def plugin(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded("acme_notes", monkeypatch)


@pytest.fixture
def plugins_tests(plugin: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return loaded("test_acme_notes", monkeypatch)


def loaded(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType(name)
    monkeypatch.setitem(sys.modules, name, module)
    exec(compile(block("python", f"# {name}.py"), f"{name}.py", "exec"), module.__dict__)
    return module


def test_the_example_conforms(plugin: ModuleType, plugins_tests: ModuleType) -> None:
    checks = conformance(cast(Connector, plugin.notes), sign=plugins_tests.sign)
    assert len(checks) > 25
    for check in checks:
        check()


def test_the_examples_own_tests_pass(plugins_tests: ModuleType) -> None:
    tests = [name for name in vars(plugins_tests) if name.startswith("test_")]
    assert tests == ["test_it_conforms", "test_a_note_goes_to_the_folder_of_the_connection"]
    plugins_tests.test_a_note_goes_to_the_folder_of_the_connection()
    plugins_tests.test_it_conforms(Check(name="nothing", run=lambda: None))


def test_the_example_asks_after_a_lost_note(plugin: ModuleType) -> None:
    http = FakeHttp(plugin.notes)
    http.answer("GET", "/notes", json=[]).answer("GET", "/notes", json=[{"id": "n-3", "text": "Hi"}])
    given = plugin.AddNote(text="Hi")
    assert plugin.find_note(http, given) is None
    assert plugin.find_note(http, given).id == "n-3"
    assert http.calls[0].params == {"folder": "inbox", "text": "Hi"}


def test_the_example_keeps_its_subscription(plugin: ModuleType) -> None:
    http = FakeHttp(plugin.notes)
    http.answer("POST", "/hooks", json={"url": HOOK}).answer(
        "GET", "/hooks/1", json={"enabled": True, "url": "https://hooks.example/h"}
    )
    http.answer("GET", "/hooks/1", json={"enabled": True, "url": "https://elsewhere.example/h"})
    http.answer("GET", "/hooks/1", status=404).answer("DELETE", "/hooks/1", status=404)
    request = SubscribeRequest(callback_url="https://hooks.example/h", signing_key="k", given={})
    assert plugin.subscribe(http, request) == HOOK
    asked = CheckRequest(remote_uri=HOOK, callback_url="https://hooks.example/h", given={})
    assert plugin.check(http, asked) is RemoteState.ACTIVE
    assert plugin.check(http, asked) is RemoteState.ALTERED
    assert plugin.check(http, asked) is RemoteState.MISSING
    plugin.unsubscribe(http, HOOK)


def test_a_note_that_the_example_finds_afterwards_has_the_key_of_its_delivery(plugin: ModuleType) -> None:
    delivered = plugin.notes.samples["note"]
    note = {**delivered["note"], "added_at": 15}
    http = FakeHttp(plugin.notes).answer("GET", "/notes", json=[note])
    [found] = plugin.missed(http, MissedRequest(given={}, since=10.0, until=20.0))
    assert http.calls[0].params == {"added_from": 10.0, "added_before": 20.0}
    assert found.at == 15
    assert plugin.dedupe_key(found.event) == plugin.dedupe_key(delivered)
    assert plugin.NoteAdded.model_validate(found.event).note.id == note["id"]


def test_the_example_says_how_to_mend_a_refused_key(plugin: ModuleType) -> None:
    http = FakeHttp(plugin.notes).answer("GET", "/me", status=401)
    with pytest.raises(ServiceError) as refused:
        plugin.notes.connection.test(http)
    assert refused.value.kind is Kind.AUTH
    assert "hookline connection add" in (refused.value.remedy or "")


def test_the_entry_point_names_the_connector(plugin: ModuleType) -> None:
    project = tomllib.loads(block("toml", '[project.entry-points."hookline.connectors"]'))["project"]
    [(name, target)] = project["entry-points"]["hookline.connectors"].items()
    module, _, value = target.partition(":")
    assert (name, module, getattr(plugin, value).name) == ("acme_notes", plugin.__name__, "acme_notes")


@pytest.mark.parametrize("name", ["calendly", "http", "log", "schedule"])
def test_ours_are_registered_in_the_same_way(name: str) -> None:
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert pyproject["project"]["entry-points"]["hookline.connectors"][name] == f"connectors.{name}:{name}"


@pytest.mark.parametrize("kind", list(Kind), ids=str)
def test_the_guide_names_every_kind_of_error(kind: Kind) -> None:
    assert f"| `{kind}` |" in GUIDE
