"""Each action makes one call in the normal case, refuses what cannot be meant, and can tell whether a lost call took effect."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from connectors.calendly import calendly
from connectors.calendly.actions import (
    CreateInviteeNoShow,
    DeleteInviteeNoShow,
    GetEventType,
    GetEventTypes,
    create_invitee_no_show,
    delete_invitee_no_show,
    find_no_show,
    find_no_show_gone,
    get_event_type,
    get_event_types,
)
from engine.sdk import Json, Kind, ServiceError
from engine.sdk.testing import FakeHttp, RecordedCall
from tests.connectors.calendly.simulated import BASE, Simulated

API = "https://api.calendly.com"
INVITEE_PATH = "/scheduled_events/AAAA1111/invitees/BBBB2222"
INVITEE = API + INVITEE_PATH
NO_SHOW: dict[str, Json] = {"uri": f"{API}/invitee_no_shows/CC33", "created_at": "2026-03-07T01:42:32.000000Z"}
ORGANIZATION, USER = f"{API}/organizations/ORG1", f"{API}/users/USER1"


def fake(**settings: Json) -> FakeHttp:
    return FakeHttp(calendly, settings=settings, facts={"organization": ORGANIZATION, "user": USER})


def test_marking_is_one_call_with_the_invitees_uri() -> None:
    http = fake().answer("POST", "/invitee_no_shows", status=201, json={"resource": {**NO_SHOW, "invitee": INVITEE}})
    output = create_invitee_no_show(http, CreateInviteeNoShow(invitee=INVITEE))
    assert output.to_json() == {"resource": {**NO_SHOW, "invitee": INVITEE}}
    assert http.calls == [RecordedCall(method="POST", path="/invitee_no_shows", json={"invitee": INVITEE})]


@pytest.mark.parametrize("status", [400, 409, 422])
def test_marking_a_marked_invitee_returns_the_mark(status: int) -> None:
    http = fake().answer("POST", "/invitee_no_shows", status=status, json={"title": "T", "message": "marked"})
    http.answer("GET", INVITEE_PATH, json={"resource": {"no_show": NO_SHOW}})
    output = create_invitee_no_show(http, CreateInviteeNoShow(invitee=INVITEE))
    assert output.to_json() == {"resource": {**NO_SHOW, "invitee": INVITEE}}


@pytest.mark.parametrize("no_show", [{"no_show": None}, {}])
def test_a_refusal_of_an_unmarked_invitee_stays_a_refusal(no_show: dict[str, Json]) -> None:
    http = fake().answer("POST", "/invitee_no_shows", status=400, json={"title": "T", "message": "why not"})
    http.answer("GET", INVITEE_PATH, json={"resource": no_show})
    with pytest.raises(ServiceError, match="why not"):
        create_invitee_no_show(http, CreateInviteeNoShow(invitee=INVITEE))


def test_the_first_refusal_is_the_one_that_is_told() -> None:
    http = fake().answer("POST", "/invitee_no_shows", status=400, json={"title": "T", "message": "why not"})
    http.answer("GET", INVITEE_PATH, status=403, json={"title": "T", "message": "another matter"})
    with pytest.raises(ServiceError, match="why not"):
        create_invitee_no_show(http, CreateInviteeNoShow(invitee=INVITEE))


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500])
def test_other_refusals_are_not_asked_after(status: int) -> None:
    http = fake().answer("POST", "/invitee_no_shows", status=status, json={"title": "T", "message": "no"})
    with pytest.raises(ServiceError):
        create_invitee_no_show(http, CreateInviteeNoShow(invitee=INVITEE))
    assert len(http.calls) == 1


@pytest.mark.parametrize(
    "invitee",
    [
        "",
        "BBBB2222",
        f"{API}/scheduled_events/AAAA1111",
        f"{API}/invitee_no_shows/CC33",
        f"{INVITEE}/",
        f"{INVITEE}?x=1",
        f"ftp://api.calendly.com{INVITEE_PATH}",
        f"{API}/scheduled_events/../invitees/x",
        "http://[::1",
    ],
)
def test_only_an_invitees_uri_can_be_marked(invitee: str) -> None:
    with pytest.raises(ValidationError, match="expected an invitee's URI"):
        CreateInviteeNoShow(invitee=invitee)


@pytest.mark.parametrize("uuid", ["CC33", f"{API}/invitee_no_shows/CC33"])
def test_unmarking_takes_the_id_or_the_uri(uuid: str) -> None:
    http = fake().answer("DELETE", "/invitee_no_shows/CC33", status=204)
    assert delete_invitee_no_show(http, DeleteInviteeNoShow(uuid=uuid)).to_json() == {"deleted": True, "uuid": "CC33"}
    assert [call.path for call in http.calls] == ["/invitee_no_shows/CC33"]


def test_unmarking_by_the_invitees_uri_is_refused_with_the_way_out() -> None:
    with pytest.raises(ValidationError, match=r"payload\.no_show\.uri"):
        DeleteInviteeNoShow(uuid=INVITEE)


@pytest.mark.parametrize(
    "uuid", ["", "../users/me", "a/b", "a b", f"{API}/event_types/X", f"{API}/invitee_no_shows/..", "x" * 65]
)
def test_nothing_else_becomes_a_path(uuid: str) -> None:
    with pytest.raises(ValidationError):
        DeleteInviteeNoShow(uuid=uuid)


@pytest.mark.parametrize("uuid", ["TYPE1", f"{API}/event_types/TYPE1", "http://127.0.0.1:8481/event_types/TYPE1"])
def test_an_event_type_is_read_by_id_or_uri(uuid: str) -> None:
    http = fake().answer("GET", "/event_types/TYPE1", status=404, json={})
    with pytest.raises(ServiceError) as missing:
        get_event_type(http, GetEventType(uuid=uuid))
    assert missing.value.kind is Kind.NOT_FOUND


def test_event_types_are_asked_for_with_the_organization_and_what_was_given() -> None:
    page: Json = {"collection": [], "pagination": {"count": 0, "next_page": None}}
    http = fake().answer("GET", "/event_types", json=page)
    get_event_types(http, GetEventTypes(active=True, count=5, admin_managed=False))
    assert http.calls[0].params == {"organization": ORGANIZATION, "active": True, "count": 5, "admin_managed": False}


def test_with_the_users_scope_event_types_are_the_users() -> None:
    http = fake(scope="user").answer("GET", "/event_types", json={"collection": [], "pagination": {"count": 0}})
    get_event_types(http, GetEventTypes())
    assert http.calls[0].params == {"user": USER}


def test_a_connection_that_was_never_tested_says_how_to_test_it() -> None:
    with pytest.raises(ServiceError) as untested:
        get_event_types(FakeHttp(calendly), GetEventTypes())
    assert "hookline connection test" in (untested.value.remedy or "")


@pytest.mark.parametrize("count", [0, 101, -1])
def test_a_page_has_1_to_100_rows(count: int) -> None:
    with pytest.raises(ValidationError):
        GetEventTypes(count=count)


def test_an_answer_of_another_form_is_refused_by_its_field() -> None:
    http = fake().answer("GET", "/event_types/TYPE1", json={"resource": {"uri": 7}})
    with pytest.raises(ServiceError, match=r"resource\.uri") as odd:
        get_event_type(http, GetEventType(uuid="TYPE1"))
    assert odd.value.kind is Kind.INVALID


def test_an_invitee_whom_calendly_does_not_know_is_not_marked() -> None:
    http = fake().answer("GET", INVITEE_PATH, status=404, json={})
    assert find_no_show(http, CreateInviteeNoShow(invitee=INVITEE)) is None


def test_an_invitee_who_cannot_be_asked_after_leaves_the_question_open() -> None:
    http = fake().answer("GET", INVITEE_PATH, status=503, json={})
    with pytest.raises(ServiceError):
        find_no_show(http, CreateInviteeNoShow(invitee=INVITEE))


def test_a_lost_mark_is_found_at_the_service(simulated: Simulated) -> None:
    given = CreateInviteeNoShow(invitee=simulated.book())
    assert find_no_show(simulated, given) is None
    simulated.control("faults", method="POST", path="/invitee_no_shows", act=True, drop=True)
    with pytest.raises(ServiceError) as lost:
        create_invitee_no_show(simulated, given)
    assert lost.value.kind is Kind.UNKNOWN_OUTCOME
    found = find_no_show(simulated, given)
    assert found is not None
    assert found.resource.invitee == given.invitee


def test_a_mark_that_never_arrived_is_not_found(simulated: Simulated) -> None:
    given = CreateInviteeNoShow(invitee=simulated.book())
    simulated.control("faults", method="POST", path="/invitee_no_shows", drop=True)
    with pytest.raises(ServiceError):
        create_invitee_no_show(simulated, given)
    assert find_no_show(simulated, given) is None


def test_a_lost_removal_is_found_at_the_service(simulated: Simulated) -> None:
    mark = create_invitee_no_show(simulated, CreateInviteeNoShow(invitee=simulated.book()))
    given = DeleteInviteeNoShow(uuid=mark.resource.uri)
    assert find_no_show_gone(simulated, given) is None
    simulated.control("faults", method="DELETE", path="/invitee_no_shows/*", act=True, drop=True)
    with pytest.raises(ServiceError):
        delete_invitee_no_show(simulated, given)
    assert find_no_show_gone(simulated, given) is not None


@pytest.mark.parametrize("second", [400, 409, 201])
def test_marking_twice_at_the_simulator_is_marking_once(simulated: Simulated, second: int) -> None:
    simulated.control("mode", second_no_show=second)
    given = CreateInviteeNoShow(invitee=simulated.book())
    first = create_invitee_no_show(simulated, given)
    assert create_invitee_no_show(simulated, given).resource.uri == first.resource.uri


def test_every_page_of_event_types_can_be_walked(simulated: Simulated) -> None:
    seen: list[str] = []
    token: str | None = None
    while True:
        page = get_event_types(simulated, GetEventTypes(count=3, page_token=token))
        seen += [row.uri for row in page.collection]
        token = page.pagination.next_page_token
        if token is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert all(uri.startswith(f"{BASE}/event_types/") for uri in seen)
    assert get_event_type(simulated, GetEventType(uuid=seen[0])).resource.uri == seen[0]
