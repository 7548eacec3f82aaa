"""catalogue: texts in more languages, pre-orders, net weights"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.add_column(sa.Column('available_from', sa.Date(), nullable=True))
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('net', sa.Integer(), nullable=True))
    op.create_table('product_text',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('product_id', sa.Integer(), nullable=False),
    sa.Column('locale', sa.String(length=12), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('summary', sa.String(length=300), nullable=False),
    sa.Column('description', sa.Text(), nullable=False),
    sa.Column('facts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['product_id'], ['product.id'], name=op.f('fk_product_text_product_id_product'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_product_text')),
    sa.UniqueConstraint('product_id', 'locale', name=op.f('uq_product_text_product_id_locale'))
    )
    with op.batch_alter_table('product_text', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_product_text_product_id'), ['product_id'], unique=False)


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('product_text', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_product_text_product_id'))

    op.drop_table('product_text')
    with op.batch_alter_table('variant', schema=None) as batch_op:
        batch_op.drop_column('net')
    with op.batch_alter_table('product', schema=None) as batch_op:
        batch_op.drop_column('available_from')
