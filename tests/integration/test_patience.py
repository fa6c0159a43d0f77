"""Who is asked again when, and who is left in peace: long reading at the service, and upkeep on connections that are refused or paused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.journal.records import SubscriptionState
from engine.runtime.patient_http import LONGEST_PAUSE, LONGEST_WAIT, TRIES, Interrupted, PatientHttp
from engine.runtime.recovery import Recovery
from engine.runtime.subscriptions import AGAIN_SECONDS, REFUSED_AGAIN_SECONDS, Subscriptions
from engine.sdk.errors import Kind, ServiceError
from tests.calendly_room import OWNER, PUBLIC_URL, CalendlyRoom, flow_text
from tests.unit.runtime.outside import Clock

ME = "/users/me"
CREATE = "POST /webhook_subscriptions"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        room.connect()
        yield room


class Reading:
    """A patient client whose rests are noted and cost no time."""

    def __init__(self, room: CalendlyRoom) -> None:
        self.clock = Clock()
        self.rests: list[float] = []
        self.stops = False
        self.alive = 0
        self.http = PatientHttp(
            connections=room.connections, name="team", owner=OWNER, pause=self._rest, alive=self._live, clock=self.clock
        )

    def _rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        self.clock.now += seconds
        return self.stops

    def _live(self) -> None:
        self.alive += 1


def fault(room: CalendlyRoom, **order: object) -> None:
    room.control("faults", {"path": ME, **order})


def test_a_service_that_fails_now_and_then_is_asked_again(room: CalendlyRoom) -> None:
    reading, before = Reading(room), len(room.calls)
    fault(room, status=500, count=TRIES - 1)
    assert reading.http.get(ME).ok
    assert len(room.calls) == before + TRIES
    assert sum(reading.rests) == 4 + 8 + 16, "with longer and longer rests"
    assert reading.alive > TRIES, "whoever holds the gap hears of every try"


def test_a_service_that_goes_on_failing_is_given_up(room: CalendlyRoom) -> None:
    fault(room, status=500, count=None)
    with pytest.raises(ServiceError) as given_up:
        Reading(room).http.get(ME)
    assert given_up.value.kind is Kind.SERVER


def test_a_service_that_never_grants_a_call_is_left_after_a_while_so_that_others_are_read(room: CalendlyRoom) -> None:
    reading, before = Reading(room), len(room.calls)
    fault(room, rate_limit=True, reset_s=600, count=None)
    with pytest.raises(ServiceError) as given_up:
        reading.http.get(ME)
    assert given_up.value.kind is Kind.THROTTLED
    assert LONGEST_WAIT <= sum(reading.rests) < LONGEST_WAIT + LONGEST_PAUSE
    assert len(room.calls) == before + 1, "and all that time it is asked once"


def test_what_is_refused_is_not_asked_again(room: CalendlyRoom) -> None:
    reading, before = Reading(room), len(room.calls)
    fault(room, status=403)
    with pytest.raises(ServiceError):
        reading.http.get(ME)
    assert (len(room.calls), reading.rests) == (before + 1, [])


def test_each_call_has_a_deadline_of_its_own_and_together_they_keep_to_half_of_the_budget(room: CalendlyRoom) -> None:
    reading = Reading(room)
    for _ in range(30):
        reading.http.get(ME)
    assert sum(reading.rests) == pytest.approx((29 - 25) * 2 * 60 / 100)


def test_reading_ends_when_the_process_stops_or_the_connection_is_paused(room: CalendlyRoom) -> None:
    reading = Reading(room)
    fault(room, status=500)
    reading.stops = True
    with pytest.raises(Interrupted, match="the process stops"):
        reading.http.get(ME)
    room.journal.pauses.connection("team", owner=OWNER, paused=True, actor="cli")
    before = len(room.calls)
    with pytest.raises(Interrupted, match="paused by an operator"):
        Reading(room).http.get(ME)
    assert len(room.calls) == before


def test_a_gap_on_a_paused_connection_waits_for_its_resumption(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    [row] = room.journal.subscriptions.list()
    room.journal.subscriptions.open_gap(row.id, since=0, note="restored")
    recovery = Recovery(connections=room.connections, ingest=room.ingest(), pause=lambda seconds: False)
    room.journal.pauses.connection("team", owner=OWNER, paused=True, actor="cli")
    before = len(room.calls)
    recovery.round()
    assert len(room.calls) == before
    assert room.journal.subscriptions.gaps() != []
    room.journal.pauses.connection("team", owner=OWNER, paused=False, actor="cli")
    recovery.round()
    assert room.journal.subscriptions.gaps() == []


@pytest.mark.parametrize(("health", "seconds"), [("ok", AGAIN_SECONDS), ("failed", REFUSED_AGAIN_SECONDS)])
def test_upkeep_tries_again_after_a_minute_and_after_ten_where_the_credentials_are_refused(
    room: CalendlyRoom, health: str, seconds: float
) -> None:
    room.deploy(flow_text())
    upkeep, clock = left_open(room)
    room.journal.connections.note_test(
        room.connections.row("team", owner=OWNER).id, health=health, message=None, facts=None
    )
    before = len(room.calls)
    upkeep.upkeep()
    clock.now += seconds - 1
    upkeep.upkeep()
    assert len(room.calls) == before
    clock.now += 1
    upkeep.upkeep()
    assert len(room.calls) > before


def test_upkeep_leaves_a_paused_connection_alone(room: CalendlyRoom) -> None:
    room.deploy(flow_text())
    upkeep, clock = left_open(room)
    room.journal.pauses.connection("team", owner=OWNER, paused=True, actor="cli")
    before = len(room.calls)
    for _ in range(5):
        upkeep.upkeep()
        clock.now += REFUSED_AGAIN_SECONDS
    assert len(room.calls) == before


def left_open(room: CalendlyRoom) -> tuple[Subscriptions, Clock]:
    """Upkeep by a clock that is turned by hand, of a webhook whose making nobody saw to its end."""
    [row] = room.journal.subscriptions.list()
    room.journal.subscriptions.set_state(row.id, SubscriptionState.PENDING)
    clock = Clock()
    return Subscriptions(connections=room.connections, public_url=PUBLIC_URL, clock=clock), clock
