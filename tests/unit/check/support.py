"""What the tests of the checker share. Owns a small catalogue of connectors and the short form of checking a flow's text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NoReturn, cast

import pytest
from pydantic import ConfigDict, Field

from engine.check import check_flow, codes
from engine.errors import Finding, FlowFileError
from engine.flow import load_flow
from engine.sdk import (
    Budget,
    ConnectionType,
    Connector,
    Http,
    Input,
    Kind,
    NoInput,
    Output,
    RemoteState,
    Secrets,
    ServiceError,
    Settings,
    Verdict,
    WebhookTrigger,
    Window,
    goes_into,
    typed_by_strangers,
)


class Line(Output):
    sku: str
    count: int = 1


class Person(Output):
    email: str
    name: str | None = None


class Company(Output):
    vat: str


class Order(Output):
    # Sent always, though a test need not write them out.
    model_config = ConfigDict(json_schema_extra={"required": ["id", "person", "remark", "lines", "labels", "extra"]})

    id: str
    person: Person
    remark: str = Field(default="", json_schema_extra=typed_by_strangers())
    lines: list[Line] = Field(default_factory=list)
    buyer: Person | Company | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    extra: dict[str, object] = Field(default_factory=dict)
    parent: Order | None = None


class Ordered(Output):
    event: str
    payload: Order


class Refund(Output):
    id: str
    amount: float
    person: Person


class Refunded(Output):
    event: str
    payload: Refund


class OnOrder(Input):
    events: list[Literal["order.made", "order.paid"]] = Field(min_length=1)


class Address(Input):
    street: str
    city: str = ""


class Note(Input):
    text: str
    to: str = Field(default="", json_schema_extra=goes_into("recipient"))
    stars: int = Field(default=1, ge=1, le=5)
    level: Literal["info", "error"] = "info"
    address: Address | None = None
    tags: list[str] = Field(default_factory=list)


class Noted(Output):
    uri: str
    order: Order | None = None


def _was_called() -> NoReturn:
    pytest.fail("the checker reads the signatures of actions, and called one")


def write_note(http: Http, given: Note) -> Noted:
    _was_called()


def pay(http: Http, given: Note) -> Noted:
    _was_called()


def bill(http: Http, given: Note) -> Noted:
    _was_called()


def list_people(http: Http, given: NoInput) -> Person:
    _was_called()


def _trigger(name: str, given: type[Input], delivery: type[Output], *events: str) -> WebhookTrigger:
    return WebhookTrigger(
        name=name,
        summary=name,
        given=given,
        delivery=delivery,
        subscribe=lambda http, request: "",
        check=lambda http, uri: RemoteState.ACTIVE,
        unsubscribe=lambda http, uri: None,
        verify=lambda delivery, keys: Verdict(),
        dedupe_key=str,
        accepts=lambda given, event: event.get("event") in cast("list[str]", given.get("events", events)),
        carries={event: {} for event in events},
    )


def _connector(name: str) -> Connector:
    connection = ConnectionType(
        settings=Settings,
        secrets=Secrets,
        base_url=lambda settings: "https://api.example.com",
        authorize=lambda settings, secrets: {},
        test=lambda http: {},
        errors=lambda response: ServiceError(Kind.SERVER, "failed"),
    )
    return Connector(name=name, title=name, connection=connection, budget=Budget(windows=(Window(limit=9, seconds=1),)))


def _catalogue() -> Mapping[str, Connector]:
    shop, crm = _connector("shop"), _connector("crm")
    shop.trigger(_trigger("order", OnOrder, Ordered, "order.made", "order.paid"))
    shop.trigger(_trigger("refund", NoInput, Refunded))
    shop.action(effect="write")(write_note)
    shop.action(effect="write", idempotent=True, fires=(("order", "order.made"),))(pay)
    shop.action(effect="write", key_header="Idempotency-Key")(bill)
    crm.action(effect="read")(list_people)
    return {"shop": shop, "crm": crm}


CATALOGUE = _catalogue()


def findings(text: str, *, unread: bool = False) -> list[Finding]:
    """All findings of the checker, or those of the loader when the file cannot be read. ``unread``: variables that are never read too."""
    try:
        found = check_flow(load_flow(text, "a.yaml"), CATALOGUE)
        return [each for each in found if unread or each.code != codes.NEVER_READ]
    except FlowFileError as error:
        return list(error.findings)


def brief(marked: str, *, unread: bool = False) -> list[str]:
    """``code message`` of every finding; a ^ before a word in the text says that there, and nowhere else, is a finding."""
    found = findings(marked.replace("^", ""), unread=unread)
    assert [str(each.place).removeprefix("a.yaml:") for each in found] == _marks(marked), [str(each) for each in found]
    return [f"{each.code} {each.message}" for each in found]


def _marks(marked: str) -> list[str]:
    return [
        f"{number}:{match.start() - count + 1}"
        for number, line in enumerate(marked.splitlines(), 1)
        for count, match in enumerate(re.finditer(r"\^", line))
    ]


def flow(*lines: str) -> str:
    """A flow on shop.order with these lines from line 5 on."""
    head = ("id: a", "connections: {shop: shop}", "triggers:", "  - {uses: shop.order, with: {events: [order.made]}}")
    return "\n".join((*head, *lines)) + "\n"


def reading(expression: str) -> str:
    """A flow whose only expression is this."""
    return flow(f'steps: [{{id: s, set: {{v: "{{{{{expression}}}}}"}}}}]')
