"""The HTTP connector holds to what every connector must hold to, whatever its connection's settings."""

from __future__ import annotations

import pytest

from connectors.http import http
from connectors.http.proofs import signature
from engine.sdk import JsonObject
from engine.sdk.testing import Check, conformance
from tests.connectors.http.asking import BASE


def with_token(body: bytes, key: str, at: int) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def with_signature(body: bytes, key: str, at: int) -> dict[str, str]:
    return {"X-Hookline-Signature": signature(body, key, at)}


SIGNS = {"token": with_token, "signature": with_signature}


def checks(auth: str, inbound: str) -> list[Check]:
    settings: JsonObject = {"base_url": BASE, "auth": auth}
    given: dict[str, list[JsonObject]] = {
        "request": [
            {"auth": inbound},
            {"auth": inbound, "respond": {}, "body": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        ]
    }
    return conformance(http, settings=settings, sign=SIGNS[inbound], given=given)


@pytest.mark.parametrize("auth", ["none", "bearer", "basic", "header"])
@pytest.mark.parametrize("number", range(len(checks("none", "token"))))
def test_it_conforms(number: int, auth: str) -> None:
    checks(auth, "signature" if auth == "none" else "token")[number]()
