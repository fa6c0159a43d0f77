"""The container's health: asks the process in it, whatever its role, whether it lives. Exit status 0 when it does.

Asks /healthz and not /readyz: a process whose database is down is not ready, but ending it would mend nothing.
"""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


def lives(port: str) -> bool:
    """Whether something on this port says that it is healthy."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    # web answers on its own port, worker and scheduler on the health port.
    ports = (os.environ.get("HOOKLINE_PORT") or "8480", os.environ.get("HOOKLINE_HEALTH_PORT") or "8481")
    sys.exit(0 if any(lives(port) for port in ports) else 1)
