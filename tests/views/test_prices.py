"""Prices on the checkout page: with and without tax, for companies and abroad, and where nothing can be sold."""

import pytest
from sqlalchemy import update

from shop.errors import ProviderUnavailable
from shop.models import Variant
from shop.services import payments
from shop.services.unit_of_work import unit_of_work
from tests.pricing import AUSTRIAN_VAT_ID, ship_abroad, with_provider
from tests.shop_app import Shop
from tests.views.visitor import Visitor, words

AMERICAN = {"country": "US", "region": "CA", "city": "San Francisco", "postal_code": "94103"}
AUSTRIAN = {"country": "AT", "postal_code": "1010", "city": "Wien"}


@pytest.fixture
def abroad(shop: Shop) -> Shop:
    """The shop with dollars, ways abroad, and a provider of tax."""
    with shop.app.app_context():
        ship_abroad(shop)
    with_provider(shop)
    return shop


@pytest.fixture
def dollars(abroad: Shop, alice: Visitor) -> Visitor:
    """Alice with a tea and a cup in her cart, in dollars."""
    alice.post("/currency", currency="USD")
    alice.put_in_cart("SEN-100")
    alice.put_in_cart("CUP-1")
    return alice


def test_dollars_are_net_until_the_address_is_known_and_the_page_says_so(dollars: Visitor) -> None:
    page = dollars.get("/checkout")

    assert "Plus sales tax: choose the state, and it is in the total." in words(page)
    assert 'value="US" selected' in page.text
    assert "once we know the address" in words(page)
    assert "California" in words(page)


def test_the_state_brings_the_sales_tax(dollars: Visitor) -> None:
    page = dollars.check_out(**AMERICAN, action="refresh")

    assert "Sales tax" in words(page)
    assert 'name="expected_total" value="4337"' in page.text


def test_a_total_that_grew_by_the_tax_is_shown_before_anything_is_ordered(abroad: Shop, dollars: Visitor) -> None:
    first = dollars.check_out(**AMERICAN, expected_total="4040")
    second = dollars.check_out(**AMERICAN, expected_total="4337")

    assert (first.status_code, second.status_code) == (409, 303)
    assert "The total has changed" in words(first)
    pay = words(dollars.get(second.location))
    assert "Sales tax" in pay
    assert "$43.37" in pay


@pytest.mark.parametrize(
    ("change", "field"),
    [({"postal_code": "9410"}, "postal_code"), ({"region": "Bavaria"}, "region"), ({"region": ""}, "region")],
)
def test_an_address_is_checked_by_its_country(dollars: Visitor, change: dict[str, str], field: str) -> None:
    answer = dollars.check_out(**(AMERICAN | change))

    assert answer.status_code == 400
    assert f'aria-describedby="{field}-error"' in answer.text


def test_fields_stand_in_the_countrys_own_order(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart()

    german = alice.get("/checkout").text
    japanese = alice.check_out(action="refresh", country="JP").text

    assert german.index('id="line1"') < german.index('id="postal_code"') < german.index('id="city"')
    assert japanese.index('id="postal_code"') < japanese.index('id="region"') < japanese.index('id="line1"')
    assert 'id="region"' not in german


def test_a_company_abroad_sees_the_net_price_and_the_words_of_a_reverse_charge(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")
    company = AUSTRIAN | {"company": "Teehaus GmbH", "vat_id": "atu13585627"}

    page = words(alice.check_out(**company, action="refresh"))
    pay = alice.check_out(**company)
    told = words(alice.get(pay.location))

    assert "€11.68" in page
    assert "Reverse charge" in page
    assert f"the customer, VAT id {AUSTRIAN_VAT_ID}, owes the VAT" in told


def test_a_wrong_vat_id_is_told_beside_its_field_and_the_prices_stay(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")

    for action, status in (("refresh", 200), ("place", 409)):
        page = alice.check_out(**AUSTRIAN, vat_id="ATU13585626", action=action)
        assert page.status_code == status
        assert 'aria-describedby="vat_id-error"' in page.text
        assert "€12.50" in words(page)
    assert '<details class="more" id="company-part" open>' in page.text


def test_half_an_invoice_address_is_not_enough(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")

    page = alice.check_out(billing_city="Wien")

    assert page.status_code == 400
    assert 'aria-describedby="billing_line1-error"' in page.text
    assert 'aria-describedby="billing_country-error"' in page.text


def test_an_invoice_address_of_its_own_is_kept(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")
    invoice = {"billing_line1": "Ring 1", "billing_city": "Wien", "billing_postal_code": "1010"}

    answer = alice.check_out(**invoice, billing_country="AT", company="Teehaus GmbH", vat_id=AUSTRIAN_VAT_ID)

    assert answer.status_code == 303, words(answer)
    with abroad.app.app_context():
        (order,) = abroad.orders()
    assert (order.billing_line1, order.billing_country, order.country) == ("Ring 1", "AT", "DE")
    assert order.tax > 0, "it is sent to our own country"


def test_an_export_says_that_it_carries_no_tax(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")

    page = words(alice.check_out(action="refresh", country="CH", postal_code="4001"))

    assert "An export: no tax of ours" in page


def test_where_nobody_knows_the_tax_the_page_says_closed_and_shows_a_way_on(abroad: Shop, dollars: Visitor) -> None:
    with_provider(abroad).failing = ProviderUnavailable("down")

    page = dollars.check_out(**(AMERICAN | {"region": "NV", "postal_code": "89101"}))

    assert page.status_code == 409
    assert "Closed for this destination" in words(page)
    assert "choose another country" in words(page)
    assert 'value="place" disabled' in page.text
    with abroad.app.app_context():
        assert abroad.orders() == []


def test_an_estimate_is_called_one(abroad: Shop, dollars: Visitor) -> None:
    with_provider(abroad).failing = ProviderUnavailable("down")

    assert "by our own table of rates" in words(dollars.check_out(**AMERICAN, action="refresh"))


def test_a_cart_too_heavy_for_any_way_says_so_and_leads_back_to_it(abroad: Shop, alice: Visitor) -> None:
    alice.put_in_cart("SEN-100")
    with abroad.app.app_context(), unit_of_work(write=True) as session:
        session.execute(update(Variant).values(weight=9_000))

    page = alice.check_out(action="refresh", country="CH", postal_code="4001")

    assert "Too heavy for one parcel" in words(page)
    assert "9.0 kg" in words(page)
    assert 'href="/cart"' in page.text


def test_the_receipt_shows_net_tax_and_total(abroad: Shop, dollars: Visitor) -> None:
    pay = dollars.check_out(**AMERICAN)
    with abroad.app.app_context():
        (order,) = abroad.orders()
        payment = abroad.payment(payments.start(order.id, abroad.stripe.provider).payment_id)
        abroad.approve(payment)
        payments.refresh(payment.id, "test")

    receipt = words(dollars.get(pay.location.replace("/pay/", "/orders/") + "/receipt"))

    assert "Items $31.40" in receipt
    assert "Sales tax $2.97" in receipt
    assert "Paid $43.37" in receipt
    assert "Tax in it" not in receipt
