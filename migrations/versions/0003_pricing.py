"""prices with and without tax, companies, steps of weight"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0005'

TEXTS = {
    'tax_note': 20, 'tax_calculation': 64, 'tax_transaction': 64, 'company': 120, 'vat_id': 20,
    'billing_line1': 120, 'billing_city': 80, 'billing_region': 80, 'billing_postal_code': 20, 'billing_country': 2,
}  # fmt: skip


def upgrade() -> None:
    """Apply: what was sold so far had its tax inside the prices, and went to a person."""
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tax_added', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('prices_include_tax', sa.Boolean(), nullable=False, server_default=sa.true()))
        for name, length in TEXTS.items():
            batch_op.add_column(sa.Column(name, sa.String(length=length), nullable=False, server_default=''))
        batch_op.drop_constraint(op.f('ck_orders_total_adds_up'), type_='check')
        batch_op.create_check_constraint(
            op.f('ck_orders_total_adds_up'), 'total = items + shipping - discount + tax_added'
        )
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('discount', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('shipping_rate', schema=None) as batch_op:
        batch_op.add_column(sa.Column('max_weight', sa.Integer(), nullable=False, server_default='31500'))
        batch_op.add_column(sa.Column('free_from', sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f('uq_shipping_rate_code_currency_zone'), type_='unique')
        batch_op.create_unique_constraint(
            op.f('uq_shipping_rate_code_currency_zone_max_weight'), ['code', 'currency', 'zone', 'max_weight']
        )
    with op.batch_alter_table('tax_rate', schema=None) as batch_op:
        batch_op.add_column(sa.Column('region', sa.String(length=3), nullable=False, server_default=''))
        batch_op.drop_constraint(op.f('uq_tax_rate_country_kind'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_tax_rate_country_region_kind'), ['country', 'region', 'kind'])


def downgrade() -> None:
    """Take back. Orders whose tax was added, and rates of regions and of lighter steps, have no place before this."""
    op.execute("DELETE FROM tax_rate WHERE region <> ''")
    op.execute("DELETE FROM shipping_rate WHERE max_weight < (SELECT MAX(heavier.max_weight) FROM shipping_rate AS heavier"
               " WHERE heavier.code = shipping_rate.code AND heavier.currency = shipping_rate.currency"
               " AND heavier.zone = shipping_rate.zone)")
    with op.batch_alter_table('tax_rate', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_tax_rate_country_region_kind'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_tax_rate_country_kind'), ['country', 'kind'])
        batch_op.drop_column('region')
    with op.batch_alter_table('shipping_rate', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('uq_shipping_rate_code_currency_zone_max_weight'), type_='unique')
        batch_op.create_unique_constraint(op.f('uq_shipping_rate_code_currency_zone'), ['code', 'currency', 'zone'])
        batch_op.drop_column('free_from')
        batch_op.drop_column('max_weight')
    with op.batch_alter_table('order_line', schema=None) as batch_op:
        batch_op.drop_column('discount')
    with op.batch_alter_table('orders', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_orders_total_adds_up'), type_='check')
        batch_op.create_check_constraint(op.f('ck_orders_total_adds_up'), 'total = items + shipping - discount')
        for name in (*reversed(TEXTS), 'prices_include_tax', 'tax_added'):
            batch_op.drop_column(name)
