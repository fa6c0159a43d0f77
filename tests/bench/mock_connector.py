"""The connector that the benchmark's flow uses. Owns one webhook trigger and one read action with a budget that never binds.

It comes through the plugin door: the benchmark puts this file beside an entry point of its own on the path of the processes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from pydantic import SecretStr

from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Delivery,
    Http,
    Input,
    JsonObject,
    Kind,
    Output,
    RemoteState,
    Response,
    Secrets,
    ServiceError,
    Settings,
    SignatureError,
    SubscribeRequest,
    Verdict,
    WebhookTrigger,
    Window,
)


class MockSettings(Settings):
    base_url: str


class MockSecrets(Secrets):
    token: SecretStr


class Wanted(Input):
    """Which thing to look up."""

    id: str


class Thing(Output):
    """What was found."""

    id: str


class Noticed(Output):
    """What is delivered."""

    id: str
    go: bool


def subscribe(http: Http, request: SubscribeRequest) -> str:
    body = {"url": request.callback_url, "key": request.signing_key}
    return str(http.post("/subscriptions", json=body).json_object()["uri"])


def verify(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    given = delivery.headers.get("x-signature", "")
    for key in keys:
        if hmac.compare_digest(hmac.new(key.encode(), delivery.body, hashlib.sha256).hexdigest(), given):
            return Verdict()
    raise SignatureError("the signature does not fit")


def dedupe_key(event: JsonObject) -> str:
    return str(event["id"])


mock = Connector(
    name="mock",
    title="Mock",
    budget=Budget(windows=(Window(limit=1_000_000, seconds=1),)),
    connection=ConnectionType(
        settings=MockSettings,
        secrets=MockSecrets,
        base_url=lambda settings: str(settings["base_url"]),
        authorize=lambda settings, secrets: {"Authorization": f"Bearer {secrets['token']}"},
        test=lambda http: {},
        errors=lambda response: ServiceError(Kind.SERVER, f"the mock said {response.status}", status=response.status),
    ),
)


@mock.action(effect="read")
def look(http: Http, given: Wanted) -> Thing:
    return found(http.get(f"/things/{given.id}"))


def found(response: Response) -> Thing:
    return Thing.model_validate(response.json_object())


mock.trigger(
    WebhookTrigger(
        name="noticed",
        summary="Something was noticed.",
        given=Input,
        delivery=Noticed,
        subscribe=subscribe,
        check=lambda http, uri: RemoteState.ACTIVE,
        unsubscribe=lambda http, uri: None,
        verify=verify,
        dedupe_key=dedupe_key,
    )
)
