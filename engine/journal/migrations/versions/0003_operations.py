"""What pausing, running again, settling, setting aside and closing gaps need.

Additions only, with defaults: processes of the release before, which are still up, write rows that are right for this one.
"""

import sqlalchemy as sa
from alembic import op

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


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _widen_checks_on_sqlite()
    else:
        for table, name, _, wide in CHECKS:
            op.drop_constraint(op.f(name), table)
            op.create_check_constraint(op.f(name), table, wide)
    _add_columns()
    op.drop_index("ix_runs_due", "runs")
    _create_partial_index(
        "ix_runs_due_unpaused", ["due_at"], sa.and_(sa.column("due_at").is_not(None), sa.column("paused") == sa.false())
    )
    op.create_index("ix_runs_event", "runs", ["event_id"])
    op.create_index("ix_runs_version", "runs", ["flow", "digest"])
    _create_partial_index("uq_runs_key_base", ["key_base"], sa.column("key_base").is_not(None), unique=True)
    _create_partial_index("ix_runs_origin", ["origin_run"], sa.column("origin_run").is_not(None))
    settled = sa.column("settled").is_not(None)
    op.create_index("ix_steps_settled", "steps", ["run_id"], sqlite_where=settled, postgresql_where=settled)


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


def _add_columns() -> None:
    no = sa.false()
    for table, column in (
        ("flows", sa.Column("paused", sa.Boolean(), nullable=False, server_default=no)),
        ("connections", sa.Column("paused", sa.Boolean(), nullable=False, server_default=no)),
        ("bindings", sa.Column("left_at", TIME)),
        ("subscriptions", sa.Column("good_at", TIME)),
        ("subscriptions", sa.Column("gap_from", TIME)),
        ("subscriptions", sa.Column("gap_note", sa.Text())),
        ("runs", sa.Column("paused", sa.Boolean(), nullable=False, server_default=no)),
        ("runs", sa.Column("idle_claims", sa.Integer(), nullable=False, server_default=sa.text("0"))),
        ("runs", sa.Column("key_base", sa.Text())),
        ("runs", sa.Column("origin_run", ID)),
        ("runs", sa.Column("origin_path", sa.Text())),
        ("runs", sa.Column("rerun_by", ID)),
        ("runs", sa.Column("unsettled", sa.Text())),
        ("runs", sa.Column("purging", sa.Boolean(), nullable=False, server_default=no)),
        ("steps", sa.Column("settled", sa.Text())),
        ("steps", sa.Column("settled_at", TIME)),
    ):
        op.add_column(table, column)


def _create_partial_index(name: str, columns: list[str], where: sa.ColumnElement[bool], *, unique: bool = False) -> None:
    op.create_index(name, "runs", columns, unique=unique, sqlite_where=where, postgresql_where=where)
