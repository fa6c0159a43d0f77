"""Endpoints of no-shows. Owns marking, reading and unmarking; what happened goes to the subscriptions like everything else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.calendly.simulator import bookings, resources
from connectors.calendly.simulator.problems import Problem
from connectors.calendly.simulator.requests import json_body, require
from connectors.calendly.simulator.service import Service


class NoShows:
    """POST /invitee_no_shows, GET and DELETE of one."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def create(self, request: Request) -> Response:
        """201 with the resource; a second mark is answered as the mode says."""
        self._service.mode.need_scopes("scheduled_events:write")
        given = await json_body(request)
        require(given, "invitee")
        wanted, world = given["invitee"], self._service.world
        if not isinstance(wanted, str) or "/invitees/" not in wanted:
            raise Problem.invalid(("invitee", "must be the URI of an invitee"))
        invitee = world.invitee(wanted)
        if invitee.no_show is not None:
            self._refuse_second()
        else:
            self._service.tell(bookings.mark_no_show(world, invitee))
        return JSONResponse({"resource": resources.no_show_resource(world, invitee)}, status_code=201)

    async def one(self, request: Request) -> Response:
        self._service.mode.need_scopes("scheduled_events:read")
        world = self._service.world
        invitee = world.no_show_invitee(request.path_params["uuid"])
        return JSONResponse({"resource": resources.no_show_resource(world, invitee)})

    async def delete(self, request: Request) -> Response:
        self._service.mode.need_scopes("scheduled_events:write")
        world = self._service.world
        invitee = world.no_show_invitee(request.path_params["uuid"])
        self._service.tell(bookings.unmark_no_show(world, invitee))
        return Response(status_code=204)

    def _refuse_second(self) -> None:
        status = self._service.mode.now.second_no_show
        if status == 409:
            raise Problem.exists("Invitee is already marked as a no show")
        if status == 400:
            raise Problem.invalid(("invitee", "is already marked as a no show"))
