"""``hookline scheduler``: the process that rings what is due. Owns nothing else."""

from __future__ import annotations

import click

from engine import log
from engine.cli.lifecycle import opened, stop_on_signal, wait_for
from engine.cli.services import Services


@click.command()
def scheduler() -> None:
    """Run the scheduler.

    It rings runs that are due (new ones that nobody took, retries, waits, runs of dead workers), fires schedules, asks services after
    our subscriptions and for what they could not deliver, and purges what HOOKLINE_RETAIN does not keep. Several at once are safe.

    \b
    Example:  hookline scheduler
    """
    with opened("scheduler") as app:
        stop_on_signal(app.stopping)
        services = Services(app)
        try:
            loop = services.scheduler()
            services.health(services.scheduler_checks(loop))
            log.get(__name__).info("ready")
            wait_for(app.stopping)
        finally:
            services.close()
