"""The simulated service as a whole. Owns its parts and telling subscriptions what happened; HTTP is the other files' business."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import httpx

from connectors.calendly.simulator.calls import CallLog
from connectors.calendly.simulator.delivery import Deliverer, Message
from connectors.calendly.simulator.domain import Happening, JsonDict, Subscription
from connectors.calendly.simulator.faults import Faults
from connectors.calendly.simulator.ids import Clock, whole_second
from connectors.calendly.simulator.limiter import Limiter
from connectors.calendly.simulator.mode import Mode
from connectors.calendly.simulator.paging import Pager
from connectors.calendly.simulator.resources import wire
from connectors.calendly.simulator.world import World


class Service:
    """Everything behind the endpoints. ``transport`` replaces the network for deliveries."""

    def __init__(
        self, *, base: str, token: str, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.clock = clock
        self.changed = asyncio.Condition()
        self.mode = Mode(token)
        self.deliverer = Deliverer(clock=clock, mode=lambda: self.mode.now, changed=self.changed, transport=transport)
        self._base, self._token = base, token
        self._begin()

    async def reset(self) -> None:
        """Back to the seed: no bookings, subscriptions, faults, calls or deliveries, and the default mode."""
        await self.deliverer.forget()
        self.mode = Mode(self._token)
        self._begin()

    def tell(self, happenings: Iterable[Happening], *, in_order: bool = False) -> list[Message]:
        """Notify every active subscription that asked for what happened."""
        messages = [message for happening in happenings for message in self._messages(happening)]
        self.deliverer.send(messages, in_order=in_order)
        return messages

    def envelope(self, happening: Happening) -> JsonDict:
        """The body of a delivery: its ``created_at`` has no fraction, ``created_by`` is who subscribed."""
        return {
            "created_at": whole_second(self.clock()),
            "created_by": self.world.user_uri(self.world.me),
            "event": happening.event,
            "payload": happening.payload,
        }

    def _begin(self) -> None:
        self.world = World(self._base, self.clock)
        self.pager = Pager(self.world.ids)
        self.limiter = Limiter(self.clock)
        self.faults = Faults()
        self.calls = CallLog(changed=self.changed)

    def _messages(self, happening: Happening) -> Sequence[Message]:
        listeners = [found for found in self.world.subscriptions.values() if _hears(found, happening)]
        if not listeners:
            return ()
        envelope = self.envelope(happening)
        body = wire(envelope)
        return [self.deliverer.post(subscription, envelope, body) for subscription in listeners]


def _hears(subscription: Subscription, happening: Happening) -> bool:
    if subscription.state != "active" or happening.event not in subscription.events:
        return False
    return subscription.scope == "organization" or subscription.user in happening.hosts
