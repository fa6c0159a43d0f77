"""The long-lived parts, put together. Owns wiring web, worker and scheduler to an App; commands choose which of them a process holds."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from threading import BoundedSemaphore, Thread

from engine import __version__, log
from engine.app import App
from engine.errors import RedisUnavailable, UnavailableError
from engine.journal.inspection import inspect_load
from engine.runtime.crew import Crew
from engine.runtime.doorbell import Doorbell
from engine.runtime.gauges import Gauges
from engine.runtime.intake import Intake
from engine.runtime.purging import Purging
from engine.runtime.rounds import Rounds
from engine.runtime.scheduler import Scheduler
from engine.runtime.segment import Workshop
from engine.web.app import make_app, make_health_app
from engine.web.hooks import Hooks
from engine.web.server import Server, listen
from engine.worker.celery_app import make_app as make_celery
from engine.worker.celery_app import publisher
from engine.worker.process import WorkerProcess

HELPERS_PER_SLOT = 4
"""Extra threads for parallel branches, per slot: waiting is what they mostly do."""

ROUND_SECONDS = 5.0
logger = log.get(__name__)
Check = Callable[[], None]


class Services:
    """Starts parts in the order asked for, and stops them in the opposite order."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._stack = ExitStack()
        self._doorbell: Doorbell | None = None
        self._purging: Purging | None = None

    def close(self) -> None:
        self._stack.close()

    @property
    def doorbell(self) -> Doorbell:
        """One per process; its broker connection is opened when it first rings."""
        if self._doorbell is None:
            self._doorbell = Doorbell(publisher(make_celery(self._app.broker_url)), self._app.metrics)
            self._stack.callback(self._doorbell.close)
        return self._doorbell

    def web(self) -> Server:
        """Listen for webhooks. Raises BusyError when the port is taken."""
        app = self._app
        intake = Intake(app.journal.events, self.doorbell.ring)
        self._stack.callback(intake.close)
        asgi = make_app(Hooks(app.ingest, intake, app.metrics), self.web_checks())
        listener = listen(app.settings.host, app.settings.port, "web", chosen_by="HOOKLINE_PORT")
        server = Server(asgi, listener, name="web")
        server.start()
        self._stack.callback(server.stop)
        return server

    def worker(self) -> WorkerProcess:
        """Execute runs. Returns when the broker was reached or, with a warning, after some seconds: it goes on trying."""
        app = self._app
        threads = app.settings.worker_threads
        workshop = Workshop(
            connections=app.connections,
            flows=app.flows,
            stopping=app.stopping,
            helpers=BoundedSemaphore(threads * HELPERS_PER_SLOT),
            metrics=app.metrics,
        )
        celery = make_celery(app.broker_url)
        worker = WorkerProcess(celery, Crew(workshop, threads=threads), threads=threads, hostname=socket.gethostname())
        worker.start()
        self._stack.callback(worker.stop)
        if not worker.wait_ready(5):
            logger.warning("the broker does not answer yet; the worker goes on trying")
        return worker

    def scheduler(self) -> Scheduler:
        """Ring what is due, in a thread; keep subscriptions, and read what was missed, in others."""
        fire = self._app.deployer.timetable.fire
        app = self._app
        self._purging = Purging(app.journal.purges, app.settings.retain, pause=app.stopping.wait)
        scheduler = Scheduler(app.journal.runs, self.doorbell, fire=fire, upkeep=self._upkeep)
        thread = Thread(target=scheduler.run, name="scheduler", daemon=True)
        thread.start()
        self._stack.callback(thread.join, 5)
        self._stack.callback(scheduler.stop)
        recovery = self._app.recovery(self.doorbell.ring)
        for rounds in (
            Rounds("reconciler", self._app.reconciler.round, every=ROUND_SECONDS),
            Rounds("recovery", recovery.round, every=ROUND_SECONDS),
        ):
            rounds.start()
            self._stack.callback(rounds.stop)
        return scheduler

    def health(self, checks: Mapping[str, Check]) -> None:
        """Serve /healthz, /readyz and /metrics when HOOKLINE_HEALTH_PORT is set."""
        app, settings = self._app, self._app.settings
        if settings.health_port is None:
            return
        listener = listen(settings.host, settings.health_port, "health", chosen_by="HOOKLINE_HEALTH_PORT")
        gauges = Gauges(app.metrics, lambda: inspect_load(app.journal.engine), version=__version__)
        server = Server(make_health_app(checks, gauges.text), listener, name="health")
        server.start()
        self._stack.callback(server.stop)

    def _upkeep(self) -> None:
        """Bring a bundled Redis back that died, marks of pauses and subscriptions that are not as wanted, and runs held in lanes that have a place; purge."""
        if self._app.embedded is not None:
            try:
                self._app.embedded.ensure_running()
            except RedisUnavailable as error:
                logger.error("the bundled Redis cannot be started", reason=error.message)
        self._app.journal.pauses.mend()
        try:
            self._app.subscriptions.upkeep()
        finally:
            # Whatever becomes of the services: the disk must not fill up meanwhile.
            if self._purging is not None:
                self._purging.turn()
        self.doorbell.ring(self._app.journal.runs.release_held())

    def _database_answers(self) -> None:
        self._app.journal.runs.next_due_in()

    def web_checks(self) -> Mapping[str, Check]:
        return {"database": self._database_answers}

    def worker_checks(self, worker: WorkerProcess) -> Mapping[str, Check]:
        def alive() -> None:
            if not worker.alive:
                raise UnavailableError("the Celery worker has ended")

        return {"database": self._database_answers, "worker": alive}

    def scheduler_checks(self, scheduler: Scheduler) -> Mapping[str, Check]:
        def looks() -> None:
            if not scheduler.healthy:
                raise UnavailableError("the last look at the journal failed")

        return {"database": self._database_answers, "scheduler": looks}
