"""The fake client answers as scripted, keeps what it was asked, and fails a test that asks for more."""

from __future__ import annotations

import subprocess
import sys

import pytest

from connectors.calendly import calendly
from engine.sdk import Kind, ServiceError
from engine.sdk.testing import FakeHttp, RecordedCall


def test_answers_are_used_up_in_order() -> None:
    http = FakeHttp(calendly).answer("GET", "/a", json=1).answer("GET", "/a", json=2)
    assert [http.get("/a").json(), http.get("/a").json()] == [1, 2]
    with pytest.raises(AssertionError, match="no answer is scripted for GET /a"):
        http.get("/a")


def test_what_was_asked_is_kept_without_what_was_left_out() -> None:
    http = FakeHttp(calendly).answer("POST", "/a", status=201)
    http.post("/a", json={"x": None}, params={"some": 1, "none": None})
    assert http.calls == [RecordedCall(method="POST", path="/a", params={"some": 1}, json={"x": None})]


def test_refusals_go_through_the_connectors_mapping() -> None:
    http = FakeHttp(calendly).answer("DELETE", "/a", status=429, headers={"X-RateLimit-Reset": "7"})
    with pytest.raises(ServiceError) as refused:
        http.delete("/a")
    assert (refused.value.kind, refused.value.status) == (Kind.THROTTLED, 429)


def test_an_answer_can_be_lost() -> None:
    http = FakeHttp(calendly).fail("POST", "/a", ServiceError(Kind.UNKNOWN_OUTCOME, "lost"))
    with pytest.raises(ServiceError, match="lost"):
        http.post("/a")


def test_a_url_is_taken_below_the_base_only() -> None:
    http = FakeHttp(calendly, settings={"base_url": "https://x.example"}).answer("GET", "/a")
    assert http.get("https://x.example/a").ok
    with pytest.raises(AssertionError, match="below the connection's base URL"):
        http.get("https://y.example/a")


def test_settings_are_those_of_the_connector_with_defaults() -> None:
    assert FakeHttp(calendly).settings == {"base_url": "https://api.calendly.com", "scope": "organization"}


@pytest.mark.parametrize("module", ["engine.sdk", "connectors.calendly"])
def test_the_sdk_and_a_connector_load_without_testing_tools_or_a_web_server(module: str) -> None:
    code = f"import {module}, sys; print([m for m in ('pytest', 'engine.sdk.testing', 'starlette', 'httpx') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_testing_package_needs_no_pytest() -> None:
    code = "import engine.sdk.testing, sys; print('pytest' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
