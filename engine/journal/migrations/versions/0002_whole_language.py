"""What loops, sub-flows, waits for events, lanes and schedules need.

Rows of 0001 stay as they are: their new columns say that they have none of it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Ids and paths sort by their bytes on both databases.
ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger()
SOURCES = "source IN ('webhook', 'manual', 'schedule', 'flow')"


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    if is_sqlite:
        _make_events_anew()
    else:
        op.drop_constraint(op.f("ck_events_source"), "events")
        op.create_check_constraint(op.f("ck_events_source"), "events", SOURCES)
        op.alter_column("steps", "path", type_=ID)
    _alter_runs()
    _alter_steps()
    op.add_column("bindings", sa.Column("purpose", sa.Text(), nullable=False, server_default="start"))
    _create_tables()


def _make_events_anew() -> None:
    """SQLite cannot change a check constraint. Foreign keys are off during a migration, and find the new table by its name."""
    op.create_table(
        "events_0002",
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
        sa.CheckConstraint(SOURCES, name=op.f("ck_events_source")),
    )
    columns = "id, subscription_id, source, dedupe_key, received_at, body, event, outcomes, stale, error, repeats"
    op.execute(f"INSERT INTO events_0002 ({columns}) SELECT {columns} FROM events")
    op.drop_table("events")
    op.rename_table("events_0002", "events")
    op.create_index("ix_events_time", "events", ["received_at", "id"])


def _alter_runs() -> None:
    for column in (
        sa.Column("parent_run", ID),
        sa.Column("parent_path", sa.Text()),
        sa.Column("parent_waits", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("depth", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("lane", sa.Text()),
        sa.Column("lane_limit", sa.Integer()),
        sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("woken", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("has_waits", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("trigger_item", sa.Text()),
        sa.Column("trigger_index", sa.Integer()),
    ):
        op.add_column("runs", column)
    _create_partial_index("ix_runs_parent", "runs", ["parent_run"], "parent_run IS NOT NULL")
    _create_partial_index(
        "ix_runs_lane", "runs", ["lane", "held", "created_at", "id"], "lane IS NOT NULL AND due_at IS NOT NULL"
    )


def _alter_steps() -> None:
    for column in (
        sa.Column("begun_at", TIME),
        sa.Column("cut", sa.Text()),
        sa.Column("secure", sa.Text()),
        sa.Column("folded", sa.Boolean(), nullable=False, server_default=sa.false()),
    ):
        op.add_column("steps", column)
    _create_partial_index("ix_steps_kept", "steps", ["run_id"], sa.column("folded") == sa.false())


def _create_partial_index(name: str, table: str, columns: list[str], where: str | sa.ColumnElement[bool]) -> None:
    condition = sa.text(where) if isinstance(where, str) else where
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _create_tables() -> None:
    op.create_table(
        "waits",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("path", ID, nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "path", name="pk_waits"),
    )
    op.create_index("ix_waits_subscription", "waits", ["subscription_id"])
    op.create_table(
        "heard",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("path", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("taken", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "path", "event_id", name="pk_heard"),
    )
    op.create_table(
        "schedules",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("uses", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("next_at", TIME),
        sa.Column("last_slot", TIME),
        sa.PrimaryKeyConstraint("flow", "trigger", name="pk_schedules"),
    )
    op.create_index("ix_schedules_due", "schedules", ["next_at"])
