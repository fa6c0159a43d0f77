"""Redis in a network namespace of its own, so that the network to it can be cut as a cable is: packets leave and nobody has them. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

from tests.faults.site import ROOT

PORT = 6379
NOBODY = "02:00:00:00:00:99"


def can_be_made() -> bool:
    """Whether this process may make network namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    made = subprocess.run(["ip", "netns", "add", "hl-probe"], capture_output=True).returncode == 0
    subprocess.run(["ip", "netns", "del", "hl-probe"], capture_output=True)
    return made


class FarRedis:
    """``with FarRedis() as far: … far.reach(server.socket)``: the server can be reached at ``far.url``."""

    def __init__(self) -> None:
        self._name = f"hl-{os.getpid()}"
        self._near, self._far = f"hln{os.getpid()}"[:15], f"hlf{os.getpid()}"[:15]
        net = f"10.{os.getpid() >> 8 & 127}.{os.getpid() & 255}"
        self._here, self._there = f"{net}.1", f"{net}.2"
        self._relay: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"redis://{self._there}:{PORT}/0"

    def reach(self, server: Path) -> None:
        """Let the far end pass on to this unix socket, which all namespaces share."""
        command = [
            "ip",
            "netns",
            "exec",
            self._name,
            sys.executable,
            "-m",
            "tests.faults.relay",
            self._there,
            str(PORT),
        ]
        self._relay = subprocess.Popen([*command, str(server)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self._relay.stdout is not None
        assert self._relay.stdout.readline() == "ready\n"

    def cut(self) -> None:
        """Packets to the far end go to an address that nobody has; nothing is closed, nothing is refused."""
        _run("ip", "neigh", "replace", self._there, "lladdr", NOBODY, "dev", self._near, "nud", "permanent")

    def heal(self) -> None:
        _run("ip", "neigh", "del", self._there, "dev", self._near)

    def __enter__(self) -> FarRedis:
        _run("ip", "netns", "add", self._name)
        _run("ip", "link", "add", self._near, "type", "veth", "peer", "name", self._far, "netns", self._name)
        _run("ip", "addr", "add", f"{self._here}/24", "dev", self._near)
        _run("ip", "link", "set", self._near, "up")
        _run("ip", "-n", self._name, "addr", "add", f"{self._there}/24", "dev", self._far)
        _run("ip", "-n", self._name, "link", "set", self._far, "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._relay is not None:
            self._relay.kill()
            self._relay.communicate()
        subprocess.run(["ip", "link", "del", self._near], capture_output=True)
        subprocess.run(["ip", "netns", "del", self._name], capture_output=True)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
