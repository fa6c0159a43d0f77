"""The connector of the clock. Owns nothing itself: this is its table of contents.

triggers.py   schedule.cron, its parameters and its event        slots.py     which instants an expression means
samples.py    what arrives                                       README.md    the user's guide

It calls no service, so that it has no connection, no budget and no simulator.
"""

from connectors.schedule.samples import SAMPLES
from connectors.schedule.triggers import register
from engine.sdk import Connector

schedule = Connector(name="schedule", title="Schedule", samples=SAMPLES)
register(schedule)

__all__ = ["schedule"]
