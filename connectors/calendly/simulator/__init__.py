"""A stand-in for Calendly, for demos and tests. Owns the value that the connector registers; the app is built on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.sdk import Simulator

if TYPE_CHECKING:
    from starlette.applications import Starlette

# The one token that the simulator accepts; it opens nothing but the simulator.
TOKEN = "simulated-personal-access-token"


def app(public_url: str) -> Starlette:
    """The ASGI application that answers at ``public_url``. Importing waits until here, so that workers do not load a web server."""
    from connectors.calendly.simulator.app import build

    return build(public_url)


simulator = Simulator(
    app=app,
    secrets={"token": TOKEN},
)
