"""What pausing, running again, settling, setting aside and closing gaps need.

Additions only, with defaults: processes of the release before, which are still up, write rows that are right for this one. They ask for
``ix_runs_due``, which the next revision takes away.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from engine.journal import growing

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
TIME = sa.BigInteger()

SOURCES = "source IN ('webhook', 'manual', 'schedule', 'flow'{})"
STATUSES = "status IN ('queued', 'running', 'parked', 'succeeded', 'failed', 'uncertain', 'cancelled'{})"
ENDED = "(due_at IS NULL) = (status IN ('cancelled', 'failed', {}'succeeded', 'uncertain'))"
CHECKS = (
    ("events", "ck_events_source", SOURCES.format(""), SOURCES.format(", 'recovered'")),
    ("runs", "ck_runs_status", STATUSES.format(""), STATUSES.format(", 'poisoned'")),
    ("runs", "ck_runs_due_while_active", ENDED.format(""), ENDED.format("'poisoned', ")),
)


NO = sa.false()
COLUMNS: tuple[tuple[str, sa.Column[Any]], ...] = (
    ("flows", sa.Column("paused", sa.Boolean(), nullable=False, server_default=NO)),
    ("connections", sa.Column("paused", sa.Boolean(), nullable=False, server_default=NO)),
    ("bindings", sa.Column("left_at", TIME)),
    ("subscriptions", sa.Column("good_at", TIME)),
    ("subscriptions", sa.Column("gap_from", TIME)),
    ("subscriptions", sa.Column("gap_note", sa.Text())),
    ("subscriptions", sa.Column("filling_until", TIME)),
    ("runs", sa.Column("paused", sa.Boolean(), nullable=False, server_default=NO)),
    ("runs", sa.Column("idle_claims", sa.Integer(), nullable=False, server_default=sa.text("0"))),
    ("runs", sa.Column("key_base", sa.Text())),
    ("runs", sa.Column("origin_run", ID)),
    ("runs", sa.Column("origin_path", sa.Text())),
    ("runs", sa.Column("rerun_by", ID)),
    ("runs", sa.Column("unsettled", sa.Text())),
    ("runs", sa.Column("purging", sa.Boolean(), nullable=False, server_default=NO)),
    ("steps", sa.Column("settled", sa.Text())),
    ("steps", sa.Column("settled_at", TIME)),
)
INDEXES = (
    ("ix_runs_due_unpaused", "runs", "due_at", sa.and_(sa.column("due_at").is_not(None), sa.column("paused") == NO)),
    ("ix_runs_event", "runs", "event_id", None),
    ("ix_runs_version", "runs", "flow, digest", None),
    ("uq_runs_key_base", "runs", "key_base", sa.column("key_base").is_not(None)),
    ("ix_runs_origin", "runs", "origin_run", sa.column("origin_run").is_not(None)),
    ("ix_steps_settled", "steps", "run_id", sa.column("settled").is_not(None)),
)
"""Name (uq: unique), table, columns, condition."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _widen_checks_on_sqlite()
        for table, column in COLUMNS:
            op.add_column(table, column)
        for name, table, columns, where in INDEXES:
            unique = name.startswith("uq_")
            op.create_index(name, table, columns.split(", "), unique=unique, sqlite_where=where)
        return
    with op.get_context().autocommit_block():
        # One table at a time: nobody then waits for this one and has what this one waits for.
        for table in dict.fromkeys([*(check[0] for check in CHECKS), *(added[0] for added in COLUMNS)]):
            checks = {name: wide for of, name, _, wide in CHECKS if of == table}
            growing.alter(table, [column for of, column in COLUMNS if of == table], checks)
        for name, table, columns, where in INDEXES:
            growing.create_index(name, table, columns.split(", "), where, unique=name.startswith("uq_"))


def _widen_checks_on_sqlite() -> None:
    """Without making the tables anew, which would take as long as there are rows: a wider condition holds for all that are there.

    As https://sqlite.org/lang_altertable.html#otheralter has it for constraints that change nothing on disk.
    """
    db = op.get_bind()
    db.exec_driver_sql("PRAGMA writable_schema=ON")
    for table, _, narrow, wide in CHECKS:
        changed = sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, :narrow, :wide) "
            "WHERE type = 'table' AND name = :name AND instr(sql, :narrow) > 0"
        )
        done = db.execute(changed, {"narrow": narrow, "wide": wide, "name": table})
        if done.rowcount != 1:
            raise RuntimeError(f"the table {table} has no check ({narrow})")
    version = db.exec_driver_sql("PRAGMA schema_version").scalar_one()
    db.exec_driver_sql(f"PRAGMA schema_version={version + 1}")
    db.exec_driver_sql("PRAGMA writable_schema=OFF")
