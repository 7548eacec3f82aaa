"""Stripe: cards, 3-D Secure, declines, bank debits, money that is taken later, refunds and tax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from e2e.customer import CARD, CARD_3DS, Customer
from e2e.livecheck.flow import Flow, Trial
from e2e.livecheck.people import COMPLETE, FAIL
from shop.config import StripeSettings
from shop.errors import ProviderRejected, ReferenceTaken
from shop.gateways.base import BACKGROUND, PaymentState, Provider, RefundState
from shop.gateways.tax import TaxGateway
from shop.models import Order, Payment
from shop.money import Money
from shop.services import approvals, payments, refunds, review
from shop.services.payments import Outcome, Ready
from tests.gateways.cast import a_key

STRIPE = Provider.STRIPE
VISA, VISA_3DS = "pm_card_visa", "pm_card_authenticationRequired"
MARA = "merchant of the check"
HELD = 12  # tins of tea, whose total is above what is held for a person
# Stripe's test methods (docs.stripe.com/testing), and the code that the shop goes by.
DECLINES = {
    "generic": ("pm_card_visa_chargeDeclined", "generic_decline"),
    "insufficient-funds": ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
    "lost": ("pm_card_visa_chargeDeclinedLostCard", "generic_decline"),
    "stolen": ("pm_card_visa_chargeDeclinedStolenCard", "generic_decline"),
    "expired": ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
    "incorrect-cvc": ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc"),
    "processing-error": ("pm_card_chargeDeclinedProcessingError", "processing_error"),
    "velocity": ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_velocity_exceeded"),
}
IBAN_PAYS, IBAN_RETURNED = "AT611904300234573201", "AT861904300235473202"
MANDATE = {  # a bank debit wants to know who has agreed to it, and from where (an address of RFC 5737 is nobody's)
    "mandate_data[customer_acceptance][type]": "online",
    "mandate_data[customer_acceptance][online][ip_address]": "192.0.2.7",
    "mandate_data[customer_acceptance][online][user_agent]": "live check",
}
REFUNDED = (RefundState.SUCCEEDED, RefundState.PENDING)


def begun(trial: Trial, quantity: int = 1, currency: str = "EUR") -> tuple[Order, Ready]:
    """Place an order and begin to pay it by card, as the pay page does when Pay is pressed."""
    order = trial.store.order(quantity, currency=currency)
    ready = payments.start(order.id, STRIPE, BACKGROUND)
    trial.note(f"order {order.number}, {ready.external_id}")
    return order, ready


def confirm(trial: Trial, ready: Ready, **fields: str) -> Any:
    """Confirm a payment as the customer's browser does."""
    assert ready.client_secret is not None, "Stripe hands one out"
    with_return = {"return_url": f"{trial.store.url}/", **fields}
    return trial.people.confirm(door(trial), "payment_intent", ready.external_id, ready.client_secret, **with_return)


def door(trial: Trial) -> StripeSettings:
    """Return how Stripe is reached."""
    found = trial.store.context.settings.stripe
    assert found is not None, "a flow of Stripe is run with its keys"
    return found


def outcome(order: Order) -> Outcome:
    """Say where an order stands."""
    return payments.status(order.id).outcome


def pays(trial: Trial, order: Order, ready: Ready, method: str = VISA) -> Payment:
    """Pay with a test method, to the end."""
    confirm(trial, ready, payment_method=method)
    payment = trial.store.refresh(trial.store.payment(ready.payment_id))
    trial.expect("the order", Outcome.PAID, outcome(order))
    trial.store.delivered[STRIPE].append(ready.external_id)
    return payment


def paid(trial: Trial) -> None:
    """A card pays."""
    order, ready = begun(trial)
    payment = pays(trial, order, ready)
    trial.expect("taken", order.total, payment.captured)
    trial.expect("paid with", "card visa 4242", paid_with(payment))


def paid_in_yen(trial: Trial) -> None:
    """A card pays in a currency without decimals."""
    order, ready = begun(trial, currency="JPY")
    payment = pays(trial, order, ready)
    trial.expect("taken", str(Money(order.total, "JPY")), str(Money(payment.captured, payment.currency)))


def paid_with(payment: Payment) -> str:
    """Return what a receipt says that was paid with."""
    return f"{payment.method_kind} {payment.method_brand} {payment.method_last4}"


def challenge(button: str | None) -> Callable[[Trial], None]:
    """Return the flow of a card whose bank asks: answered with a button, or closed (None) and paid otherwise."""

    def run(trial: Trial) -> None:
        order, ready = begun(trial)
        asked = confirm(trial, ready, payment_method=VISA_3DS)
        trial.expect("the bank asks", "requires_action", asked.get("status"))
        action = asked["next_action"]
        trial.expect("by a page to go to", "redirect_to_url", action["type"])
        trial.people.answers_bank(action["redirect_to_url"]["url"], button)
        if button is not None:
            trial.wait("the bank's answer arrives", lambda: not _is_asked(trial, ready))
        trial.store.refresh(trial.store.payment(ready.payment_id))
        if button == COMPLETE:
            trial.expect("the order", Outcome.PAID, outcome(order))
            trial.store.delivered[STRIPE].append(ready.external_id)
            return
        trial.expect("the order", Outcome.FAILED if button == FAIL else Outcome.ACTION, outcome(order))
        trial.expect("nothing taken", 0, trial.store.payment(ready.payment_id).captured)
        again = payments.start(order.id, STRIPE, BACKGROUND)
        trial.expect("another try goes on with the same payment", ready.external_id, again.external_id)
        pays(trial, order, again)

    return run


def _is_asked(trial: Trial, ready: Ready) -> bool:
    payment = trial.store.refresh(trial.store.payment(ready.payment_id))
    return payment.state is PaymentState.REQUIRES_ACTION


def declined(method: str, code: str) -> Callable[[Trial], None]:
    """Return the flow of a card that is declined, after which another one pays the same order."""

    def run(trial: Trial) -> None:
        order, ready = begun(trial)
        confirm(trial, ready, payment_method=method)
        trial.store.refresh(trial.store.payment(ready.payment_id))
        status = payments.status(order.id)
        trial.expect("the order", Outcome.FAILED, status.outcome)
        trial.expect("declined for", code, status.decline_code)
        again = payments.start(order.id, STRIPE, BACKGROUND)
        trial.expect("another try goes on with the same payment", ready.external_id, again.external_id)
        pays(trial, order, again)

    return run


def debit(iban: str, ends_as: Outcome) -> Callable[[Trial], None]:
    """Return the flow of a bank debit: under way first, and then as the account decides."""

    def run(trial: Trial) -> None:
        order, ready = begun(trial)
        owner = {"billing_details][name": "Alice Ashdown", "billing_details][email": "alice@example.com"}
        parts = {"type": "sepa_debit", "sepa_debit][iban": iban, **owner}
        fields = {f"payment_method_data[{name}]": value for name, value in parts.items()}
        answer = confirm(trial, ready, **fields, **MANDATE)
        trial.expect("the bank is at work", "processing", answer.get("status"))

        def decided() -> bool:
            payment = trial.store.refresh(trial.store.payment(ready.payment_id))
            return payment.state is not PaymentState.PROCESSING

        trial.wait("the bank decides", decided)
        status = payments.status(order.id)
        trial.expect("the order", ends_as, status.outcome)
        if status.decline_code:
            trial.note(f"sent back for {status.decline_code}")

    return run


def held(trial: Trial) -> tuple[Order, Payment]:
    """Order so much that the money is only set aside, and pay."""
    order, ready = begun(trial, HELD)
    trial.expect("the order is held for a person", True, review.holds(order))
    confirm(trial, ready, payment_method=VISA)
    payment = trial.store.refresh(trial.store.payment(ready.payment_id))
    trial.expect("the money is set aside", PaymentState.AUTHORIZED, payment.state)
    trial.expect("nothing taken", 0, payment.captured)
    return order, payment


def captured_whole(trial: Trial) -> None:
    """A held order is let through."""
    order, payment = held(trial)
    approvals.approve(order.id, MARA)
    trial.expect("the order", Outcome.PAID, outcome(order))
    trial.expect("taken", order.total, trial.store.payment(payment.id).captured)


def captured_in_part(trial: Trial) -> None:
    """A part of what was set aside is taken."""
    order, payment = held(trial)
    taken = approvals.charge(payment.id, Money(5000, order.currency), MARA)
    trial.expect("the order", Outcome.PAID, outcome(order))
    trial.expect("taken", 5000, taken.captured)
    trial.expect("let go", order.total - 5000, taken.released)


def voided(trial: Trial) -> None:
    """A held order is turned down."""
    order, payment = held(trial)
    approvals.reject(order.id, MARA)
    trial.expect("the payment", PaymentState.CANCELLED, trial.store.payment(payment.id).state)
    trial.expect("the order", Outcome.ENDED, outcome(order))


def refunded(trial: Trial) -> None:
    """A part goes back, then the rest."""
    order, ready = begun(trial)
    gives_back(trial, order, pays(trial, order, ready))


def gives_back(trial: Trial, order: Order, payment: Payment) -> None:
    """Refund a part of a payment and then the rest of it."""
    for amount in (100, order.total - 100):
        refund = refunds.request(payment.id, Money(amount, order.currency), "requested_by_customer", MARA)
        trial.note(f"refund {refund.external_id}")
        trial.expect(f"the refund of {Money(amount, order.currency)}", REFUNDED, refund.state)
    trial.expect("given back in all", order.total, trial.store.payment(payment.id).refunded)


def taxed(trial: Trial) -> None:
    """The tax is calculated by Stripe Tax, recorded when the order is paid, and taken back with a refund."""
    order, ready = begun(trial)
    trial.expect("calculated by Stripe, not estimated", False, order.tax_is_estimated)
    trial.note(f"calculation {order.tax_calculation}, {order.money(order.tax)} of {order.money(order.total)}")
    payment = pays(trial, order, ready)
    trial.store.do_what_is_owed()
    recorded = trial.store.placed(order.id).tax_transaction
    trial.expect("the sale is recorded", True, bool(recorded))
    trial.note(f"transaction {recorded}")
    money = Money(order.total, order.currency)
    refund = refunds.request(payment.id, money, "requested_by_customer", MARA)
    trial.store.do_what_is_owed()
    owed = trial.store.owed("tax.reverse", order)
    trial.expect("the record is taken back", "done", ", ".join(str(one.state) for one in owed))
    back = f"{order.number}-{refund.public_id}"
    again = {
        "sale": lambda gateway: gateway.commit(order.tax_calculation, order.number, a_key()),
        "reversal": lambda gateway: gateway.reverse(recorded, back, money, a_key()),
    }
    for what, send in again.items():
        trial.expect(f"the {what} under another key is", "refused for its reference", _sent_again(trial, send))


def _sent_again(trial: Trial, send: Callable[[TaxGateway], str]) -> str:
    """Return what becomes of a record that is sent once more: no document says how Stripe words its refusal."""
    assert trial.store.context.tax is not None, "the flow has had its tax calculated"
    try:
        return f"recorded as {send(trial.store.context.tax)}"
    except ReferenceTaken:
        return "refused for its reference"
    except ProviderRejected as exc:
        return f"refused for its {exc.param or 'parameters'} ({exc.code}): {exc}"


def pay_page(number: str, *, asks: bool) -> Callable[[Trial], None]:
    """Return the flow of the pay page in a browser, with Stripe's own form and PayPal's own button in it."""

    def run(trial: Trial) -> None:
        with trial.people.page() as page:
            complaints = _heard(page)
            alice = Customer(page, trial.store.url, "alice@example.com")
            alice.orders_tea()
            expect(page.locator("iframe[title='Secure payment input frame']").first).to_be_visible(timeout=45_000)
            if trial.store.context.settings.paypal is not None:
                expect(page.locator("paypal-button")).to_be_visible(timeout=45_000)
            alice.pays_by_card(number)
            if asks:
                alice.completes_challenge()
            trial.note(f"order {alice.sees_receipt()}")
            trial.expect("errors in the console, broken policies too", "none", "; ".join(complaints) or "none")

    return run


def _heard(page: Page) -> list[str]:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def _flow(name: str, title: str, run: Callable[[Trial], None], needs: str = "") -> Flow:
    return Flow(name, title, STRIPE, run, needs)


FLOWS = (
    _flow("card-paid", "A card pays", paid),
    _flow("card-paid-in-yen", "A card pays in yen", paid_in_yen),
    _flow("card-3ds-completed", "The bank asks, and is answered", challenge(COMPLETE), "browser"),
    _flow("card-3ds-failed", "The bank asks, and is not convinced; another card pays", challenge(FAIL), "browser"),
    _flow("card-3ds-closed", "The bank's page is closed; another card pays", challenge(None), "browser"),
    *(
        _flow(f"card-declined-{name}", f"{method} is declined; another card pays", declined(method, code))
        for name, (method, code) in DECLINES.items()
    ),
    _flow("sepa-paid", "A bank debit that succeeds", debit(IBAN_PAYS, Outcome.PAID)),
    _flow("sepa-returned", "A bank debit that is sent back", debit(IBAN_RETURNED, Outcome.FAILED)),
    _flow("held-captured", "Money that is set aside is taken whole", captured_whole),
    _flow("held-captured-in-part", "Money that is set aside is taken in part", captured_in_part),
    _flow("held-voided", "Money that is set aside is let go", voided),
    _flow("card-refunded", "A refund of a part, and of the rest", refunded),
    _flow("tax", "Tax is calculated, recorded and taken back", taxed),
    _flow("page-card", "The pay page in a browser: a card pays", pay_page(CARD, asks=False), "browser"),
    _flow("page-3ds", "The pay page in a browser: the bank asks", pay_page(CARD_3DS, asks=True), "browser"),
)  # fmt: skip
