"""The HTTP connector holds to what every connector must hold to, whatever its connection's settings."""

from __future__ import annotations

import pytest

from connectors.http import http
from engine.sdk.testing import Check, conformance
from tests.connectors.http.asking import BASE


@pytest.mark.parametrize("auth", ["none", "bearer", "basic", "header"])
@pytest.mark.parametrize("number", range(len(conformance(http, settings={"base_url": BASE}))))
def test_it_conforms(number: int, auth: str) -> None:
    check: Check = conformance(http, settings={"base_url": BASE, "auth": auth})[number]
    check()
