"""Deployed flows, their versions, and runs that are pinned to one."""

from __future__ import annotations

from engine.journal.journal import Journal
from engine.journal.records import Binding
from tests.contracts.journal.stories import LEASE_MS, queued_run


def deploy(
    journal: Journal, digest: str, *, flow: str = "greet", name: str = "Greet", file: str = "greet.yaml"
) -> None:
    journal.flows.deploy(
        flow_id=flow, name=name, owner="local", digest=digest, source=f"id: {flow}  # {digest}\n", file=file
    )


def test_a_new_flow_is_enabled_and_has_its_version(journal: Journal) -> None:
    deploy(journal, "d1")

    flow = journal.flows.get("greet")

    assert flow is not None
    assert (flow.id, flow.name, flow.owner, flow.enabled) == ("greet", "Greet", "local", True)
    assert (flow.digest, flow.source, flow.file) == ("d1", "id: greet  # d1\n", "greet.yaml")
    ((digest, deployed_at),) = journal.flows.versions("greet")
    assert digest == "d1"
    assert deployed_at <= flow.deployed_at
    assert journal.flows.source("d1") == ("id: greet  # d1\n", "greet.yaml")


def test_what_is_not_there_is_none(journal: Journal) -> None:
    assert journal.flows.get("absent") is None
    assert journal.flows.source("absent") is None
    assert journal.flows.versions("absent") == []
    assert not journal.flows.set_enabled("absent", True)
    assert not journal.flows.remove("absent")


def test_deploying_again_makes_the_new_version_active_and_keeps_the_old_one(journal: Journal) -> None:
    deploy(journal, "d1")
    deploy(journal, "d2", name="Greet better")

    flow = journal.flows.get("greet")

    assert flow is not None
    assert (flow.digest, flow.name) == ("d2", "Greet better")
    assert [digest for digest, _ in journal.flows.versions("greet")] == ["d2", "d1"]
    assert journal.flows.source("d1") is not None


def test_going_back_to_an_old_version_keeps_its_first_date_and_takes_the_new_file(journal: Journal) -> None:
    deploy(journal, "d1")
    deploy(journal, "d2")
    versions = journal.flows.versions("greet")

    deploy(journal, "d1", file="moved/greet.yaml")

    flow = journal.flows.get("greet")
    assert flow is not None
    assert (flow.digest, flow.file) == ("d1", "moved/greet.yaml")
    assert journal.flows.versions("greet") == versions


def test_a_disabled_flow_stays_disabled_when_it_is_deployed(journal: Journal) -> None:
    deploy(journal, "d1")
    assert journal.flows.set_enabled("greet", False)

    deploy(journal, "d2")

    flow = journal.flows.get("greet")
    assert flow is not None
    assert not flow.enabled


def test_flows_are_listed_by_id(journal: Journal) -> None:
    for flow in ("b", "a", "c"):
        deploy(journal, f"d-{flow}", flow=flow)

    assert [flow.id for flow in journal.flows.list()] == ["a", "b", "c"]


def test_a_run_keeps_its_version_when_the_flow_is_deployed_anew_or_removed(journal: Journal) -> None:
    run_id = queued_run(journal)
    pinned = journal.flows.get("greet")
    assert pinned is not None
    deploy(journal, "d2")
    subscription = journal.subscriptions.ensure(
        owner="local", connection="team", uses="calendly.invitee", given={}, public_url="https://hooks.example.com"
    )
    journal.subscriptions.bind("greet", [Binding(subscription_id=subscription.id, flow="greet", trigger="t")])

    assert journal.flows.remove("greet")

    claimed = journal.runs.claim(run_id, lease_ms=LEASE_MS)
    assert claimed is not None
    assert (claimed.run.digest, claimed.source) == (pinned.digest, pinned.source)
    assert journal.flows.get("greet") is None
    assert journal.subscriptions.bindings() == []
    assert len(journal.events.list()) == 1


def test_versions_are_at_work_while_runs_that_are_not_over_are_pinned_to_them(journal: Journal) -> None:
    deploy(journal, "d1")
    first, second = queued_run(journal, "one"), queued_run(journal, "two")
    queued_run(journal, "three", flow="other", owner="ada")
    at_work = [(version.flow, version.owner, version.source) for version in journal.flows.at_work()]
    assert at_work == [("greet", "local", "id: greet\n"), ("other", "ada", "id: greet\n")]

    deploy(journal, "d2")
    journal.flows.remove("greet")
    journal.runs.request_cancel(first)
    assert [version.flow for version in journal.flows.at_work()] == ["greet", "other"], "the second is not over"
    journal.runs.request_cancel(second)
    assert [version.flow for version in journal.flows.at_work()] == ["other"]
