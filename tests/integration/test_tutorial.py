"""The part of the authors' tutorial that needs a server: ``dev`` with the simulated Calendly, somebody books, and every command prints what
the guide shows."""

from __future__ import annotations

import json
import re
from textwrap import indent

from engine.core.statuses import RunStatus
from tests.eventually import eventually
from tests.flows.sessions import alike, words
from tests.flows.test_tutorial import HELLO, PAUSE, SESSIONS
from tests.integration.test_processes import Installation, site

__all__ = ["site"]

RUN_ID = re.compile(r"01[0-9a-z]{24}")


def shown_by(beginning: str) -> tuple[str, str]:
    return next((command, shown) for command, shown in SESSIONS if command.startswith(beginning))


def booked(site: Installation, name: str) -> None:
    """As the guide's curl does it."""
    booking, nothing = next(
        (command, shown) for command, shown in SESSIONS if "/_sim/book" in command and name in command
    )
    assert nothing == ""
    site.control("book", json.loads(words(booking)[-1]))


def prints(site: Installation, beginning: str, run: str) -> None:
    command, shown = shown_by(beginning)
    done = site.run(*(run if RUN_ID.fullmatch(word) else word for word in words(command)))
    assert alike(done.stdout + done.stderr) == alike(shown), command


def test_the_server_part_goes_as_the_guide_shows(site: Installation) -> None:
    hello = site.folder / "my-flows" / "hello.yaml"
    hello.parent.mkdir()
    hello.write_text(HELLO)
    del site.environment["HOOKLINE_EGRESS_ALLOW"]

    command, shown = shown_by("hookline dev ")
    dev = site.start(*words(command), "--simulator-port", str(site.service_port), HOOKLINE_LOG_FORMAT="text")
    dev.said("watching")
    said = dev.log.replace(str(site.port), "8480").replace(str(site.service_port), "8481")
    assert alike(said) == alike(shown)

    booked(site, "Ann")
    run = site.run_ended().id
    for beginning in ("hookline runs list", "hookline runs show ", "hookline events "):
        prints(site, beginning, run)

    hello.write_text(HELLO.replace("outputs:\n", indent(PAUSE, "  ") + "outputs:\n"))
    dev.said("flow changed")
    booked(site, "Ben")
    eventually(lambda: any(each.status is RunStatus.PARKED for each in site.runs()), saying=lambda: dev.log)
    prints(site, "hookline runs list --limit", run)
    prints(site, "hookline deploy ", run)
