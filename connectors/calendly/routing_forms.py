"""The delivery of the trigger ``routing_form_submission``. Owns its fields: envelope, submission, answers, result."""

from __future__ import annotations

from pydantic import ConfigDict, Field, JsonValue
from pydantic.config import JsonDict

from connectors.calendly.models import Delivered, Tracking, unsent
from engine.sdk import typed_by_strangers


class RoutingAnswer(Delivered):
    """One question of the routing form with the visitor's answer."""

    question_uuid: str | None = Field(default=None, description="Id of the question.")
    question: str = Field(description="Question as the visitor reads it.")
    answer: str | None = Field(
        default=None, description="Answer of the visitor.", json_schema_extra=typed_by_strangers()
    )

    always_sent = ("question_uuid", "answer")


_TEXT: JsonDict = {"type": "string"}
_MESSAGE: JsonDict = {
    "type": "object",
    "properties": {"headline": _TEXT, "body": _TEXT},
    "required": ["headline", "body"],
}


def _value_of(kind: str, value: JsonDict) -> JsonDict:
    """The condition, in the words of JSON Schema, that a result of that type has such a value."""
    return {"if": {"properties": {"type": {"const": kind}}}, "then": {"properties": {"value": value}}}


class RoutingResult(Delivered):
    """Where the routing form led the visitor."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                _value_of("event_type", _TEXT),
                _value_of("external_url", _TEXT),
                _value_of("custom_message", _MESSAGE),
            ]
        }
    )

    type: str = Field(description="Kind of result: event_type, external_url or custom_message.")
    value: JsonValue = Field(
        default=None,
        description="URI of the event type, the URL, or an object with headline and body, as the type says.",
    )

    always_sent = ("value",)


class RoutingFormSubmission(Delivered):
    """A visitor's submission of a routing form."""

    uri: str = Field(description="URI of the submission.")
    routing_form: str = Field(description="URI of the routing form.")
    questions_and_answers: list[RoutingAnswer] = Field(description="Answers to the form's questions.")
    tracking: Tracking = Field(
        default_factory=unsent(Tracking),
        description="Parameters of the page that held the form.",
        json_schema_extra=typed_by_strangers(),
    )
    result: RoutingResult = Field(description="Where the form led the visitor.")
    submitter: str | None = Field(default=None, description="URI of the invitee, once the submission led to a booking.")
    submitter_type: str | None = Field(
        default=None, description="Kind of the submitter: Invitee, or null without a booking."
    )
    created_at: str = Field(description="When the form was submitted (UTC).")
    updated_at: str = Field(description="When the submission was last changed (UTC).")

    always_sent = ("tracking", "submitter", "submitter_type")


class RoutingFormDelivery(Delivered):
    """A routing form was submitted."""

    created_at: str = Field(description="When Calendly made this notification (UTC, whole seconds).")
    created_by: str = Field(description="URI of the user who made the webhook subscription.")
    event: str = Field(description="What happened: routing_form_submission.created.")
    payload: RoutingFormSubmission = Field(description="The submission.")
