"""A PostgreSQL server for the length of a test session. Owns finding its programs, starting it and throwing it away.

It listens on a socket in its own temporary folder and nowhere else, and loses everything at a power cut: it is for tests only.
"""

from __future__ import annotations

import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

PROGRAMS_SETTING = "HOOKLINE_TEST_POSTGRES_BIN"
HOW_TO_ENABLE = f"apt-get install postgresql   # or name the folder of initdb and pg_ctl in {PROGRAMS_SETTING}"
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "300"}
_DURABLE = _FAST | {"synchronous_commit": "on"}
"""What is committed survives the end of the server's processes, though not a power cut."""


class PostgresServer:
    """A running server. ``url(database)`` is what HOOKLINE_DATABASE_URL would hold."""

    def __init__(self, programs: Path, folder: Path, *, durable: bool = False) -> None:
        self._programs = programs
        self._folder = folder
        self._settings = _DURABLE if durable else _FAST

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://hookline@/{database}?host={self._folder}"

    def create_database(self, name: str, *, like: str | None = None, on: Path | None = None) -> str:
        """A new database whose default order of text is a language's, as on most servers; returns its URL.

        ``like``: a copy of this one. ``on``: an empty folder, of the server's user, that its tables are kept in.
        """
        at = ["--host", str(self._folder), "--username", "hookline"]
        more = ["--template", like] if like is not None else []
        if on is not None:
            self._run("psql", *at, "--command", f"CREATE TABLESPACE {name} LOCATION '{on}'", "postgres")
            more += ["--tablespace", name]
        self._run("createdb", *at, *more, name)
        return self.url(name)

    def start(self) -> None:
        settings = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        options = f"-k {self._folder} -c listen_addresses='' {settings}"
        self._control("start", "--log", str(self._folder / "log"), "--options", options)

    def stop(self) -> None:
        """At once, as in a crash: connections are cut."""
        self._control("stop", "--mode", "immediate")

    def init(self) -> None:
        locale = ["--encoding", "UTF8", "--locale-provider", "icu", "--icu-locale", "en-US", "--locale", "C.UTF-8"]
        self._run(
            "initdb", "--pgdata", str(self.data), "--username", "hookline", "--auth", "trust", "--no-sync", *locale
        )

    @property
    def process_id(self) -> int:
        """Of the server's main process."""
        return int((self.data / "postmaster.pid").read_text().splitlines()[0])

    def freeze(self) -> None:
        """SIGSTOP to all its processes: connections stay open, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        main = self.process_id
        # The main process first, so that it starts no further ones meanwhile.
        os.kill(main, number)
        for child in _children(main):
            with suppress(ProcessLookupError):
                os.kill(child, number)

    @property
    def data(self) -> Path:
        """The folder that holds the databases."""
        return self._folder / "data"

    def _control(self, action: str, *arguments: str) -> None:
        self._run("pg_ctl", action, "--pgdata", str(self.data), "--wait", "--silent", *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        # To files, not pipes: the server inherits them, and a pipe would stay open as long as it runs.
        with (self._folder / "output").open("w+") as output:
            done = subprocess.run(
                [*_as_unprivileged(), str(self._programs / program), *arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                check=False,
                timeout=60,
            )
            output.seek(0)
            assert done.returncode == 0, f"{program} failed:\n{output.read()}"


@contextmanager
def running_server(programs: Path, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A fresh server in a temporary folder; both are gone afterwards. ``durable``: its crash loses nothing that was committed."""
    # Not pytest's folder: that belongs to root when root runs the tests, and a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="hookline-pg-"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, unprivileged_user())
        server = PostgresServer(programs, folder, durable=durable)
        server.init()
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _children(process: int) -> Sequence[int]:
    listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(number) for number in listed.split()]


def find_programs() -> Path | None:
    """The folder of initdb and pg_ctl, newest version first; None when there is none."""
    candidates = [os.environ.get(PROGRAMS_SETTING), _pg_config_folder(), *_debian_folders()]
    return next((Path(folder) for folder in candidates if folder and (Path(folder) / "initdb").exists()), None)


def _debian_folders() -> Sequence[str]:
    return sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda folder: int(folder.split("/")[4]), reverse=True)


def _pg_config_folder() -> str | None:
    if shutil.which("pg_config") is None:
        return None
    return subprocess.run(
        ["pg_config", "--bindir"], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()


def _as_unprivileged() -> Sequence[str]:
    # initdb and postgres refuse to run as root.
    return ["runuser", "-u", unprivileged_user(), "--"] if os.geteuid() == 0 else []


def unprivileged_user() -> str:
    """Who runs the server when root runs the tests."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
