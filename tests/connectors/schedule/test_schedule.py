"""``schedule.cron`` conforms, and its slots are those of cron, also on the days when clocks change."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydantic import ValidationError

from connectors.schedule import schedule
from connectors.schedule.slots import NAMED, local_time, next_slot
from connectors.schedule.triggers import CronTrigger
from engine.sdk import JsonObject
from engine.sdk.testing import Check, conformance

CRON = schedule.timers["cron"]
GIVEN: list[JsonObject] = [
    {"cron": "30 2 * * *", "timezone": "Europe/Rome", "catch_up": "all"},
    {"cron": "*/15 * * * *", "timezone": "America/New_York"},
    {"cron": "0,30 1-3 * * *", "timezone": "Australia/Lord_Howe"},
    {"cron": "@monthly"},
    {"cron": "0 0 29 2 *", "timezone": "Asia/Kathmandu", "catch_up": "last"},
]


@pytest.mark.parametrize("check", conformance(schedule, given={"cron": GIVEN}), ids=str)
def test_it_conforms(check: Check) -> None:
    check()


def slots(cron: str, zone: str, after: str, count: int) -> list[str]:
    """The next slots in local time, from an instant that is no slot's."""
    at, found = round(datetime.fromisoformat(after).timestamp() * 1000), []
    for _ in range(count):
        slot = next_slot(cron, zone, at)
        assert slot is not None
        assert slot > at
        at = slot
        found.append(local_time(zone, slot))
    return found


@pytest.mark.parametrize(
    ("cron", "zone", "after", "expected"),
    [
        pytest.param(
            "30 2 * * *", "Europe/Rome", "2026-03-28T12:00+01:00", ["2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"],
            id="Rome, the hour that is left out: right after it",
        ),
        pytest.param(
            "30 2 * * *", "Europe/Rome", "2026-10-24T12:00+02:00", ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"],
            id="Rome, the hour that comes twice: the first time only",
        ),
        pytest.param(
            "30 2 * * *", "America/New_York", "2026-03-07T12:00-05:00", ["2026-03-08T03:00:00-04:00", "2026-03-09T02:30:00-04:00"],
            id="New York, the hour that is left out",
        ),
        pytest.param(
            "30 1 * * *", "America/New_York", "2026-10-31T12:00-04:00", ["2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"],
            id="New York, the hour that comes twice",
        ),
        pytest.param(
            "30 2 * * *", "Europe/Rome", "2026-10-25T02:10+01:00", ["2026-10-26T02:30:00+01:00"],
            id="asked in the second of the two hours",
        ),
        pytest.param(
            "0,30 2,3 * * *", "Europe/Rome", "2026-03-29T01:00+01:00", ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"],
            id="several slots in the hour that is left out are one",
        ),
        pytest.param(
            "*/30 * * * *", "Europe/Rome", "2026-10-25T02:10+02:00",
            ["2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:00:00+01:00"],
            id="by the minute: as time passes, in both hours",
        ),
        pytest.param(
            "*/30 * * * *", "Europe/Rome", "2026-03-29T01:10+01:00", ["2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"],
            id="by the minute: nothing in an hour that is not there",
        ),
        pytest.param(
            "30 2 * * *", "UTC", "2026-03-28T12:00+00:00", ["2026-03-29T02:30:00+00:00", "2026-03-30T02:30:00+00:00"],
            id="UTC knows no summer",
        ),
        pytest.param(
            "* * * * *", "UTC", "2026-03-28T12:00:00.500+00:00", ["2026-03-28T12:01:00+00:00", "2026-03-28T12:02:00+00:00"],
            id="every minute",
        ),
        pytest.param("0 9 * * MON#2", "UTC", "2026-03-01T00:00+00:00", ["2026-03-09T09:00:00+00:00"], id="second Monday"),
        pytest.param("0 9 LW * *", "UTC", "2026-05-01T00:00+00:00", ["2026-05-29T09:00:00+00:00"], id="last weekday"),
        pytest.param("0 0 29 2 *", "UTC", "2096-03-01T00:00+00:00", ["2104-02-29T00:00:00+00:00"], id="eight years apart"),
    ],
)  # fmt: skip
def test_the_slots_are_those_of_cron(cron: str, zone: str, after: str, expected: list[str]) -> None:
    assert slots(cron, zone, after, len(expected)) == expected


def test_a_slot_is_not_its_own_successor() -> None:
    at = next_slot("* * * * *", "UTC", 1_000)
    assert at == 60_000
    assert next_slot("* * * * *", "UTC", at) == 120_000
    assert next_slot("* * * * *", "UTC", at - 1) == at


@pytest.mark.parametrize("name", NAMED)
def test_a_short_form_is_what_it_stands_for(name: str) -> None:
    after = "2026-03-05T10:20+01:00"
    assert slots(name, "Europe/Rome", after, 3) == slots(NAMED[name], "Europe/Rome", after, 3)
    assert slots(name.upper(), "Europe/Rome", after, 1) == slots(name, "Europe/Rome", after, 1)


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 9 * *", "five fields (minute, hour, day of the month, month, day of the week), such as 0 9 * * 1-5; this has 4"),
        ("0 0 9 * * *", "this has 6"),
        ("", "this has 0"),
        ("60 * * * *", "'60' is no minute: it may be 0-59"),
        ("* 24 * * *", "'24' is no hour: it may be 0-23"),
        ("* * 0 * *", "'0' is no day of the month: it may be 1-31"),
        ("* * * 13 *", "'13' is no month: it may be 1-12 or JAN-DEC"),
        ("* * * * 8", "'8' is no day of the week: it may be 0-7"),
        ("* * * * MO", "'MO' is no day of the week"),
        ("*/0 * * * *", "'*/0' is no minute"),
        ("30-10 * * * *", "'30-10' is no minute"),
        ("1,, * * * *", "' ' is no minute"),
        ("* * * * 1#6", "'1#6' is no day of the week"),
        ("０ * * * *", "is no minute"),
        ("@reboot", "'@reboot' is no short form; there are @hourly, @daily, @weekly, @monthly, @yearly"),
        ("0 0 30 2 *", "'0 0 30 2 *' never comes"),
        ("0 0 31 2,4,6,9,11 *", "never comes"),
        ("0 0 * 2 MON#5L", "is no day of the week"),
        ("1" * 300, "at most 200 characters"),
    ],
)  # fmt: skip
def test_an_expression_without_slots_is_refused_in_words(cron: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CronTrigger.model_validate({"cron": cron})
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("europe/rome", "did you mean Europe/Rome?"),
        ("New York", "did you mean America/New_York?"),
        ("Europe/Roma", "did you mean Europe/Rome?"),
        ("Mars/Olympus", "write UTC, or a name of the IANA database such as Europe/Rome"),
        ("", "write UTC"),
        ("../etc/passwd", "write UTC"),
        ("posixrules", "write UTC"),
    ],
)
def test_an_unknown_zone_is_refused_with_what_may_be_meant(zone: str, words: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CronTrigger.model_validate({"cron": "@daily", "timezone": zone})
    assert words in str(refused.value)


def test_the_event_says_when_it_was_due_and_whether_it_was_missed() -> None:
    given = {"cron": "0 9 * * *", "timezone": "Europe/Rome"}
    assert CRON.event(given, 1_772_438_400_000, True) == {
        "event": "schedule.cron",
        "created_at": "2026-03-02T08:00:00Z",
        "created_by": None,
        "payload": {"scheduled_for": "2026-03-02T09:00:00+01:00", "missed": True},
    }
