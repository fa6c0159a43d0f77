"""The connector of the worker's own log. Owns nothing itself: this is its table of contents.

actions.py    log.write        README.md    the user's guide

It calls no service, so that it has no connection, no budget and no simulator.
"""

from connectors.log.actions import register
from engine.sdk import Connector

log = Connector(name="log", title="Log")
register(log)

__all__ = ["log"]
