"""What becomes of subscriptions at the simulated Calendly without the subscriber's doing. Owns disabling, removing and altering them."""

from __future__ import annotations

from connectors.calendly.simulator.domain import Subscription
from connectors.calendly.simulator.ids import stamp
from connectors.calendly.simulator.orders import SubscriptionOrder
from connectors.calendly.simulator.world import World


def happen(world: World, to: Subscription, order: SubscriptionOrder) -> None:
    """Do what the order says to one subscription."""
    to.updated_at = stamp(world.clock())
    if order.act == "alter":
        to.url = order.url or to.url
        to.events = tuple(order.events) if order.events is not None else to.events
        return
    # What is still on its way to it is given up with it.
    to.state = "disabled"
    if order.act == "delete":
        del world.subscriptions[to.id]
