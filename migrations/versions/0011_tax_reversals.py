"""which reversal at the tax provider belongs to a refund, which order took the place of another, and quicker searching"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tax_reversal', sa.String(length=64), nullable=False, server_default=''))
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('replaced_by_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_orders_replaced_by_id'), ['replaced_by_id'], unique=False)
        name = batch_op.f('fk_orders_replaced_by_id_orders')
        batch_op.create_foreign_key(name, 'orders', ['replaced_by_id'], ['id'], ondelete='SET NULL')
    if op.get_bind().dialect.name == 'postgresql':
        op.create_index(
            'ix_orders_email_lower', 'orders', [sa.literal_column('lower(email)').label('email_lower')],
            postgresql_ops={'email_lower': 'text_pattern_ops'},
        )
    op.create_index(op.f('ix_attempt_external_id'), 'attempt', ['external_id'])
    op.create_index(op.f('ix_capture_external_id'), 'capture', ['external_id'])


def downgrade() -> None:
    """Take back."""
    op.drop_index(op.f('ix_capture_external_id'), 'capture')
    op.drop_index(op.f('ix_attempt_external_id'), 'attempt')
    if op.get_bind().dialect.name == 'postgresql':
        op.drop_index('ix_orders_email_lower', 'orders')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_orders_replaced_by_id_orders'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_orders_replaced_by_id'))
        batch_op.drop_column('replaced_by_id')
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_column('tax_reversal')
