"""The pay page, the way back from it, and the receipt."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from shop.errors import ObjectMissing, OutcomeUnknown, ProviderRejected, ShopError, WrongCredentials
from shop.gateways.base import Provider
from shop.jobs import drain_outbox
from shop.models import Order, OrderLine, Payment
from shop.services import payments, sweep, tokens
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop, eur
from tests.views.visitor import Visitor, words


def test_the_pay_page_says_what_is_paid_and_knows_no_secret(shop: Shop, alice: Visitor) -> None:
    page = alice.get(alice.order())

    assert "Pay €17.40" in words(page)
    assert 'data-amount="1740"' in page.text
    assert "pk_test_mara" in page.text
    assert "sk_test" not in page.text
    assert "client_secret" not in page.text


def test_the_way_back_to_the_address_is_offered_to_who_typed_it(shop: Shop, alice: Visitor, bob: Visitor) -> None:
    path = alice.order()

    assert "Change address or shipping" in words(alice.get(path))
    assert "Change address or shipping" not in words(bob.get(path))


def test_a_forged_token_is_no_order(shop: Shop, alice: Visitor) -> None:
    path = alice.order()

    for page in ("", "/return", "/status"):
        assert alice.get(f"{path}x{page}").status_code == 404
    assert alice.get("/orders/anything/receipt").status_code == 404


def test_a_paid_order_shows_its_receipt_and_is_not_paid_again(shop: Shop, alice: Visitor) -> None:
    path = _pay(shop, alice.order())

    answer = alice.get(path)

    assert answer.status_code == 303
    receipt = words(alice.get(answer.location))
    with shop.app.app_context():
        (order,) = shop.orders()
        (payment,) = shop.payments()
    for told in (order.number, "Paid €17.40", "1 × Sencha", payment.captures[0].external_id, "20457 Hamburg"):
        assert told in receipt


def test_the_way_back_drops_the_secret_from_the_address(shop: Shop, alice: Visitor) -> None:
    path = alice.order()

    answer = alice.get(
        f"{path}/return?payment_intent=pi_1&payment_intent_client_secret=pi_1_secret_2&redirect_status=x"
    )

    assert answer.status_code == 303
    assert answer.location == f"{path}/return"


def test_coming_back_finishes_the_order_without_any_webhook(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _approve(shop, _start(shop, path))

    answer = alice.get(f"{path}/return")

    assert answer.status_code == 303
    assert answer.location.endswith("/receipt")


def test_coming_back_unpaid_offers_to_go_on(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _start(shop, path)

    assert "Nothing was charged" in words(alice.get(f"{path}/return"))
    assert f'href="{path}"' in alice.get(f"{path}/return").text


def test_a_decline_says_what_to_do_next_on_both_pages(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    payment = _start(shop, path)
    assert payment.external_id is not None
    shop.stripe.decline(payment.external_id, "insufficient_funds")

    assert "does not have enough money" in words(alice.get(f"{path}/return"))
    assert "does not have enough money" in words(alice.get(path))


@pytest.mark.parametrize("code", ["generic_decline", "insufficient_funds", "try_again_later", "never_seen"])
def test_a_decline_told_by_the_script_is_told_in_the_same_words_after_a_return(
    shop: Shop, alice: Visitor, code: str
) -> None:
    path = alice.order()
    payment = _start(shop, path)
    assert payment.external_id is not None
    told = dict(re.findall(r'data-decline="(\w*)">([^<]+)<', alice.get(path).text))

    shop.stripe.decline(payment.external_id, code)

    assert told.get(code, told[""]) in alice.get(f"{path}/return").text


@pytest.mark.parametrize(
    ("code", "advice", "told"),
    [
        ("card_velocity_exceeded", "try_again", "may work in a few minutes"),
        ("do_not_honor", "check_details", "Check its number, date and security code"),
        ("do_not_honor", "other_method", "Please pay in another way"),
        ("generic_decline", "try_again", "Please pay in another way"),
        ("expired_card", "try_again", "This card has expired"),
    ],
)
def test_a_decline_without_words_of_its_own_is_told_by_the_providers_advice(
    shop: Shop, alice: Visitor, code: str, advice: str, told: str
) -> None:
    path = alice.order()
    payment = _start(shop, path)

    shop.stripe.decline(payment.external_id or "", code, advice=advice)

    assert told in words(alice.get(f"{path}/return"))
    assert told in words(alice.get(path))


def test_the_script_finds_the_same_words_by_the_providers_advice(shop: Shop, alice: Visitor) -> None:
    page = alice.get(alice.order()).text

    found = dict(re.findall(r'data-advice="(\w*)">([^<]+)<', page))

    assert set(found) == {"try_again", "check_details"}


def test_a_decline_that_ends_the_payment_is_told_on_both_pages_and_another_try_is_offered(
    shop: Shop, alice: Visitor
) -> None:
    path = alice.order()
    first = _ask_to_pay(alice, path, Provider.PAYPAL).get_json()["orderId"]
    shop.paypal.decline(first, "INSTRUMENT_DECLINED", for_good=True)

    back = alice.get(alice.get(f"{path}/return?token={first}&PayerID=alice").location)
    page = alice.get(path)
    told = alice.get(f"{path}/status").get_json()

    for shown in (back, page):
        assert "The payment did not go through" in words(shown)
        assert "Open PayPal again and choose another" in words(shown)
    assert f'class="button" href="{path}"' in back.text
    assert 'id="paypal-button"' in page.text
    assert (told["state"], told["redirect"]) == ("failed", path)
    assert _ask_to_pay(alice, path, Provider.PAYPAL).get_json()["orderId"] != first


DECLINES = """generic_decline insufficient_funds lost_card stolen_card card_velocity_exceeded expired_card incorrect_cvc
    processing_error incorrect_number do_not_honor authentication_required payment_intent_authentication_failure"""


@pytest.mark.parametrize("code", DECLINES.split())
def test_after_each_decline_the_same_page_has_words_another_way_and_the_cart_is_intact(
    shop: Shop, alice: Visitor, code: str
) -> None:
    path = alice.order()
    payment = _start(shop, path)

    shop.stripe.decline(payment.external_id or "", code)
    alice.get(f"{path}/return")
    page = alice.get(path)

    assert page.status_code == 200
    assert code not in words(page), "the bank's code is no word for a shopper"
    assert "The payment did not go through" in words(page)
    assert 'id="paypal' in page.text
    assert "Sencha" in words(alice.get("/cart"))
    assert _start(shop, path).external_id == payment.external_id, "the same payment goes on"


def test_an_order_that_a_newer_one_replaced_says_so_and_leads_there(shop: Shop, alice: Visitor) -> None:
    first = alice.order()
    newer = alice.check_out().location

    answer = alice.get(first)

    assert answer.status_code == 410
    assert "a newer order has taken the place" in words(answer)
    assert "not paid in time" not in words(answer)
    assert f'href="{newer}"' in answer.text


def test_while_the_provider_does_not_answer_the_page_asks_on_without_javascript_too(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _start(shop, path)
    shop.stripe.fail_next(OutcomeUnknown("no answer"), verb="fetch")

    page = alice.get(f"{path}/return")

    assert "Confirming your payment" in words(page)
    assert '<noscript><meta http-equiv="refresh"' in page.text


def test_what_was_known_before_the_question_is_no_answer_to_it(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _start(shop, path)
    shop.stripe.fail_next(OutcomeUnknown("no answer"), verb="fetch")
    page = alice.get(f"{path}/return")
    asked_at = re.search(r'data-answer="(\d+)"', page.text)

    before = alice.get(f"{path}/status").get_json()
    alice.get(f"{path}/return")  # now Stripe answers: nothing is paid yet
    after = alice.get(f"{path}/status").get_json()

    assert asked_at is not None
    assert str(before["answer"]) == asked_at[1]
    assert after["answer"] > before["answer"]


@pytest.mark.parametrize("provider", list(Provider))
@pytest.mark.parametrize("refusal", [WrongCredentials("keys refused"), ProviderRejected("no such parameter")])
def test_whose_keys_or_request_are_refused_does_not_answer_and_the_other_way_is_offered(
    shop: Shop, alice: Visitor, provider: Provider, refusal: ShopError
) -> None:
    path = alice.order()
    shop.fake(provider).fail_next(refusal, verb="start")

    answer = _ask_to_pay(alice, path, provider)

    assert answer.status_code == 503
    told = answer.get_json()
    assert told["error"] == "provider_unavailable"
    assert told["offer"] == [str(other) for other in Provider if other is not provider]
    assert "does not answer" in told["message"]


@pytest.mark.parametrize("refusal", [WrongCredentials("keys refused"), ObjectMissing("gone")])
def test_who_has_paid_is_not_told_of_our_faults_and_a_worker_goes_on(
    shop: Shop, alice: Visitor, refusal: ShopError
) -> None:
    path = alice.order()
    payment = _start(shop, path)
    _approve(shop, payment)
    shop.stripe.fail_next(refusal, verb="fetch")

    page = alice.get(f"{path}/return")

    assert page.status_code == 200
    assert "Confirming your payment" in words(page)
    with shop.app.app_context():
        drain_outbox()
        assert shop.payment(payment.id).captures
    assert alice.get(f"{path}/return").location.endswith("/receipt")


def test_a_payment_that_paypal_has_dropped_is_begun_anew(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    first = _ask_to_pay(alice, path, Provider.PAYPAL).get_json()["orderId"]
    shop.paypal.fail_next(ObjectMissing("no such order"), verb="reopen")

    answer = _ask_to_pay(alice, path, Provider.PAYPAL)

    assert answer.status_code == 200
    assert answer.get_json()["orderId"] != first
    with shop.app.app_context():
        assert [payment.is_open for payment in shop.payments()] == [False, True]


@pytest.mark.parametrize("provider", list(Provider))
def test_a_provider_whose_breaker_is_open_is_told_to_be_away(
    shop: Shop, alice: Visitor, redis_url: str, provider: Provider
) -> None:
    shop.use_redis(redis_url)
    path = alice.order()
    with shop.app.app_context():
        for _ in range(20):
            shop.context.breakers[provider].failed()

    assert "does not answer at the moment" in words(alice.get(path))


def test_an_order_whose_time_is_up_says_so_and_gives_the_cart_back(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    shop.clock.advance(days=1)
    with shop.app.app_context():
        sweep.sweep()

    page = alice.get(path)

    assert page.status_code == 410
    assert "back on the shelf" in words(page)
    assert "Sencha" in words(alice.get("/cart"))


def _start(shop: Shop, path: str) -> Payment:
    with shop.app.app_context():
        order = _order(shop, path)
        return shop.payment(payments.start(order.id, Provider.STRIPE).payment_id)


def _ask_to_pay(visitor: Visitor, path: str, provider: Provider) -> TestResponse:
    """Press Pay: ask as the page's script does."""
    token = re.search(r'data-csrf="([^"]+)"', visitor.get(path).text)
    headers = {"X-CSRFToken": token[1] if token else ""}
    return visitor.client.post(f"{path}/{provider}", json={}, headers=headers, base_url=visitor.origin)


def _approve(shop: Shop, payment: Payment) -> None:
    with shop.app.app_context():
        shop.approve(payment)


def _pay(shop: Shop, path: str) -> str:
    payment = _start(shop, path)
    _approve(shop, payment)
    with shop.app.app_context():
        payments.refresh(payment.id, "test")
    return path


def _order(shop: Shop, path: str) -> Order:
    public_id = tokens.read_order(path.removeprefix("/pay/"))
    return next(order for order in shop.orders() if order.public_id == public_id)


@pytest.mark.parametrize(
    ("days", "told"),
    [(3, "only reserved now"), (10, "With PayPal the money is only reserved"), (60, "so it is charged now")],
)
def test_a_preorder_says_before_paying_when_it_is_charged(shop: Shop, alice: Visitor, days: int, told: str) -> None:
    path = alice.order()
    _send_in(shop, days)

    assert told in words(alice.get(path))


def test_reserved_money_is_told_as_reserved_and_not_as_charged(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _send_in(shop, 3)
    _approve(shop, _start(shop, path))

    first = alice.get(f"{path}/return")

    assert "Reserved, not charged yet" in words(first)
    assert alice.get(path).location == f"{path}/return"
    told = alice.get(f"{path}/status").get_json()
    assert (told["state"], told["redirect"]) == ("authorized", f"{path}/return")


def test_a_receipt_tells_what_was_charged_of_what_was_reserved(shop: Shop, alice: Visitor) -> None:
    path = alice.order()
    _send_in(shop, 3)
    payment = _start(shop, path)
    _approve(shop, payment)
    alice.get(f"{path}/return")
    with shop.app.app_context():
        payments.capture(payment.id, eur(700), "mara")

    receipt = words(alice.get(alice.get(path).location))

    assert "the rest was released €7.00" in receipt


def _send_in(shop: Shop, days: int) -> None:
    """Make the newest order one that can be sent only then."""
    with shop.app.app_context(), unit_of_work(write=True) as session:
        for line in session.scalars(select(OrderLine)):
            line.ships_from = (shop.clock.now() + timedelta(days=days)).date()
