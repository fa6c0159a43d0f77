"""The things that exist at the simulated Calendly. Owns their fields; how they look as JSON is resources.py's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from engine.sdk import Json

JsonDict: TypeAlias = "dict[str, Json]"
Role = Literal["owner", "admin", "user"]


@dataclass(kw_only=True, eq=False)
class User:
    id: str
    name: str
    slug: str
    email: str
    timezone: str


@dataclass(kw_only=True, eq=False)
class EventType:
    id: str
    name: str
    slug: str
    owner: User
    hosts: list[User]
    created_at: str
    duration: int = 30
    kind: Literal["solo", "group"] = "solo"
    limit: int = 1
    active: bool = True
    admin_managed: bool = False
    pooling_type: str | None = None
    split_name: bool = False
    is_paid: bool = False
    note: str | None = None
    location: JsonDict | None = None
    questions: list[JsonDict] = field(default_factory=list)


@dataclass(kw_only=True, eq=False)
class NoShow:
    id: str
    created_at: str


@dataclass(kw_only=True, eq=False)
class Meeting:
    """A scheduled event."""

    id: str
    type: EventType
    hosts: list[User]
    start_time: str
    end_time: str
    created_at: str
    updated_at: str
    cancellation: JsonDict | None = None
    guests: list[JsonDict] = field(default_factory=list)
    invitees: list[Invitee] = field(default_factory=list)

    @property
    def active_invitees(self) -> list[Invitee]:
        return [invitee for invitee in self.invitees if invitee.cancellation is None]


@dataclass(kw_only=True, eq=False)
class Invitee:
    id: str
    meeting: Meeting
    name: str
    first_name: str | None
    last_name: str | None
    email: str
    timezone: str
    created_at: str
    updated_at: str
    answers: list[JsonDict]
    tracking: JsonDict
    payment: JsonDict | None = None
    text_reminder_number: str | None = None
    routing_form_submission: str | None = None
    cancellation: JsonDict | None = None
    rescheduled: bool = False
    new_invitee: Invitee | None = None
    old_invitee: Invitee | None = None
    no_show: NoShow | None = None


@dataclass(kw_only=True, eq=False)
class RoutingForm:
    id: str
    name: str
    created_at: str
    questions: list[JsonDict]


@dataclass(kw_only=True, eq=False)
class Submission:
    id: str
    form: RoutingForm
    answers: list[JsonDict]
    tracking: JsonDict
    result: JsonDict
    submitter: Invitee | None
    created_at: str


@dataclass(kw_only=True, eq=False)
class Subscription:
    id: str
    url: str
    events: tuple[str, ...]
    scope: Literal["organization", "user"]
    user: User | None
    creator: User
    created_at: str
    updated_at: str
    signing_key: str | None = field(default=None, repr=False)
    state: Literal["active", "disabled"] = "active"
    retry_started_at: str | None = None
    last_success_ns: int = 0


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that subscriptions are told of. ``hosts`` decide which subscriptions of a user's scope hear it."""

    event: str
    payload: JsonDict
    hosts: tuple[User, ...] = ()
