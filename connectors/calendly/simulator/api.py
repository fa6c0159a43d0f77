"""Endpoints that read: users, event types, routing forms, scheduled events and their invitees; and cancelling an event."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.calendly.simulator import bookings, resources
from connectors.calendly.simulator.domain import EventType, Meeting, User
from connectors.calendly.simulator.ids import moment
from connectors.calendly.simulator.problems import Problem
from connectors.calendly.simulator.requests import flag, json_body, require
from connectors.calendly.simulator.service import Service


class Api:
    """One method per endpoint."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def user(self, request: Request) -> Response:
        self._service.mode.need_scopes("users:read")
        found = self._service.world.user(request.path_params["uuid"])
        return JSONResponse({"resource": resources.user(self._service.world, found)})

    async def event_types(self, request: Request) -> Response:
        """A page, by name; ``organization`` or ``user`` is required."""
        self._service.mode.need_scopes("event_types:read")
        world, owner = self._service.world, self._owner(request)
        active, managed = flag(request, "active"), flag(request, "admin_managed")
        wanted = [kind for kind in world.event_types if _is_wanted(kind, owner, active, managed)]
        reverse = (request.query_params.get("sort") or "name:asc").endswith(":desc")
        rows = [
            resources.event_type(world, kind) for kind in sorted(wanted, key=lambda kind: kind.name, reverse=reverse)
        ]
        return JSONResponse(self._service.pager.page(request, rows, world.base))

    async def event_type(self, request: Request) -> Response:
        self._service.mode.need_scopes("event_types:read")
        world = self._service.world
        uuid = request.path_params["uuid"]
        for kind in world.event_types:
            if kind.id == uuid:
                return JSONResponse({"resource": resources.event_type(world, kind)})
        raise Problem.not_found()

    async def routing_forms(self, request: Request) -> Response:
        self._service.mode.need_scopes("routing_forms:read")
        require(dict(request.query_params), "organization")
        self._owner(request)
        world = self._service.world
        rows = [resources.routing_form(world, form) for form in world.routing_forms]
        return JSONResponse(self._service.pager.page(request, rows, world.base))

    async def submissions(self, request: Request) -> Response:
        """A page of a form's submissions, by when they were made; ``form`` is required."""
        self._service.mode.need_scopes("routing_forms:read")
        require(dict(request.query_params), "form")
        world = self._service.world
        form = world.routing_form(request.query_params["form"])
        reverse = (request.query_params.get("sort") or "created_at:asc").endswith(":desc")
        made = sorted(
            (found for found in world.submissions if found.form is form),
            key=lambda found: found.created_at,
            reverse=reverse,
        )
        rows = [resources.submission(world, found) for found in made]
        return JSONResponse(self._service.pager.page(request, rows, world.base))

    async def meetings(self, request: Request) -> Response:
        """A page, by start; ``organization`` or ``user`` is required."""
        self._service.mode.need_scopes("scheduled_events:read")
        world, owner = self._service.world, self._owner(request)
        wanted = [meeting for meeting in world.meetings.values() if _is_listed(meeting, owner, request)]
        reverse = (request.query_params.get("sort") or "start_time:asc").endswith(":desc")
        wanted.sort(key=lambda meeting: meeting.start_time, reverse=reverse)
        rows = [resources.meeting_resource(world, meeting) for meeting in wanted]
        return JSONResponse(self._service.pager.page(request, rows, world.base))

    async def meeting(self, request: Request) -> Response:
        self._service.mode.need_scopes("scheduled_events:read")
        found = self._service.world.meeting(request.path_params["uuid"])
        return JSONResponse({"resource": resources.meeting_resource(self._service.world, found)})

    async def invitees(self, request: Request) -> Response:
        self._service.mode.need_scopes("scheduled_events:read")
        world = self._service.world
        status, email = request.query_params.get("status"), request.query_params.get("email")
        listed = [resources.invitee_resource(world, who) for who in world.meeting(request.path_params["uuid"]).invitees]
        rows = [row for row in listed if status in (None, row["status"]) and email in (None, row["email"])]
        return JSONResponse(self._service.pager.page(request, rows, world.base))

    async def invitee(self, request: Request) -> Response:
        self._service.mode.need_scopes("scheduled_events:read")
        world = self._service.world
        for found in world.meeting(request.path_params["uuid"]).invitees:
            if found.id == request.path_params["invitee"]:
                return JSONResponse({"resource": resources.invitee_resource(world, found)})
        raise Problem.not_found()

    async def cancel(self, request: Request) -> Response:
        """The host cancels: 201 with the cancellation."""
        self._service.mode.need_scopes("scheduled_events:write")
        given = await json_body(request)
        reason = given.get("reason", "")
        if not isinstance(reason, str) or len(reason) > 10_000:
            raise Problem.invalid(("reason", "must be text of at most 10000 characters"))
        meeting = self._service.world.meeting(request.path_params["uuid"])
        self._service.tell(bookings.cancel_meeting(self._service.world, meeting, reason))
        return JSONResponse({"resource": meeting.cancellation}, status_code=201)

    def _owner(self, request: Request) -> User | None:
        """Whose things are asked for: a user's, or (None) the organization's. Raises Problem 400 or 403."""
        world, mode = self._service.world, self._service.mode
        organization, user = request.query_params.get("organization"), request.query_params.get("user")
        if not organization and not user:
            raise Problem.invalid(
                ("organization", "must be filled unless user is"), ("user", "must be filled unless organization is")
            )
        if organization and organization != world.organization:
            raise Problem.denied("You do not have permission")
        if user:
            found = next((known for known in world.users if world.user_uri(known) == user), None)
            if found is None:
                raise Problem.denied("This user is not in your organization")
            return found
        mode.need_admin()
        return None


def _is_wanted(kind: EventType, owner: User | None, active: bool | None, managed: bool | None) -> bool:
    return (
        (owner is None or owner in kind.hosts or owner is kind.owner)
        and active in (None, kind.active)
        and managed in (None, kind.admin_managed)
    )


def _is_listed(meeting: Meeting, owner: User | None, request: Request) -> bool:
    query = request.query_params
    if owner is not None and owner not in meeting.hosts:
        return False
    if query.get("status") not in (None, "canceled" if meeting.cancellation else "active"):
        return False
    if query.get("invitee_email") and query["invitee_email"] not in [who.email for who in meeting.invitees]:
        return False
    return _is_between(meeting, query.get("min_start_time"), query.get("max_start_time"))


def _is_between(meeting: Meeting, earliest: str | None, latest: str | None) -> bool:
    start = moment(meeting.start_time)
    try:
        return (not earliest or moment(earliest) <= start) and (not latest or start <= moment(latest))
    except ValueError:
        raise Problem.invalid(("min_start_time", "min_start_time and max_start_time must be times")) from None
