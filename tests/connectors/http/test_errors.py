"""What error answers mean, and what is shown of them."""

from __future__ import annotations

import pytest

from connectors.http.errors import service_error
from engine.sdk import Kind, Response


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (202, Kind.INVALID),
        (302, Kind.INVALID),
        (400, Kind.INVALID),
        (401, Kind.AUTH),
        (402, Kind.PERMISSION),
        (403, Kind.PERMISSION),
        (404, Kind.NOT_FOUND),
        (408, Kind.SERVER),
        (409, Kind.CONFLICT),
        (410, Kind.NOT_FOUND),
        (412, Kind.CONFLICT),
        (422, Kind.INVALID),
        (429, Kind.THROTTLED),
        (500, Kind.SERVER),
        (504, Kind.SERVER),
    ],
)
def test_every_status_has_its_kind(status: int, kind: Kind) -> None:
    assert service_error(Response(status=status)).kind is kind


@pytest.mark.parametrize(
    ("kind", "body", "message"),
    [
        ("text/plain", b"no\r\n  such\x1b[31m note", "answered 404: no such [31m note"),
        ("application/json", b'{"error": "no"}', 'answered 404: {"error": "no"}'),
        ("text/html; charset=utf-8", b"<h1>" + b"x" * 10_000, "answered 404: <h1>" + "x" * 196),
        ("application/octet-stream", b"\x00\x01\x02", "answered 404"),
        ("text/plain", b"", "answered 404"),
    ],
)
def test_the_beginning_of_a_text_answer_is_shown_in_one_line(kind: str, body: bytes, message: str) -> None:
    assert service_error(Response(status=404, headers={"content-type": kind}, body=body)).message == message


def test_a_redirect_says_what_to_do() -> None:
    assert "redirects are not followed" in (service_error(Response(status=302)).remedy or "")
