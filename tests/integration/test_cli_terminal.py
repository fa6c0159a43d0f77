"""Commands on a real terminal: secrets are asked for without echo, and what removes something asks first."""

from __future__ import annotations

import errno
import os
import pty
import re
import select
import sys
import time
from pathlib import Path

import pytest

SECRET = "canary-secret-8c1f"
PATIENCE = 30.0


class Terminal:
    """A command whose standard streams are a terminal of its own."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.shown = ""
        self._pid, self._master = pty.fork()
        if self._pid == 0:
            program = "from engine.cli import main; main()"
            os.execve(sys.executable, [sys.executable, "-c", program, *arguments], {**os.environ, **environment})

    def expect(self, pattern: str) -> None:
        """Read until the pattern was shown."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.shown):
            assert time.monotonic() < deadline, self.shown
            if not self._read(deadline - time.monotonic()):
                raise AssertionError(f"ended without {pattern!r}: {self.shown}")

    def type(self, line: str) -> None:
        os.write(self._master, f"{line}\n".encode())

    def end(self) -> int:
        """Read to the end; return the exit status."""
        while self._read(PATIENCE):
            pass
        os.close(self._master)
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            piece = os.read(self._master, 4096)
        except OSError as error:
            if error.errno == errno.EIO:  # how Linux says that the other side has closed
                return False
            raise
        self.shown += piece.decode(errors="replace")
        return bool(piece)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    # Nothing listens on port 1: none of this may need Redis.
    return {"HOOKLINE_HOME": str(tmp_path / "home"), "HOOKLINE_REDIS_URL": "redis://127.0.0.1:1/0"}


def test_a_secret_is_asked_for_without_echo_and_removing_asks_first(environment: dict[str, str]) -> None:
    assert Terminal(["migrate"], environment).end() == 0

    adding = Terminal(["connection", "add", "mine", "calendly", "--no-test"], environment)
    adding.expect("Personal access token")
    adding.type(SECRET)
    assert adding.end() == 0
    assert "stored the connection mine" in adding.shown
    assert SECRET not in adding.shown

    keeping = Terminal(["connection", "remove", "mine"], environment)
    keeping.expect(r"Remove the connection mine and its secrets\? \[y/N\]")
    keeping.type("n")
    assert keeping.end() == 1
    assert "nothing was removed" in keeping.shown

    removing = Terminal(["connection", "remove", "mine"], environment)
    removing.expect("Remove the connection mine")
    removing.type("y")
    assert removing.end() == 0
    assert "removed the connection mine" in removing.shown
