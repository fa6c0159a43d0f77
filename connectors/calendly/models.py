"""Models that several of Calendly's resources share. Owns their fields; the larger resources have files of their own.

Types are as loose as the service is: enumerations stay text (Calendly adds members without notice), times stay its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar, cast

from pydantic import Field, GetJsonSchemaHandler, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from engine.sdk import Kind, Output, Response, ServiceError, typed_by_strangers

OutputT = TypeVar("OutputT", bound=Output)


def read(model: type[OutputT], response: Response) -> OutputT:
    """The model of an answer. Raises ServiceError(INVALID), naming the first field, when the answer has not the documented shape."""
    try:
        return model.model_validate(response.json_object())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ServiceError(
            Kind.INVALID, f"Calendly's answer has an unexpected form: {field}: {first['msg']}", status=response.status
        ) from None


def unsent(model: type[OutputT]) -> Callable[[], OutputT]:
    """What stands in for an object that an old delivery lacks; it counts as not set, so that it never shows in the JSON."""
    return lambda: cast("OutputT", model.model_construct())


class Delivered(Output):
    """A part of a delivery or answer. Fields in ``always_sent`` are required in the schema, yet their absence refuses nothing.

    Calendly has sent them since 2023 at the latest, so that flows may rely on them; recorded deliveries of earlier years lack them.
    Fields in ``never_null`` are likewise not null in the schema, as the connector reference has them, yet a null refuses nothing.
    """

    always_sent: ClassVar[tuple[str, ...]] = ()
    never_null: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler(core_schema)
        body = handler.resolve_ref_schema(schema)
        required = {*body.get("required", ()), *cls.always_sent}
        if required:
            body["required"] = [name for name in body["properties"] if name in required]
        for name in cls.never_null:
            body["properties"][name] = _without_null(body["properties"][name])
        return schema


def _without_null(field: JsonSchemaValue) -> JsonSchemaValue:
    """The schema of a field that pydantic made as ``X | None = None``, without its null."""
    kept = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    [option] = [option for option in field["anyOf"] if option.get("type") != "null"]
    return {**kept, **option}


class Tracking(Delivered):
    """The UTM and Salesforce parameters of the page on which somebody booked or answered."""

    utm_campaign: str | None = Field(default=None, description="UTM parameter that names the campaign.")
    utm_source: str | None = Field(
        default=None, description="UTM parameter that names the platform the visit came from."
    )
    utm_medium: str | None = Field(
        default=None, description="UTM parameter that names the medium, such as cpc or email."
    )
    utm_content: str | None = Field(
        default=None, description="UTM parameter that tells apart contents of one campaign."
    )
    utm_term: str | None = Field(default=None, description="UTM parameter that holds the keyword.")
    salesforce_uuid: str | None = Field(default=None, description="Id of the record in Salesforce.")

    always_sent = ("utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term", "salesforce_uuid")


class Cancellation(Delivered):
    """Who cancelled, and why."""

    canceled_by: str = Field(description="Name of the person who cancelled.", json_schema_extra=typed_by_strangers())
    reason: str | None = Field(
        default=None,
        description="Reason that was given; an empty text when none was.",
        json_schema_extra=typed_by_strangers(),
    )
    canceler_type: str = Field(description="Who cancelled: host or invitee.")
    created_at: str | None = Field(default=None, description="When the cancellation was made (UTC).")

    always_sent = ("reason",)


class NoShow(Output):
    """The no-show mark of an invitee."""

    uri: str = Field(description="URI of the no-show; delete_invitee_no_show takes it.")
    created_at: str = Field(description="When the invitee was marked (UTC).")


class Pagination(Delivered):
    """Where a page stands in its list."""

    count: int = Field(description="Number of rows in this page.")
    next_page: str | None = Field(default=None, description="URI of the next page; null on the last.")
    previous_page: str | None = Field(default=None, description="URI of the previous page; null on the first.")
    next_page_token: str | None = Field(default=None, description="Token of the next page; null on the last.")
    previous_page_token: str | None = Field(default=None, description="Token of the previous page; null on the first.")

    always_sent = ("next_page", "previous_page", "next_page_token", "previous_page_token")
