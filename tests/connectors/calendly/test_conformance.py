"""Calendly holds to what every connector must hold to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence

import pytest

from connectors.calendly import calendly
from engine.sdk import JsonObject
from engine.sdk.testing import Check, conformance


def sign(body: bytes, key: str, at: int) -> Mapping[str, str]:
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Calendly-Webhook-Signature": f"t={at},v1={mac}"}


GIVEN: Mapping[str, Sequence[JsonObject]] = {
    "invitee": [
        {"events": ["invitee.created", "invitee.canceled", "invitee_no_show.created", "invitee_no_show.deleted"]}
    ],
    "routing_form_submission": [{"events": ["routing_form_submission.created"]}],
}


@pytest.mark.parametrize("check", conformance(calendly, sign=sign, given=GIVEN), ids=str)
def test_calendly_conforms(check: Check) -> None:
    check()
