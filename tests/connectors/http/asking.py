"""What the tests of the HTTP connector share. Owns the short form of a request as an author gives it."""

from __future__ import annotations

from connectors.http import http
from connectors.http.actions import request
from connectors.http.models import Answer, Request
from engine.sdk import Json, JsonObject
from engine.sdk.testing import FakeHttp

BASE = "https://crm.example/v2"


def service(**settings: Json) -> FakeHttp:
    """A service behind a connection with these settings."""
    return FakeHttp(http, settings={"base_url": BASE, **settings})


def ask(crm: FakeHttp, given: JsonObject) -> Answer:
    """Perform ``http.request`` with what stands under ``with``."""
    return request(crm, Request.model_validate(given))
