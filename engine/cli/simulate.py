"""``hookline simulate``: a connector's simulator on a port. Owns nothing of the simulator itself, which is the connector's."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Event

import click

from engine import log
from engine.cli.lifecycle import opened, stop_on_signal, wait_for
from engine.errors import NotFoundError
from engine.sdk.connector import Connector, Simulator
from engine.web.server import Server, listen, port_of


@click.command()
@click.argument("connector")
@click.option("--port", default=8481, show_default=True, help="Port to listen on, on 127.0.0.1; 0 takes a free one.")
def simulate(connector: str, port: int) -> None:
    """Run a simulator of CONNECTOR's service, for trying flows without an account.

    It delivers webhooks like the service and takes control calls under /_sim/.

    \b
    Example:  hookline simulate calendly --port 8481
              curl -s http://127.0.0.1:8481/_sim/ | less
    """
    with opened() as app:
        stopping = Event()
        stop_on_signal(stopping)
        server, simulator = start_simulator(app.catalogue, connector, port, chosen_by="--port")
        try:
            click.echo(f"{connector} is simulated at http://127.0.0.1:{server.port}")
            for name, value in simulator.secrets.items():
                click.echo(f"  {name}: {value}")
            for line in simulator.controls:
                click.echo(f"  {line}")
            wait_for(stopping)
        finally:
            server.stop()
        log.get(__name__).info("stopped")


def start_simulator(
    catalogue: Mapping[str, Connector], connector: str, port: int, *, chosen_by: str = ""
) -> tuple[Server, Simulator]:
    """Serve the simulator on 127.0.0.1, on the port that the option ``chosen_by`` names. Raises NotFoundError, BusyError."""
    found = catalogue.get(connector)
    if found is None or found.simulator is None:
        simulated = [name for name, item in catalogue.items() if item.simulator is not None]
        raise NotFoundError(
            f"there is no simulator of {connector!r}", remedy=f"Simulated here: {', '.join(simulated) or 'none'}"
        )
    listener = listen("127.0.0.1", port, "the simulator", chosen_by=chosen_by)
    server = Server(found.simulator.app(f"http://127.0.0.1:{port_of(listener)}"), listener, name="simulator")
    server.start()
    return server, found.simulator
