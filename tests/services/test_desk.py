"""The merchant's desk, where it is about the database: a search does not read every order there is."""

from sqlalchemy import text

from shop.services import desk
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop


def test_a_search_uses_an_index_for_each_thing_that_is_searched_for(postgresql_shop: Shop) -> None:
    postgresql_shop.reset()
    with postgresql_shop.app.app_context(), unit_of_work() as session:
        query = desk._matching(desk.Filters(text="alice@example.com"))
        literal = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
        session.execute(text("SET LOCAL enable_seqscan = off"))  # so few rows are read whole otherwise

        plan = "\n".join(session.execute(text(f"EXPLAIN {literal}")).scalars())

    for index in ("uq_orders_number", "ix_orders_email_lower", "ix_attempt_external_id", "ix_capture_external_id"):
        assert index in plan, plan
    assert "Seq Scan" not in plan, plan
