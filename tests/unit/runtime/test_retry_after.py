"""When a service says that it will take calls again: every form of Retry-After that is allowed, and those that are not."""

from __future__ import annotations

import pytest

from engine.runtime.retry_after import pause_after_429, pause_when_used_up, retry_after
from engine.sdk import Budget, RateHeaders, Response, Window

BUDGET = Budget(windows=(Window(limit=9, seconds=60),), headers=RateHeaders(remaining="X-Left", reset="X-Reset"))
NOON = 784_123_200.0
"""Sunday, the 6th of November 1994, 12:00:00 UTC."""

FORMS = [
    ("Sun, 06 Nov 1994 12:00:30 GMT", 30),
    ("Sunday, 06-Nov-94 12:00:30 GMT", 30),
    ("Sun Nov  6 12:00:30 1994", 30),
    ("Sun, 06 Nov 1994 12:00:30 -0000", 30),
    ("Sun, 06 Nov 1994 14:00:30 +0200", 30),
    ("Sun, 06 Nov 1994 11:59:59 GMT", 0),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("7", 7),
    (" 7 ", 7),
    ("1.5", 1.5),
    ("0", 0),
    ("-3", None),
    ("soon", None),
    ("nan", None),
    ("1e400", None),
    ("5_0", None),
    ("\u0663", None),
    ("", None),
    ("Sun, 32 Nov 1994 12:00:30 GMT", None),
    ("Sun, 06 Nov 99999 12:00:30 GMT", None),
]


@pytest.mark.parametrize(("text", "seconds"), FORMS)
def test_every_form_of_the_header(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}, now=NOON) == seconds


def test_a_date_is_counted_from_the_services_own_clock() -> None:
    headers = {"retry-after": "Sun, 06 Nov 1994 15:00:07 GMT", "date": "Sun, 06 Nov 1994 15:00:00 GMT"}
    assert retry_after(headers, now=NOON) == 7
    assert retry_after(headers | {"date": "no date"}, now=NOON) == 3 * 3600 + 7


PAUSES = [
    ({}, None, 60),
    ({"retry-after": "0"}, None, 1),
    ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, None, 1),
    ({"retry-after": "99999999999"}, None, 3600),
    ({"retry-after": "-3"}, None, 60),
    ({"retry-after": "5", "x-reset": "8"}, None, 8),
    ({"retry-after": "8", "x-reset": "5"}, None, 8),
    ({"retry-after": "soon", "x-reset": "5"}, None, 5),
    ({"retry-after": "8", "x-reset": "5"}, 2.0, 2),
    ({"retry-after": "8"}, float("nan"), 8),
]


@pytest.mark.parametrize(("headers", "told", "seconds"), PAUSES)
def test_a_refusal_pauses_until_the_latest_of_what_was_said(
    headers: dict[str, str], told: float | None, seconds: float
) -> None:
    assert pause_after_429(Response(status=429, headers=headers), BUDGET, told=told, now=NOON) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"x-left": "0", "x-reset": "8"}, 8), ({"x-left": "0"}, 60), ({"x-left": "1", "x-reset": "8"}, None), ({}, None)],
)
def test_a_budget_that_is_used_up_pauses_until_its_reset(headers: dict[str, str], seconds: float | None) -> None:
    assert pause_when_used_up(Response(status=200, headers=headers), BUDGET) == seconds
