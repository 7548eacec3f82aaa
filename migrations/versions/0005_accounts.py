"""accounts: confirmed addresses, epochs of sessions, address books, what was asked of an account"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply."""
    moment = sa.DateTime(timezone=True)
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_confirmed_at", moment, nullable=True))
        batch_op.add_column(sa.Column("pending_email", sa.String(length=254), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("session_epoch", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("locale", sa.String(length=8), nullable=False, server_default="en"))
        batch_op.add_column(sa.Column("company", sa.String(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("vat_id", sa.String(length=20), nullable=False, server_default=""))
    # Who could sign in before goes on signing in.
    op.execute("UPDATE user_account SET email_confirmed_at = created_at")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("erase_at", moment, nullable=True))
        batch_op.create_index(batch_op.f("ix_orders_erase_at"), ["erase_at"], unique=False)
    op.create_table(
        "address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("line1", sa.String(length=120), nullable=False),
        sa.Column("line2", sa.String(length=120), nullable=False),
        sa.Column("city", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("postal_code", sa.String(length=20), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_address_user_id_user_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("public_id", name=op.f("uq_address_public_id")),
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_address_user_id"), ["user_id"], unique=False)
        batch_op.create_index(
            "uq_address_one_default",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )
    op.create_table(
        "account_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("locale", sa.String(length=8), nullable=False),
        sa.Column("until", moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_event")),
    )
    with op.batch_alter_table("account_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_event_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    """Take back."""
    op.drop_table("account_event")
    op.drop_table("address")
    with op.batch_alter_table("orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_orders_erase_at"))
        batch_op.drop_column("erase_at")
    with op.batch_alter_table("user_account", schema=None) as batch_op:
        for name in ("vat_id", "company", "locale", "session_epoch", "pending_email", "email_confirmed_at"):
            batch_op.drop_column(name)
