"""The conformance suite finds what it is there for: each of these connectors breaks one rule on purpose."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Delivery,
    Http,
    InboundTrigger,
    Input,
    JsonObject,
    Kind,
    NoInput,
    Output,
    RateHeaders,
    RemoteState,
    Response,
    Secrets,
    ServiceError,
    Settings,
    SignatureError,
    Simulator,
    TimerTrigger,
    Verdict,
    WebhookTrigger,
    Window,
)
from engine.sdk.testing import conformance

BUDGET = Budget(windows=(Window(limit=1, seconds=1),), headers=RateHeaders(remaining="x-left", reset="x-reset"))
SAMPLES = {"one": {"id": "1"}, "two": {"id": "2"}}
KINDS = {401: Kind.AUTH, 404: Kind.NOT_FOUND, 429: Kind.THROTTLED}


class Given(Input):
    """Do a thing."""

    name: str = Field(description="Name of the thing.")


class Inner(BaseModel):
    size: int


class Loose(Input):
    """do a thing"""

    inner: Inner = Field(description="Inner part.")


class Thing(Output):
    """A thing."""

    id: str = Field(description="Id of the thing.")


class Key(Secrets):
    key: SecretStr = Field(description="Key")


def sign(body: bytes, key: str, at: int) -> Mapping[str, str]:
    return {"x-sign": f"{at}={hmac.new(key.encode(), b'%d' % at + body, hashlib.sha256).hexdigest()}"}


def verify(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    at = delivery.headers.get("x-sign", "").partition("=")[0]
    if not (at.isascii() and at.isdecimal() and len(at) < 12):
        raise SignatureError("no signature")
    for key in filter(None, keys):
        if sign(delivery.body, key, int(at))["x-sign"] == delivery.headers["x-sign"]:
            return Verdict(stale=abs(int(at) - delivery.received_at) > 60)
    raise SignatureError("wrong signature")


def errors(response: Response) -> ServiceError:
    kind = KINDS.get(response.status, Kind.SERVER if response.status >= 500 else Kind.INVALID)
    return ServiceError(kind, "refused", status=response.status)


TRIGGER = WebhookTrigger(
    name="thing",
    summary="A thing happens.",
    given=NoInput,
    delivery=Thing,
    subscribe=lambda http, request: "uri",
    check=lambda http, uri: RemoteState.ACTIVE,
    unsubscribe=lambda http, uri: None,
    verify=verify,
    dedupe_key=lambda event: repr(sorted(event.items(), key=str)),
)
CONNECTION = ConnectionType(
    settings=Settings,
    secrets=Key,
    base_url=lambda settings: "https://api.example",
    authorize=lambda settings, secrets: {"x-key": secrets["key"]},
    test=lambda http: {},
    errors=errors,
)


def connector(
    *,
    name: str = "things",
    connection: ConnectionType = CONNECTION,
    budget: Budget = BUDGET,
    trigger: WebhookTrigger = TRIGGER,
    samples: Mapping[str, JsonObject] = SAMPLES,
    simulator: Simulator | None = None,
) -> Connector:
    made = Connector(
        name=name, title="Things", connection=connection, budget=budget, samples=samples, simulator=simulator
    )
    made.trigger(trigger)
    return made


def failures(made: Connector, *, signed: bool = True) -> dict[str, str]:
    """What the suite finds, by the check's own name."""
    found = {}
    for check in conformance(made, sign=sign if signed else None):
        try:
            check()
        except AssertionError as error:
            found[check.name.partition(": ")[2]] = str(error)
    return found


def test_a_connector_that_keeps_the_rules_passes() -> None:
    made = connector()

    @made.action(effect="read")
    def get_thing(http: Http, given: Given) -> Thing:
        return Thing(id=given.name)

    assert failures(made) == {}


def _leaks(response: Response) -> ServiceError:
    return ServiceError(errors(response).kind, response.body.decode(errors="replace"), status=response.status)


def _chokes(response: Response) -> ServiceError:
    response.json_object()
    return errors(response)


def _returns_soon(response: Response) -> ServiceError:
    return ServiceError(errors(response).kind, "wait", status=response.status, retry_after=5)


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        (replace(CONNECTION, errors=_leaks), "every error answer has a kind"),
        (replace(CONNECTION, errors=_returns_soon), "only throttling says when to return"),
        (replace(CONNECTION, base_url=lambda settings: "https://api.example/"), "base url has no slash at the end"),
        (
            replace(CONNECTION, authorize=lambda settings, secrets: {"x": "a\nb"}),
            "headers carry the secrets as they are",
        ),
    ],
)
def test_a_connection_that_breaks_a_rule_is_found(changed: ConnectionType, finding: str) -> None:
    assert list(failures(connector(connection=changed))) == [finding]


def test_an_error_mapping_that_chokes_on_a_body_is_found() -> None:
    found = failures(connector(connection=replace(CONNECTION, errors=_chokes)))
    assert "whatever the body" in found["every error answer has a kind"]


def test_a_secret_that_is_plain_text_is_found() -> None:
    class Plain(Secrets):
        key: str = Field(description="Key")

    assert "stars" in failures(connector(connection=replace(CONNECTION, secrets=Plain)))["secrets are secret"]


def test_a_setting_without_a_description_is_found() -> None:
    class Bare(Settings):
        region: str = "eu"

    found = failures(connector(connection=replace(CONNECTION, settings=Bare)))
    assert list(found) == ["settings and secrets are described"]


def _believes_everything(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    return Verdict()


def _believes_an_empty_key(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    return verify(delivery, [key or "none" for key in keys]) if any(keys) else Verdict()


def _never_stale(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    verify(delivery, keys)
    return Verdict()


def _tells_the_key(delivery: Delivery, keys: Sequence[str]) -> Verdict:
    try:
        return verify(delivery, keys)
    except SignatureError:
        raise SignatureError(f"expected a signature with {keys}") from None


def _lacking(told: Sequence[str]) -> WebhookTrigger:
    return replace(TRIGGER, missed=lambda http, request: iter(()), unrecoverable=lambda given: told)


@pytest.mark.parametrize(
    ("trigger", "finding"),
    [
        (replace(TRIGGER, verify=_believes_everything), "an unsigned delivery is refused"),
        (replace(TRIGGER, verify=_believes_everything), "a forged delivery is refused"),
        (replace(TRIGGER, verify=_believes_everything), "a changed body is refused"),
        (replace(TRIGGER, verify=_believes_everything), "odd signatures are refused"),
        (replace(TRIGGER, verify=_believes_an_empty_key), "nothing is accepted without keys"),
        (replace(TRIGGER, verify=_never_stale), "an old signature is refused or flagged"),
        (replace(TRIGGER, verify=_tells_the_key), "a forged delivery is refused"),
        (replace(TRIGGER, verify=lambda d, keys: verify(d, keys[:1])), "any of several keys will do"),
        (replace(TRIGGER, dedupe_key=lambda event: "same"), "different events have different keys"),
        (replace(TRIGGER, dedupe_key=lambda event: str(event.get("id"))), "odd events have keys too"),
        (replace(TRIGGER, summary="things"), "summary is a sentence"),
        (_lacking("notes that are gone"), "what missed cannot give is a list of texts"),
        (_lacking(["notes", ""]), "what missed cannot give is a list of texts"),
        (_lacking(["two\nlines"]), "what missed cannot give is a list of texts"),
    ],
)
def test_a_trigger_that_breaks_a_rule_is_found(trigger: WebhookTrigger, finding: str) -> None:
    assert finding in failures(connector(trigger=trigger))


def test_words_for_what_is_lost_pass() -> None:
    assert failures(connector(trigger=_lacking(["notes that are gone"]))) == {}


def test_a_trigger_without_a_sample_is_found() -> None:
    assert "no sample fits" in failures(connector(samples={}))["samples come out as they went in"]


def test_a_sample_that_fits_nothing_is_found() -> None:
    assert "stray" in failures(connector(samples={**SAMPLES, "stray": {"id": 7}}))["samples are deliveries"]


def test_a_delivery_model_that_drops_fields_is_found() -> None:
    class Narrow(Output):
        """A thing."""

        model_config = ConfigDict(extra="ignore")

        id: str = Field(description="Id of the thing.")

    found = failures(connector(trigger=replace(TRIGGER, delivery=Narrow), samples={"one": {"id": "1", "new": True}}))
    assert "samples come out as they went in" in found
    assert "delivery is described and keeps what it does not know" in found


def test_without_sign_every_check_of_signatures_fails() -> None:
    found = failures(connector(), signed=False)
    assert len(found) == 7
    assert all("sign=" in message for message in found.values())


def test_an_action_that_breaks_a_rule_is_found() -> None:
    made = connector()

    def ask(http: Http, given: Loose) -> Thing | None:
        return None

    @made.action(effect="read", idempotent=True, confirm=ask)
    def get_thing(http: Http, given: Loose) -> Thing:
        return Thing(id="x")

    assert set(failures(made)) == {
        "summary is a sentence",
        "input is described and strict",
        "effect is declared",
        "only a write is confirmed",
    }


@pytest.mark.parametrize("name", ["Things", "1things", "my-things", "", "x" * 65])
def test_a_name_that_cannot_stand_in_a_flow_is_found(name: str) -> None:
    assert "names are plain" in failures(connector(name=name))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers nothing."""


def _app(public_url: str) -> ASGIApp:
    return _nothing


def test_a_simulator_that_says_nothing_of_its_controls_is_found() -> None:
    found = failures(connector(simulator=Simulator(app=_app, secrets={"key": "k"})))
    assert list(found) == ["simulator takes its own secrets"]


def test_a_connector_that_can_do_nothing_is_found() -> None:
    idle = Connector(name="idle", title="Idle", connection=CONNECTION, budget=Budget(windows=()))
    assert set(failures(idle)) == {"it can do something", "budget is declared"}


# Triggers without a service

TIMER = TimerTrigger(
    name="tick",
    summary="A second passes.",
    given=NoInput,
    delivery=Thing,
    next_after=lambda given, instant: instant // 1000 * 1000 + 1000,
    event=lambda given, slot, missed: {"id": str(slot)},
)
INBOUND = InboundTrigger(
    name="call",
    summary="Somebody calls.",
    given=NoInput,
    delivery=Thing,
    verify=lambda given, delivery, keys: verify(delivery, keys),
    read=lambda given, delivery: {"id": delivery.body.decode(errors="replace")},
    dedupe_key=lambda given, delivery: None,
    signed=lambda given: False,
)


def alone(trigger: TimerTrigger | InboundTrigger) -> Connector:
    made = Connector(name="things", title="Things", samples=SAMPLES)
    if isinstance(trigger, TimerTrigger):
        made.trigger(trigger)
    else:
        made.trigger(trigger)
    return made


def test_a_timer_and_an_inbound_trigger_need_no_connection() -> None:
    assert failures(alone(TIMER)) == {}
    assert failures(alone(INBOUND)) == {}


@pytest.mark.parametrize(
    ("trigger", "finding"),
    [
        (replace(TIMER, next_after=lambda given, instant: instant), "slots come one after the other"),
        (replace(TIMER, next_after=lambda given, instant: instant + 7), "a slot is the same from wherever one looks"),
        (replace(TIMER, event=lambda given, slot, missed: {"id": slot}), "an event has the shape of its model"),
        (replace(TIMER, accepts=lambda given, event: False), "an event has the shape of its model"),
        (replace(TIMER, catch_up=lambda given: "some"), "catching up is one of three"),  # type: ignore[arg-type,return-value]
        (replace(INBOUND, verify=lambda given, delivery, keys: Verdict()), "nobody is believed without one"),
        (
            replace(INBOUND, verify=lambda given, delivery, keys: verify(delivery, keys[:1])),
            "whoever has a key is believed",
        ),
        (replace(INBOUND, responds="nothing"), "the action that answers is there"),
        (replace(INBOUND, respond_within=lambda given: 5), "the action that answers is there"),
        (replace(INBOUND, schema=lambda given: {"type": "array"}), "the schema can be held"),
    ],
)
def test_one_that_breaks_a_rule_is_found(trigger: TimerTrigger | InboundTrigger, finding: str) -> None:
    assert finding in failures(alone(trigger))
