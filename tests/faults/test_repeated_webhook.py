"""Promise 11. The fault: a service delivers the same webhook again: twenty times at once, 23 hours later, signed anew, to a web process that was
killed and started again, and after old events were purged.

What must hold: every delivery is answered 2xx, each flow that listens has one run of the event, and each of their steps had its effect once.
"""

from __future__ import annotations

import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from connectors.calendly import calendly
from engine.app import OWNER
from engine.flow.load import load_flow
from engine.journal.database import writing
from engine.journal.purges import SqlPurges
from engine.journal.records import SubscriptionState
from engine.retention import DAY_MS, Retention
from tests.calendly_room import SIGNING_KEY, sample, signed
from tests.faults.checker import Allowed, check
from tests.faults.site import Site, flow, step

AT_ONCE = 20
LATER_MS = 23 * 3_600_000
HOUR_S = 3_600


def test_one_event_is_one_run_for_each_flow_however_often_it_is_delivered(site: Site) -> None:
    site.deploy(
        flow("first", steps=step("put", "put") + step("mark", "mark")),
        flow("second", steps=step("put", "put")),
    )
    web, *_ = site.up()
    hook = site.hook()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        deliveries = list(pool.map(lambda _: site.client.send(hook, "e1"), range(AT_ONCE)))
    web.kill()
    site.web()
    site.client.again(deliveries[0])
    site.quiet()
    lets_pass(site, LATER_MS)
    site.client.again(deliveries[0])
    site.client.send(hook, "e2")
    site.quiet()
    assert [delivery.status for delivery in site.client.sent if not delivery.accepted] == []
    history = site.history()
    assert Counter(run.flow for run in history.runs) == {"first": 2, "second": 2}, "one each of e1 and of e2"
    check(history, Allowed(slower=5)).require(accepted=2, faults=1)
    [first] = [event for event in site.journal.events.list() if event.repeats]
    assert first.repeats == AT_ONCE + 1, "nothing is proven: the repeats were not taken for what they are"


def test_a_delivery_of_calendly_that_is_signed_anew_is_the_same_event(site: Site) -> None:
    [path] = listen_to_calendly(site, calendly_flow("one"), calendly_flow("two"))
    now = round(time.time())
    times = [now, now - 23 * HOUR_S, now - 60, now + 30] * (AT_ONCE // 4)
    body = sample()
    web, *_ = site.up()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda at: post(site, path, body, at), times))
    web.kill()
    site.web()
    answers += [post(site, path, body, now), post(site, path, body, now + 1)]
    lets_pass(site, LATER_MS)
    answers += [post(site, path, body, now - 23 * HOUR_S), post(site, path, body, now)]
    assert all(200 <= status < 300 for status in answers), answers
    site.quiet()
    history = site.history()
    assert Counter(run.flow for run in history.runs) == {"one": 1, "two": 1}
    [event] = site.journal.events.list()
    assert event.repeats == len(answers) - 1
    assert site.faults, "nothing is proven: the web process was not killed"
    lets_pass(site, 3 * DAY_MS)
    purge(site)
    assert site.statuses() == {}, "nothing is proven: the runs were not purged"
    assert 200 <= post(site, path, body, now) < 300
    assert site.statuses() == {}, "that it was here is known for longer than its runs are kept"


def test_an_event_of_somebody_else_is_another_one_and_only_that(site: Site) -> None:
    """Else the tests above would also pass where everything is taken for a repeat. Times are no part of the key: the API shows others."""
    [path] = listen_to_calendly(site, calendly_flow("one"))
    site.web()
    bodies = [sample(), sample(created_at="2026-03-01T09:30:01.000000Z"), other_invitee()]
    now = round(time.time())
    assert [200 <= post(site, path, body, now) < 300 for body in bodies] == [True] * 3
    assert len(site.statuses()) == 2


def other_invitee() -> bytes:
    event = json.loads(sample())
    event["payload"]["uri"] += "-of-somebody-else"
    return json.dumps(event).encode()


def calendly_flow(flow_id: str) -> str:
    trigger = "{uses: calendly.invitee, with: {events: [invitee.created]}}"
    return f"id: {flow_id}\nconnections: {{calendly: team}}\ntriggers: [{trigger}]\nsteps: [{{id: note, set: {{seen: trigger.event}}}}]\n"


def listen_to_calendly(site: Site, *texts: str) -> Sequence[str]:
    """Deploy flows as if Calendly had their webhooks already; the paths of its deliveries, one for each trigger that differs."""
    site.app.catalogue = {**site.app.catalogue, "calendly": calendly}
    for source in texts:
        found = load_flow(source, "calendly.yaml")
        site.journal.flows.deploy(
            flow_id=found.id, name=found.name, owner=OWNER, digest=found.digest, source=source, file=found.file
        )
        site.app.subscriptions.bind(found, owner=OWNER)
    rows = site.journal.subscriptions.list()
    for row in rows:
        sealed = site.app.keyring.seal(SIGNING_KEY, owner=OWNER, of=row.id, field="signing_key")
        site.journal.subscriptions.set_state(row.id, SubscriptionState.ACTIVE, signing_key=sealed)
    return [f"/hooks/{row.id}" for row in rows]


def post(site: Site, path: str, body: bytes, at: int) -> int:
    """Deliver the body, signed at ``at`` (seconds since the epoch); the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=30)
    try:
        connection.request("POST", path, body, signed(body, at=at))
        return connection.getresponse().status
    finally:
        connection.close()


def lets_pass(site: Site, ms: int) -> None:
    """As if so much time had gone by: what is stored moves into the past."""
    with writing(site.journal.engine) as db:
        db.execute(text("UPDATE events SET received_at = received_at - :ms"), {"ms": ms})
        db.execute(text("UPDATE runs SET created_at = created_at - :ms, ended_at = ended_at - :ms"), {"ms": ms})


def purge(site: Site) -> None:
    """With the shortest times that an operator can set."""
    shortest = Retention(**dict.fromkeys(Retention().kinds, DAY_MS))
    for _ in SqlPurges(site.journal.engine).sweep(shortest):
        pass
