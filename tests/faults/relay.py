"""A way to Redis that can be cut without a word. Owns passing bytes between TCP and the server's unix socket, and swallowing them on demand.

``python -m tests.faults.relay HOST PORT SOCKET`` is the same as a process, to be put into a network namespace of its own.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType

CHUNK = 64 * 1024


class Relay:
    """``with Relay() as relay: relay.to = server.socket``; listens on ``relay.port``."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        self._listener = socket.create_server((host, port), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.to = Path()
        self.swallowed = 0
        """Bytes that went nowhere."""
        self._cut = False
        self._open: set[socket.socket] = {self._listener}
        self._threads: list[Thread] = []
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def cut(self) -> None:
        """From now on nothing arrives on either side and nothing is closed; who connects is accepted, and hears nothing."""
        self._cut = True

    def heal(self) -> None:
        """New connections work. Those that lost bytes stay dead, and nobody says so."""
        self._cut = False

    def __enter__(self) -> Relay:
        self._spawn(self.serve)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for one in self._open:
            one.close()

    def serve(self) -> None:
        """Until the end."""
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(near)
            self._spawn(partial(self._connect, near))

    def _spawn(self, work: Callable[[], None]) -> None:
        thread = Thread(target=work, name="relay", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _connect(self, near: socket.socket) -> None:
        if self._cut:
            self._swallow(near)
            return
        far = socket.socket(socket.AF_UNIX)
        with self._lock:
            self._open.add(far)
        try:
            far.connect(str(self.to))
        except OSError:
            self._end(near, far)
            return
        self._spawn(lambda: self._pass(far, near))
        self._pass(near, far)

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                if self._cut:
                    self.swallowed += len(chunk)
                    self._swallow(source)
                    return
                sink.sendall(chunk)
        self._end(source, sink)

    def _swallow(self, source: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                self.swallowed += len(chunk)
        self._end(source)

    def _end(self, *ended: socket.socket) -> None:
        for one in ended:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


def main() -> None:
    relay = Relay(sys.argv[1], int(sys.argv[2]))
    relay.to = Path(sys.argv[3])
    print("ready", flush=True)
    relay.serve()


if __name__ == "__main__":
    main()
