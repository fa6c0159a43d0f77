"""``python -m tests.upgrade.fill REVISION URL FOLDER``: fill an empty database with the stories. Executed by the release whose fixture it is.

Writes ``facts.json`` (the runs by flow, and what the shop was asked, with the keys) and ``statements.json`` (see ``listening``) to FOLDER.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text

import tests.engine_room
from engine.flow.load import load_flow
from engine.journal.journal import Journal
from engine.journal.records import Binding, Claim, EventSource, NewEvent, NewRun, SubscriptionState
from engine.runtime.subscriptions import Subscriptions
from tests.engine_room import OWNER, EngineRoom
from tests.upgrade.listening import Listener
from tests.upgrade.stories import BASE, LANGUAGE, Shop, connect, deploy, play, start, take

PUBLIC_URL = "https://hooks.example"
ORDERED = "triggers: [{id: ordered, uses: shop.ordered, connection: shop, with: {name: order}}]\nsteps:\n  - {id: pay, uses: shop.pay, with: {name: ordered.pay}}\n"
NIGHTLY = "triggers: [{id: night, uses: schedule.cron, with: {cron: '0 3 * * *'}}]\nsteps:\n  - {id: pay, uses: shop.pay, with: {name: nightly.pay}}\n"


def main(revision: str, url: str, folder: Path) -> None:
    # The room of the first release knows SQLite only.
    vars(tests.engine_room)["Journal"] = SimpleNamespace(open=lambda _: Journal.open(url))
    with tempfile.TemporaryDirectory() as temporary, EngineRoom(Path(temporary)) as room:
        listener = Listener(room.journal.engine)
        shop = Shop(room)
        runs = _filled(revision, room, shop, listener)
        facts = {"revision": revision, "runs": runs, "asked": shop.asked}
        (folder / "facts.json").write_text(_readable(facts))
        listener.write(folder / "statements.json")


def _readable(facts: Mapping[str, Any]) -> str:
    asked = ",\n".join(f"  {json.dumps(item)}" for item in facts["asked"])
    runs = json.dumps(facts["runs"], indent=2)
    return f'{{"revision": "{facts["revision"]}",\n"runs": {runs},\n"asked": [\n{asked}\n]}}\n'


def _filled(revision: str, room: EngineRoom, shop: Shop, listener: Listener) -> dict[str, list[str]]:
    runs: dict[str, list[str]] = {}
    listener.story = "before"
    connect(room)
    _subscription(room)
    for flow_id, story in BASE.items():
        listener.story = flow_id
        runs[flow_id] = [play(room, shop, flow_id, story)]
    if revision >= "0002":
        for flow_id in LANGUAGE:
            listener.story = flow_id
            runs[flow_id] = _played(room, shop, flow_id)
        listener.story = "called_off"
        room.journal.runs.request_cancel(runs["called_off"][0])
        listener.story = "nightly"
        _schedule(room)
    listener.story = "after"
    _looked(room)
    return runs


def _played(room: EngineRoom, shop: Shop, flow_id: str) -> list[str]:
    story = LANGUAGE[flow_id]
    if flow_id == "callee":
        deploy(room, flow_id, story.text)
        return []
    if flow_id == "listens":
        deploy(room, flow_id, story.text)
        source = room.journal.flows.get(flow_id)
        assert source is not None
        Subscriptions(connections=room.connections, public_url=PUBLIC_URL).bind(
            load_flow(source.source, source.file), owner=OWNER
        )
    if flow_id != "turns":
        return [play(room, shop, flow_id, story)]
    from engine.journal.records import Lane

    digest = deploy(room, flow_id, story.text)
    shop.acts.update(story.shop)
    lane = Lane(key=Lane.key_of(flow_id), limit=1, on_limit="queue")
    run = NewRun(flow=flow_id, digest=digest, trigger="manual", owner=OWNER, lane=lane)
    found = [start(room, flow_id, digest, key=f"turns {turn}", run=run) for turn in (1, 2)]
    take(room, *found)
    return found


def _subscription(room: EngineRoom) -> None:
    """An active one with a sealed key, a flow that listens to it, and an event through it that no worker has looked at."""
    digest = deploy(room, "ordered", ORDERED)
    store = room.journal.subscriptions
    row = store.ensure(
        owner=OWNER, connection="shop", uses="shop.ordered", given={"name": "order"}, public_url=PUBLIC_URL
    )
    key = room.connections.keyring.seal("signing-key", owner=OWNER, of=row.id, field="signing_key")
    uri = "https://shop.example/hooks/1"
    store.set_state(row.id, SubscriptionState.ACTIVE, remote_uri=uri, signing_key=key)
    store.bind("ordered", [Binding(subscription_id=row.id, flow="ordered", trigger="ordered")])
    run = NewRun(flow="ordered", digest=digest, trigger="ordered", owner=OWNER)
    new = NewEvent(
        subscription_id=row.id,
        source=EventSource.WEBHOOK,
        dedupe_key="order 1",
        body=b"{}",
        event={"name": "order"},
        runs=(run,),
    )
    assert [item.duplicate for item in room.journal.events.accept([new, new], ring_in_ms=0)] == [False, True]


def _schedule(room: EngineRoom) -> None:
    """One that has fired, and is due again tomorrow."""
    from engine.journal.timetable import NewSchedule

    digest = deploy(room, "nightly", NIGHTLY)
    store = room.journal.schedules
    with room.journal.engine.connect() as db:
        now = 1000 * int(db.execute(text("SELECT max(created_at) / 1000 FROM runs")).scalar_one())
    store.bind(
        "nightly", OWNER, [NewSchedule(trigger="night", uses="schedule.cron", given={"cron": "0 3 * * *"}, next_at=now)]
    )
    [due] = store.due()
    event: Any = {"slot": now}
    run = NewRun(flow="nightly", digest=digest, trigger="night", owner=OWNER)
    new = NewEvent(
        subscription_id=None, source=EventSource.SCHEDULE, dedupe_key="", body=b"{}", event=event, runs=(run,)
    )
    assert store.fire(due.schedule, now, new, next_at=now + 86_400_000, ring_in_ms=0) is not None


def _looked(room: EngineRoom) -> None:
    """What schedulers, web processes and people ask all the time."""
    journal = room.journal
    journal.runs.next_due_in()
    journal.runs.ring(limit=500, again_in_ms=3_000)
    journal.runs.renew([Claim(run_id="x" * 26, number=1), Claim(run_id="y" * 26, number=1)], lease_ms=10_000)
    journal.runs.list(limit=5)
    journal.runs.list(flow="done", limit=5)
    journal.events.list(limit=5)
    journal.flows.list()
    journal.connections.list()
    for row in journal.subscriptions.list():
        journal.subscriptions.get(row.id)
        journal.subscriptions.listeners(row.id)
        assert journal.subscriptions.lock(row.id, for_ms=1)
        journal.subscriptions.unlock(row.id)
    journal.subscriptions.bindings()
    journal.runs.last_call_age("shop", owner=OWNER, within_ms=60_000)
    if hasattr(journal.runs, "release_held"):
        journal.runs.release_held()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
