"""A site for the nemesis: its flows, its processes, and what its faults make lawful. Owns the story from the first webhook to the verdict's history.

The flows cover every effect class, a loop, parallel branches, a wait and a sub-flow, so that a fault meets a run in any of these.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from tests.faults.checker import Allowed
from tests.faults.history import History
from tests.faults.nemesis import Nemesis
from tests.faults.site import Site, flow, step
from tests.faults.stream import Stream
from tests.postgres_server import PostgresServer

AGAIN = "retry: {max_attempts: 6, interval: 1s, max_interval: 2s}"
CLASSES = "".join(step(name, name, more=AGAIN) for name in ("read", "put", "pay", "mark")) + step("fire", "fire")
LOOP = (
    "  - id: each\n    foreach: '[1, 2, 3]'\n    max_parallel: 3\n    steps:\n"
    + "".join("    " + line + "\n" for line in step("one", "pay", more=AGAIN, item="item").splitlines())
    + "  - {id: rest, wait: {for: 500ms}}\n"
    + step("after", "mark", more=AGAIN)
)
CALLER = "  - {id: call, flow: called, wait: true}\n" + step("then", "put", more=AGAIN)
SOON = "defaults: {timeout: 5s}\n"
"""When Redis and a worker are lost together, the connection is quiet for as long as a call may last: with less of that, the nemesis meets more."""

CALLED = f"id: called\nconnections: {{faults: main}}\n{SOON}steps:\n" + step("inside", "pay", more=AGAIN)

LAWFUL = Allowed(late=True, slower=5.0)
"""A frozen worker may send once more what is safe to repeat. Two cores carry the site, its database, the witness and the tests."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What happened: the faults in order, and all that is known afterwards."""

    faults: tuple[str, ...]
    history: History


def tell(
    site: Site,
    *,
    seed: int,
    seconds: float,
    server: PostgresServer | None = None,
    every: float = 0.3,
    on_fault: Callable[[str], None] = lambda fault: None,
) -> Told:
    """Bring the site up, let webhooks come and the nemesis rage for this long, then wait until everything is quiet."""
    site.connect(limit=60, seconds=1.0)
    flows = {"classes": CLASSES, "loop": LOOP, "caller": CALLER}
    site.deploy(*(flow(name, steps=steps, extra=SOON) for name, steps in flows.items()), CALLED)
    # The first of each is never killed: its memory is what a soak looks at.
    site.up(workers=2)
    site.scheduler()
    nemesis = Nemesis(site, seed=seed, server=server)
    faults: list[str] = []
    with ExitStack() as stack:
        watch = stack.enter_context(site.watch())
        probe = stack.enter_context(site.probe()) if server is not None else None
        with Stream(site, every=every):
            for fault in nemesis.story(seconds=seconds):
                faults.append(fault)
                on_fault(fault)
            site.witness.behave()
        site.quiet(within=180 + seconds)
    return Told(faults=tuple(faults), history=site.history(watch=watch, probe=probe))
