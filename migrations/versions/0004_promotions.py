"""promotion codes; one cart for each account, which remembers the prices it has shown"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0002'


def upgrade() -> None:
    """Apply."""
    op.create_table('promotion',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('basis_points', sa.Integer(), nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('most_uses', sa.Integer(), nullable=True),
    sa.Column('uses', sa.Integer(), nullable=False),
    sa.Column('once_per_customer', sa.Boolean(), nullable=False),
    sa.Column('is_active', sa.Boolean(), nullable=False),
    sa.Column('categories', sa.JSON(), nullable=False),
    sa.CheckConstraint('basis_points BETWEEN 0 AND 10000', name=op.f('ck_promotion_basis_points_in_range')),
    sa.CheckConstraint('code = upper(code)', name=op.f('ck_promotion_code_in_capitals')),
    sa.CheckConstraint(
        'ends_at IS NULL OR starts_at IS NULL OR starts_at < ends_at', name=op.f('ck_promotion_ends_after_start')
    ),
    sa.CheckConstraint('uses >= 0', name=op.f('ck_promotion_uses_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promotion')),
    sa.UniqueConstraint('code', name=op.f('uq_promotion_code'))
    )
    op.create_table('promotion_terms',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('promotion_id', sa.Integer(), nullable=False),
    sa.Column('currency', sa.String(length=3), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('minimum', sa.Integer(), nullable=False),
    sa.CheckConstraint('amount >= 0', name=op.f('ck_promotion_terms_amount_not_negative')),
    sa.CheckConstraint('minimum >= 0', name=op.f('ck_promotion_terms_minimum_not_negative')),
    sa.ForeignKeyConstraint(
        ['promotion_id'], ['promotion.id'], name=op.f('fk_promotion_terms_promotion_id_promotion'), ondelete='CASCADE'
    ),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_promotion_terms')),
    sa.UniqueConstraint('promotion_id', 'currency', name=op.f('uq_promotion_terms_promotion_id_currency'))
    )
    with op.batch_alter_table('promotion_terms', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promotion_terms_promotion_id'), ['promotion_id'], unique=False)

    op.create_table('redemption',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('promotion_id', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('customer_key', sa.String(length=254), nullable=True),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_redemption_order_id_orders'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['promotion_id'], ['promotion.id'], name=op.f('fk_redemption_promotion_id_promotion')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_redemption')),
    sa.UniqueConstraint('order_id', name=op.f('uq_redemption_order_id'))
    )
    with op.batch_alter_table('redemption', schema=None) as batch_op:
        batch_op.create_index(
            'uq_redemption_once_per_customer',
            ['promotion_id', 'customer_key'],
            unique=True,
            sqlite_where=sa.text("state <> 'released'"),
            postgresql_where=sa.text("state <> 'released'"),
        )

    # An account that signed in from several browsers keeps the cart it filled last; the others have no owner any more.
    op.execute(
        'UPDATE cart SET user_id = NULL WHERE user_id IS NOT NULL AND id NOT IN '
        '(SELECT MAX(id) FROM cart WHERE user_id IS NOT NULL GROUP BY user_id)'
    )
    # Nothing here makes SQLite build the table anew: dropping the old one would take its lines along.
    op.drop_index(op.f('ix_cart_user_id'), 'cart')
    op.create_index(op.f('ix_cart_user_id'), 'cart', ['user_id'], unique=True)
    op.create_index(op.f('ix_cart_updated_at'), 'cart', ['updated_at'], unique=False)
    op.add_column('cart', sa.Column('promotion_code', sa.String(length=40), nullable=False, server_default=''))
    op.add_column('cart_line', sa.Column('seen_amount', sa.Integer(), nullable=True))
    op.add_column('orders', sa.Column('promotion_code', sa.String(length=40), nullable=False, server_default=''))


def downgrade() -> None:
    """Take back."""
    op.drop_column('orders', 'promotion_code')
    op.drop_column('cart_line', 'seen_amount')
    op.drop_column('cart', 'promotion_code')
    op.drop_index(op.f('ix_cart_updated_at'), 'cart')
    op.drop_index(op.f('ix_cart_user_id'), 'cart')
    op.create_index(op.f('ix_cart_user_id'), 'cart', ['user_id'], unique=False)
    op.drop_table('redemption')
    op.drop_table('promotion_terms')
    op.drop_table('promotion')
