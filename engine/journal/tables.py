"""The tables. Owns the schema as this release's statements see it; ``migrations/`` brings a database there, and a test proves them equal.

Times are milliseconds since the epoch, UTC, by the database's clock. Ids and JSON are text. ``owner`` is compared, never followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    and_,
    false,
    text,
)

from engine.core.statuses import RUN_FINAL, STEP_OPEN, RunStatus, StepStatus
from engine.journal.columns import EnumText, JsonText, Key, Names, Words, id_column, time_column
from engine.journal.records import EventSource, SubscriptionState


def _one_of(column: str, members: Iterable[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(member.value) for member in members)})"


metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

flow_versions = Table(
    "flow_versions",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("deployed_at", time_column(), nullable=False),
)

flows = Table(
    "flows",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("owner", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("digest", Text, nullable=False),
    Column("deployed_at", time_column(), nullable=False),
    # Events are kept and runs are queued, but none is claimed.
    Column("paused", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(["id", "digest"], ["flow_versions.flow", "flow_versions.digest"]),
)

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("settings", JsonText, nullable=False),
    Column("secrets", JsonText, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("health", Text, nullable=False),
    Column("health_message", Words),
    Column("created_at", time_column(), nullable=False),
    Column("updated_at", time_column(), nullable=False),
    # The last call outside of a run (a test, a subscription); those of runs are in steps.called_at.
    Column("called_at", time_column()),
    # No call leaves on it until a person resumes it; steps that need it wait.
    Column("paused", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("owner", "name"),
    CheckConstraint("health IN ('unknown', 'ok', 'failed')", name="health"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    # SHA-256 of (owner, connection, uses, given): an index cannot hold a ``given`` of any length.
    Column("identity", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("connection", Text, nullable=False),
    Column("uses", Text, nullable=False),
    Column("given", JsonText, nullable=False),
    Column("callback_url", Text, nullable=False),
    Column("signing_key", Text),
    Column("state", EnumText(SubscriptionState), nullable=False),
    Column("remote_uri", Text),
    Column("detail", Words),
    Column("created_at", time_column(), nullable=False),
    Column("updated_at", time_column(), nullable=False),
    Column("checked_at", time_column()),
    # While a process works on it at the service; another one takes over when this has passed.
    Column("locked_until", time_column()),
    # When the service last said that it delivers to us.
    Column("good_at", time_column()),
    # What may have been missed since then is still to be asked for; NULL: nothing.
    Column("gap_from", time_column()),
    # What the last closing of a gap found, and what it could not recover, for people.
    Column("gap_note", Words),
    # While a process asks for what was missed, or leaves the service in peace after it refused; another one takes over when this has passed.
    Column("filling_until", time_column()),
    UniqueConstraint("identity"),
    CheckConstraint(_one_of("state", SubscriptionState), name="state"),
)

bindings = Table(
    "bindings",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("subscription_id", Text, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
    Column("purpose", Text, nullable=False, server_default="start"),
    # When the flow went over to another subscription; what still comes through this one starts its runs too.
    Column("left_at", time_column()),
    Index("ix_bindings_subscription", "subscription_id"),
)

events = Table(
    "events",
    metadata,
    Column("id", id_column(), primary_key=True),
    # Not a foreign key: events outlive their subscription. NULL for events that a person made; those are never duplicates.
    Column("subscription_id", Text),
    Column("source", EnumText(EventSource), nullable=False),
    Column("dedupe_key", Key, nullable=False),
    Column("received_at", time_column(), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("event", JsonText),
    Column("outcomes", JsonText, nullable=False),
    Column("stale", Boolean, nullable=False),
    Column("error", Words),
    Column("repeats", Integer, nullable=False),
    UniqueConstraint("subscription_id", "dedupe_key"),
    CheckConstraint(_one_of("source", EventSource), name="source"),
    Index("ix_events_time", "received_at", "id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", id_column(), primary_key=True),
    Column("flow", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("status", EnumText(RunStatus), nullable=False),
    Column("event_id", id_column(), ForeignKey("events.id"), nullable=False),
    Column("inputs", JsonText, nullable=False),
    Column("created_at", time_column(), nullable=False),
    Column("due_at", time_column()),
    Column("started_at", time_column()),
    Column("ended_at", time_column()),
    Column("outputs", JsonText),
    Column("error", JsonText),
    Column("message", Words),
    Column("waiting_for", Words),
    Column("claim_no", Integer, nullable=False),
    Column("cancel_requested", Boolean, nullable=False),
    # How many step changes were written so far; numbers the steps in order (steps.position) without a further query.
    Column("changes", Integer, nullable=False),
    # Not a foreign key: a run outlives its caller where that is cleared away first.
    Column("parent_run", id_column()),
    Column("parent_path", Text),
    Column("parent_waits", Boolean, nullable=False, server_default=false()),
    Column("depth", Integer, nullable=False, server_default=text("0")),
    Column("lane", Key),
    Column("lane_limit", Integer),
    # Stands in line for a place in its lane: queued, but due in a far future (engine.journal.lanes).
    Column("held", Boolean, nullable=False, server_default=false()),
    # Somebody wants it looked at again: set with what it tells of, cleared by claim and park (engine.journal.wakes).
    Column("woken", Boolean, nullable=False, server_default=false()),
    # It waited for events, so that its end has waits to remove; runs that never did are spared the two statements.
    Column("has_waits", Boolean, nullable=False, server_default=false()),
    Column("trigger_item", JsonText),
    Column("trigger_index", Integer),
    # Its flow is paused: due as ever, but neither rung nor claimed.
    Column("paused", Boolean, nullable=False, server_default=false()),
    # Claims in a row in which no attempt ended: what a run that takes its worker down leaves, which can report nothing.
    Column("idle_claims", Integer, nullable=False, server_default=text("0")),
    # What idempotency keys are made from together with a step's path; NULL: the run's id, as before revision 0003.
    Column("key_base", Text),
    # The run that this one does again, in whole or from the step at origin_path on; not foreign keys, as parent_run.
    Column("origin_run", id_column()),
    Column("origin_path", Text),
    # The run that did this one again, if any: the last one.
    Column("rerun_by", id_column()),
    # Of a run that does another again: the steps whose outcome was unknown there, by path, with the idempotency key that they had.
    Column("unsettled", JsonText),
    # It is old enough to go, and has so many steps that they go in several transactions: nothing is made of what is left.
    Column("purging", Boolean, nullable=False, server_default=false()),
    ForeignKeyConstraint(["flow", "digest"], ["flow_versions.flow", "flow_versions.digest"]),
    CheckConstraint(_one_of("status", RunStatus), name="status"),
    CheckConstraint(f"(due_at IS NULL) = ({_one_of('status', sorted(RUN_FINAL))})", name="due_while_active"),
    Index("ix_runs_time", "created_at", "id"),
    Index("ix_runs_status", "status", "created_at", "id"),
    Index("ix_runs_flow", "flow", "status", "created_at", "id"),
    # For what may be purged, and for the databases themselves: who deletes an event or a version asks whether a run refers to it.
    Index("ix_runs_event", "event_id"),
    Index("ix_runs_version", "flow", "digest"),
)
# Only active runs are due (ck_runs_due_while_active), so that this index stays as small as the work at hand; paused ones are passed over at no cost.
_to_be_rung = and_(runs.c.due_at.is_not(None), runs.c.paused == false())
Index("ix_runs_due_unpaused", runs.c.due_at, sqlite_where=_to_be_rung, postgresql_where=_to_be_rung)
# What the release before asks for, whose processes are still up when the schema has grown: the next revision takes it away.
Index(
    "ix_runs_due", runs.c.due_at, sqlite_where=runs.c.due_at.is_not(None), postgresql_where=runs.c.due_at.is_not(None)
)

# What an event starts in a flow it starts once, whichever of two subscriptions delivers it while a changed trigger goes over to the new one.
Index(
    "uq_runs_key_base",
    runs.c.key_base,
    unique=True,
    sqlite_where=runs.c.key_base.is_not(None),
    postgresql_where=runs.c.key_base.is_not(None),
)

# These stay empty for plain runs, which then pay nothing for them.
Index(
    "ix_runs_origin",
    runs.c.origin_run,
    sqlite_where=runs.c.origin_run.is_not(None),
    postgresql_where=runs.c.origin_run.is_not(None),
)
Index(
    "ix_runs_parent",
    runs.c.parent_run,
    sqlite_where=runs.c.parent_run.is_not(None),
    postgresql_where=runs.c.parent_run.is_not(None),
)
_in_a_lane = and_(runs.c.lane.is_not(None), runs.c.due_at.is_not(None))
Index(
    "ix_runs_lane",
    runs.c.lane,
    runs.c.held,
    runs.c.created_at,
    runs.c.id,
    sqlite_where=_in_a_lane,
    postgresql_where=_in_a_lane,
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", id_column(), ForeignKey("runs.id"), primary_key=True),
    # By its bytes on both databases: what lies below a path is a range of the primary key.
    Column("path", id_column(), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("uses", Text, nullable=False),
    Column("status", EnumText(StepStatus), nullable=False),
    Column("connection", Text),
    Column("given", JsonText),
    Column("output", JsonText),
    Column("error", JsonText),
    Column("started_at", time_column()),
    Column("ended_at", time_column()),
    Column("waiting_for", Words),
    Column("position", Integer, nullable=False),
    # The last instant at which a call of this attempt may have been under way; started_at and ended_at do not say it of an attempt
    # that was refused with 429 and waits again.
    Column("called_at", time_column()),
    Column("begun_at", time_column()),
    Column("cut", Text),
    # What of given and output is sealed; NULL: nothing.
    Column("secure", Names),
    # Inside of what is through: history, which no claim reads.
    Column("folded", Boolean, nullable=False, server_default=false()),
    # What a person said of an uncertain attempt, and when: ``happened`` or ``did_not_happen``. The status stays.
    Column("settled", Text),
    Column("settled_at", time_column()),
    CheckConstraint(_one_of("status", StepStatus), name="status"),
    CheckConstraint(f"(ended_at IS NULL) = ({_one_of('status', sorted(STEP_OPEN))})", name="open_until_ended"),
    Index("ix_steps_called", "connection", "called_at"),
)
Index(
    "ix_steps_open",
    steps.c.connection,
    sqlite_where=steps.c.ended_at.is_(None),
    postgresql_where=steps.c.ended_at.is_(None),
)

# The few of which a person said something; the lists of runs that were dealt with ask for them.
Index(
    "ix_steps_settled",
    steps.c.run_id,
    sqlite_where=steps.c.settled.is_not(None),
    postgresql_where=steps.c.settled.is_not(None),
)

# What a claim loads, without passing over the folded rows of a long loop.
Index(
    "ix_steps_kept",
    steps.c.run_id,
    sqlite_where=steps.c.folded == false(),
    postgresql_where=steps.c.folded == false(),
)

# Which steps wait for which subscription's events. Not followed by keys: accepting an event must not lock a run's waits.
waits = Table(
    "waits",
    metadata,
    Column("run_id", id_column(), primary_key=True),
    Column("path", id_column(), primary_key=True),
    Column("subscription_id", Text, nullable=False),
    Index("ix_waits_subscription", "subscription_id"),
)

# What came for a wait and was not passed over. Those that were taken stay until the run ends, so that none is taken twice.
heard = Table(
    "heard",
    metadata,
    Column("run_id", id_column(), primary_key=True),
    Column("path", id_column(), primary_key=True),
    Column("event_id", id_column(), primary_key=True),
    Column("taken", Boolean, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("uses", Text, nullable=False),
    Column("given", JsonText, nullable=False),
    Column("owner", Text, nullable=False),
    # The next slot and the last one that fired.
    Column("next_at", time_column()),
    Column("last_slot", time_column()),
    Index("ix_schedules_due", "next_at"),
)

owners = Table(
    "owners",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("created_at", time_column(), nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", id_column(), primary_key=True),
    Column("owner", Text, ForeignKey("owners.id"), nullable=False),
    Column("name", Words, nullable=False),
    # SHA-256 of the token, which is random and long: the token itself is shown once and stored nowhere.
    Column("digest", Text, nullable=False),
    Column("created_at", time_column(), nullable=False),
    Column("expires_at", time_column()),
    Column("used_at", time_column()),
    UniqueConstraint("digest"),
    Index("ix_tokens_owner", "owner"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", id_column(), primary_key=True),
    Column("at", time_column(), nullable=False),
    Column("owner", Text, nullable=False),
    # Who did it (a token's id, ``console``, ``cli``), what, and to which thing (``connection:team-calendly``).
    Column("actor", Words, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Words, nullable=False),
    Column("detail", JsonText),
    Index("ix_audit_time", "at", "id"),
)
