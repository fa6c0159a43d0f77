"""The service of the model test, and the connector that speaks to it. Owns one action for each way of recovering, and what fails on demand.

Nothing leaves the process: the service is a value that implements the port of the one HTTP client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from pydantic import SecretStr

from engine import strictjson
from engine.egress import AnswerLost, NotSent, Request
from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Http,
    Input,
    Kind,
    Output,
    Response,
    Secrets,
    ServiceError,
    Settings,
    Window,
)
from engine.sdk.webhook import RemoteState, Verdict, WebhookTrigger

LIMIT, WINDOW_S = 6, 60
Fault = Literal["refused", "lost", "unsent"]


class Broken(BaseException):
    """A promise does not hold. What a connector raises fails its step; this one comes through to the test."""


class DeskSettings(Settings):
    base_url: str = "https://desk.example"


class DeskSecrets(Secrets):
    token: SecretStr


class Wanted(Input):
    """Every event."""


class Told(Output):
    """What the desk tells of."""

    event: str
    key: str
    n: int


class Given(Input):
    """``name``: the run and the path of the step, so that the service knows who asks."""

    name: str


class Found(Output):
    """Whether it is there."""

    name: str | None = None


def desk() -> Connector:
    """One action for each way of recovering, and a trigger whose deliveries are always genuine."""
    connector = Connector(
        name="desk",
        title="Desk",
        budget=Budget(windows=(Window(limit=LIMIT, seconds=WINDOW_S),)),
        connection=ConnectionType(
            settings=DeskSettings,
            secrets=DeskSecrets,
            base_url=lambda settings: str(settings["base_url"]),
            authorize=lambda settings, secrets: {"Authorization": f"Bearer {secrets['token']}"},
            test=lambda http: http.get("/me").json_object(),
            errors=lambda response: ServiceError(Kind.INVALID, f"refused: {response.status}", status=response.status),
        ),
    )
    connector.trigger(
        WebhookTrigger(
            name="told",
            summary="Something happens at the desk.",
            given=Wanted,
            delivery=Told,
            subscribe=lambda http, request: "https://desk.example/hooks/1",
            check=lambda http, uri: RemoteState.ACTIVE,
            unsubscribe=lambda http, uri: None,
            verify=lambda delivery, keys: Verdict(),
            dedupe_key=lambda event: str(event["key"]),
        )
    )

    _can_act(connector)
    return connector


def _can_act(connector: Connector) -> None:
    def confirm(http: Http, given: Given) -> Found | None:
        there = http.get(f"/things/{given.name}", params={"key": http.idempotency_key}).json_object()
        return Found(name=given.name) if there["there"] else None

    @connector.action(effect="read")
    def read(http: Http, given: Given) -> Found:
        http.get(f"/things/{given.name}", params={"key": http.idempotency_key})
        return Found(name=given.name)

    @connector.action(effect="write", idempotent=True)
    def put(http: Http, given: Given) -> Found:
        http.post("/put", json={"name": given.name, "key": http.idempotency_key})
        return Found(name=given.name)

    @connector.action(effect="write", confirm=confirm)
    def make(http: Http, given: Given) -> Found:
        http.post("/make", json={"name": given.name, "key": http.idempotency_key})
        return Found(name=given.name)

    @connector.action(effect="write")
    def write(http: Http, given: Given) -> Found:
        http.post("/write", json={"name": given.name, "key": http.idempotency_key})
        return Found(name=given.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """A call as the service sees it. ``kind``: read, put, make or write."""

    kind: str
    run: str
    path: str
    key: str


@dataclass
class Desk:
    """The service. ``seen`` is told of every call, ``acted`` of those that it does; the next call meets ``fault``.

    ``stand``: where its callers can be held up or die. ``mono_ms``: what time it is.
    """

    stand: Callable[[str], None]
    mono_ms: Callable[[], int]
    seen: Callable[[Ask], None] = lambda ask: None
    acted: Callable[[Ask], None] = lambda ask: None
    is_there: Callable[[Ask], bool] = lambda ask: False
    fault: Fault | None = None
    met: set[tuple[Fault, str]] = field(default_factory=set)
    """Faults, and the runs whose calls they met."""
    at: list[float] = field(default_factory=list)

    def send(self, request: Request) -> Response:
        ask = _ask(request)
        self.stand("before the call")
        fault, self.fault = self.fault, None
        if fault is not None:
            self.met.add((fault, ask.run))
        if fault == "unsent":
            raise NotSent("no connection could be made")
        self.at.append(self.mono_ms())
        try:
            self.seen(ask)
            if fault != "refused":
                self.acted(ask)
        except AssertionError as error:
            raise Broken(str(error)) from error
        if fault == "refused":
            return Response(status=422, headers={}, body=b"{}")
        self.stand("after the call")
        if fault == "lost":
            raise AnswerLost("the connection was cut")
        return Response(status=200, headers={}, body=strictjson.dump({"there": self.is_there(ask)}).encode())

    def close(self) -> None:
        return None


def _ask(request: Request) -> Ask:
    parts = urlsplit(request.url)
    if request.method == "GET":
        kind, name, key = "read", parts.path.removeprefix("/things/"), parse_qs(parts.query)["key"][0]
    else:
        body = strictjson.parse(request.body or b"{}")
        assert isinstance(body, dict)
        kind, name, key = parts.path.removeprefix("/"), str(body["name"]), str(body["key"])
    run, _, path = unquote(name).partition(":")
    return Ask(kind=kind, run=run, path=path, key=key)
