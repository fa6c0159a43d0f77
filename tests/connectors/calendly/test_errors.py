"""Each error answer of Calendly becomes the kind that decides what happens next, with words that say what to do."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.calendly.errors import service_error
from engine.sdk import Kind, Response, ServiceError


def answered(status: int, body: object = None, **headers: str) -> ServiceError:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service_error(
        Response(status=status, body=raw, headers={k.replace("_", "-"): v for k, v in headers.items()})
    )


def said(title: str, message: str, **more: object) -> dict[str, object]:
    return {"title": title, "message": message, **more}


@pytest.mark.parametrize(
    ("status", "body", "kind", "message", "remedy"),
    [
        (
            400,
            said(
                "Invalid Argument", "Wrong.", details=[{"parameter": "count", "message": "too big"}, {"message": "odd"}]
            ),
            Kind.INVALID,
            "Calendly answered 400 Invalid Argument: Wrong. (count: too big; odd)",
            None,
        ),
        (
            401,
            said("Unauthenticated", "The access token expired"),
            Kind.AUTH,
            "The access token expired",
            "hookline connection add NAME calendly`",
        ),
        (
            403,
            said("Permission Denied", "Please upgrade your plan"),
            Kind.PERMISSION,
            "upgrade",
            "paid plan (Standard or higher)",
        ),
        (402, said("Payment", "Pay"), Kind.PERMISSION, "402", "paid plan"),
        (
            403,
            said("Denied", "No.", required_scopes=["webhooks:write", "routing_forms:read"]),
            Kind.PERMISSION,
            "No.",
            "webhooks:write, routing_forms:read",
        ),
        (
            403,
            said("InsufficientScope", "The token is too weak"),
            Kind.PERMISSION,
            "too weak",
            "scheduled_events:write",
        ),
        (403, said("Permission Denied", "You do not have permission"), Kind.PERMISSION, "permission", "scope to user"),
        (404, said("Resource Not Found", "Gone."), Kind.NOT_FOUND, "Gone.", None),
        (409, said("Already Exists", "There is one"), Kind.CONFLICT, "There is one", None),
        (424, said("External Calendar Error", "No calendar."), Kind.SERVER, "No calendar.", None),
        (429, said("Too Many Requests", "Slow down"), Kind.THROTTLED, "Slow down", None),
        (500, said("Internal Server Error", "Oops."), Kind.SERVER, "Oops.", None),
        (
            503,
            b"<html>maintenance</html>",
            Kind.SERVER,
            "Calendly answered 503, without the body that its errors have",
            None,
        ),
        (302, b"", Kind.INVALID, "302", "base_url"),
        (418, said("Teapot", "No."), Kind.INVALID, "418", None),
    ],
)
def test_an_answer_has_its_kind_message_and_remedy(
    status: int, body: object, kind: Kind, message: str, remedy: str | None
) -> None:
    error = answered(status, body)
    assert (error.kind, error.status) == (kind, status)
    assert message in error.message
    assert error.remedy is None if remedy is None else remedy in (error.remedy or "")


def test_a_huge_body_is_not_repeated() -> None:
    error = answered(500, said("T" * 5_000, "M" * 5_000))
    assert len(error.message) < 1_000


def test_control_characters_do_not_reach_the_message() -> None:
    assert answered(404, said("A\x1b[31m", "B\r\nC")).message == "Calendly answered 404 A [31m: B C"


@given(status=st.integers(300, 599), body=st.binary(max_size=200))
def test_no_body_breaks_the_mapping(status: int, body: bytes) -> None:
    assert answered(status, body).status == status


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["title", "message", "details", "required_scopes"]), inner, max_size=4)
        ),
    )
)
def test_no_json_breaks_the_mapping(body: object) -> None:
    assert answered(403, body).kind is Kind.PERMISSION
