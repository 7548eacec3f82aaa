"""an index for every question that was asked of a whole table"""

from alembic import op

revision = '0012'
down_revision = '0011'

INDEXES = (
    ('ix_orders_cart_id', 'orders', ['cart_id']),
    ('ix_orders_placed_at', 'orders', ['placed_at']),
    ('ix_orders_paid_at', 'orders', ['paid_at']),
    ('ix_capture_at', 'capture', ['at']),
    ('ix_card_setup_customer', 'card_setup', ['provider', 'customer']),
    ('ix_inbox_event_payment', 'inbox_event', ['provider', 'payment_external_id']),
)


def upgrade() -> None:
    """Apply."""
    for name, table, columns in INDEXES:
        op.create_index(op.f(name), table, columns)


def downgrade() -> None:
    """Take back."""
    for name, table, _columns in reversed(INDEXES):
        op.drop_index(op.f(name), table)
