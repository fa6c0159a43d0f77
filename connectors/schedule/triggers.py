"""``schedule.cron``. Owns its parameters and what arrives when a slot has come; which instants are slots is slots.py's."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.schedule.slots import checked_expression, checked_zone, local_time, next_slot, utc_time
from engine.sdk import CatchUp, Connector, Input, JsonObject, Output, TimerTrigger


class CronTrigger(Input):
    """When the flow starts."""

    cron: Annotated[str, AfterValidator(checked_expression)] = Field(
        description="Five fields (minute, hour, day of the month, month, day of the week), or @hourly, @daily, @weekly, @monthly, @yearly."
    )
    timezone: Annotated[str, AfterValidator(checked_zone)] = Field(
        default="UTC", description="Time zone that the expression is meant in, such as Europe/Rome."
    )
    catch_up: CatchUp = Field(
        default="none", description="Which missed slots start the flow later: none, the last one, or all of them."
    )


class Slot(Output):
    """The slot that has come."""

    scheduled_for: str = Field(description="Instant that the expression means, with the offset of the time zone.")
    missed: bool = Field(description="Whether it is caught up on, because nothing ran when it came.")


class CronDelivery(Output):
    """The time has come."""

    event: str = Field(description="Always schedule.cron.")
    created_at: str = Field(description="The slot in UTC.")
    created_by: None = Field(description="Nobody: the clock did it.")
    payload: Slot = Field(description="The slot.")


def _next_after(given: JsonObject, instant: int) -> int | None:
    wanted = CronTrigger.model_validate(given)
    return next_slot(wanted.cron, wanted.timezone, instant)


def _catch_up(given: JsonObject) -> CatchUp:
    return CronTrigger.model_validate(given).catch_up


def _event(given: JsonObject, slot: int, missed: bool) -> JsonObject:
    wanted = CronTrigger.model_validate(given)
    return {
        "event": "schedule.cron",
        "created_at": utc_time(slot),
        "created_by": None,
        "payload": {"scheduled_for": local_time(wanted.timezone, slot), "missed": missed},
    }


cron = TimerTrigger(
    name="cron",
    summary="A time comes that a cron expression names.",
    given=CronTrigger,
    delivery=CronDelivery,
    next_after=_next_after,
    event=_event,
    catch_up=_catch_up,
    carries={"schedule.cron": {}},
)


def register(connector: Connector) -> None:
    """Add the trigger to the connector."""
    connector.trigger(cron)
