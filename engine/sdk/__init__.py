"""What authors of connectors import, and all that they may import of the engine. Owns the public names; see connectors/README.md."""

from engine.sdk.budget import Budget, RateHeaders, Window
from engine.sdk.connection import ConnectionType, Secrets, Settings
from engine.sdk.connector import Action, Connector, LocalAction, ServiceAction, Simulator
from engine.sdk.errors import Kind, ServiceError, SignatureError
from engine.sdk.http import Http, Params, Response
from engine.sdk.local import Local, LogLevel
from engine.sdk.models import Destination, Input, NoInput, Output, goes_into, typed_by_strangers
from engine.sdk.webhook import Delivery, Presence, RemoteState, SubscribeRequest, Verdict, WebhookTrigger
from engine.strictjson import Json, JsonObject

__all__ = [
    "Action",
    "Budget",
    "ConnectionType",
    "Connector",
    "Delivery",
    "Destination",
    "Http",
    "Input",
    "Json",
    "JsonObject",
    "Kind",
    "Local",
    "LocalAction",
    "LogLevel",
    "NoInput",
    "Output",
    "Params",
    "Presence",
    "RateHeaders",
    "RemoteState",
    "Response",
    "Secrets",
    "ServiceAction",
    "ServiceError",
    "Settings",
    "SignatureError",
    "Simulator",
    "SubscribeRequest",
    "Verdict",
    "WebhookTrigger",
    "Window",
    "goes_into",
    "typed_by_strangers",
]
