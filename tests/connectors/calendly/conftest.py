"""Fixtures of the Calendly tests. Owns starting and stopping the simulator in the test's process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anyio.from_thread import start_blocking_portal

from tests.connectors.calendly.simulated import Simulated


@pytest.fixture
def simulated() -> Iterator[Simulated]:
    with start_blocking_portal() as portal:
        simulator = Simulated(portal)
        yield simulator
        simulator.close()
