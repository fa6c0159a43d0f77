"""Promise 10. The fault: a service refuses with 429, again and again, and says when to come back in every way in which that can be said, or not at all.

What must hold: no call on the connection before the stated instant; one pause for the whole connection; the refused attempts are not used up and
go through; and after the pause calls come as the budget allows (I6), not all at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import formatdate

import pytest

from engine.app import OWNER
from engine.core.statuses import RunStatus
from engine.runtime.permits import WRITE_AHEAD_MS
from tests.faults.checker import Allowed, check
from tests.faults.demand import send_all
from tests.faults.misbehaviour import too_many
from tests.faults.site import Site, flow, step
from tests.faults.together import on_sqlite
from tests.faults.witness import Call

LIMIT, SECONDS = 8, 2.0
RUNS = 30
REFUSED = 3
HEARD = WRITE_AHEAD_MS / 1000 + 0.5
"""Seconds after a refusal in which calls may still come: those that had their permit before it, which is good for so long, on a loaded machine."""
LATE = 8.0
"""Seconds after the instant in which the first call has to come; a machine that does other work too wakes late."""


@dataclass(frozen=True, kw_only=True)
class Said:
    """``text``: of Retry-After; ``pause``: seconds from the refusal in which no call may come; None: ``at`` (Unix seconds) ends it."""

    text: str | None
    pause: float | None = None
    at: float = 0.0

    def until(self, refusal: Call) -> float:
        """Unix seconds."""
        return self.at if self.pause is None else refusal.wall_ms / 1000 + self.pause


def ways(now: float) -> Mapping[str, Said]:
    """By connection. What says nothing that can be understood is taken for a whole window."""
    later = float(int(now) + 15)
    return {
        "seconds": Said(text="8", pause=8),
        "date": Said(text=formatdate(later, usegmt=True), at=later),
        "past": Said(text=formatdate(now - 3600, usegmt=True), pause=1),
        "negative": Said(text="-5", pause=SECONDS),
        "garbage": Said(text="soon", pause=SECONDS),
        "absent": Said(text=None, pause=SECONDS),
        "huge": Said(text="99999999999", pause=3600),
    }


@on_sqlite
def test_no_call_comes_before_the_stated_instant_and_none_is_lost(site: Site) -> None:
    said = ways(time.time())
    for name in said:
        site.connect(name, limit=LIMIT, seconds=SECONDS)
    site.deploy(*(flow(name, channel=name, connection=name, steps=step("one", "put")) for name in said))
    started = len(site.witness.calls)
    for name, way in said.items():
        site.witness.misbehave(name, too_many(way.text), times=REFUSED)
    site.up(workers=2, worker_threads="8")
    with site.watch() as watch:
        for name in said:
            send_all(site, site.hook(name), [f"{name}-{number}" for number in range(RUNS)])
        site.quiet(waiting=["huge"])
    history = site.history(watch=watch, leaks=False)
    check(history, Allowed(waiting=["huge"], slower=3)).require(accepted=RUNS * len(said), faults=1, retried=REFUSED)
    assert {row.attempt for row in history.steps} == {1}
    ended = {run.flow: run.status for run in history.runs if run.flow != "huge"}
    assert set(ended.values()) == {RunStatus.SUCCEEDED}
    for name, way in said.items():
        heeded(name, way, [call for call in site.witness.calls[started:] if call.connection == name])
    waiting = {run.waiting_for for run in site.journal.runs.list(flow="huge") if run.status is RunStatus.PARKED}
    assert any("until" in (text or "") for text in waiting), waiting


def heeded(name: str, way: Said, calls: Sequence[Call]) -> None:
    refusals = [call for call in calls if call.misbehaved]
    # Within an hour nobody asks a second time: only those are refused whose calls were under way together.
    fewest = 1 if name == "huge" else REFUSED
    assert fewest <= len(refusals) <= REFUSED, f"{name}: {len(refusals)} calls were refused"
    first, last = refusals[0], refusals[-1]
    until = way.until(first)
    early = [call for call in calls if first.at + HEARD < call.at and call.wall_ms / 1000 < until]
    assert not early, f"{name}: {len(early)} calls came before {until:.3f}, the first at {early[0].wall_ms / 1000:.3f}"
    if name == "huge":
        return
    assert len(calls) == RUNS + REFUSED
    after = [call for call in calls if call.wall_ms / 1000 >= way.until(last)]
    assert after[0].wall_ms / 1000 < way.until(last) + LATE, f"{name}: nobody came back"
    through = {call.name for call in calls if not call.misbehaved}
    assert {call.name for call in refusals} <= through, f"{name}: the refused did not come again"


@on_sqlite
def test_a_call_outside_of_a_run_waits_for_the_instant_too(site: Site) -> None:
    site.connect(limit=LIMIT, seconds=SECONDS)
    site.witness.misbehave("GET /me", too_many("3"), times=1)
    assert site.app.connections.test("main", owner=OWNER) == {"account": "faults"}
    refused, answered = site.witness.calls_of("GET /me")
    assert answered.at - refused.at >= 3


@pytest.mark.long
@pytest.mark.timeout(400)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_storm_of_a_minute_is_one_pause_after_the_other(site: Site) -> None:
    """Every call is refused with two seconds for a minute: each pause is tested by no more calls than were under way, and nothing is used up."""
    site.connect(limit=LIMIT, seconds=SECONDS)
    site.deploy(flow(steps=step("one", "put")))
    site.witness.misbehave("PUT /things", too_many("2"))
    site.up(workers=2, worker_threads="8")
    with site.watch() as watch:
        send_all(site, site.hook(), [f"e{number}" for number in range(200)])
        time.sleep(60)
        site.witness.behave()
        refused = [call for call in site.witness.calls if call.misbehaved]
        site.quiet()
    print(f"{len(refused)} of {len(site.witness.calls)} calls were refused in a minute of a storm")
    assert 20 <= len(refused) <= LIMIT * 60 / SECONDS
    history = site.history(watch=watch, leaks=False)
    check(history, Allowed(slower=3)).require(accepted=200, faults=1)
    assert {run.status for run in history.runs} == {RunStatus.SUCCEEDED}
    assert {row.attempt for row in history.steps} == {1}
