"""``hookline web``: the process that takes the webhooks. Owns nothing else."""

from __future__ import annotations

import click

from engine import log
from engine.cli.lifecycle import opened, stop_on_signal, wait_for
from engine.cli.services import Services


@click.command()
def web() -> None:
    """Run the web process, which takes the webhooks.

    It answers POST /hooks/…, GET /healthz and GET /readyz on HOOKLINE_HOST and HOOKLINE_PORT, until SIGTERM or Ctrl-C. Where
    HOOKLINE_HEALTH_PORT is set, it serves /metrics there.

    \b
    Example:  HOOKLINE_PORT=8480 hookline web
    """
    with opened("web") as app:
        stop_on_signal(app.stopping)
        services = Services(app)
        try:
            server = services.web()
            services.health(services.web_checks())
            log.get(__name__).info("ready", host=app.settings.host, port=server.port)
            wait_for(app.stopping)
        finally:
            services.close()
