"""invoices, receipts and credit notes"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0009'


def upgrade() -> None:
    """Apply."""
    op.create_table('document_series',
    sa.Column('name', sa.String(length=8), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_document_series'))
    )
    op.create_table('document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('series', sa.String(length=8), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('order_id', sa.Integer(), nullable=False),
    sa.Column('refund_id', sa.Integer(), nullable=True),
    sa.Column('corrects_id', sa.Integer(), nullable=True),
    sa.Column('locale', sa.String(length=8), nullable=False),
    sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('snapshot', sa.JSON(), nullable=False),
    sa.CheckConstraint('sequence > 0', name=op.f('ck_document_sequence_positive')),
    sa.ForeignKeyConstraint(['corrects_id'], ['document.id'], name=op.f('fk_document_corrects_id_document')),
    sa.ForeignKeyConstraint(['order_id'], ['orders.id'], name=op.f('fk_document_order_id_orders')),
    sa.ForeignKeyConstraint(['refund_id'], ['refund.id'], name=op.f('fk_document_refund_id_refund')),
    sa.ForeignKeyConstraint(['series'], ['document_series.name'], name=op.f('fk_document_series_document_series')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('key', name=op.f('uq_document_key')),
    sa.UniqueConstraint('number', name=op.f('uq_document_number')),
    sa.UniqueConstraint('series', 'sequence', name=op.f('uq_document_series_sequence'))
    )
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_document_corrects_id'), ['corrects_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_order_id'), ['order_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_document_refund_id'), ['refund_id'], unique=False)


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_document_refund_id'))
        batch_op.drop_index(batch_op.f('ix_document_order_id'))
        batch_op.drop_index(batch_op.f('ix_document_corrects_id'))

    op.drop_table('document')
    op.drop_table('document_series')
