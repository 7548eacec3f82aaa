"""Reconciliation runs, backfilled events, acknowledged alarms, jobs' last success, one-time tokens of refunds"""

import sqlalchemy as sa
from alembic import op

import shop.models.base

revision = "0009"
down_revision = '0007'


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "reconcile_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("mode", sa.String(length=24), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("is_dry", sa.Boolean(), nullable=False),
        sa.Column("since", shop.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("until", shop.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("started_at", shop.models.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", shop.models.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("matched", "repaired", "missing_here", "missing_there", "differing", "foreign")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconcile_run")),
    )
    op.create_index("ix_reconcile_run_started", "reconcile_run", ["started_at"])
    op.create_table(
        "reconcile_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("external_id", sa.String(length=255), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("order_number", sa.String(length=60), nullable=False),
        sa.Column("theirs", sa.Integer(), nullable=True),
        sa.Column("theirs_currency", sa.String(length=3), nullable=True),
        sa.Column("ours", sa.Integer(), nullable=True),
        sa.Column("ours_currency", sa.String(length=3), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_reconcile_finding_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reconcile_run.id"], name=op.f("fk_reconcile_finding_run_id_reconcile_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconcile_finding")),
    )
    op.create_index(op.f("ix_reconcile_finding_run_id"), "reconcile_finding", ["run_id"])
    with op.batch_alter_table("inbox_event") as batch_op:
        batch_op.add_column(sa.Column("backfilled", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("alarm") as batch_op:
        batch_op.add_column(sa.Column("settled_by", sa.String(length=80), nullable=False, server_default=""))
    with op.batch_alter_table("lease") as batch_op:
        batch_op.add_column(sa.Column("done_at", shop.models.base.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("refund") as batch_op:
        batch_op.add_column(sa.Column("request_token", sa.String(length=40), nullable=True))
        batch_op.create_unique_constraint(op.f("uq_refund_request_token"), ["request_token"])


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("refund") as batch_op:
        batch_op.drop_constraint(op.f("uq_refund_request_token"), type_="unique")
        batch_op.drop_column("request_token")
    with op.batch_alter_table("lease") as batch_op:
        batch_op.drop_column("done_at")
    with op.batch_alter_table("alarm") as batch_op:
        batch_op.drop_column("settled_by")
    with op.batch_alter_table("inbox_event") as batch_op:
        batch_op.drop_column("backfilled")
    op.drop_index(op.f("ix_reconcile_finding_run_id"), table_name="reconcile_finding")
    op.drop_table("reconcile_finding")
    op.drop_index("ix_reconcile_run_started", table_name="reconcile_run")
    op.drop_table("reconcile_run")
