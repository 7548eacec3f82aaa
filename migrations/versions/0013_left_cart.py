"""whether what was ordered has left its cart: it does so once, when the money is on its way"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'


def upgrade() -> None:
    """Apply; of what was paid or set aside before, it has."""
    op.add_column('orders', sa.Column('left_cart', sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "UPDATE orders SET left_cart = true WHERE state IN ('paid', 'fulfilled') "
        "OR id IN (SELECT order_id FROM payment WHERE state = 'authorized')"
    )


def downgrade() -> None:
    """Take back."""
    op.drop_column('orders', 'left_cart')
