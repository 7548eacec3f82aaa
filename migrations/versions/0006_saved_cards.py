"""Saved cards, the customers that providers know, and who stood at the till."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = '0003'


def upgrade() -> None:
    """Apply."""
    op.create_table('till_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('detail', sa.String(length=255), nullable=False),
    sa.Column('network', sa.String(length=64), nullable=False),
    sa.Column('session', sa.String(length=64), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_till_event')),
    sa.UniqueConstraint('kind', 'subject', 'detail', name=op.f('uq_till_event_kind_subject_detail'))
    )
    with op.batch_alter_table('till_event', schema=None) as batch_op:
        batch_op.create_index('ix_till_event_at', ['at'], unique=False)
        batch_op.create_index('ix_till_event_network', ['network', 'at'], unique=False)
        batch_op.create_index('ix_till_event_session', ['session', 'at'], unique=False)

    op.create_table('card_setup',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=24), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('mode', sa.String(length=24), nullable=False),
    sa.Column('customer', sa.String(length=255), nullable=False),
    sa.Column('external_id', sa.String(length=255), nullable=True),
    sa.Column('state', sa.String(length=24), nullable=False),
    sa.Column('challenge', sa.Boolean(), nullable=False),
    sa.Column('method', sa.String(length=255), nullable=False),
    sa.Column('decline_code', sa.String(length=60), nullable=False),
    sa.Column('decline_advice', sa.String(length=20), nullable=False),
    sa.Column('consent_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('consent_version', sa.String(length=20), nullable=False),
    sa.Column('ticket', sa.Integer(), nullable=False),
    sa.Column('applied_ticket', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_card_setup_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_card_setup')),
    sa.UniqueConstraint('provider', 'mode', 'external_id', name=op.f('uq_card_setup_provider_mode_external_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_card_setup_public_id'))
    )
    with op.batch_alter_table('card_setup', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_setup_user_id'), ['user_id'], unique=False)
        batch_op.create_index('uq_card_setup_one_open', ['user_id', 'provider'], unique=True, sqlite_where=sa.text("state IN ('created', 'requires_action', 'processing')"), postgresql_where=sa.text("state IN ('created', 'requires_action', 'processing')"))

    op.create_table('provider_customer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=24), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('mode', sa.String(length=24), nullable=False),
    sa.Column('external_id', sa.String(length=255), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('ticket', sa.Integer(), nullable=False),
    sa.Column('applied_ticket', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_provider_customer_user_id_user_account'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_customer')),
    sa.UniqueConstraint('provider', 'mode', 'external_id', name=op.f('uq_provider_customer_provider_mode_external_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_provider_customer_public_id')),
    sa.UniqueConstraint('user_id', 'provider', 'mode', name=op.f('uq_provider_customer_user_id_provider_mode'))
    )
    op.create_table('saved_method',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(length=24), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('provider', sa.String(length=24), nullable=False),
    sa.Column('mode', sa.String(length=24), nullable=False),
    sa.Column('external_id', sa.String(length=255), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('brand', sa.String(length=30), nullable=False),
    sa.Column('last4', sa.String(length=4), nullable=False),
    sa.Column('exp_month', sa.Integer(), nullable=True),
    sa.Column('exp_year', sa.Integer(), nullable=True),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('consent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('consent_version', sa.String(length=20), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removal_asked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('exp_month IS NULL OR (exp_month BETWEEN 1 AND 12)', name=op.f('ck_saved_method_month_exists')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_saved_method_user_id_user_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_saved_method')),
    sa.UniqueConstraint('provider', 'mode', 'external_id', name=op.f('uq_saved_method_provider_mode_external_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_saved_method_public_id'))
    )
    with op.batch_alter_table('saved_method', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_method_user_id'), ['user_id'], unique=False)

    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('customer', sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column('challenge', sa.Boolean(), server_default=sa.false(), nullable=False))



def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.drop_column('challenge')
        batch_op.drop_column('customer')

    with op.batch_alter_table('saved_method', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_method_user_id'))

    op.drop_table('saved_method')
    op.drop_table('provider_customer')
    with op.batch_alter_table('card_setup', schema=None) as batch_op:
        batch_op.drop_index('uq_card_setup_one_open', sqlite_where=sa.text("state IN ('created', 'requires_action', 'processing')"), postgresql_where=sa.text("state IN ('created', 'requires_action', 'processing')"))
        batch_op.drop_index(batch_op.f('ix_card_setup_user_id'))

    op.drop_table('card_setup')
    with op.batch_alter_table('till_event', schema=None) as batch_op:
        batch_op.drop_index('ix_till_event_session')
        batch_op.drop_index('ix_till_event_network')
        batch_op.drop_index('ix_till_event_at')

    op.drop_table('till_event')
