"""The connector of the stories: one action per effect class, and a webhook. Written against what every release's SDK has, as a plugin is."""

from __future__ import annotations

from pydantic import SecretStr

from engine import strictjson
from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Http,
    Input,
    Kind,
    Output,
    RemoteState,
    Response,
    Secrets,
    ServiceError,
    Settings,
    Verdict,
    Window,
)
from engine.sdk.webhook import WebhookTrigger

TOKEN = "canary-token-of-the-shop-71c2"


class ShopSettings(Settings):
    base_url: str = "https://shop.example"


class ShopSecrets(Secrets):
    token: SecretStr


class Named(Input):
    name: str


class Found(Output):
    name: str | None = None


def shop(name: str, *, limit: int, seconds: int) -> Connector:
    """A connector of this name with a budget of ``limit`` calls in ``seconds``."""
    connector = Connector(
        name=name,
        title=name.title(),
        budget=Budget(windows=(Window(limit=limit, seconds=seconds),)),
        connection=ConnectionType(
            settings=ShopSettings,
            secrets=ShopSecrets,
            base_url=lambda settings: str(settings["base_url"]),
            authorize=lambda settings, secrets: {"Authorization": f"Bearer {secrets['token']}"},
            test=lambda http: http.get("/me").json_object(),
            errors=_errors,
        ),
    )

    @connector.action(effect="read")
    def look(http: Http, given: Named) -> Found:
        return _found(http.get(f"/orders/{given.name}"))

    @connector.action(effect="write", idempotent=True)
    def pay(http: Http, given: Named) -> Found:
        return _found(
            http.request("POST", f"/payments/{given.name}", headers={"Idempotency-Key": http.idempotency_key})
        )

    @connector.action(effect="write", confirm=_seen)
    def book(http: Http, given: Named) -> Found:
        return _found(
            http.request("POST", f"/bookings/{given.name}", headers={"Idempotency-Key": http.idempotency_key})
        )

    @connector.action(effect="write")
    def send(http: Http, given: Named) -> Found:
        return _found(http.request("POST", f"/letters/{given.name}", headers={"Idempotency-Key": http.idempotency_key}))

    connector.trigger(
        WebhookTrigger(
            name="ordered",
            summary="Something was ordered",
            given=Named,
            delivery=Found,
            subscribe=lambda http, request: "https://shop.example/hooks/1",
            check=lambda http, uri: RemoteState.ACTIVE,
            unsubscribe=lambda http, uri: None,
            verify=lambda delivery, keys: Verdict(),
            dedupe_key=strictjson.canonical,
        )
    )
    return connector


def _found(answer: Response) -> Found:
    return Found.model_validate(answer.json_object())


def _seen(http: Http, given: Named) -> Found | None:
    found = _found(http.get(f"/bookings/{given.name}"))
    return found if found.name else None


def _errors(response: Response) -> ServiceError:
    kind = Kind.SERVER if response.status >= 500 else Kind.INVALID
    return ServiceError(kind, f"the shop said {response.status}", status=response.status)
