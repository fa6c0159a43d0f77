"""One running command of an installation. Owns its process group, its log and the signals that a test sends; knows nothing of flows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from engine.failpoints import KILLED
from tests.eventually import eventually
from tests.faults.nursery import Nursery

HOOKLINE = Path(sys.executable).parent / "hookline"
READY_WITHIN = 60.0
ENDED_WITHIN = 30.0


class Running(Protocol):
    """A process that was started, however."""

    pid: int

    def status(self) -> int | None: ...

    def wait(self, seconds: float) -> int | None: ...


class Forked:
    """From the nursery."""

    def __init__(self, nursery: Nursery, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        self._nursery = nursery
        self.pid = nursery.start(arguments, environment, log.parent, log)

    def status(self) -> int | None:
        return self._nursery.status(self.pid)

    def wait(self, seconds: float) -> int | None:
        return self._nursery.wait(self.pid, seconds)


class Fresh:
    """By exec, as an operator starts it."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                [HOOKLINE, *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                start_new_session=True,
            )
        self.pid = self._popen.pid

    def status(self) -> int | None:
        return self._popen.poll()

    def wait(self, seconds: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self._popen.wait(seconds)
        return None


class Process:
    """``name`` is unique in its site. Every fault is told to ``note``, so that a test can prove that it happened."""

    def __init__(self, name: str, running: Running, log_file: Path, note: Callable[[str], None]) -> None:
        self.name = name
        self.log_file = log_file
        self._running = running
        self._note = note

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    @property
    def alive(self) -> bool:
        return self._running.status() is None

    def said(self, words: str, *, within: float = READY_WITHIN) -> None:
        """Waits for these words in the log; fails when the process ends without them."""

        def look() -> bool:
            ended = not self.alive
            found = words in self.log
            assert found or not ended, f"{self.name} ended with {self._running.status()}: {self.log}"
            return found

        eventually(look, within=within, saying=lambda: self.log)

    def kill(self) -> None:
        """SIGKILL to the process alone."""
        self._send(signal.SIGKILL, group=False)
        self.ended()

    def kill_group(self) -> None:
        """SIGKILL to the process and all its children."""
        self._send(signal.SIGKILL, group=True)
        self.ended()

    def pause(self) -> None:
        """SIGSTOP: it holds what it holds, and does nothing."""
        self._send(signal.SIGSTOP, group=True)

    def resume(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT, group=True)

    def stop(self) -> int:
        """SIGTERM, as an operator does; the exit status. No fault."""
        os.kill(self.pid, signal.SIGTERM)
        return self.ended()

    def ended(self, *, within: float = ENDED_WITHIN) -> int:
        """Waits for its end; the exit status (137 after an armed failpoint, which counts as a fault)."""
        code = self._running.wait(within)
        assert code is not None, f"{self.name} did not end within {within:g} s: {self.log}"
        if code == KILLED:
            self._note(f"{self.name} reached its failpoint")
        return code

    def end_at_once(self) -> None:
        """For the end of a test: no fault, nothing is noted."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            assert self._running.wait(ENDED_WITHIN) is not None, f"{self.name} cannot be killed"

    def _send(self, number: signal.Signals, *, group: bool) -> None:
        assert self.alive, f"{self.name} has ended already, so {number.name} would be no fault: {self.log}"
        self._note(f"{number.name} to {self.name}")
        if group:
            os.killpg(self.pid, number)
        else:
            os.kill(self.pid, number)
