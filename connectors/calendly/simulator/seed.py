"""What exists at the simulated Calendly from the start. Owns three hosts, their event types and a routing form; every name is made up."""

from __future__ import annotations

from connectors.calendly.simulator.domain import EventType, JsonDict, RoutingForm, User
from connectors.calendly.simulator.ids import Ids

_SEEDED_AT = "2025-02-03T09:00:00.000000Z"


def users(ids: Ids) -> list[User]:
    """The owner of the token first. Old accounts have ids of the old form, newer ones uuids: both are here."""
    return [
        User(id=ids.old(), name="Robin Vale", slug="robin-vale", email="robin@hosts.example", timezone="Europe/Rome"),
        User(id=ids.new(), name="Ines Okafor", slug="ines-okafor", email="ines@hosts.example", timezone="UTC"),
        User(id=ids.new(), name="Tom Lindqvist", slug="tom-lindqvist", email="tom@hosts.example", timezone="UTC"),
    ]


def event_types(ids: Ids, hosts: list[User]) -> list[EventType]:
    """One of each sort: solo, with questions, group, inactive, managed by an admin, round robin, paid."""
    robin, ines, tom = hosts
    return [*_of_one(ids, robin), *_of_groups(ids, ines), *_of_teams(ids, robin, ines, tom)]


def _of_one(ids: Ids, robin: User) -> list[EventType]:
    return [
        EventType(
            id=ids.new(),
            name="Intro call",
            slug="intro-call",
            owner=robin,
            hosts=[robin],
            created_at=_SEEDED_AT,
            duration=15,
            location={"kind": "google_conference"},
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
    ]


def _of_groups(ids: Ids, ines: User) -> list[EventType]:
    return [
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


def _of_teams(ids: Ids, robin: User, ines: User, tom: User) -> list[EventType]:
    return [
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


def routing_form(ids: Ids) -> RoutingForm:
    """A form with two questions."""
    names = ("What do you need?", "How large is your team?")
    questions: list[JsonDict] = [
        {"uuid": ids.new(), "name": name, "type": "text", "required": True, "answer_choices": None} for name in names
    ]
    return RoutingForm(id=ids.new(), name="Contact us", created_at=_SEEDED_AT, questions=questions)
