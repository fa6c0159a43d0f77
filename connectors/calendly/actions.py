"""Calendly's actions. Owns what each takes, calls and returns: one call of the service each, in the normal case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from connectors.calendly.connection import fact, scope
from connectors.calendly.event_types import EventTypePage, EventTypeResource
from connectors.calendly.models import read
from connectors.calendly.resource_uris import invitee_path, is_invitee, resource_id
from engine.sdk import Connector, Http, Input, Json, Kind, Output, ServiceError


def _invitee_uri(text: str) -> str:
    invitee_path(text)
    return text


def _no_show_id(text: str) -> str:
    if is_invitee(text):
        raise ValueError(
            "this is the invitee's URI, but the no-show's is needed: payload.no_show.uri of a delivery, "
            "or resource.uri of create_invitee_no_show"
        )
    return resource_id(text, "invitee_no_shows")


def _event_type_id(text: str) -> str:
    return resource_id(text, "event_types")


class CreateInviteeNoShow(Input):
    """Mark an invitee as a no-show."""

    invitee: Annotated[str, AfterValidator(_invitee_uri)] = Field(
        description="URI of the invitee to mark; in deliveries it is payload.uri."
    )


class MarkedNoShow(Output):
    """A no-show with its invitee."""

    uri: str = Field(description="URI of the no-show; delete_invitee_no_show takes it.")
    invitee: str = Field(description="URI of the invitee.")
    created_at: str = Field(description="When the invitee was marked (UTC).")


class NoShowResource(Output):
    """The no-show that was made, or that was there already."""

    resource: MarkedNoShow = Field(description="The no-show.")


class DeleteInviteeNoShow(Input):
    """Take back an invitee's no-show mark."""

    uuid: Annotated[str, AfterValidator(_no_show_id)] = Field(
        description="Uuid or URI of the no-show (not of the invitee); in deliveries it is payload.no_show.uri."
    )


class DeletedNoShow(Output):
    """What is left of a no-show that was taken back; the service itself answers with no content."""

    deleted: bool = Field(description="Always true: the mark is gone.")
    uuid: str = Field(description="Uuid of the no-show that was taken back.")


class GetEventTypes(Input):
    """List the event types of the organization, one page at a time."""

    active: bool | None = Field(
        default=None, description="Only active types if true, only inactive if false, all if absent."
    )
    count: int | None = Field(
        default=None, ge=1, le=100, description="Rows per page, 1 to 100; the service's default is 20."
    )
    page_token: str | None = Field(
        default=None, description="Token of another page, from pagination of an earlier answer."
    )
    admin_managed: bool | None = Field(
        default=None,
        description="Only types that an administrator manages if true, none of them if false, all if absent.",
    )


class GetEventType(Input):
    """Read one event type."""

    uuid: Annotated[str, AfterValidator(_event_type_id)] = Field(description="Uuid or URI of the event type.")


def find_no_show(http: Http, given: CreateInviteeNoShow) -> NoShowResource | None:
    """The no-show of the invitee, if the invitee is marked; one whom the service does not know certainly is not."""
    try:
        resource = http.get(invitee_path(given.invitee)).json_object().get("resource")
    except ServiceError as error:
        if error.kind is Kind.NOT_FOUND:
            return None
        raise
    no_show = resource.get("no_show") if isinstance(resource, Mapping) else None
    if not isinstance(no_show, Mapping):
        return None
    marked: dict[str, Json] = {**no_show, "invitee": given.invitee}
    return NoShowResource.model_validate({"resource": marked})


def create_invitee_no_show(http: Http, given: CreateInviteeNoShow) -> NoShowResource:
    """POST /invitee_no_shows. An invitee who is marked already is no error: the mark is what was asked for."""
    try:
        answer = http.post("/invitee_no_shows", json={"invitee": given.invitee})
    except ServiceError as refusal:
        if refusal.kind not in (Kind.CONFLICT, Kind.INVALID):
            raise
        return _marked_already(http, given, refusal)
    return read(NoShowResource, answer)


def _marked_already(http: Http, given: CreateInviteeNoShow, refusal: ServiceError) -> NoShowResource:
    """How Calendly refuses a second mark is not documented, so the invitee is asked instead of the error's text."""
    try:
        found = find_no_show(http, given)
    except ServiceError:
        raise refusal from None
    if found is None:
        raise refusal
    return found


def find_no_show_gone(http: Http, given: DeleteInviteeNoShow) -> DeletedNoShow | None:
    """The output of the deletion, if the no-show is gone."""
    try:
        http.get(f"/invitee_no_shows/{given.uuid}")
    except ServiceError as error:
        if error.kind is Kind.NOT_FOUND:
            return DeletedNoShow(deleted=True, uuid=given.uuid)
        raise
    return None


def delete_invitee_no_show(http: Http, given: DeleteInviteeNoShow) -> DeletedNoShow:
    """DELETE /invitee_no_shows/{uuid}; the service answers 204 without a body."""
    http.delete(f"/invitee_no_shows/{given.uuid}")
    return DeletedNoShow(deleted=True, uuid=given.uuid)


def get_event_types(http: Http, given: GetEventTypes) -> EventTypePage:
    """GET /event_types of the connection's organization, or of its user when that is the connection's scope."""
    owner = scope(http)
    params: dict[str, str | int | bool | None] = {
        owner: fact(http, owner),
        "active": given.active,
        "count": given.count,
        "page_token": given.page_token,
        "admin_managed": given.admin_managed,
    }
    return read(EventTypePage, http.get("/event_types", params=params))


def get_event_type(http: Http, given: GetEventType) -> EventTypeResource:
    """GET /event_types/{uuid}."""
    return read(EventTypeResource, http.get(f"/event_types/{given.uuid}"))


def register(connector: Connector) -> None:
    """Add the actions to the connector.

    The two writes are not declared idempotent: what a repeated call does is not documented, so that a lost answer is settled by asking.
    """
    marked, unmarked = ("invitee", "invitee_no_show.created"), ("invitee", "invitee_no_show.deleted")
    connector.action(effect="write", confirm=find_no_show, fires=(marked,))(create_invitee_no_show)
    connector.action(effect="write", confirm=find_no_show_gone, fires=(unmarked,))(delete_invitee_no_show)
    connector.action(effect="read")(get_event_types)
    connector.action(effect="read")(get_event_type)
