"""Deploying against the simulated service: what the plan says, what becomes of flows, versions and webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import FlowFileError, NotFoundError, UsageError
from engine.journal.records import SubscriptionState
from engine.runtime.deploy import check_files, refuse_findings
from tests.calendly_room import CalendlyRoom, flow_text, loaded

CREATE = "POST /webhook_subscriptions"
BOTH = "[invitee.created, invitee.canceled]"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        room.connect()
        yield room


def planned(room: CalendlyRoom, *texts: str) -> tuple[dict[str, str], list[str]]:
    plan = room.deployer.plan([loaded(text) for text in texts])
    return {item.flow.id: item.change for item in plan.flows}, [item.change for item in plan.subscriptions]


def test_flows_with_the_same_trigger_share_one_webhook(room: CalendlyRoom) -> None:
    texts = flow_text("one"), flow_text("two")
    assert planned(room, *texts) == ({"one": "new", "two": "new"}, ["create"])
    room.deploy(*texts)
    assert len(room.hooks_there) == 1
    assert {binding.flow for binding in room.journal.subscriptions.bindings()} == {"one", "two"}


def test_flows_with_other_events_have_their_own(room: CalendlyRoom) -> None:
    room.deploy(flow_text("one"), flow_text("two", events=BOTH))
    assert sorted(len(found["events"]) for found in room.hooks_there) == [1, 2]


def test_deploying_the_same_again_changes_nothing(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    before, version = room.hooks_there, room.journal.flows.versions("f")
    assert planned(room, flow_text()) == ({"f": "unchanged"}, ["keep"])
    assert room.deployer.plan([loaded(flow_text())]).is_empty
    room.deploy(flow_text())
    assert room.hooks_there == before
    assert room.calls.count(CREATE) == 1
    assert room.journal.flows.versions("f") == version


def test_other_steps_are_a_new_version_and_the_same_webhook(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    changed = flow_text(steps="  - {id: note, set: {seen: '1'}}\n")
    assert planned(room, changed) == ({"f": "changed"}, ["keep"])
    room.deploy(changed)
    assert room.calls.count(CREATE) == 1
    active = room.journal.flows.get("f")
    assert active is not None
    assert [digest for digest, _ in room.journal.flows.versions("f")] == [active.digest, loaded(flow_text()).digest]


def test_other_events_register_the_new_webhook_before_the_old_one_goes(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    [old] = room.hooks_there
    changed = flow_text(events=BOTH)
    assert sorted(planned(room, changed)[1]) == ["create", "remove"]
    reports = room.deploy(changed)
    assert [report.became for report in reports] == ["active", "removed"]
    [new] = room.hooks_there
    assert (new["events"], new["uri"] != old["uri"]) == (["invitee.created", "invitee.canceled"], True)
    changes = [call.split()[0] for call in room.calls if call == CREATE or call.startswith("DELETE")]
    assert changes == ["POST", "POST", "DELETE"]


def test_the_order_of_two_deploys_does_not_lose_the_other_flows_webhook(room: CalendlyRoom) -> None:
    room.deploy(flow_text("one"), flow_text("two"))
    room.deploy(flow_text("one", events=BOTH))
    assert sorted(len(found["events"]) for found in room.hooks_there) == [1, 2]


def test_a_flow_that_this_release_cannot_read_keeps_its_webhook_and_stops_no_deploy(room: CalendlyRoom) -> None:
    room.deploy(flow_text("old"))
    source = "id: old\nname: F\nsomething: {of: another release}\n"
    room.journal.flows.deploy(flow_id="old", name="F", owner="local", digest="d" * 64, source=source, file="old.yaml")
    flows, subscriptions = planned(room, flow_text("new", events=BOTH))
    assert (flows, sorted(subscriptions)) == ({"new": "new"}, ["create", "keep"])
    room.deploy(flow_text("new", events=BOTH))
    assert len(room.hooks_there) == 2


def test_disabling_the_last_listener_removes_the_webhook_and_enabling_brings_it_back(room: CalendlyRoom) -> None:
    room.deploy(flow_text("one"), flow_text("two"))
    room.deployer.set_enabled("one", False)
    assert len(room.hooks_there) == 1
    room.deployer.set_enabled("two", False)
    assert room.hooks_there == []
    room.deployer.set_enabled("one", True)
    assert len(room.hooks_there) == 1
    [row] = room.journal.subscriptions.list()
    assert [bound.flow.id for bound in room.journal.subscriptions.listeners(row.id)] == ["one"]


def test_deploying_a_disabled_flow_leaves_it_disabled_and_registers_nothing(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    room.deployer.set_enabled("f", False)
    changed = flow_text(events=BOTH)
    assert planned(room, changed) == ({"f": "changed"}, [])
    room.deploy(changed)
    assert room.hooks_there == []


def test_removing_a_flow_that_another_one_shares_the_webhook_with_keeps_the_webhook(room: CalendlyRoom) -> None:
    room.deploy(flow_text("one"), flow_text("two"))
    room.deployer.remove(["one"])
    assert len(room.hooks_there) == 1
    room.deployer.remove(["two"])
    assert room.hooks_there == []


def test_what_is_not_deployed_cannot_be_removed_or_enabled(room: CalendlyRoom) -> None:
    with pytest.raises(NotFoundError, match="there is no deployed flow 'f'"):
        room.deployer.remove(["f"])
    with pytest.raises(NotFoundError, match="there is no deployed flow 'f'"):
        room.deployer.set_enabled("f", True)


def test_a_connection_that_is_not_there_stops_the_deploy_before_anything_changes(room: CalendlyRoom) -> None:
    text = flow_text().replace("calendly: team", "calendly: nobodys")
    with pytest.raises(NotFoundError, match="nobodys"):
        room.deploy(text)
    assert room.journal.flows.list() == []
    assert room.journal.subscriptions.list() == []


def test_a_webhook_that_cannot_be_registered_leaves_the_flow_deployed_and_is_reported(room: CalendlyRoom) -> None:
    room.control("mode", {"role": "user"})
    [report] = room.deploy(flow_text())
    assert report.became == "failed"
    assert "owner or admin" in str(report.detail)
    assert room.journal.flows.get("f") is not None
    assert [row.state for row in room.journal.subscriptions.list()] == [SubscriptionState.FAILED]


def test_files_are_read_and_checked_together_by_place(room: CalendlyRoom, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(flow_text("good"))
    (tmp_path / "bad.yaml").write_text(flow_text("bad", steps="  - {id: a, uses: calendly.nothing, with: {}}\n"))
    checked = check_files([tmp_path], room.connections.catalogue)
    assert sorted(flow.id for flow in checked.flows) == ["bad", "good"]
    assert {finding.place.file for finding in checked.errors} == {str(tmp_path / "bad.yaml")}
    with pytest.raises(FlowFileError, match="nothing"):
        refuse_findings(checked)


def test_a_path_that_is_not_there_is_a_mistake_of_the_caller(room: CalendlyRoom, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        check_files([tmp_path / "nowhere"], room.connections.catalogue)


def test_while_the_new_webhook_is_registered_the_old_one_still_starts_runs(
    room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.deploy(flow_text())
    [old] = room.journal.subscriptions.list()
    trigger = room.connections.catalogue["calendly"].webhooks["invitee"]
    subscribe, listeners = trigger.subscribe, []

    def look(http: object, request: object) -> str:
        listeners.append([bound.flow.id for bound in room.journal.subscriptions.listeners(old.id)])
        return subscribe(http, request)  # type: ignore[arg-type]

    monkeypatch.setitem(trigger.__dict__, "subscribe", look)
    room.deploy(flow_text(events=BOTH))
    assert listeners == [["f"]]
    [new] = room.journal.subscriptions.list()
    assert [bound.flow.id for bound in room.journal.subscriptions.listeners(new.id)] == ["f"]


def calling(flow_id: str, *called: str) -> str:
    return flow_text(flow_id, steps="".join(f"  - {{id: call_{name}, flow: {name}}}\n" for name in called))


def test_flows_that_would_call_each_other_in_a_circle_are_refused(room: CalendlyRoom) -> None:
    room.deploy(calling("one", "two"), calling("two", "three"), flow_text("three"))
    with pytest.raises(UsageError, match="in a circle: three → one → two → three"):
        room.deployer.plan([loaded(calling("three", "one"))])
    room.deployer.plan([loaded(calling("three", "four"))])
