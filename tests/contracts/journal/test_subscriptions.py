"""Webhooks wanted, and which flows listen to them."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from engine.errors import NotFoundError
from engine.journal.database import writing
from engine.journal.journal import Journal
from engine.journal.records import Binding, SubscriptionRow, SubscriptionState
from engine.journal.subscriptions import OVERLAP_MS
from engine.strictjson import JsonObject
from tests.contracts.journal.stories import at_once, deploy, webhook

PUBLIC_URL = "https://hooks.example.com"
GIVEN: JsonObject = {"events": ["invitee.created"], "scope": "user"}


def ensure(
    journal: Journal,
    *,
    owner: str = "local",
    connection: str = "team",
    uses: str = "calendly.invitee",
    given: JsonObject = GIVEN,
) -> SubscriptionRow:
    return journal.subscriptions.ensure(
        owner=owner, connection=connection, uses=uses, given=given, public_url=PUBLIC_URL
    )


def binding(subscription: SubscriptionRow, flow: str = "greet", trigger: str = "made") -> Binding:
    return Binding(subscription_id=subscription.id, flow=flow, trigger=trigger)


def test_a_subscription_is_made_pending_under_an_unguessable_id(journal: Journal) -> None:
    made = ensure(journal)

    assert journal.subscriptions.get(made.id) == made
    assert (made.state, made.signing_key, made.remote_uri, made.checked_at) == (
        SubscriptionState.PENDING,
        None,
        None,
        None,
    )
    assert made.callback_url == f"{PUBLIC_URL}/hooks/{made.id}"
    assert len(bytes.fromhex(made.id)) == 16


def test_the_same_wish_is_the_same_subscription_however_it_is_written(journal: Journal) -> None:
    made = ensure(journal)

    assert ensure(journal, given={"scope": "user", "events": ["invitee.created"]}) == made
    assert journal.subscriptions.list() == [made]


def test_another_owner_connection_trigger_or_parameter_is_another_subscription(journal: Journal) -> None:
    wishes = [
        ensure(journal),
        ensure(journal, owner="ana"),
        ensure(journal, connection="other"),
        ensure(journal, uses="calendly.form"),
        ensure(journal, given={}),
    ]

    assert len({wish.id for wish in wishes}) == 5
    assert len(journal.subscriptions.list()) == 5


def test_processes_that_wish_at_once_get_one_subscription(journal: Journal) -> None:
    assert len({row.id for row in at_once(8, lambda _: ensure(journal))}) == 1


def test_a_change_of_state_keeps_what_it_does_not_name(journal: Journal) -> None:
    made = ensure(journal)
    journal.subscriptions.set_state(
        made.id,
        SubscriptionState.ACTIVE,
        remote_uri="https://api.example.com/webhooks/1",
        signing_key="sealed",
        callback_url="https://new.example.com/hooks/x",
    )

    journal.subscriptions.set_state(made.id, SubscriptionState.FAILED, detail="403")
    failed = journal.subscriptions.get(made.id)
    journal.subscriptions.set_state(made.id, SubscriptionState.ACTIVE)
    active = journal.subscriptions.get(made.id)

    assert failed is not None
    assert active is not None
    assert (failed.state, failed.detail) == (SubscriptionState.FAILED, "403")
    assert (failed.remote_uri, failed.signing_key) == ("https://api.example.com/webhooks/1", "sealed")
    assert failed.callback_url == "https://new.example.com/hooks/x"
    assert failed.checked_at is not None
    assert (active.state, active.detail) == (SubscriptionState.ACTIVE, None)


def test_binding_replaces_the_bindings_of_that_flow_only(journal: Journal) -> None:
    one, two = ensure(journal), ensure(journal, connection="other")
    journal.subscriptions.bind("greet", [binding(one), binding(two, trigger="second")])
    journal.subscriptions.bind("other", [binding(one, flow="other")])

    journal.subscriptions.bind("greet", [binding(two)])

    kept = [item for item in journal.subscriptions.bindings() if item.left_at is None]
    assert kept == [binding(two), binding(one, flow="other")]


def test_a_subscription_that_a_trigger_leaves_goes_on_starting_its_runs_for_a_moment(journal: Journal) -> None:
    deploy(journal, "greet")
    one, two = ensure(journal), ensure(journal, connection="other")
    journal.subscriptions.bind("greet", [binding(one)])
    journal.subscriptions.listen_too("greet", [binding(two)])
    assert journal.subscriptions.bindings() == sorted(
        [binding(one), binding(two)], key=lambda item: item.subscription_id
    )

    journal.subscriptions.bind("greet", [binding(two)])
    assert [len(journal.subscriptions.listeners(row.id)) for row in (one, two)] == [1, 1]
    assert {item.subscription_id for item in journal.subscriptions.bindings() if item.left_at} == {one.id}

    with writing(journal.engine) as db:
        db.execute(text("UPDATE bindings SET left_at = left_at - :ms WHERE left_at IS NOT NULL"), {"ms": OVERLAP_MS})
    assert len(journal.subscriptions.listeners(one.id)) == 1, "the new one is not there yet, so the old one delivers"
    journal.subscriptions.set_state(two.id, SubscriptionState.ACTIVE)
    assert [len(journal.subscriptions.listeners(row.id)) for row in (one, two)] == [0, 1], "others may keep the old one"
    assert len(journal.subscriptions.listeners(one.id, recovered=True)) == 1, "it is asked for what was missed before"

    journal.subscriptions.forget_left(after_ms=2 * OVERLAP_MS)
    assert len(journal.subscriptions.bindings()) == 2
    journal.subscriptions.forget_left(after_ms=-1)
    assert journal.subscriptions.bindings() == [binding(two)]


def test_a_trigger_that_comes_back_to_a_subscription_has_not_left_it(journal: Journal) -> None:
    one, two = ensure(journal), ensure(journal, connection="other")
    for wanted in (one, two, one):
        journal.subscriptions.bind("greet", [binding(wanted)])
    assert {item.subscription_id: item.left_at is None for item in journal.subscriptions.bindings()} == {
        one.id: True,
        two.id: False,
    }


def test_a_trigger_that_is_taken_away_leaves_nothing(journal: Journal) -> None:
    one = ensure(journal)
    journal.subscriptions.bind("greet", [binding(one), binding(one, trigger="second")])
    journal.subscriptions.bind("greet", [binding(one)])
    assert journal.subscriptions.bindings() == [binding(one)]
    journal.subscriptions.bind("greet", [])
    assert journal.subscriptions.bindings() == []


def test_binding_to_a_subscription_that_is_gone_changes_nothing(journal: Journal) -> None:
    kept, gone = ensure(journal), ensure(journal, connection="other")
    journal.subscriptions.bind("greet", [binding(kept)])
    journal.subscriptions.delete(gone.id)

    with pytest.raises(NotFoundError, match="greet"):
        journal.subscriptions.bind("greet", [binding(gone)])

    assert journal.subscriptions.bindings() == [binding(kept)]


def test_only_enabled_flows_listen_and_with_their_active_version(journal: Journal) -> None:
    subscription = ensure(journal)
    for flow in ("b-flow", "a-flow", "off", "undeployed"):
        journal.subscriptions.bind(flow, [binding(subscription, flow=flow)])
    for flow in ("b-flow", "a-flow", "off"):
        deploy(journal, flow)
    deploy(journal, "a-flow", digest="b" * 64)
    journal.flows.set_enabled("off", False)

    listeners = journal.subscriptions.listeners(subscription.id)

    assert [(bound.flow.id, bound.trigger) for bound in listeners] == [("a-flow", "made"), ("b-flow", "made")]
    assert listeners[0].flow == journal.flows.get("a-flow")
    assert listeners[0].flow.digest == "b" * 64


def test_a_deleted_subscription_takes_its_bindings_and_leaves_its_events(journal: Journal) -> None:
    subscription = ensure(journal)
    journal.subscriptions.bind("greet", [binding(subscription)])
    journal.events.accept([webhook("k", subscription=subscription.id)], ring_in_ms=0)

    journal.subscriptions.delete(subscription.id)

    assert journal.subscriptions.get(subscription.id) is None
    assert journal.subscriptions.bindings() == []
    assert [event.subscription_id for event in journal.events.list()] == [subscription.id]
    assert ensure(journal).id != subscription.id


@pytest.mark.parametrize("id_", ["", "nobody", "a\x00b", "\ud800", "é", "%00", "x" * 100_000])
def test_what_strangers_ask_for_is_not_there(journal: Journal, id_: str) -> None:
    assert journal.subscriptions.get(id_) is None


def test_only_a_subscription_that_no_enabled_flow_listens_to_is_unwanted(journal: Journal) -> None:
    one, two = ensure(journal), ensure(journal, connection="other")
    deploy(journal, "greet")
    journal.subscriptions.bind("greet", [binding(one)])
    assert not journal.subscriptions.delete_unwanted(one.id)
    assert journal.subscriptions.bindings() == [binding(one)]
    journal.subscriptions.bind("greet", [binding(two)])
    assert journal.subscriptions.delete_unwanted(one.id), "it was left"
    journal.flows.set_enabled("greet", False)
    assert journal.subscriptions.delete_unwanted(two.id), "its flow is off"
    assert (journal.subscriptions.list(), journal.subscriptions.bindings()) == ([], [])


def test_a_flow_that_is_bound_at_the_instant_of_deleting_hears_that_it_failed_or_keeps_its_subscription(
    journal: Journal,
) -> None:
    deploy(journal, "greet")
    for _ in range(20):
        wanted = ensure(journal)

        def bind_or_delete(number: int, subscription: SubscriptionRow = wanted) -> bool:
            if number == 0:
                return journal.subscriptions.delete_unwanted(subscription.id)
            try:
                journal.subscriptions.bind("greet", [binding(subscription)])
            except NotFoundError:
                return False
            return True

        deleted, bound = at_once(2, bind_or_delete)
        assert bound is not deleted
        assert journal.subscriptions.bindings() == ([binding(wanted)] if bound else [])
        journal.subscriptions.delete(wanted.id)


def test_one_of_many_processes_may_work_on_a_subscription_at_the_service(journal: Journal) -> None:
    subscription = ensure(journal)

    taken = at_once(8, lambda _: journal.subscriptions.lock(subscription.id, for_ms=60_000))

    assert taken.count(True) == 1


def test_a_subscription_is_free_again_when_it_is_unlocked_or_its_time_is_over(journal: Journal) -> None:
    subscription = ensure(journal)
    assert journal.subscriptions.lock(subscription.id, for_ms=60_000)
    assert not journal.subscriptions.lock(subscription.id, for_ms=60_000)

    journal.subscriptions.unlock(subscription.id)
    assert journal.subscriptions.lock(subscription.id, for_ms=-1)
    assert journal.subscriptions.lock(subscription.id, for_ms=60_000)


def test_a_subscription_that_is_not_there_cannot_be_locked(journal: Journal) -> None:
    assert not journal.subscriptions.lock("absent", for_ms=60_000)
