"""The part of the authors' tutorial that needs a server: ``dev`` with the simulated Calendly, somebody books, and every command prints what
the guide shows."""

from __future__ import annotations

import json
import re

from tests.flows.sessions import alike, words
from tests.flows.test_tutorial import HELLO, SESSIONS
from tests.integration.test_processes import Installation, site

__all__ = ["site"]

RUN_ID = re.compile(r"01[0-9a-z]{24}")


def shown_by(beginning: str) -> tuple[str, str]:
    return next((command, shown) for command, shown in SESSIONS if command.startswith(beginning))


def test_the_server_part_goes_as_the_guide_shows(site: Installation) -> None:
    (site.folder / "my-flows").mkdir()
    (site.folder / "my-flows" / "hello.yaml").write_text(HELLO)
    del site.environment["HOOKLINE_EGRESS_ALLOW"]

    command, shown = shown_by("hookline dev ")
    dev = site.start(*words(command), "--simulator-port", str(site.service_port), HOOKLINE_LOG_FORMAT="text")
    dev.said("watching")
    said = dev.log.replace(str(site.port), "8480").replace(str(site.service_port), "8481")
    assert alike(said) == alike(shown)

    booking, nothing = shown_by("curl ")
    assert nothing == ""
    site.control("book", json.loads(words(booking)[-1]))
    run = site.run_ended().id

    for beginning in ("hookline runs list", "hookline runs show ", "hookline events ", "hookline deploy "):
        command, shown = shown_by(beginning)
        given = [run if RUN_ID.fullmatch(word) else word for word in words(command)]
        done = site.run(*given)
        assert alike(done.stdout + done.stderr) == alike(shown), command
