"""On a real server, a dropped call is a closed connection: no answer, no traceback, and the effect has happened."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from connectors.calendly.simulator import TOKEN
from connectors.calendly.simulator.app import Simulation, build


class Announced(uvicorn.Server):
    """A server that can be awaited instead of asked again and again."""

    def __init__(self, app: Simulation) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False))
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()


@contextmanager
def served() -> Iterator[httpx.Client]:
    listener = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = Announced(build(base))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert server.ready.wait(20)
        with httpx.Client(base_url=base, headers={"Authorization": f"Bearer {TOKEN}"}, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def test_a_dropped_call_has_acted_and_leaves_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), served() as client:
        invitee = client.post("/_sim/book", json={}).json()["invitee"]["uri"]
        client.post("/_sim/faults", json={"method": "POST", "path": "/invitee_no_shows", "act": True, "drop": True})
        with pytest.raises(httpx.RemoteProtocolError):
            client.post("/invitee_no_shows", json={"invitee": invitee})
        assert client.get(invitee).json()["resource"]["no_show"] is not None
        assert [call["status"] for call in client.get("/_sim/calls").json()["calls"]] == [0, 200]
    assert caplog.records == []
