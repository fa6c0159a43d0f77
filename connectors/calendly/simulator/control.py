"""The calls under /_sim/. Owns turning orders into happenings and showing what the simulator saw; it has no token and no limit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.calendly.simulator import CONTROLS, bookings, resources, subscriptions
from connectors.calendly.simulator.delivery import Message
from connectors.calendly.simulator.domain import Happening, Invitee, JsonDict
from connectors.calendly.simulator.orders import (
    Book,
    Cancel,
    FaultOrder,
    ModeOrder,
    NoShowOrder,
    Order,
    Redeliver,
    Reschedule,
    RoutingFormSubmission,
    SubscriptionOrder,
    Wait,
)
from connectors.calendly.simulator.problems import Problem
from connectors.calendly.simulator.requests import json_body
from connectors.calendly.simulator.service import Service

OrderT = TypeVar("OrderT", bound=Order)
Handler = Callable[[Request], Awaitable[Response]]


class Control:
    """One method per control call."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def routes(self) -> list[Route]:
        posts: dict[str, Handler] = {
            "book": self._book,
            "cancel": self._cancel,
            "reschedule": self._reschedule,
            "routing_form_submission": self._routing_form_submission,
            "no_show": self._no_show,
            "faults": self._faults,
            "mode": self._mode,
            "subscription": self._subscription,
            "redeliver": self._redeliver,
            "wait": self._wait,
            "reset": self._reset,
        }
        gets: dict[str, Handler] = {
            "calls": self._calls,
            "deliveries": self._deliveries,
            "state": self._state,
            "": self._help,
        }
        return [
            *(Route(f"/_sim/{name}", handler, methods=["POST"]) for name, handler in posts.items()),
            *(Route(f"/_sim/{name}", handler) for name, handler in gets.items()),
        ]

    async def _book(self, request: Request) -> Response:
        order = await _order(Book, request)
        invitee, told = bookings.book(self._service.world, order)
        return self._told(told, invitee=invitee)

    async def _cancel(self, request: Request) -> Response:
        order = await _order(Cancel, request)
        invitee = self._service.world.invitee(order.invitee)
        return self._told(bookings.cancel(self._service.world, invitee, order.by, order.reason), invitee=invitee)

    async def _reschedule(self, request: Request) -> Response:
        order = await _order(Reschedule, request)
        old = self._service.world.invitee(order.invitee)
        new, told = bookings.reschedule(self._service.world, old, order.start_time, order.reason)
        in_turn = told[::-1] if order.order == "created_first" else told
        return self._told(in_turn, invitee=new, old=old, in_order=order.order != "together")

    async def _routing_form_submission(self, request: Request) -> Response:
        order = await _order(RoutingFormSubmission, request)
        submission, told = bookings.submit_routing_form(self._service.world, order)
        return self._told(told, also={"submission": resources.submission(self._service.world, submission)})

    async def _no_show(self, request: Request) -> Response:
        order = await _order(NoShowOrder, request)
        world = self._service.world
        invitee = world.invitee(order.invitee)
        if (invitee.no_show is None) is order.undo:
            raise Problem.exists("The invitee is not marked" if order.undo else "The invitee is marked already")
        change = bookings.unmark_no_show if order.undo else bookings.mark_no_show
        return self._told(change(world, invitee), invitee=invitee)

    async def _faults(self, request: Request) -> Response:
        self._service.faults.add(await _order(FaultOrder, request))
        return JSONResponse({"faults": [fault.to_json() for fault in self._service.faults.all]})

    async def _mode(self, request: Request) -> Response:
        self._service.mode.change(await _order(ModeOrder, request))
        return JSONResponse({"mode": self._service.mode.now.model_dump(mode="json")})

    async def _subscription(self, request: Request) -> Response:
        order = await _order(SubscriptionOrder, request)
        world = self._service.world
        named = [world.subscription(order.subscription)] if order.subscription else list(world.subscriptions.values())
        for found in named:
            subscriptions.happen(world, found, order)
        return JSONResponse(
            {"webhook_subscriptions": [resources.subscription(world, found) for found in world.subscriptions.values()]}
        )

    async def _redeliver(self, request: Request) -> Response:
        order = await _order(Redeliver, request)
        message = next((found for found in self._service.deliverer.messages if found.id == order.delivery), None)
        if message is None:
            raise Problem.not_found()
        again = [self._service.deliverer.send_again(message, sign_anew=order.sign_anew) for _ in range(order.times)]
        attempts = await asyncio.gather(*again)
        return JSONResponse({"statuses": [attempt.status for attempt in attempts]})

    async def _wait(self, request: Request) -> Response:
        order = await _order(Wait, request)
        try:
            async with asyncio.timeout(order.timeout_s), self._service.changed:
                await self._service.changed.wait_for(lambda: self._is_met(order))
        except TimeoutError:
            return JSONResponse({"done": False, **self._counts()})
        return JSONResponse({"done": True, **self._counts()})

    async def _reset(self, request: Request) -> Response:
        await _order(Order, request)
        await self._service.reset()
        return JSONResponse({"done": True})

    async def _calls(self, request: Request) -> Response:
        log = self._service.calls
        busiest: JsonDict = {"seconds": 60, "calls": log.busiest(60)}
        return JSONResponse(
            {"count": len(log.calls), "busiest_window": busiest, "calls": [c.to_json() for c in log.calls]}
        )

    async def _deliveries(self, request: Request) -> Response:
        messages = self._service.deliverer.messages
        return JSONResponse({**self._counts(), "deliveries": [message.to_json() for message in messages]})

    async def _state(self, request: Request) -> Response:
        world = self._service.world
        return JSONResponse(
            {
                "organization": world.organization,
                "users": [resources.user(world, user) for user in world.users],
                "event_types": [resources.event_type(world, kind) for kind in world.event_types],
                "scheduled_events": [resources.meeting_resource(world, meeting) for meeting in world.meetings.values()],
                "invitees": [resources.invitee_resource(world, invitee) for invitee in world.invitees()],
                "no_shows": [resources.no_show_resource(world, invitee) for invitee in world.no_shows.values()],
                "routing_forms": [resources.routing_form(world, form) for form in world.routing_forms],
                "routing_form_submissions": [resources.submission(world, found) for found in world.submissions],
                "webhook_subscriptions": [resources.subscription(world, s) for s in world.subscriptions.values()],
                "mode": self._service.mode.now.model_dump(mode="json"),
                "faults": [fault.to_json() for fault in self._service.faults.all],
            }
        )

    async def _help(self, request: Request) -> Response:
        orders: dict[str, type[Order]] = {
            "book": Book,
            "cancel": Cancel,
            "reschedule": Reschedule,
            "routing_form_submission": RoutingFormSubmission,
            "no_show": NoShowOrder,
            "faults": FaultOrder,
            "mode": ModeOrder,
            "subscription": SubscriptionOrder,
            "redeliver": Redeliver,
            "wait": Wait,
        }
        return JSONResponse(
            {"controls": list(CONTROLS), "fields": {name: order.model_json_schema() for name, order in orders.items()}}
        )

    def _told(
        self,
        happenings: Sequence[Happening],
        *,
        invitee: Invitee | None = None,
        old: Invitee | None = None,
        also: JsonDict | None = None,
        in_order: bool = False,
    ) -> Response:
        """What was made, the envelope of each event, and the deliveries that it set off."""
        world = self._service.world
        envelopes = [self._service.envelope(happening) for happening in happenings]
        messages = self._service.tell(happenings, in_order=in_order)
        made: JsonDict = dict(also or {})
        if invitee is not None:
            made["invitee"] = resources.invitee_resource(world, invitee)
            made["scheduled_event"] = resources.meeting_resource(world, invitee.meeting)
        if old is not None:
            made["old_invitee"] = resources.invitee_resource(world, old)
        return JSONResponse({**made, "envelopes": envelopes, "deliveries": [_brief(message) for message in messages]})

    def _is_met(self, order: Wait) -> bool:
        now = self._counts()
        return (
            now["delivered"] >= (order.delivered or 0)
            and now["attempts"] >= (order.attempts or 0)
            and now["calls"] >= (order.calls or 0)
            and not (order.settled and now["pending"])
        )

    def _counts(self) -> dict[str, int]:
        states = self._service.deliverer.states
        return {
            "delivered": states["delivered"],
            "failed": states["failed"] + states["dropped"],
            "pending": states["pending"],
            "attempts": self._service.deliverer.attempts,
            "calls": len(self._service.calls.calls),
        }


def _brief(message: Message) -> JsonDict:
    return {"id": message.id, "subscription": message.subscription.id, "event": message.envelope["event"]}


async def _order(model: type[OrderT], request: Request) -> OrderT:
    """The body as an order. Raises Problem 400 with a detail for each field that is wrong."""
    try:
        return model.model_validate(await json_body(request))
    except ValidationError as error:
        details = [(".".join(map(str, found["loc"])), found["msg"]) for found in error.errors(include_url=False)]
        raise Problem.invalid(*details) from None
