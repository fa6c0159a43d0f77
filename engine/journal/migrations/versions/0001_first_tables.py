"""The first tables. Nothing is stored yet; the owner ``local`` is there from the start.

The set of an installation without accounts: everything belongs to ``local``.
"""

import sqlalchemy as sa
from alembic import op

from engine.journal.clock import now_ms

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Ids sort by their bytes on both databases.
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "flow_versions",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("deployed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("flow", "digest", name="pk_flow_versions"),
    )
    op.create_table(
        "flows",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("deployed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_flows"),
        sa.ForeignKeyConstraint(
            ["id", "digest"], ["flow_versions.flow", "flow_versions.digest"], name="fk_flows_flow_versions"
        ),
    )
    op.create_table(
        "connections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("connector", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("health", sa.Text(), nullable=False),
        sa.Column("health_message", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("called_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
        sa.UniqueConstraint("owner", "name", name="uq_connections_owner_name"),
        sa.CheckConstraint("health IN ('unknown', 'ok', 'failed')", name=op.f("ck_connections_health")),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("uses", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("callback_url", sa.Text(), nullable=False),
        sa.Column("signing_key", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("remote_uri", sa.Text()),
        sa.Column("detail", sa.Text()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("updated_at", TIME, nullable=False),
        sa.Column("checked_at", TIME),
        sa.Column("locked_until", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("identity", name="uq_subscriptions_identity"),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'failed', 'removing')", name=op.f("ck_subscriptions_state")
        ),
    )
    op.create_table(
        "bindings",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("flow", "trigger", "subscription_id", name="pk_bindings"),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name="fk_bindings_subscriptions", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_bindings_subscription", "bindings", ["subscription_id"])
    op.create_table(
        "events",
        sa.Column("id", ID, nullable=False),
        sa.Column("subscription_id", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text()),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("repeats", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("subscription_id", "dedupe_key", name="uq_events_subscription_id_dedupe_key"),
        sa.CheckConstraint("source IN ('webhook', 'manual')", name=op.f("ck_events_source")),
    )
    op.create_index("ix_events_time", "events", ["received_at", "id"])
    op.create_table(
        "runs",
        sa.Column("id", ID, nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("inputs", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("due_at", TIME),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("outputs", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("message", sa.Text()),
        sa.Column("waiting_for", sa.Text()),
        sa.Column("claim_no", sa.Integer(), nullable=False),
        sa.Column("cancel_requested", sa.Boolean(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_runs_events"),
        sa.ForeignKeyConstraint(
            ["flow", "digest"], ["flow_versions.flow", "flow_versions.digest"], name="fk_runs_flow_versions"
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'parked', 'succeeded', 'failed', 'uncertain', 'cancelled')",
            name=op.f("ck_runs_status"),
        ),
        sa.CheckConstraint(
            "(due_at IS NULL) = (status IN ('cancelled', 'failed', 'succeeded', 'uncertain'))",
            name=op.f("ck_runs_due_while_active"),
        ),
    )
    op.create_index("ix_runs_time", "runs", ["created_at", "id"])
    op.create_index("ix_runs_status", "runs", ["status", "created_at", "id"])
    op.create_index("ix_runs_flow", "runs", ["flow", "status", "created_at", "id"])
    op.create_index(
        "ix_runs_due",
        "runs",
        ["due_at"],
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_table(
        "steps",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("connection", sa.Text()),
        sa.Column("given", sa.Text()),
        sa.Column("output", sa.Text()),
        sa.Column("error", sa.Text()),
        sa.Column("started_at", TIME),
        sa.Column("ended_at", TIME),
        sa.Column("waiting_for", sa.Text()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("called_at", TIME),
        sa.PrimaryKeyConstraint("run_id", "path", "attempt", name="pk_steps"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_steps_runs"),
        sa.CheckConstraint(
            "status IN ('running', 'waiting', 'succeeded', 'failed', 'skipped', 'uncertain', 'cancelled')",
            name=op.f("ck_steps_status"),
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (status IN ('running', 'waiting'))", name=op.f("ck_steps_open_until_ended")
        ),
    )
    op.create_index("ix_steps_called", "steps", ["connection", "called_at"])
    op.create_index(
        "ix_steps_open",
        "steps",
        ["connection"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    owners = op.create_table(
        "owners",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_owners"),
    )
    op.execute(sa.insert(owners).values(id="local", name="This installation", created_at=now_ms()))
    op.create_table(
        "tokens",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME),
        sa.Column("used_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.ForeignKeyConstraint(["owner"], ["owners.id"], name="fk_tokens_owners"),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
    )
    op.create_index("ix_tokens_owner", "tokens", ["owner"])
    op.create_table(
        "audit",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_time", "audit", ["at", "id"])
