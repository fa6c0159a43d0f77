"""Calendly holds to what every connector must hold to."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

import pytest

from connectors.calendly import calendly
from engine.sdk.testing import Check, conformance


def sign(body: bytes, key: str, at: int) -> Mapping[str, str]:
    mac = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Calendly-Webhook-Signature": f"t={at},v1={mac}"}


@pytest.mark.parametrize("check", conformance(calendly, sign=sign), ids=str)
def test_calendly_conforms(check: Check) -> None:
    check()
