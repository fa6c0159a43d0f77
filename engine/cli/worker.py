"""``hookline worker``: a process that executes runs. Owns nothing else."""

from __future__ import annotations

import click

from engine import log
from engine.cli.lifecycle import opened, stop_on_signal, wait_for
from engine.cli.services import Services


@click.command()
def worker() -> None:
    """Run a worker, which executes runs.

    Start as many as you like, on as many machines as share the database and Redis. On SIGTERM or Ctrl-C running segments finish
    their call, park, and the process ends within 20 seconds.

    \b
    Example:  HOOKLINE_WORKER_THREADS=16 hookline worker
    """
    with opened("worker") as app:
        stop_on_signal(app.stopping)
        services = Services(app)
        try:
            process = services.worker()
            services.health(services.worker_checks(process))
            log.get(__name__).info("ready", threads=app.settings.worker_threads)
            wait_for(app.stopping)
        finally:
            services.close()
