"""Everything that exists at the simulated Calendly. Owns the collections and finding things by id or URI; makes no call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from connectors.calendly.simulator import seed
from connectors.calendly.simulator.domain import (
    EventType,
    Invitee,
    Meeting,
    RoutingForm,
    Submission,
    Subscription,
    User,
)
from connectors.calendly.simulator.ids import Clock, Ids
from connectors.calendly.simulator.problems import Problem

ThingT = TypeVar("ThingT")

_SEED = 20260101


class World:
    """One organization with three hosts. ``base`` is the address that all URIs start with."""

    def __init__(self, base: str, clock: Clock) -> None:
        self.base = base.rstrip("/")
        self.clock = clock
        self.ids = Ids(_SEED)
        self.organization_id = self.ids.old()
        self.users = seed.users(self.ids)
        self.event_types = seed.event_types(self.ids, self.users)
        self.routing_forms = [seed.routing_form(self.ids)]
        self.meetings: dict[str, Meeting] = {}
        self.no_shows: dict[str, Invitee] = {}
        self.submissions: list[Submission] = []
        self.subscriptions: dict[str, Subscription] = {}

    @property
    def me(self) -> User:
        """The user whose token the simulator accepts."""
        return self.users[0]

    @property
    def organization(self) -> str:
        return self.uri("organizations", self.organization_id)

    def uri(self, *segments: str) -> str:
        return "/".join((self.base, *segments))

    def user_uri(self, user: User) -> str:
        return self.uri("users", user.id)

    def invitee_uri(self, invitee: Invitee) -> str:
        return self.uri("scheduled_events", invitee.meeting.id, "invitees", invitee.id)

    def invitees(self) -> list[Invitee]:
        return [invitee for meeting in self.meetings.values() for invitee in meeting.invitees]

    def user(self, name: str) -> User:
        """A user by URI, id, slug or ``me``. Raises Problem 404."""
        wanted = _last(name)
        return _first(
            user for user in self.users if wanted in (user.id, user.slug) or (wanted == "me" and user is self.me)
        )

    def event_type(self, name: str) -> EventType:
        """An event type by URI, id or slug. Raises Problem 404."""
        wanted = _last(name)
        return _first(kind for kind in self.event_types if wanted in (kind.id, kind.slug))

    def meeting(self, name: str) -> Meeting:
        """A scheduled event by URI or id. Raises Problem 404."""
        return _first(meeting for meeting in (self.meetings.get(_last(name)),) if meeting)

    def invitee(self, name: str) -> Invitee:
        """An invitee by URI, id or e-mail address (the latest booking of it). Raises Problem 404."""
        wanted = _last(name)
        event, slash, _ = name.rpartition("/invitees/")
        among = self.meeting(event).invitees if slash else self.invitees()
        return _first(invitee for invitee in reversed(among) if wanted in (invitee.id, invitee.email))

    def no_show_invitee(self, name: str) -> Invitee:
        """The invitee whose no-show has this id or URI. Raises Problem 404."""
        return _first(invitee for invitee in (self.no_shows.get(_last(name)),) if invitee)

    def routing_form(self, name: str) -> RoutingForm:
        """A routing form by URI or id. Raises Problem 404."""
        return _first(form for form in self.routing_forms if form.id == _last(name))

    def subscription(self, name: str) -> Subscription:
        """A webhook subscription by URI or id. Raises Problem 404."""
        return _first(found for found in (self.subscriptions.get(_last(name)),) if found)


def _last(name: str) -> str:
    return name.rstrip("/").rsplit("/", 1)[-1]


def _first(found: Iterable[ThingT]) -> ThingT:
    for thing in found:
        return thing
    raise Problem.not_found()
