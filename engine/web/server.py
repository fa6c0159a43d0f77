"""Serving an ASGI application. Owns uvicorn: started in a thread or the main thread, stopped by a call, never by its own signal handlers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp

from engine.errors import BusyError

STOP_SECONDS = 5


class Server:
    """An application served on a listener (see ``listen``), in a thread of its own."""

    def __init__(self, app: ASGIApp, listener: socket.socket, *, name: str) -> None:
        self._socket = listener
        self.port = port_of(listener)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="auto",
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._server = _Quiet(config)
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._server.ready.wait(timeout=10)

    def stop(self) -> None:
        """Answer what is under way, then close."""
        self._server.should_exit = True
        self._thread.join(timeout=STOP_SECONDS + 5)
        self._socket.close()


class _Quiet(uvicorn.Server):
    """Tells when it serves, and leaves signals to the process."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def listen(host: str, port: int, name: str, *, chosen_by: str = "") -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises BusyError when the port is taken or the address is not ours.

    ``chosen_by`` is the setting or option that names the port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise BusyError(
            f"{name} cannot listen on {host}:{port}: {error.strerror}",
            remedy=f"Stop what uses it, or choose another port{f' with {chosen_by}' if chosen_by else ''}.",
        ) from None
    return listener
