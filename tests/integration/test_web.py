"""The web application as a whole: its route table, its health answers, and its server on a real port."""

from __future__ import annotations

import asyncio
import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import ASGIApp

from engine.errors import BusyError, DatabaseUnavailable
from engine.web import app as app_module
from engine.web import hooks as hooks_module
from engine.web.app import make_app, make_health_app
from engine.web.hooks import Hooks
from engine.web.routes import ROUTES
from engine.web.server import Server, listen, port_of
from tests.calendly_room import CalendlyRoom, flow_text, sample, signed
from tests.eventually import eventually


@pytest.fixture
def room(tmp_path: Path) -> Iterator[CalendlyRoom]:
    with CalendlyRoom(tmp_path) as room:
        yield room


def get(app: Starlette, path: str, method: str = "GET") -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://web.example") as client:
            return await client.request(method, path)

    return asyncio.run(ask())


# The route table


def routes_of(app: Starlette) -> set[tuple[str, str]]:
    found = set()
    for route in app.routes:
        assert isinstance(route, Route), f"{route} is of a kind whose access this test cannot judge"
        found |= {(method, route.path) for method in route.methods or {"any"}}
    return {(method, path) for method, path in found if (method, path) != ("HEAD", path) or ("GET", path) not in found}


def test_every_route_has_its_access_in_the_table_and_every_entry_its_route(room: CalendlyRoom) -> None:
    assert routes_of(room.web()) == {route for route, access in ROUTES.items() if access != "private"}
    assert routes_of(room.web()) | routes_of(make_health_app({}, str)) == set(ROUTES)


def test_what_is_private_is_served_by_the_health_application_only() -> None:
    assert {ROUTES[route] for route in routes_of(make_health_app({}, str))} == {"public", "private"}


@pytest.mark.parametrize(("method", "path"), [key for key, access in ROUTES.items() if access == "signed"])
def test_a_signed_route_answers_nobody_without_a_signature(room: CalendlyRoom, method: str, path: str) -> None:
    row = room.listen_for(flow_text())
    assert get(room.web(), path.replace("{subscription_id}", row.id), method).status_code == 401


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_not_allowed(room: CalendlyRoom, method: str) -> None:
    row = room.listen_for(flow_text())
    assert get(room.web(), f"/hooks/{row.id}", method).status_code == 405


@pytest.mark.parametrize("path", ["/", "/hooks", "/hooks/", "/hooks/a/b", "/docs", "/openapi.json"])
def test_what_is_not_in_the_table_is_not_there(room: CalendlyRoom, path: str) -> None:
    answer = get(room.web(), path, "POST")
    assert answer.status_code == 404


# Health


def raises(error: Exception) -> Callable[[], None]:
    def check() -> None:
        raise error

    return check


def test_a_process_that_serves_is_healthy_whatever_its_parts_do(room: CalendlyRoom) -> None:
    app = make_app(Hooks(room.ingest(), room.intake), {"database": raises(DatabaseUnavailable("away"))})
    assert get(app, "/healthz").json() == {"status": "ok"}


def test_ready_when_every_part_answers(room: CalendlyRoom) -> None:
    answer = get(room.web(), "/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "problems": {}})


def test_not_ready_names_the_part_and_keeps_the_reason_to_itself() -> None:
    secret = DatabaseUnavailable("the database at db-7.internal refuses user hookline")
    checks = {"database": raises(secret), "worker": raises(ValueError("a bug")), "fine": lambda: None}
    answer = get(make_health_app(checks, str), "/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "problems": {"database": "unavailable (E101)", "worker": "unavailable"},
    }


def test_not_ready_when_a_part_does_not_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "READY_PATIENCE", 0.05)
    release = Event()

    def hang() -> None:
        release.wait(20)

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=make_health_app({"database": hang}, str))
        async with httpx.AsyncClient(transport=transport, base_url="http://web.example") as client:
            try:
                return await client.get("/readyz")
            finally:
                release.set()

    answer = asyncio.run(ask())
    assert (answer.status_code, answer.json()["problems"]) == (503, {"database": "does not answer in time"})


# On a port


@contextmanager
def served(app: ASGIApp) -> Iterator[Server]:
    server = Server(app, listen("127.0.0.1", 0, "web"), name="web")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def test_a_delivery_over_a_real_connection(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    with served(room.web()) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        for _ in range(2):
            connection.request("POST", f"/hooks/{row.id}", sample(), signed(sample()))
            answer = connection.getresponse()
            assert (answer.status, answer.getheader("server")) == (202, None)
            answer.read()
        connection.close()
    assert len(room.journal.runs.list()) == 1


def test_a_service_that_hangs_up_in_the_middle_of_its_delivery_leaves_nothing(room: CalendlyRoom) -> None:
    row = room.listen_for(flow_text())
    with served(room.web()) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as cut:
            head = f"POST /hooks/{row.id} HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\n"
            cut.sendall(head.encode() + sample()[:500])
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        connection.close()
    assert room.journal.events.list() == []


def test_a_body_that_does_not_come_is_not_waited_for_for_ever(
    room: CalendlyRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks_module, "BODY_PATIENCE", 0.05)
    row = room.listen_for(flow_text())
    with (
        served(room.web()) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as slow,
    ):
        head = f"POST /hooks/{row.id} HTTP/1.1\r\nHost: web\r\nContent-Length: 1000\r\n\r\n{{"
        slow.sendall(head.encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")
    assert room.journal.events.list() == []


def test_stopping_answers_what_is_under_way() -> None:
    entered, release = Event(), Event()

    def slow() -> None:
        entered.set()
        release.wait(20)

    with served(make_health_app({"slow": slow}, str)) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/readyz")
        assert entered.wait(20)
        stopping = Thread(target=server.stop)
        stopping.start()
        release.set()
        assert connection.getresponse().status == 200
        connection.close()
        stopping.join(20)
        assert not stopping.is_alive()


def test_after_stopping_the_port_is_free_again() -> None:
    with served(make_health_app({}, str)) as server:
        port = server.port
    listener = eventually(lambda: listen("127.0.0.1", port, "web"))
    listener.close()


def test_a_port_in_use_is_named_with_a_way_out() -> None:
    listener = listen("127.0.0.1", 0, "web")
    port = port_of(listener)
    with pytest.raises(BusyError, match=f"health cannot listen on 127.0.0.1:{port}: Address already in use") as busy:
        listen("127.0.0.1", port, "health", chosen_by="HOOKLINE_HEALTH_PORT")
    listener.close()
    assert busy.value.remedy == "Stop what uses it, or choose another port with HOOKLINE_HEALTH_PORT."


def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(BusyError, match=r"web cannot listen on 203\.0\.113\.1:0"):
        listen("203.0.113.1", 0, "web")
