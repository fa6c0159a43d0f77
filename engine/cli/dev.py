"""``hookline dev``: web, worker, scheduler, the bundled Redis and a simulator under one command. Owns their order and the lock on the home.

A broken edit leaves the old version active and says why; one Ctrl-C ends everything.
"""

from __future__ import annotations

import fcntl
import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from engine import failpoints, log
from engine.app import OWNER, App
from engine.cli.lifecycle import stop_on_signal
from engine.cli.services import Services
from engine.cli.simulate import start_simulator
from engine.errors import BusyError, HooklineError
from engine.flow.model import ActionStep, Flow, all_steps
from engine.journal.schema import migrate
from engine.redaction import Redactor
from engine.runtime.deploy import check_files
from engine.runtime.watch import Watch
from engine.settings import Settings, armed_failpoints

LOOK_SECONDS = 0.5
logger = log.get(__name__)


@click.command()
@click.option("--flows", "folder", type=click.Path(exists=True, path_type=Path), help="Files to deploy and watch.")
@click.option("--simulate", "simulated", multiple=True, metavar="CONNECTOR", help="Simulate this service; repeatable.")
@click.option(
    "--simulator-port", default=8481, show_default=True, help="Port of the (first) simulator; 0 takes a free one."
)
def dev(folder: Path | None, simulated: Sequence[str], simulator_port: int) -> None:
    """Run everything in one terminal, and reload flows as you edit them.

    With --simulate, connections that your flows name are made for the simulator where they are missing; connections
    that exist are never changed.

    \b
    Example:  hookline dev --flows flows --simulate calendly
    """
    settings = Settings.load()
    failpoints.arm(armed_failpoints())
    redactor = Redactor()
    log.configure(format=settings.log_format, level=settings.log_level, process="dev", redactor=redactor)
    with ExitStack() as stack:
        stack.enter_context(_sole(settings.prepare_home()))
        app = stack.enter_context(App(_with_loopback(settings) if simulated else settings, redactor=redactor))
        stop_on_signal(app.stopping)
        _migrate(app)
        urls = _simulators(app, simulated, simulator_port, stack)
        services = Services(app)
        stack.callback(services.close)
        server = services.web()
        services.worker()
        watch = _first_deploy(app, folder, urls)
        services.scheduler()
        _say_ready(app, server.port, urls, folder)
        while not app.stopping.wait(LOOK_SECONDS):
            _look_again(app, watch, urls)
        logger.info("stopping")


@contextmanager
def _sole(home: Path) -> Iterator[None]:
    """Hold the home for one `dev`. Raises BusyError when another one has it."""
    with (home / "dev.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BusyError(
                f"another `hookline dev` runs on {home}",
                remedy="Stop it, or give this one a home of its own: HOOKLINE_HOME=other hookline dev …",
            ) from None
        yield


def _with_loopback(settings: Settings) -> Settings:
    """Simulators listen on 127.0.0.1, which connections may not reach otherwise."""
    loopback = ipaddress.ip_network("127.0.0.1/32")
    return settings.model_copy(update={"egress_allow": (*settings.egress_allow, loopback)})


def _migrate(app: App) -> None:
    before, after = migrate(app.unchecked_journal.engine)
    if before != after:
        logger.info("database schema brought up to date", schema=after)


def _simulators(app: App, names: Sequence[str], port: int, stack: ExitStack) -> dict[str, str]:
    urls = {}
    for index, name in enumerate(names):
        server, _ = start_simulator(app.catalogue, name, port if index == 0 else 0, chosen_by="--simulator-port")
        stack.callback(server.stop)
        urls[name] = f"http://127.0.0.1:{server.port}"
    return urls


def _first_deploy(app: App, folder: Path | None, urls: Mapping[str, str]) -> Watch | None:
    if folder is None:
        return None
    watch = Watch(folder)
    _deploy(app, watch, urls)
    return watch


def _simulated_connections(app: App, flows: Iterable[Flow], urls: Mapping[str, str]) -> None:
    """A connection for every name that a flow uses with a simulated connector."""
    for flow in flows:
        steps = [step for step in all_steps(flow) if isinstance(step, ActionStep)]
        pairs = [(item.uses, item.connection) for item in flow.triggers] + [
            (item.uses, item.connection) for item in steps
        ]
        for uses, alias in pairs:
            connector = uses.partition(".")[0]
            if connector in urls:
                _simulated_connection(app, flow.connections.get(alias, alias), connector, urls[connector])


def _simulated_connection(app: App, name: str, connector: str, url: str) -> None:
    """Make the connection, or point it at today's simulator if an earlier one was behind it; a real one is left alone."""
    row = app.journal.connections.get(name, owner=OWNER)
    before = None if row is None else str(row.settings.get("base_url"))
    if before == url or (before is not None and not before.startswith("http://127.0.0.1:")):
        return
    simulator = app.catalogue[connector].simulator
    assert simulator is not None
    app.connections.add(name, connector, owner=OWNER, settings={"base_url": url}, secrets=simulator.secrets)
    app.connections.test(name, owner=OWNER)
    logger.info("connection made for the simulator", connection=name)


def _look_again(app: App, watch: Watch | None, urls: Mapping[str, str]) -> None:
    if watch is not None and watch.changed():
        _deploy(app, watch, urls)


def _deploy(app: App, watch: Watch, urls: Mapping[str, str]) -> None:
    """Deploy what is right; say what is wrong, and leave those flows as they are."""
    try:
        right = _right_flows(app, watch)
        _simulated_connections(app, right, urls)
        plan = app.deployer.plan(_connected(app, right))
        reports = app.deployer.apply(plan)
        for item in plan.flows:
            if item.change != "unchanged":
                logger.info(f"flow {item.change}", flow=item.flow.id, version=item.flow.version)
        for report in reports:
            if report.became == "failed":
                logger.error("subscription failed; tried again soon", uses=report.uses, reason=report.detail)
    except HooklineError as error:
        logger.error("not deployed", reason=str(error))


def _right_flows(app: App, watch: Watch) -> Sequence[Flow]:
    """The flows without an error; says what is wrong with the others. Raises UsageError when the folder is not there (any more)."""
    checked = check_files([watch.folder], app.catalogue, deployed=app.deployer.deployed())
    for finding in checked.findings:
        click.echo(str(finding), err=True)
    broken = {finding.place.file for finding in checked.errors}
    for file in sorted(broken):
        logger.warning("not deployed; the version that is active stays", file=file)
    return [flow for flow in checked.flows if flow.file not in broken]


def _connected(app: App, flows: Sequence[Flow]) -> Sequence[Flow]:
    """The flows whose connections are stored; says which connection the others wait for, so that one missing does not keep all of them."""
    stored = {row.name for row in app.journal.connections.list(owner=OWNER)}
    waiting: dict[str, list[str]] = {}
    for flow in flows:
        for name in sorted(set(flow.connections.values()) - stored):
            waiting.setdefault(name, []).append(flow.id)
    for name, ids in sorted(waiting.items()):
        add = f"hookline connection add {name} CONNECTOR"
        logger.warning("not deployed, for a connection is missing", connection=name, flows=", ".join(ids), add=add)
    held = {flow_id for ids in waiting.values() for flow_id in ids}
    return [flow for flow in flows if flow.id not in held]


def _say_ready(app: App, port: int, urls: dict[str, str], folder: Path | None) -> None:
    logger.info(
        "ready", webhooks=f"http://{app.settings.host}:{port}/hooks/…", **{f"{k}_simulator": v for k, v in urls.items()}
    )
    if folder is not None:
        logger.info("watching", folder=str(folder))
