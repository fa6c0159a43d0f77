"""What `hookline doctor` looks at. Owns the checks, in an order in which each explains the next; prints nothing and mends nothing.

No check makes a folder, a key, a database file or a server, and each survives whatever it looks at being down. Services are asked about
webhooks only, through their connections' limits.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from time import time
from typing import TYPE_CHECKING, NamedTuple

from engine.app import App
from engine.cli.checkup_subscriptions import SubscriptionCheckup
from engine.cli.deploy import is_loopback
from engine.cli.findings import Result, fail, ok, warn
from engine.cli.output import took
from engine.cli.pauses import paused_things
from engine.cli.readable import REMEDY as UPGRADE
from engine.cli.readable import unreadable
from engine.cli.room import room_in
from engine.errors import EgressRefused, HooklineError
from engine.journal.records import ConnectionRow
from engine.setting_values import KEY_IS_GONE
from engine.settings import masked, user_of

if TYPE_CHECKING:
    from engine.journal.seal import KeyRing

CLOCK_TOLERANCE_MS = 2_000
LATE_MS = 15_000
"""A healthy scheduler rings a due run within a second; a run that is later than this has nobody who takes it."""

CATCH_UP = "What was missed then follows each flow's catch_up."
HEALTHZ_MS = 5_000


class _Sealed(NamedTuple):
    what: str
    owner: str
    of: str
    field: str
    text: str


class Checkup:
    """All checks over the parts of one installation."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._journal_problem: str | None = None
        self._redis_answers = False

    def results(self) -> Iterator[Result]:
        checks: tuple[tuple[str, Callable[[], Iterator[Result]]], ...] = (
            ("settings", self._settings),
            ("home", self._home),
            ("database", self._database),
            ("redis", self._redis),
            ("key", self._key),
            ("public url", self._public_url),
            ("workers", self._workers),
            ("paused", self._paused),
            ("schedules", self._schedules),
            ("connections", self._connections),
            ("subscriptions", self._subscriptions),
        )
        for part, check in checks:
            yield from self._surviving(part, check)

    def _surviving(self, part: str, check: Callable[[], Iterator[Result]]) -> Iterator[Result]:
        try:
            yield from check()
        except HooklineError as error:
            yield Result(part=part, status="fail", found=self._hidden(error.message), remedy=error.remedy)
        except PermissionError as error:
            words = self._hidden(f"this user may not open {error.filename}")
            yield fail(part, words, f"Run the command as {user_of(self._app.settings.home)}, whose home this is.")
        except Exception as error:  # a check that breaks is itself a finding; the others must still be made
            words = self._hidden(f"the check broke: {type(error).__name__}: {error}")
            yield Result(part=part, status="fail", found=words, remedy="Please report this.")

    def _hidden(self, text: str) -> str:
        return self._app.redactor.text(text)

    def _settings(self) -> Iterator[Result]:
        settings = self._app.settings
        redis = masked(settings.redis_url) if settings.redis_url else "the bundled one"
        yield ok("settings", f"database {masked(settings.database_url)}, Redis {redis}, home {settings.home}")

    def _home(self) -> Iterator[Result]:
        home = self._app.settings.home
        if not home.exists():
            yield ok("home", f"{home} is not there yet; it is made when something is kept in it")
            return
        mode = stat.S_IMODE(home.stat().st_mode)
        if not home.is_dir():
            yield fail("home", f"{home} is not a folder", "Move it away, or set HOOKLINE_HOME to a folder.")
        elif not os.access(home, os.R_OK | os.W_OK | os.X_OK):
            yield fail(
                "home", f"{home} is that of {user_of(home)}", "Run the command as that user, or set HOOKLINE_HOME."
            )
        elif mode & 0o077:
            yield fail("home", f"{home} can be entered by others (mode {mode:04o})", f"chmod 700 {home}")
        else:
            yield ok("home", f"{home}, for this user only")

    def _database(self) -> Iterator[Result]:
        from engine.journal import schema
        from engine.journal.inspection import inspect_database

        # What is said when a later check needs the journal and this one did not get to its end.
        self._journal_problem = "the database cannot be used"
        path = self._app.settings.database_path
        if path is not None and not path.exists():
            yield fail("database", f"there is no database at {path} yet", "hookline migrate")
            return
        engine = self._app.unchecked_journal.engine
        before = time() * 1000
        facts = inspect_database(engine)
        drift = facts.now - (before + time() * 1000) / 2
        schema.check(engine)
        self._journal_problem = None
        yield ok("database", f"{facts.product} {facts.version} answers, schema {schema.REVISIONS[-1]}")
        yield from room_in(self._app.unchecked_journal)
        if abs(drift) > CLOCK_TOLERANCE_MS:
            words = f"the database's clock is {abs(drift) / 1000:.1f} s {'ahead of' if drift > 0 else 'behind'} this machine's"
            yield warn("clock", words, "Keep both machines' clocks in step (NTP); signatures of webhooks carry times.")
        else:
            yield ok("clock", f"the database's clock and this machine's agree within {CLOCK_TOLERANCE_MS // 1000} s")

    def _redis(self) -> Iterator[Result]:
        from engine.embedded import find_program, running_url
        from engine.throttle.inspect import inspect_redis

        given = self._app.settings.redis_url
        url = given or running_url(self._app.settings.home)
        if url is None:
            yield ok("redis", f"not running; the first process that needs it starts {find_program()}")
            return
        try:
            facts = inspect_redis(url)
        except HooklineError as error:
            if given is None:
                remedy = "hookline dev, worker, web and scheduler start it again. If that fails, see redis/redis.log in the home."
            else:
                remedy = "See that the server of HOOKLINE_REDIS_URL runs and can be reached from here. Runs wait meanwhile; nothing is lost."
            yield fail("redis", self._hidden(error.message), remedy)
            return
        self._redis_answers = True
        if facts.is_too_old:
            yield fail("redis", f"version {facts.version} is too old", "Use Redis 6.2 or later, or Valkey.")
        else:
            yield ok("redis", f"version {facts.version} answers")
        yield _eviction(facts.eviction)
        yield _persistence(facts.append_only)

    def _key(self) -> Iterator[Result]:
        settings = self._app.settings
        sealed = list(self._sealed())
        unset = settings.secret_key is None and settings.secret_key_file is None
        if unset and settings.is_embedded_database and not (settings.home / "secret.key").exists():
            # Asking for the key would make one.
            if sealed:
                words = f"{settings.home / 'secret.key'} is gone, and {len(sealed)} stored secrets were sealed with it"
                yield fail("key", words, KEY_IS_GONE)
            else:
                yield ok("key", "not made yet; it is made with the first secret")
            return
        keyring = self._app.keyring
        if self._journal_problem is not None:
            yield warn("key", f"its secrets were not tried: {self._journal_problem}", "Mend the database first.")
        else:
            yield from self._opened(keyring, sealed)

    def _opened(self, keyring: KeyRing, sealed: Sequence[_Sealed]) -> Iterator[Result]:
        right = 0
        for item in sealed:
            try:
                keyring.open(item.text, owner=item.owner, of=item.of, field=item.field)
                right += 1
            except HooklineError as error:
                words = f"{item.what}: {self._hidden(error.message)}"
                yield fail("key", words, error.remedy or "Add the connection again.")
        if right == len(sealed):
            yield ok("key", f"opens every stored secret ({right})")

    def _sealed(self) -> Iterator[_Sealed]:
        """Every sealed text in the journal."""
        for row in self._rows():
            for field, text in row.secrets.items():
                yield _Sealed(f"the {field} of {row.name}", row.owner, row.id, field, text)
        for item in [] if self._journal_problem is not None else self._app.journal.subscriptions.list():
            if item.signing_key is not None:
                what = f"the signing key of {' on '.join(filter(None, (item.uses, item.connection)))}"
                yield _Sealed(what, item.owner, item.id, "signing_key", item.signing_key)

    def _public_url(self) -> Iterator[Result]:
        url = self._app.settings.public_url
        if is_loopback(url):
            yield self._loopback(url)
        elif not url.startswith("https://"):
            yield fail(
                "public url",
                f"{url} is not https: services refuse it",
                "Put a proxy that ends TLS before hookline web.",
            )
        yield self._healthz(url)

    def _loopback(self, url: str) -> Result:
        outside = [row.name for row in self._rows() if self._calls_outside(row)]
        if not outside:
            return ok("public url", f"{url}: this machine only, enough for simulators")
        return warn(
            "public url",
            f"{url}: this machine only, so no webhook of {', '.join(outside)} will arrive",
            "Set HOOKLINE_PUBLIC_URL to the https:// address at which services reach this installation, then hookline deploy.",
        )

    def _calls_outside(self, row: ConnectionRow) -> bool:
        connector = self._app.catalogue.get(row.connector)
        if connector is None or not connector.needs_connection:
            return False
        return not is_loopback(connector.connection.base_url(row.settings))

    def _healthz(self, url: str) -> Result:
        from engine.egress import AnswerLost, NotSent, Request

        try:
            answer = self._app.egress.send(Request(method="GET", url=f"{url}/healthz", deadline_ms=HEALTHZ_MS))
        except EgressRefused as error:
            own = "this machine's own addresses are called only when HOOKLINE_EGRESS_ALLOW names them"
            return ok("web", f"not checked, because {own if is_loopback(url) else error.message}")
        except (NotSent, AnswerLost) as error:
            remedy = "Start it: hookline web (or hookline dev). If it runs, look at the proxy and the name's address."
            return warn("web", f"nobody answers at {url}/healthz: {self._hidden(str(error))}", remedy)
        if answer.status == 200 and b'"ok"' in answer.body:
            return ok("web", f"answers at {url}")
        words = f"{url}/healthz answers {answer.status}: something else listens there"
        return fail("web", words, "Let HOOKLINE_PUBLIC_URL (or the proxy behind it) lead to hookline web.")

    def _workers(self) -> Iterator[Result]:
        from engine.journal.inspection import inspect_work

        if self._journal_problem is not None:
            yield warn("workers", f"not checked: {self._journal_problem}", "Mend the database first.")
            return
        facts = inspect_work(self._app.unchecked_journal.engine)
        if facts.late_ms > LATE_MS:
            words = f"{_active(facts.active)}, and one has been due for {took(0, facts.late_ms)}: nobody takes it"
            yield fail(
                "workers", words, "Start hookline scheduler and hookline worker (or hookline dev), and read their logs."
            )
        else:
            yield ok("workers", f"{_active(facts.active)}, and none is overdue")
        if (beyond := unreadable(self._app)) is not None:
            yield fail("release", beyond, UPGRADE)
        if facts.stuck:
            words = (
                f"{len(facts.stuck)} lanes have a place, and runs are held all the same: {', '.join(facts.stuck[:3])}"
            )
            yield warn(
                "held runs", words, "The scheduler lets them go within a minute; see that hookline scheduler runs."
            )
        elif facts.held:
            yield ok("held runs", f"{facts.held} wait for their turn: hookline runs list --status queued")

    def _paused(self) -> Iterator[Result]:
        for part, found, remedy in paused_things(self._app) if self._journal_problem is None else ():
            yield warn(part, found, remedy)

    def _schedules(self) -> Iterator[Result]:
        from engine.journal.inspection import inspect_clock

        if self._journal_problem is not None:
            yield warn("schedules", f"not checked: {self._journal_problem}", "Mend the database first.")
            return
        facts = inspect_clock(self._app.unchecked_journal.engine)
        if facts.late_ms > LATE_MS:
            words = f"{facts.flow} should have fired {took(0, facts.late_ms)} ago: nobody looks at the clock"
            yield fail("schedules", words, f"Start hookline scheduler (or hookline dev). {CATCH_UP}")
        else:
            yield ok("schedules", f"{facts.schedules} wait for their time, and none is overdue")

    def _connections(self) -> Iterator[Result]:
        if self._journal_problem is not None:
            yield warn("connections", f"not checked: {self._journal_problem}", "Mend the database first.")
            return
        rows = self._rows()
        if not rows:
            yield ok("connections", "none yet")
        yield from (self._connection(row) for row in rows if not row.paused)  # those have been told of

    def _connection(self, row: ConnectionRow) -> Result:
        part = f"connection {row.name}"
        connector = self._app.catalogue.get(row.connector)
        if connector is None:
            return fail(part, f"its connector {row.connector!r} is not installed", "Install the plugin again.")
        if row.health == "ok":
            return ok(part, f"{row.connector}, {connector.budget_of(row.settings)}")
        again = f"hookline connection test {row.name}"
        if row.health == "failed":
            return fail(part, self._hidden(row.health_message or "its last test failed"), again)
        return warn(part, self._hidden(row.health_message or "it was never tested"), again)

    def _subscriptions(self) -> Iterator[Result]:
        if self._journal_problem is not None:
            yield warn("subscriptions", f"not checked: {self._journal_problem}", "Mend the database first.")
            return
        rows = self._app.journal.subscriptions.list()
        if not rows:
            yield ok("subscriptions", "none yet")
        checkup = SubscriptionCheckup(self._app, asks=self._redis_answers, is_simulated=self._is_simulated)
        for row in rows:
            yield from checkup.results(row)

    def _is_simulated(self, connection: str) -> bool:
        """Whether its service is on this machine, where `hookline dev` may call it and this process may not."""
        return any(row.name == connection and not self._calls_outside(row) for row in self._rows())

    def _rows(self) -> list[ConnectionRow]:
        return [] if self._journal_problem is not None else list(self._app.journal.connections.list())


def _eviction(policy: str | None) -> Result:
    if policy is None:
        return warn("redis eviction", "the server does not tell", "See that its maxmemory-policy is noeviction.")
    if policy != "noeviction":
        words = f"maxmemory-policy is {policy}: the throttle's memory may be thrown away"
        return fail("redis eviction", words, "CONFIG SET maxmemory-policy noeviction, and in its configuration file.")
    return ok("redis eviction", "noeviction")


def _persistence(append_only: bool | None) -> Result:
    if append_only is None:
        return warn("redis persistence", "the server does not tell", "See that appendonly is yes.")
    if not append_only:
        words = "appendonly is no: after a restart connections with recent calls wait one window out"
        return warn("redis persistence", words, "CONFIG SET appendonly yes, and in its configuration file.")
    return ok("redis persistence", "appendonly")


def _active(count: int) -> str:
    return "1 run is active" if count == 1 else f"{count} runs are active"
