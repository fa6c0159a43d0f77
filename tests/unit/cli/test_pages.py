"""How plans, events, findings and the doctor's results look to a person, and that the doctor survives what it looks at."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import click
import pytest

from engine.app import App
from engine.cli.check import summary
from engine.cli.checkup import Checkup
from engine.cli.deploy import is_loopback, plan_lines, say_reports
from engine.cli.doctor import lines as doctor_lines
from engine.cli.doctor import summary as doctor_summary
from engine.cli.events import event_json, event_lines
from engine.cli.findings import Result
from engine.errors import Finding, Place
from engine.flow.load import load_flow
from engine.journal.records import Event, EventOutcome, EventSource, SubscriptionRow, SubscriptionState
from engine.redaction import Redactor
from engine.runtime.deploy import Checked, FlowChange, Plan, SubscriptionChange
from engine.runtime.registrar import SubscriptionReport
from engine.strictjson import JsonObject

FLOW = load_flow("id: one\nname: One\nsteps:\n  - {id: a, set: {x: 1}}\n", "flows/one.yaml")
OTHER = load_flow("id: another\nname: Another\nsteps:\n  - {id: a, set: {x: 1}}\n", "flows/another.yaml")

SUBSCRIPTION = SubscriptionRow(
    id="s1",
    owner="local",
    connection="team-calendly",
    uses="calendly.invitee",
    given={},
    callback_url="https://hooks.example/hooks/s1",
    signing_key="v1.sealed",
    state=SubscriptionState.ACTIVE,
    remote_uri=None,
    detail=None,
    created_at=0,
    updated_at=0,
)


def event(
    *outcomes: EventOutcome,
    body: JsonObject | None = None,
    error: str | None = None,
    repeats: int = 0,
    stale: bool = False,
    subscription_id: str | None = "s1",
) -> Event:
    return Event(
        id="01hf7yat00bbbbbbbbbbbbbbbb",
        subscription_id=subscription_id,
        source=EventSource.WEBHOOK if subscription_id else EventSource.MANUAL,
        dedupe_key="k",
        received_at=1_700_000_000_000,
        body=b"raw \x1b[2J text",
        event=body,
        stale=stale,
        error=error,
        outcomes=outcomes,
        repeats=repeats,
    )


def page(shown: Event, subscription: SubscriptionRow | None = SUBSCRIPTION) -> str:
    return "\n".join(event_lines(shown, subscription))


def test_an_event_tells_which_run_it_started_and_why_others_did_not() -> None:
    started = EventOutcome(flow="one", digest="a" * 64, trigger="t", run_id="01hf7yat00cccccccccccccccc")
    refused = EventOutcome(flow="two", digest="b" * 64, trigger="u", reason="if was false: x > 1 (two.yaml:4:9)")
    text = page(event(started, refused, body={"event": "invitee.created"}))
    assert "event     01hf7yat00bbbbbbbbbbbbbbbb  invitee.created" in text
    assert "source    webhook: calendly.invitee on team-calendly" in text
    assert "one (t, version aaaaaaaaaaaa)\n    run 01hf7yat00cccccccccccccccc" in text
    assert "two (u, version bbbbbbbbbbbb)\n    no run: if was false: x > 1 (two.yaml:4:9)" in text


def test_an_event_tells_of_repeats_lateness_and_errors() -> None:
    text = page(event(error="the body cannot be read: not UTF-8 text", repeats=19, stale=True))
    assert "delivered 19 more times" in text
    assert "a late delivery" in text
    assert "error     the body cannot be read: not UTF-8 text" in text
    assert "flows     none: what was delivered could not be read" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("shown", "subscription", "words"),
    [
        (event(subscription_id=None), None, "manual: started by hookline run"),
        (event(), None, "webhook: a subscription that is gone (s1)"),
    ],
)
def test_an_event_says_where_it_came_from(shown: Event, subscription: SubscriptionRow | None, words: str) -> None:
    assert words in page(shown, subscription)


def test_an_event_as_json_gives_no_signing_key_away() -> None:
    assert "sealed" not in str(event_json(event(), SUBSCRIPTION))


def test_a_plan_names_every_flow_and_every_subscription() -> None:
    plan = Plan(
        flows=(
            FlowChange(flow=FLOW, change="changed", before="0123456789ab"),
            FlowChange(flow=OTHER, change="new", before=None),
        ),
        subscriptions=(
            SubscriptionChange(
                connection="team-calendly", uses="calendly.invitee", given='{"events":["x"]}', change="create"
            ),
        ),
    )
    assert list(plan_lines(plan, disabled=frozenset({"one"}))) == [
        "flows",
        f"  changed    one      0123456789ab -> {FLOW.version}  flows/one.yaml  (disabled: it stays so)",
        f"  new        another  {OTHER.version}  flows/another.yaml",
        "subscriptions",
        '  create     calendly.invitee on team-calendly  {"events":["x"]}',
    ]


def test_a_failed_subscription_is_told_with_reason_remedy_and_what_happens_next(
    capsys: pytest.CaptureFixture[str],
) -> None:
    detail = "Calendly answered 403: webhooks need a paid plan\n  upgrade the plan"
    say_reports([SubscriptionReport(id="s", connection="c", uses="calendly.invitee", became="failed", detail=detail)])
    words = capsys.readouterr().err
    assert "subscription failed: calendly.invitee on c\n  Calendly answered 403" in words
    assert "\n  upgrade the plan\n" in words
    assert "tries it again every minute" in words


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8480", True),
        ("http://[::1]:80", True),
        ("http://localhost", True),
        ("http://app.localhost:1", True),
        ("https://hooks.example.com", False),
        ("https://10.0.0.1", False),
        ("http://localhost.example.com", False),
    ],
)
def test_loopback_addresses(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback


def test_a_summary_counts_what_is_right_and_what_is_not() -> None:
    place = Place(file="flows/another.yaml", line=1, column=1)
    findings = (Finding(place=place, code="E201", message="x"), Finding(place=place, code="W310", message="y"))
    assert (
        summary(Checked(flows=(FLOW, OTHER), findings=findings))
        == "1 flow right, 1 file with errors; 1 error, 1 warning"
    )


def test_the_doctor_puts_a_remedy_below_what_it_is_for() -> None:
    results = [
        Result(part="home", status="ok", found="well"),
        Result(part="database", status="fail", found="not there", remedy="hookline migrate"),
    ]
    assert [click.unstyle(line) for line in doctor_lines(results)] == [
        "ok    home      well",
        "fail  database  not there",
        "                -> hookline migrate",
    ]
    assert doctor_summary(results) == "1 ok, 0 to look at, 1 failed"


class Broken:
    """Stands in for the parts of an installation in which everything is broken."""

    redactor = Redactor()

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(f"{name} is broken, password=hunter2hunter2")


def test_the_doctor_survives_an_installation_in_which_everything_is_broken() -> None:
    results = list(Checkup(cast(App, Broken())).results())
    parts = {result.part for result in results}
    assert parts >= {
        "settings",
        "home",
        "database",
        "redis",
        "key",
        "public url",
        "workers",
        "connections",
        "subscriptions",
    }
    assert not any(result.status == "ok" for result in results)
    assert all(result.remedy for result in results)
    assert "hunter2" not in str(results)


def test_an_event_of_a_schedule_or_of_a_flow_says_whose_it_is() -> None:
    nightly = replace(event(subscription_id="schedule:tidy:nightly"), source=EventSource.SCHEDULE)
    called = replace(event(subscription_id=None, body={"created_by": "caller"}), source=EventSource.FLOW)

    assert "source    schedule: tidy:nightly" in page(nightly, None)
    assert "source    flow: started by a run of caller" in page(called, None)
