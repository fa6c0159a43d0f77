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
)

from engine.core.statuses import RUN_FINAL, STEP_OPEN, RunStatus, StepStatus
from engine.journal.columns import EnumText, JsonText, Key, Words, id_column, time_column
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
    UniqueConstraint("identity"),
    CheckConstraint(_one_of("state", SubscriptionState), name="state"),
)

bindings = Table(
    "bindings",
    metadata,
    Column("flow", Text, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("subscription_id", Text, ForeignKey("subscriptions.id", ondelete="CASCADE"), primary_key=True),
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
    ForeignKeyConstraint(["flow", "digest"], ["flow_versions.flow", "flow_versions.digest"]),
    CheckConstraint(_one_of("status", RunStatus), name="status"),
    CheckConstraint(f"(due_at IS NULL) = ({_one_of('status', sorted(RUN_FINAL))})", name="due_while_active"),
    Index("ix_runs_time", "created_at", "id"),
    Index("ix_runs_status", "status", "created_at", "id"),
    Index("ix_runs_flow", "flow", "status", "created_at", "id"),
)
# Only active runs are due (ck_runs_due_while_active), so that this index stays as small as the work at hand.
Index(
    "ix_runs_due", runs.c.due_at, sqlite_where=runs.c.due_at.is_not(None), postgresql_where=runs.c.due_at.is_not(None)
)

steps = Table(
    "steps",
    metadata,
    Column("run_id", id_column(), ForeignKey("runs.id"), primary_key=True),
    Column("path", Text, primary_key=True),
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
