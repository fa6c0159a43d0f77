"""What authors of connectors import, and all that they may import of the engine. Owns the public names; see connectors/README.md."""

from engine.sdk.budget import Budget, RateHeaders, Window
from engine.sdk.connection import ConnectionType, Secrets, Settings
from engine.sdk.connector import Action, AnyTrigger, Connector, LocalAction, ServiceAction, Simulator
from engine.sdk.errors import Kind, ServiceError, SignatureError
from engine.sdk.http import Http, Params, Response
from engine.sdk.inbound import DeliveryRefused, InboundTrigger, Reply
from engine.sdk.local import Local, LogLevel
from engine.sdk.models import Destination, Input, NoInput, Output, describes, goes_into, typed_by_strangers
from engine.sdk.timer import CatchUp, TimerTrigger
from engine.sdk.trigger import Presence, TriggerType
from engine.sdk.webhook import (
    CheckRequest,
    Delivery,
    MissedEvent,
    MissedRequest,
    RemoteState,
    SubscribeRequest,
    Verdict,
    WebhookTrigger,
)
from engine.strictjson import Json, JsonObject, NotJson
from engine.strictjson import parse as parse_json

__all__ = [
    "Action",
    "AnyTrigger",
    "Budget",
    "CatchUp",
    "CheckRequest",
    "ConnectionType",
    "Connector",
    "Delivery",
    "DeliveryRefused",
    "Destination",
    "Http",
    "InboundTrigger",
    "Input",
    "Json",
    "JsonObject",
    "Kind",
    "Local",
    "LocalAction",
    "LogLevel",
    "MissedEvent",
    "MissedRequest",
    "NoInput",
    "NotJson",
    "Output",
    "Params",
    "Presence",
    "RateHeaders",
    "RemoteState",
    "Reply",
    "Response",
    "Secrets",
    "ServiceAction",
    "ServiceError",
    "Settings",
    "SignatureError",
    "Simulator",
    "SubscribeRequest",
    "TimerTrigger",
    "TriggerType",
    "Verdict",
    "WebhookTrigger",
    "Window",
    "describes",
    "goes_into",
    "parse_json",
    "typed_by_strangers",
]
