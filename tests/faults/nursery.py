"""Processes at a tenth of the price: one process imports the engine once, and every `hookline` process of a test is forked from it.

Owns the parent, which does nothing but fork and report how its children ended, and the test's side of it. A child is a process like any other
(a session, a log, an environment and a folder of its own; it runs the same command line), it just did not have to import. What must hold
before the interpreter starts, such as LD_PRELOAD, cannot be given to it: start those with ``Site.start(fresh=True)``.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Condition, Lock, Thread
from types import FrameType

from tests.faults import planted

ROOT = Path(__file__).parents[2]
IMPORTED = (
    "alembic.command",
    "celery.concurrency.thread",
    "celery.worker.consumer",
    "engine.cli.scheduler",
    "engine.cli.services",
    "engine.cli.web",
    "engine.cli.worker",
    "engine.egress.client",
    "engine.journal.journal",
    "engine.journal.schema",
    "engine.throttle.redis",
    "kombu.transport.redis",
    "psycopg",
    "tests.faults.connector",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.lifespan.on",
)
PATIENCE = 60.0


class Nursery:
    """The test's side. ``start`` returns the child's process id; ``wait`` its exit status, negative for a signal, as subprocess says it."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HOOKLINE_")}
        self._parent = subprocess.Popen(
            [sys.executable, "-m", __name__],
            env={**environment, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._started: list[int] = []
        self._ended: dict[int, int] = {}
        self._news = Condition()
        self._ordering = Lock()
        self._reader = Thread(target=self._read, name="nursery", daemon=True)
        self._reader.start()

    def start(self, arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, log: Path) -> int:
        order = {"arguments": arguments, "environment": dict(environment), "folder": str(folder), "log": str(log)}
        assert self._parent.stdin is not None
        # One order at a time: the next child that is reported is this one.
        with self._ordering, self._news:
            self._parent.stdin.write(json.dumps(order) + "\n")
            self._parent.stdin.flush()
            self._news.wait_for(lambda: self._started or self._parent.poll() is not None, PATIENCE)
            assert self._started, f"the nursery does not answer; it ended with {self._parent.poll()}"
            return self._started.pop()

    def status(self, pid: int) -> int | None:
        """None while it runs."""
        with self._news:
            return self._ended.get(pid)

    def wait(self, pid: int, seconds: float) -> int | None:
        """None when it still runs after so many seconds."""
        with self._news:
            self._news.wait_for(lambda: pid in self._ended, seconds)
            return self._ended.get(pid)

    def close(self) -> None:
        """Children that still live are killed."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.close()
        self._parent.wait(PATIENCE)
        self._reader.join(PATIENCE)
        self._parent.stdout.close()

    def _read(self) -> None:
        assert self._parent.stdout is not None
        for line in self._parent.stdout:
            news = json.loads(line)
            with self._news:
                if "status" in news:
                    self._ended[news["pid"]] = news["status"]
                else:
                    self._started.append(news["pid"])
                self._news.notify_all()


def main() -> None:
    """The parent. It has one thread only, so that a fork takes nothing half done along."""
    for name in IMPORTED:
        importlib.import_module(name)
    bell, ring = os.pipe()
    os.set_blocking(ring, False)
    signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, _heard)
    waiting, living = b"", set[int]()
    while True:
        readable, _, _ = select.select([0, bell], [], [])
        if bell in readable:
            os.read(bell, 4096)
            _reap(living)
        if 0 in readable:
            more = os.read(0, 1 << 20)
            if not more:
                _end(living)
                return
            *orders, waiting = (waiting + more).split(b"\n")
            for order in orders:
                living.add(_bear(json.loads(order), (bell, ring)))


def _heard(number: int, frame: FrameType | None) -> None:
    return None


def _end(living: set[int]) -> None:
    """The test is over, or was killed: nothing of it stays behind."""
    for pid in living:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def _reap(living: set[int]) -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        living.discard(pid)
        _say({"pid": pid, "status": os.waitstatus_to_exitcode(status)})


def _say(news: Mapping[str, int]) -> None:
    os.write(1, json.dumps(news).encode() + b"\n")


def _bear(order: dict[str, object], pipes: tuple[int, ...]) -> int:
    pid = os.fork()
    if pid:
        _say({"pid": pid})
        return pid
    status = 1
    try:
        status = _live(order, pipes)
    finally:
        # Not sys.exit: what the parent had opened is not this process's to close.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _live(order: dict[str, object], pipes: tuple[int, ...]) -> int:
    """The child: what exec would have done, then the command."""
    os.setsid()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for pipe in pipes:
        os.close(pipe)
    log, nothing = (
        os.open(str(order["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600),
        os.open(os.devnull, os.O_RDONLY),
    )
    for number, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(number, target)
    os.chdir(str(order["folder"]))
    environment, arguments = order["environment"], order["arguments"]
    assert isinstance(environment, dict)
    assert isinstance(arguments, list)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = str(environment.get("PYTHONPATH", "")).split(os.pathsep)
    sys.argv = ["hookline", *arguments]
    if bug := environment.get(planted.VARIABLE):
        planted.plant(str(bug))
    from engine.cli import main as hookline

    try:
        hookline(arguments)
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    return 0


if __name__ == "__main__":
    main()
