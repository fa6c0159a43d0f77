"""Everything that exists at the simulated Calendly. Owns the collections, their seed and finding things by id or URI; makes no call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from connectors.calendly.simulator.domain import (
    EventType,
    Invitee,
    JsonDict,
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
_SEEDED_AT = "2025-02-03T09:00:00.000000Z"


class World:
    """One organization with three hosts. ``base`` is the address that all URIs start with."""

    def __init__(self, base: str, clock: Clock) -> None:
        self.base = base.rstrip("/")
        self.clock = clock
        self.ids = Ids(_SEED)
        # Old accounts have ids of the old form, newer ones uuids: both are seeded.
        self.organization_id = self.ids.old()
        self.users = [
            User(
                id=self.ids.old(),
                name="Robin Vale",
                slug="robin-vale",
                email="robin@hosts.example",
                timezone="Europe/Rome",
            ),
            User(id=self.ids.new(), name="Ines Okafor", slug="ines-okafor", email="ines@hosts.example", timezone="UTC"),
            User(
                id=self.ids.new(), name="Tom Lindqvist", slug="tom-lindqvist", email="tom@hosts.example", timezone="UTC"
            ),
        ]
        self.event_types = _event_types(self.ids, self.users)
        self.routing_forms = [_routing_form(self.ids)]
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


def _event_types(ids: Ids, users: list[User]) -> list[EventType]:
    robin, ines, tom = users
    meet: JsonDict = {"kind": "google_conference"}
    return [
        EventType(
            id=ids.new(),
            name="Intro call",
            slug="intro-call",
            owner=robin,
            hosts=[robin],
            created_at=_SEEDED_AT,
            duration=15,
            location=meet,
            questions=[_question("What should we talk about?", 0)],
        ),
        EventType(
            id=ids.new(),
            name="Product demo",
            slug="demo",
            owner=robin,
            hosts=[robin],
            created_at=_SEEDED_AT,
            duration=45,
            split_name=True,
            location={"kind": "zoom_conference"},
            questions=[
                _question("Company", 0, required=True),
                _question("Team size", 1, kind="single_select", choices=["1", "2-10", "11-50", "51+"]),
                _question(
                    "Topics", 2, kind="multi_select", choices=["Pricing", "Security", "Integrations"], other=True
                ),
            ],
        ),
        EventType(
            id=ids.new(),
            name="Group onboarding",
            slug="group-onboarding",
            owner=ines,
            hosts=[ines],
            created_at=_SEEDED_AT,
            duration=60,
            kind="group",
            limit=8,
            location={"kind": "microsoft_teams_conference"},
        ),
        EventType(
            id=ids.old(),
            name="Old consultation",
            slug="old-consultation",
            owner=robin,
            hosts=[robin],
            created_at=_SEEDED_AT,
            active=False,
            location={"kind": "physical", "location": "12 Harbour Street"},
            note="replaced by the product demo",
        ),
        EventType(
            id=ids.new(),
            name="Support session",
            slug="support-session",
            owner=tom,
            hosts=[tom],
            created_at=_SEEDED_AT,
            admin_managed=True,
            location={"kind": "outbound_call"},
        ),
        EventType(
            id=ids.new(),
            name="Sales round robin",
            slug="sales-round-robin",
            owner=robin,
            hosts=[ines, tom],
            created_at=_SEEDED_AT,
            pooling_type="round_robin",
            location={"kind": "custom", "location": "We will write to you"},
        ),
        EventType(
            id=ids.new(),
            name="Paid workshop",
            slug="paid-workshop",
            owner=ines,
            hosts=[ines],
            created_at=_SEEDED_AT,
            duration=90,
            is_paid=True,
        ),
    ]


def _question(
    name: str,
    position: int,
    *,
    kind: str = "text",
    required: bool = False,
    choices: list[str] | None = None,
    other: bool = False,
) -> JsonDict:
    return {
        "name": name,
        "type": kind,
        "position": position,
        "enabled": True,
        "required": required,
        "answer_choices": choices,
        "include_other": other,
    }


def _routing_form(ids: Ids) -> RoutingForm:
    names = ("What do you need?", "How large is your team?")
    questions: list[JsonDict] = [
        {"uuid": ids.new(), "name": name, "type": "text", "required": True, "answer_choices": None} for name in names
    ]
    return RoutingForm(id=ids.new(), name="Contact us", created_at=_SEEDED_AT, questions=questions)
