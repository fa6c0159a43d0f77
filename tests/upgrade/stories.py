"""What is under way in a fixture: runs in every state that a release leaves behind. Owns their flows and how each came to stand where it does.

Executed by the release whose fixture it makes, so that it may use only what that release has: ``BASE`` since schema 0001, ``LANGUAGE`` since 0002.
A flow's steps are named ``<flow>.<step>`` at the shop, so that every request says which step of which run it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine import strictjson
from engine.egress import AnswerLost, Request
from engine.flow.load import load_flow
from engine.journal.records import EventSource, NewEvent, NewRun
from engine.sdk import JsonObject, Response
from tests.engine_room import OWNER, EngineRoom
from tests.upgrade.shop import TOKEN, shop

LATER = "retry: {max_attempts: 3, interval: 1m, max_interval: 1m, jitter: false}"
FEW = 1
"""Calls per hour on the connection ``till``."""


class Killed(BaseException):
    """The worker dies here."""


def die(request: Request) -> Response:
    raise Killed


def lose(request: Request) -> Response:
    raise AnswerLost("the connection was reset")


def refuse(status: int) -> Callable[[Request], Response]:
    return lambda request: Response(status=status, headers={}, body=b"{}")


@dataclass(frozen=True, kw_only=True)
class Story:
    """A flow's ``steps`` (and whatever else the file holds); what the shop does at a step, by its name; whether a worker takes the run."""

    text: str
    shop: Mapping[str, Callable[[Request], Response]]
    taken: bool = True


def step(name: str, uses: str = "shop.pay", more: str = "") -> str:
    """A step named after what the shop is told."""
    return f"  - {{id: {name.partition('.')[2]}, uses: {uses}, with: {{name: {name}}}{more}}}\n"


BASE: Mapping[str, Story] = {
    "done": Story(text="steps:\n" + step("done.look", "shop.look") + step("done.pay"), shop={}),
    "refused": Story(
        text="steps:\n" + step("refused.pay") + step("refused.send", "shop.send"), shop={"refused.send": refuse(400)}
    ),
    "lost": Story(text="steps:\n" + step("lost.pay") + step("lost.send", "shop.send"), shop={"lost.send": lose}),
    "stopped": Story(
        text="steps:\n" + step("stopped.pay") + "  - {id: s, stop: {status: cancelled, message: enough}}\n", shop={}
    ),
    "queued": Story(text="steps:\n" + step("queued.pay"), shop={}, taken=False),
    "retry": Story(
        text="steps:\n" + step("retry.pay") + step("retry.again", more=f", {LATER}") + step("retry.last"),
        shop={"retry.again": refuse(503)},
    ),
    "permit": Story(
        text="connections: {till: till}\nsteps:\n" + step("permit.one", "till.pay") + step("permit.two", "till.pay"),
        shop={},
    ),
    "cut_keyed": Story(
        text="steps:\n" + step("cut_keyed.pay") + step("cut_keyed.cut") + step("cut_keyed.last"),
        shop={"cut_keyed.cut": die},
    ),
    "cut_asked": Story(
        text="steps:\n" + step("cut_asked.pay") + step("cut_asked.cut", "shop.book") + step("cut_asked.last"),
        shop={"cut_asked.cut": die},
    ),
    "cut_plain": Story(
        text="steps:\n" + step("cut_plain.pay") + step("cut_plain.cut", "shop.send") + step("cut_plain.last"),
        shop={"cut_plain.cut": die},
    ),
    "loop": Story(
        text='steps:\n  - id: each\n    foreach: "[0, 1, 2, 3]"\n    steps:\n'
        f'      - {{id: pay, uses: shop.pay, with: {{name: "loop.{{{{ item }}}}"}}, {LATER}}}\n',
        shop={"loop.2": refuse(503)},
    ),
}

LONG = 60
LANGUAGE: Mapping[str, Story] = {
    "waits": Story(
        text="steps:\n" + step("waits.pay") + "  - {id: w, wait: {for: 1m}}\n" + step("waits.last"), shop={}
    ),
    "listens": Story(
        text="steps:\n" + step("listens.pay") + "  - {id: w, wait: {event: {uses: shop.ordered, with: {name: x}}}}\n"
        "  - {id: last, uses: shop.pay, with: {name: 'listens.{{ steps.w.output.name }}'}}\n",
        shop={},
    ),
    "called_off": Story(text="steps:\n" + step("called_off.pay"), shop={}, taken=False),
    "callee": Story(text="steps:\n  - {id: w, wait: {for: 1m}}\n" + step("callee.pay"), shop={}, taken=False),
    "calls": Story(text="steps:\n" + step("calls.pay") + "  - {id: sub, flow: callee}\n" + step("calls.last"), shop={}),
    "turns": Story(
        text="concurrency: {limit: 1}\nsteps:\n" + step("turns.pay", more=f", {LATER}"), shop={"turns.pay": refuse(503)}
    ),
    "branches": Story(
        text="steps:\n  - id: both\n    parallel:\n      left: [{id: l, uses: shop.pay, with: {name: branches.left}}]\n"
        "      right: [{id: w, wait: {for: 1m}}, {id: r, uses: shop.pay, with: {name: branches.right}}]\n",
        shop={},
    ),
    "secret": Story(
        text="steps:\n  - {id: a, uses: shop.pay, with: {name: secret.a}, secure: [inputs, outputs]}\n  - {id: w, wait: {for: 1m}}\n"
        "  - {id: b, uses: shop.pay, with: {name: 'secret.{{ steps.a.output.name }}'}}\n",
        shop={},
    ),
    "long": Story(
        text=f'steps:\n  - id: each\n    foreach: "{list(range(LONG))}"\n    steps:\n'
        f'      - {{id: pay, uses: shop.pay, with: {{name: "long.{{{{ item }}}}"}}, {LATER}}}\n',
        shop={"long.55": refuse(503)},
    ),
}


class Shop:
    """Plays the shop in a room: what it was asked, and the keys that came along."""

    def __init__(self, room: EngineRoom) -> None:
        self.asked: list[tuple[str, str, str | None]] = []
        self.acts: dict[str, Callable[[Request], Response]] = {}
        self.room = room
        for name, limit, seconds in (("shop", 1000, 60), ("till", FEW, 3600)):
            room.install(shop(name, limit=limit, seconds=seconds))
        room.service.send = self.send  # type: ignore[method-assign]

    def send(self, request: Request) -> Response:
        name = request.url.rpartition("/")[2]
        self.asked.append((name, request.method, request.headers.get("Idempotency-Key")))
        act = self.acts.pop(name, None)
        if act is not None:
            return act(request)
        return Response(status=200, headers={}, body=strictjson.dump({"name": name}).encode())


def deploy(room: EngineRoom, flow_id: str, text: str) -> str:
    """Make the version active; its digest."""
    if "connections:" not in text:
        text = f"connections: {{shop: shop}}\n{text}"
    source = f"id: {flow_id}\nname: {flow_id.title()}\n{text}"
    flow = load_flow(source, f"{flow_id}.yaml")
    room.journal.flows.deploy(
        flow_id=flow.id, name=flow.name, owner=OWNER, digest=flow.digest, source=source, file=flow.file
    )
    return flow.digest


def start(room: EngineRoom, flow_id: str, digest: str, *, key: str, run: NewRun | None = None) -> str:
    """Accept an event that starts a run; the run's id."""
    event: JsonObject = {"order": key}
    new = NewEvent(
        subscription_id=None,
        source=EventSource.MANUAL,
        dedupe_key=key,
        body=strictjson.dump(event).encode(),
        event=event,
        runs=(run or NewRun(flow=flow_id, digest=digest, trigger="manual", owner=OWNER),),
    )
    accepted = room.journal.events.accept([new], ring_in_ms=0)[0]
    # What is held is told apart since schema 0002.
    ids: list[str] = [*accepted.run_ids, *getattr(accepted, "held", ())]
    return ids[0]


def connect(room: EngineRoom) -> None:
    """The connections, with their sealed secrets."""
    for name in ("shop", "till"):
        row = room.connections.add(name, name, owner=OWNER, settings={}, secrets={"token": TOKEN})
        room.throttle.warm(row.id, quiet_ms=0)


def play(room: EngineRoom, shop: Shop, flow_id: str, story: Story) -> str:
    """Let the story come to where it stands in the fixture; the run's id."""
    digest = deploy(room, flow_id, story.text)
    shop.acts.update(story.shop)
    run_id = start(room, flow_id, digest, key=flow_id)
    if story.taken:
        take(room, run_id)
    return run_id


def take(room: EngineRoom, *run_ids: str) -> None:
    """A worker takes the runs until each is through, parked, or has taken the worker down."""
    for future in room.crew.take(run_ids):
        if not isinstance(future.exception(timeout=60), Killed | None):
            future.result()
