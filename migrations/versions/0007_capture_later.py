"""authorizations captured later, orders under review, pre-orders, and which capture a refund gives back"""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('capture_amount', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('captured_by', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('take_round', sa.Integer(), nullable=False, server_default='1'))
        batch_op.add_column(sa.Column('voided_by', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('told_round', sa.Integer(), nullable=False, server_default='1'))
    # A customer may have been shown any decline there was until now: none of them is to keep a new approval back.
    op.execute('UPDATE payment SET told_round = capture_round')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('review', sa.String(length=24), nullable=False, server_default='none'))
        batch_op.add_column(sa.Column('review_reasons', sa.String(length=200), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('reviewed_by', sa.String(length=80), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_orders_review'), ['review'], unique=False)
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('ships_from', sa.Date(), nullable=True))
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.add_column(sa.Column('capture_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_refund_capture_id_capture'), 'capture', ['capture_id'], ['id'])


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_refund_capture_id_capture'), type_='foreignkey')
        batch_op.drop_column('capture_id')
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.drop_column('ships_from')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_orders_review'))
        for name in ('reviewed_by', 'review_reasons', 'review'):
            batch_op.drop_column(name)
    with op.batch_alter_table('payment', schema=None) as batch_op:
        for name in ('told_round', 'voided_by', 'take_round', 'captured_by', 'capture_amount', 'expires_at'):
            batch_op.drop_column(name)
