"""which reversal at the tax provider belongs to a refund"""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0008'


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tax_reversal', sa.String(length=64), nullable=False, server_default=''))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.drop_column('tax_reversal')
