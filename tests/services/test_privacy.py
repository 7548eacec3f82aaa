"""Export and erasure: everything is handed out or left out by name, and nothing of Alice stays that is not listed."""

import json
from typing import Any

import pytest
from sqlalchemy import String, Text, cast, select

from shop import jobs
from shop.errors import InvalidInput, PaymentInFlight
from shop.extensions import db
from shop.gateways.base import Mode, NoticeKind, Provider
from shop.gateways.fake import signed
from shop.models import (
    AccountEvent,
    ApiCallRecord,
    CardSetup,
    Cart,
    Order,
    OrderState,
    OutboxMessage,
    Promotion,
    PromotionKind,
    ProviderCustomer,
    Redemption,
    SavedMethod,
    User,
)
from shop.models.base import utc_now
from shop.models.order import ERASED
from shop.services import (
    accounts,
    addresses,
    carts,
    checkout,
    documents,
    erasure,
    payments,
    privacy,
    refunds,
    wallets,
    webhooks,
)
from shop.services.addresses import Entry
from shop.services.guard import Visitor
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, PAYPAL, STRIPE, Shop, details, eur
from tests.shop_app import SECRET as WEBHOOK_SECRET

ALICE, SECRET = "alice@example.com", "three grey herons"
# What the law keeps of a paid order, and what order details() gives it.
KEPT = {"orders.name", "orders.line1", "orders.city", "orders.postal_code", "document.snapshot"}
TRACES = ("alice@example", "ashdown", "sandtorkai", "hafenstraße", "20457")
OURS = '"am sandtorkai 30", "20457 hamburg"'  # the seller's own address, in every document
COMPANY = {
    "company": "Ashdown & Co", "vat_id": "DE136695976", "billing_line1": "Am Sandtorkai 7", "billing_city": "Hamburg",
    "billing_region": "HH", "billing_postal_code": "20457", "billing_country": "DE",
}  # fmt: skip


@pytest.fixture
def alice(shop: Shop) -> User:
    """Alice, with an account, an address and a cart; Bob, with the same."""
    hashed = accounts.hash_password(SECRET)
    for email, name in ((BOB, "Bob Brandt"), (ALICE, "Alice Ashdown")):
        with unit_of_work(write=True) as session:
            user = User(email=email, name=name, password_hash=hashed, email_confirmed_at=utc_now())
            session.add(user)
        addresses.add(user.id, Entry(name, "Am Sandtorkai 12" if name[0] == "A" else "Weg 1", "", "H", "", "1", "DE"))
        carts.belong_to(shop.cart("TIN-1"), user.id)
    return user


def test_every_column_is_handed_out_or_left_out_with_a_reason() -> None:
    """A new column fails this until somebody has decided: see shop/services/privacy.py."""
    exported = {f"{model.__tablename__}.{name}" for model, names in privacy.EXPORTED.items() for name in names}
    exported |= {f"{model.__tablename__}.{own}" for model in privacy.EXPORTED for own in _numbers(model)}
    columns = {
        f"{table.name}.{column.name}"
        for table in db.metadata.sorted_tables
        if table.name not in privacy.ABOUT_NOBODY
        for column in table.columns
    }

    assert columns - exported - set(privacy.LEFT_OUT) == set()
    assert set(privacy.LEFT_OUT) - columns == set()
    assert set(privacy.ABOUT_NOBODY) <= {table.name for table in db.metadata.sorted_tables}


def test_the_export_holds_what_is_alices_and_nothing_of_bobs(shop: Shop, alice: User) -> None:
    payment = shop.paid()

    found = privacy.export(alice.id, SECRET)

    assert found["account"]["email"] == ALICE
    assert [row["line1"] for row in found["addresses"]] == ["Am Sandtorkai 12"]
    assert [line["sku"] for cart in found["carts"] for line in cart["lines"]] == ["TIN-1"]
    [order] = found["orders"]
    assert order["payments"][0]["captures"][0]["external_id"] == payment.captures[0].external_id
    assert [row["kind"] for row in found["requests"]] == ["exported"]
    written = json.dumps(found, ensure_ascii=False).lower()
    assert "bob" not in written
    assert "argon2" not in written


def test_the_export_holds_documents_codes_and_saved_cards_and_nothing_of_bobs(shop: Shop, alice: User) -> None:
    [bob] = shop.rows(User, User.email == BOB)
    with unit_of_work(write=True) as session:
        session.add(Promotion(code="TIDE", kind=PromotionKind.PERCENT, basis_points=1000))
        for user, last4 in ((alice, "4242"), (bob, "0005")):
            who: dict[str, Any] = {"user_id": user.id, "provider": STRIPE, "mode": Mode.TEST}
            consent: dict[str, Any] = {"consent_at": utc_now(), "consent_version": "2026-11"}
            session.add(ProviderCustomer(**who, external_id=f"cus_{last4}", email=user.email))
            session.add(SavedMethod(**who, external_id=f"pm_{last4}", kind="card", last4=last4, **consent))
            session.add(CardSetup(**who, external_id=f"seti_{last4}", customer=f"cus_{last4}", **consent))
    cart = shop.cart()
    carts.apply_code(cart, "TIDE")
    order = checkout.place_order(cart, details(ALICE), alice.id)
    payment = shop.payment(payments.start(order.id, STRIPE).payment_id)
    shop.approve(payment)
    payments.refresh(payment.id, "webhook")

    found = privacy.export(alice.id, SECRET)

    [bought] = found["orders"]
    assert bought["promotion_code"] == "TIDE"
    assert [use["state"] for use in bought["promotion_uses"]] == ["used"]
    [document] = bought["documents"]
    assert document["snapshot"]["buyer"]["name"] == "Alice Ashdown"
    assert [customer["external_id"] for customer in found["provider_customers"]] == ["cus_4242"]
    assert [consent["consent_version"] for consent in found["consents"]] == ["2026-11", "2026-11"]
    assert found["consents"][0]["last4"] == "4242"
    written = json.dumps(found)
    assert "pm_4242" not in written
    assert "0005" not in written


def test_the_export_asks_for_the_password(shop: Shop, alice: User) -> None:
    with pytest.raises(InvalidInput):
        privacy.export(alice.id, "wrong password")


def test_deleting_leaves_nothing_of_alice_but_her_invoices(shop: Shop, alice: User) -> None:
    paid, unpaid = shop.paid().order_id, shop.order().id

    erasure.delete_account(alice.id, SECRET)
    assert shop.owed("mail.account_deleted")
    with unit_of_work(write=True) as session:
        for event in session.scalars(select(AccountEvent)):
            event.email = event.name = ""  # as the sending of the mail leaves it

    assert {where for where, _ in traces(shop)} <= KEPT
    assert shop.placed(paid).name == "Alice Ashdown"
    assert shop.placed(paid).email.endswith(ERASED)
    assert shop.placed(unpaid).name == ""
    assert [user.email for user in shop.rows(User)] == [BOB]
    assert len(shop.rows(Cart, Cart.user_id.is_not(None))) == 1


def test_after_the_laws_years_the_invoices_forget_her_too(shop: Shop, alice: User) -> None:
    order_id = shop.paid().order_id
    erasure.delete_account(alice.id, SECRET)
    paid_at = shop.placed(order_id).paid_at
    assert paid_at is not None

    shop.clock.advance(days=365 * 8)
    erasure.purge()
    before = shop.placed(order_id).name
    shop.clock.advance(days=368)
    erasure.purge()

    assert before == "Alice Ashdown"
    assert traces(shop) == []
    assert shop.placed(order_id).total > 0
    assert erasure.kept_until(paid_at).year == paid_at.year + 9


def test_a_company_and_its_invoice_address_go_when_the_name_does(shop: Shop, alice: User) -> None:
    paid, unpaid = shop.started().order_id, shop.order().id
    with unit_of_work(write=True) as session:
        for order_id in (paid, unpaid, shop.bobs.order_id):
            order = session.get_one(Order, order_id)
            for name, value in COMPANY.items():
                setattr(order, name, value)
    shop.approve(shop.payments()[0])
    payments.refresh(shop.payments()[0].id, "webhook")
    paid_at = shop.placed(paid).paid_at
    assert paid_at is not None

    erasure.delete_account(alice.id, SECRET)
    kept = bought_for(shop, paid)
    shop.clock.advance(days=(erasure.kept_until(paid_at) - paid_at).days + 1)
    erasure.purge()

    nothing = dict.fromkeys(COMPANY, "") | {"billing_country": "DE"}
    assert kept == COMPANY
    assert bought_for(shop, unpaid) == bought_for(shop, paid) == nothing
    assert bought_for(shop, shop.bobs.order_id) == COMPANY


def test_documents_forget_for_whom_they_were_and_keep_their_figures(shop: Shop, alice: User) -> None:
    payment, carols = shop.paid(), shop.paid(email="carol@example.com")
    erasure.delete_account(alice.id, SECRET)
    [before] = documents.of_order(payment.order_id)
    assert before.snapshot["buyer"]["name"] == "Alice Ashdown"

    shop.clock.advance(days=365 * 10)
    erasure.purge()
    erasure.purge()

    [after] = documents.of_order(payment.order_id)
    assert (after.number, after.snapshot["taxes"]) == (before.number, before.snapshot["taxes"])
    assert set(after.snapshot["buyer"]) == set(before.snapshot["buyer"])
    assert (after.snapshot["buyer"]["name"], after.snapshot["buyer"]["address"]) == ("", [])
    assert documents.as_pdf(after).startswith(b"%PDF")
    assert documents.of_order(carols.order_id)[0].snapshot["buyer"]["email"] == "carol@example.com"


def bought_for(shop: Shop, order_id: int) -> dict[str, str]:
    """Return whom an order was bought for, beside the name and the parcel's address."""
    order = shop.placed(order_id)
    return {name: getattr(order, name) for name in COMPANY}


def test_unpaid_orders_are_called_back_and_their_stock_freed(shop: Shop, alice: User) -> None:
    stock = shop.stock("SEN-100")
    payment = shop.started()

    erasure.delete_account(alice.id, SECRET)

    assert shop.placed(payment.order_id).state is OrderState.CANCELLED
    assert not shop.payment(payment.id).is_open
    assert shop.stock("SEN-100") == stock


def test_a_bank_debit_under_way_keeps_the_account_until_it_is_settled(shop: Shop, alice: User) -> None:
    payment = shop.started()
    shop.stripe.process(payment.external_id or "")
    payments.refresh(payment.id, "webhook")

    with pytest.raises(PaymentInFlight, match="under way"):
        erasure.delete_account(alice.id, SECRET)
    assert shop.rows(User, User.id == alice.id)
    assert shop.placed(payment.order_id).name == "Alice Ashdown"
    shop.stripe.settle(payment.external_id or "", succeeded=True)
    payments.refresh(payment.id, "webhook")

    erasure.delete_account(alice.id, SECRET)

    assert shop.rows(User, User.id == alice.id) == []


def test_a_wrong_password_deletes_nothing(shop: Shop, alice: User) -> None:
    with pytest.raises(InvalidInput):
        erasure.delete_account(alice.id, "wrong password")

    assert shop.rows(User, User.id == alice.id)


def test_the_merchants_account_stays(shop: Shop, alice: User) -> None:
    with unit_of_work(write=True) as session:
        session.get_one(User, alice.id).is_merchant = True

    with pytest.raises(InvalidInput, match="runs the shop"):
        erasure.delete_account(alice.id, SECRET)


def test_saved_cards_and_used_codes_are_forgotten_with_the_account(shop: Shop, alice: User) -> None:
    with unit_of_work(write=True) as session:
        promotion = Promotion(code="ONCE", kind=PromotionKind.PERCENT, basis_points=1000, once_per_customer=True)
        session.add(promotion)
        customer = ProviderCustomer(user_id=alice.id, provider=STRIPE, mode=Mode.TEST, external_id="cus_1", email=ALICE)
        session.add(customer)
    cart = shop.cart()
    carts.apply_code(cart, "ONCE")
    checkout.place_order(cart, details(ALICE), alice.id)

    erasure.delete_account(alice.id, SECRET)

    assert [redemption.customer_key for redemption in shop.rows(Redemption)] == [None]
    assert [(row.user_id, row.email) for row in shop.rows(ProviderCustomer)] == [(None, "")]
    assert len(shop.owed("wallet.forget")) == 1


def test_what_was_said_to_the_provider_goes_and_bobs_stays(shop: Shop, alice: User) -> None:
    payment = shop.paid()

    erasure.delete_account(alice.id, SECRET)

    assert {(call.request, call.response) for call in shop.calls(payment)} == {("", "")}
    assert shop.rows(ApiCallRecord, ApiCallRecord.subject == f"payment:{shop.bobs.id}")
    assert [order.email for order in shop.rows(Order, Order.id == shop.bobs.order_id)] == [BOB]


def test_why_a_mail_to_her_failed_is_forgotten_and_bobs_stays(shop: Shop, alice: User) -> None:
    payment = shop.paid()
    for order_id in (payment.order_id, shop.bobs.order_id):
        with unit_of_work(write=True) as session:
            session.add(
                OutboxMessage(kind="mail.told", key=f"mail.told:{order_id}", order_id=order_id, error="Ashdown moved")
            )

    erasure.delete_account(alice.id, SECRET)

    assert {row.error for row in shop.rows(OutboxMessage, OutboxMessage.order_id == payment.order_id)} == {""}
    [bobs] = shop.rows(OutboxMessage, OutboxMessage.order_id == shop.bobs.order_id)
    assert bobs.error == "Ashdown moved"
    with unit_of_work(write=True) as session:
        session.delete(session.get_one(OutboxMessage, bobs.id))


def test_a_code_used_under_another_address_is_forgotten_with_the_account_and_others_uses_stay(
    shop: Shop, alice: User
) -> None:
    with unit_of_work(write=True) as session:
        promotion = Promotion(code="ONCE", kind=PromotionKind.PERCENT, basis_points=1000, once_per_customer=True)
        session.add(promotion)
    for email, user_id in (("alice.private@example.org", alice.id), (BOB, None)):
        cart = shop.cart()
        carts.apply_code(cart, "ONCE")
        checkout.place_order(cart, details(email), user_id)

    erasure.delete_account(alice.id, SECRET)

    assert [redemption.customer_key for redemption in shop.rows(Redemption)] == [None, BOB]


def test_what_was_said_about_her_cards_and_her_tax_goes_and_what_was_said_about_bobs_stays(
    shop: Shop, alice: User
) -> None:
    [bob] = shop.rows(User, User.email == BOB)
    order_id = shop.order().id
    hers, bobs = with_a_card(shop, alice), with_a_card(shop, bob)
    with unit_of_work(write=True) as session:
        for subject in (*hers, f"order:{order_id}", *bobs, f"order:{shop.bobs.order_id}"):
            said = {"request": "told", "response": "said", "status": 200, "duration": 1.0}
            session.add(ApiCallRecord(provider=STRIPE, verb="GET", path="/", subject=subject, **said))

    erasure.delete_account(alice.id, SECRET)

    left = {call.subject for call in shop.rows(ApiCallRecord) if call.request == "told" and call.response == "said"}
    assert left == {*bobs, f"order:{shop.bobs.order_id}"}


def with_a_card(shop: Shop, user: User) -> list[str]:
    """Let somebody have saved a card; return what the calls that were made for it are about."""
    wallets.start(user.id, STRIPE, Visitor("127.0.0.1", f"session of {user.name}", user.id))
    [setup] = shop.rows(CardSetup, CardSetup.user_id == user.id)
    shop.wallet.finish_setup(setup.external_id or "", str(user.id) * 4)
    wallets.settle(user.id)
    [customer] = shop.rows(ProviderCustomer, ProviderCustomer.user_id == user.id)
    [method] = shop.rows(SavedMethod, SavedMethod.user_id == user.id)
    return [f"customer:{customer.id}", f"setup:{setup.id}", f"method:{method.id}"]


def test_webhooks_about_her_customer_and_her_refunds_are_emptied_and_bobs_are_not(shop: Shop, alice: User) -> None:
    [bob] = shop.rows(User, User.email == BOB)
    customers = [wallets.ensure(user.id, STRIPE).external_id or "" for user in (alice, bob)]
    payment = shop.paid(PAYPAL)
    refund = refunds.request(payment.id, eur(100), "other", requested_by="mara")
    told(shop, PAYPAL, NoticeKind.REFUND, refund.external_id or "")
    told(shop, PAYPAL, NoticeKind.REFUND, "a refund of Bob's")
    for customer in customers:
        told(shop, STRIPE, NoticeKind.WALLET, customer)
    jobs.drain_inbox()

    erasure.delete_account(alice.id, SECRET)

    assert [body is None for body in shop.bodies()] == [True, False, True, False]


def test_what_comes_about_her_after_the_deletion_is_not_kept(shop: Shop, alice: User) -> None:
    customer = wallets.ensure(alice.id, STRIPE)
    with unit_of_work(write=True) as session:
        said = {"request": "", "response": ALICE, "status": 200, "duration": 1.0}
        about = f"customer:{customer.id}"
        session.add(ApiCallRecord(provider=STRIPE, verb="GET", path="/", subject=about, **said))
    erasure.delete_account(alice.id, SECRET)
    told(shop, STRIPE, NoticeKind.WALLET, customer.external_id or "")  # while its end is owed
    jobs.drain_inbox()

    jobs.drain_outbox()
    told(shop, STRIPE, NoticeKind.WALLET, customer.external_id or "")  # that it is deleted
    jobs.drain_inbox()

    assert shop.wallet.customers == {}
    assert shop.bodies() == [None, None]
    assert {call.response for call in shop.rows(ApiCallRecord, ApiCallRecord.subject == about)} == {""}


def told(shop: Shop, provider: Provider, kind: NoticeKind, external_id: str) -> None:
    """Deliver a webhook about something that names no payment."""
    event_id = f"evt_{next(shop.events)}"
    webhooks.receive(
        provider, *signed(WEBHOOK_SECRET, shop.clock.now(), event_id=event_id, kind=kind, external_id=external_id)
    )


def test_an_account_nobody_confirmed_goes_after_a_month(shop: Shop, alice: User) -> None:
    accounts.register("nobody@example.com", "Nobody", SECRET)

    shop.clock.advance(days=31)
    erasure.purge()

    assert sorted(user.email for user in shop.rows(User)) == [ALICE, BOB]


def traces(shop: Shop) -> list[tuple[str, str]]:
    """Return every place in the database that still speaks of Alice: table.column, and what stands there."""
    found = []
    with unit_of_work() as session:
        for table in db.metadata.sorted_tables:
            for column in table.columns:
                if not isinstance(column.type, String | Text) and "JSON" not in str(column.type):
                    continue
                for value in session.scalars(select(cast(column, Text)).where(column.is_not(None))):
                    text = str(value).lower().replace(OURS, "")
                    if any(trace in text for trace in TRACES) and "bob" not in text:
                        found.append((f"{table.name}.{column.name}", str(value)))
    # Bob's order goes to the same street: it is not hers.
    bobs = shop.placed(shop.bobs.order_id)
    for name in ("name", "line1", "city", "postal_code"):
        if (entry := (f"orders.{name}", getattr(bobs, name))) in found:
            found.remove(entry)
    return found


def _numbers(model: type) -> set[str]:
    """Return the keys that tie rows together: they are the export's nesting."""
    return {
        column.name
        for column in model.__table__.columns  # type: ignore[attr-defined]
        if column.primary_key or column.foreign_keys or (model is AccountEvent and column.name == "user_id")
    } - {name.partition(".")[2] for name in privacy.LEFT_OUT if name.startswith(f"{model.__tablename__}.")}  # type: ignore[attr-defined]


def test_a_look_at_a_payment_after_the_deletion_brings_nothing_of_alice_back(shop: Shop, alice: User) -> None:
    payment = shop.paid(PAYPAL)
    erasure.delete_account(alice.id, SECRET)

    payments.refresh(payment.id, "reconcile")

    assert shop.payment(payment.id).method_payer == ""
