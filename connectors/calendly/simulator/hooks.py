"""Endpoints of webhook subscriptions. Owns their checks: required fields, scopes of events, plan, role, one subscription per URL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.calendly.simulator import resources
from connectors.calendly.simulator.domain import Subscription, User
from connectors.calendly.simulator.ids import stamp
from connectors.calendly.simulator.problems import NO_RIGHT, Problem
from connectors.calendly.simulator.requests import json_body, require
from connectors.calendly.simulator.service import Service
from engine.sdk import Json

_READ_SCOPE: Mapping[str, str] = {
    "invitee.created": "scheduled_events:read",
    "invitee.canceled": "scheduled_events:read",
    "invitee_no_show.created": "scheduled_events:read",
    "invitee_no_show.deleted": "scheduled_events:read",
    "event_type.created": "event_types:read",
    "event_type.updated": "event_types:read",
    "event_type.deleted": "event_types:read",
    "routing_form_submission.created": "routing_forms:read",
}
_ORGANIZATION_ONLY = frozenset({"routing_form_submission.created"})


class Hooks:
    """POST, GET, GET one and DELETE of /webhook_subscriptions. Subscriptions of a group are not simulated."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def create(self, request: Request) -> Response:
        """201 with the resource, and the Location header where the mode has one."""
        mode, world = self._service.mode, self._service.world
        mode.need_paid_plan()
        given = await json_body(request)
        require(given, "url", "events", "organization", "scope")
        events = _events(given)
        mode.need_scopes("webhooks:write", *sorted({_READ_SCOPE[event] for event in events}))
        user = self._owner(given.get("organization"), given.get("scope"), given.get("user"))
        if user and _ORGANIZATION_ONLY & set(events):
            raise Problem.invalid(("events", "routing_form_submission.created needs the scope organization"))
        url = _callback(given.get("url"))
        if any(found.url == url for found in world.subscriptions.values()):
            raise Problem.exists("Hook with this url already exists")
        made = self._made(url, events, user, given.get("signing_key"))
        world.subscriptions[made.id] = made
        resource = resources.subscription(world, made)
        location = {"Location": cast(str, resource["uri"])} if mode.now.location_header else {}
        return JSONResponse({"resource": resource}, status_code=201, headers=location)

    async def list(self, request: Request) -> Response:
        """A page; organization and scope are both required."""
        self._service.mode.need_scopes("webhooks:read")
        query = dict(request.query_params)
        require(query, "organization", "scope")
        user = self._owner(query.get("organization"), query.get("scope"), query.get("user"))
        world = self._service.world
        rows = [
            resources.subscription(world, found)
            for found in reversed(world.subscriptions.values())
            if found.scope == query["scope"] and found.user is user
        ]
        return JSONResponse(self._service.pager.page(request, rows, world.base))

    async def one(self, request: Request) -> Response:
        self._service.mode.need_scopes("webhooks:read")
        found = self._service.world.subscription(request.path_params["uuid"])
        return JSONResponse({"resource": resources.subscription(self._service.world, found)})

    async def delete(self, request: Request) -> Response:
        self._service.mode.need_scopes("webhooks:write")
        found = self._service.world.subscription(request.path_params["uuid"])
        # What is still on its way to it is given up with it.
        found.state = "disabled"
        del self._service.world.subscriptions[found.id]
        return Response(status_code=204)

    def _made(self, url: str, events: tuple[str, ...], user: User | None, key: Json) -> Subscription:
        world, now = self._service.world, stamp(self._service.clock())
        return Subscription(
            id=world.ids.new(),
            url=url,
            events=events,
            scope="user" if user else "organization",
            user=user,
            creator=world.me,
            created_at=now,
            updated_at=now,
            signing_key=key if isinstance(key, str) and key else None,
        )

    def _owner(self, organization: Json, scope: Json, user: Json) -> User | None:
        """The user of a user's scope, None for the organization's. Raises Problem 400 or 403."""
        world, mode = self._service.world, self._service.mode
        if organization != world.organization:
            raise Problem.denied("You do not have permission")
        if scope == "organization":
            mode.need_admin()
            return None
        if scope != "user":
            raise Problem.invalid(("scope", "must be organization or user"))
        if not isinstance(user, str) or not user:
            raise Problem.invalid(("user", "must be filled"))
        if user != world.user_uri(world.me) and mode.now.role == "user":
            raise Problem.denied(NO_RIGHT)
        return world.user(user)


def _events(given: Mapping[str, Json]) -> tuple[str, ...]:
    listed = given.get("events")
    names = [name for name in listed if isinstance(name, str)] if isinstance(listed, list) else []
    if not names or not isinstance(listed, list) or len(names) != len(listed):
        raise Problem.invalid(("events", "must be a list of events"))
    unknown = [name for name in names if name not in _READ_SCOPE]
    if unknown:
        raise Problem.invalid(("events", f"{unknown[0]} is not an event"))
    return tuple(dict.fromkeys(names))


def _callback(url: Json) -> str:
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        parts = None
    if not isinstance(url, str) or parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
        raise Problem.invalid(("url", "is not a valid URL"))
    return url
