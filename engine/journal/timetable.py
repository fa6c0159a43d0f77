"""Schedules' values, as they go in and out of the journal. Owns no SQL and no calendar; times are as in ``records``."""

from __future__ import annotations

from dataclasses import dataclass

from engine.journal.records import FlowRow
from engine.strictjson import JsonObject


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSchedule:
    """A schedule of a flow. ``next_at``: its first slot, milliseconds since the epoch; None: there is none."""

    trigger: str
    uses: str
    given: JsonObject
    next_at: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScheduleRow:
    """A schedule as stored. ``last_slot``: the last one that fired. ``now``: the database's clock when it was read."""

    flow: str
    trigger: str
    uses: str
    given: JsonObject
    owner: str
    next_at: int | None
    last_slot: int | None
    now: int

    @property
    def source(self) -> str:
        """What its events have for a subscription id."""
        return schedule_source(self.flow, self.trigger)


@dataclass(frozen=True, kw_only=True, slots=True)
class DueSchedule:
    """A schedule whose slot has come, with its enabled flow's active version."""

    schedule: ScheduleRow
    flow: FlowRow


def schedule_source(flow_id: str, trigger: str) -> str:
    """The subscription id of the events of a flow's schedule: no subscription has it, and deduplication is by it and the slot."""
    return f"schedule:{flow_id}:{trigger}"
