"""One running command of an installation. Owns its process group, its log and the signals that a test sends; knows nothing of flows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.eventually import eventually

HOOKLINE = Path(sys.executable).parent / "hookline"
READY_WITHIN = 60.0
ENDED_WITHIN = 30.0


class Process:
    """``name`` is unique in its site. Every fault is told to ``note``, so that a test can prove that it happened."""

    def __init__(
        self,
        name: str,
        arguments: tuple[str, ...],
        environment: Mapping[str, str],
        folder: Path,
        note: Callable[[str], None],
    ) -> None:
        self.name = name
        self.log_file = folder / f"{name}.log"
        self._note = note
        with self.log_file.open("ab") as output:
            self._popen = subprocess.Popen(
                [HOOKLINE, *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    def said(self, words: str, *, within: float = READY_WITHIN) -> None:
        """Waits for these words in the log; fails when the process ends without them."""

        def look() -> bool:
            ended = self._popen.poll() is not None
            found = words in self.log
            assert found or not ended, f"{self.name} ended with {self._popen.returncode}: {self.log}"
            return found

        eventually(look, within=within, saying=lambda: self.log)

    def kill(self) -> None:
        """SIGKILL to the process alone."""
        self._send(signal.SIGKILL, group=False)
        self._popen.wait(ENDED_WITHIN)

    def kill_group(self) -> None:
        """SIGKILL to the process and all its children."""
        self._send(signal.SIGKILL, group=True)
        self._popen.wait(ENDED_WITHIN)

    def pause(self) -> None:
        """SIGSTOP: it holds what it holds, and does nothing."""
        self._send(signal.SIGSTOP, group=True)

    def resume(self) -> None:
        """SIGCONT."""
        self._send(signal.SIGCONT, group=True)

    def stop(self) -> int:
        """SIGTERM, as an operator does; the exit status. No fault."""
        self._popen.terminate()
        return self.ended()

    def ended(self, *, within: float = ENDED_WITHIN) -> int:
        """Waits for its end; the exit status (137 after an armed failpoint, which counts as a fault)."""
        try:
            code = self._popen.wait(within)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {within:g} s: {self.log}") from None
        if code == 137:
            self._note(f"{self.name} reached its failpoint")
        return code

    def end_at_once(self) -> None:
        """For the end of a test: no fault, nothing is noted."""
        if self.alive:
            os.killpg(self.pid, signal.SIGKILL)
            self._popen.wait(ENDED_WITHIN)

    def _send(self, number: signal.Signals, *, group: bool) -> None:
        assert self.alive, f"{self.name} has ended already, so {number.name} would be no fault: {self.log}"
        self._note(f"{number.name} to {self.name}")
        if group:
            os.killpg(self.pid, number)
        else:
            self._popen.send_signal(number)
