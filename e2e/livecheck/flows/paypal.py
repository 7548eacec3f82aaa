"""PayPal: approved, cancelled, declined and tried again, taken later, refunded."""

from __future__ import annotations

from typing import Any

from e2e.livecheck.flow import Flow, Trial
from e2e.livecheck.flows.cards import HELD, MARA, gives_back, outcome, pays
from e2e.livecheck.people import NotTried
from shop.gateways.base import BACKGROUND, Mode, PaymentState, Provider
from shop.gateways.paypal.client import PayPalClient
from shop.gateways.paypal.payments import PayPalPayments
from shop.gateways.transport import Wire
from shop.models import Order, Payment
from shop.services import approvals, payments
from shop.services.payments import Outcome, Ready

PAYPAL = Provider.PAYPAL
# developer.paypal.com/tools/sandbox/negative-testing: PayPal answers the call with this and runs nothing.
DECLINED = '{"mock_application_codes": "INSTRUMENT_DECLINED"}'


def approved(trial: Trial, quantity: int = 1) -> tuple[Order, Ready]:
    """Place an order, begin to pay it with PayPal, and wait until the buyer has approved."""
    order = trial.store.order(quantity)
    ready = payments.start(order.id, PAYPAL, BACKGROUND)
    trial.note(f"order {order.number}, {ready.external_id}")
    assert ready.approve_url is not None, "PayPal hands one out"
    gateway = trial.store.context.gateways[PAYPAL]

    def is_approved() -> bool:
        seen = gateway.fetch(ready.external_id)
        return seen.needs_capture or seen.state in (PaymentState.CAPTURED, PaymentState.AUTHORIZED)

    trial.people.approves(ready.approve_url, f"Order {order.number}", is_approved, trial.patience)
    return order, ready


def settled(trial: Trial, ready: Ready) -> Payment:
    """Take the money, or set it aside, as the return page does."""
    return trial.store.refresh(trial.store.payment(ready.payment_id))


def paid(trial: Trial) -> None:
    """A buyer approves, the money is taken, a part of it goes back and then the rest."""
    order, ready = approved(trial)
    payment = settled(trial, ready)
    trial.expect("the order", Outcome.PAID, outcome(order))
    trial.expect("taken", order.total, payment.captured)
    trial.expect("paid with", "paypal", payment.method_kind)
    trial.store.delivered[PAYPAL].append(ready.external_id)
    gives_back(trial, order, payment)


def cancelled(trial: Trial) -> None:
    """A buyer comes back without approving; the payment is called back when another way is chosen."""
    order = trial.store.order()
    ready = payments.start(order.id, PAYPAL, BACKGROUND)
    trial.note(f"order {order.number}, {ready.external_id}")
    payment = settled(trial, ready)
    trial.expect("nothing taken", 0, payment.captured)
    trial.expect("the order can be paid", True, trial.store.placed(order.id).is_payable)
    ended = payments.call_back(payment.id, "live check")
    trial.expect("the payment", PaymentState.CANCELLED, ended.state)
    again = payments.start(order.id, PAYPAL, BACKGROUND)
    trial.expect("the next try is another payment", True, again.external_id != ready.external_id)


class DecliningClient(PayPalClient):
    """A client whose captures PayPal declines, because it is asked to, for as long as `declines` says so."""

    declines = True

    def __call__(self, request: Any) -> None:
        """Add the SDK's own headers to a request, and to a capture the one that asks for a decline."""
        super().__call__(request)
        if self.declines and request.path.rstrip("?").endswith("/capture"):
            request.headers["PayPal-Mock-Response"] = DECLINED


def figures(trial: Trial) -> None:
    """PayPal takes our sums: a discount, yen without decimals, and tax that is added to the prices."""
    california: dict[str, Any] = {"country": "US", "region": "CA", "city": "San Francisco", "postal_code": "94105"}
    orders = (
        trial.store.order(3, code="TIDE10"),
        trial.store.order(currency="JPY"),
        trial.store.order(currency="USD", **california),
    )
    for order in orders:
        ready = payments.start(order.id, PAYPAL, BACKGROUND)
        trial.note(f"order {order.number}, {ready.external_id}")
        agreed = str(order.money(order.total))
        seen = trial.store.context.gateways[PAYPAL].fetch(ready.external_id)
        trial.expect(f"PayPal's total of {agreed}", agreed, str(seen.amount))
        payments.call_back(ready.payment_id, "live check")


def declined(trial: Trial) -> None:
    """What a buyer chose to pay with is declined; the same order is approved again and paid."""
    client = _declining(trial)
    with trial.store.through(PAYPAL, PayPalPayments(client, Mode.TEST)):
        order = trial.store.order()
        ready = payments.start(order.id, PAYPAL, BACKGROUND)
        trial.note(f"order {order.number}, {ready.external_id}")
        assert ready.approve_url is not None, "PayPal hands one out"
        what = f"Order {order.number}, which is then declined"
        trial.people.approves(
            ready.approve_url, what, lambda: bool(settled(trial, ready).attempts), trial.patience
        )
        status = payments.told(payments.status(order.id))
        trial.expect("the order", Outcome.FAILED, status.outcome)
        trial.expect("declined for", "INSTRUMENT_DECLINED", status.decline_code)
        client.declines = False
        after = payments.approved(order.id)
        trial.expect("the order after another approval", Outcome.PAID, after.outcome)


def _declining(trial: Trial) -> DecliningClient:
    door = trial.store.context.settings.paypal
    assert door is not None, "a flow of PayPal is run with its keys"
    wire = Wire(PAYPAL, door.api_base, trial.store.recorder, request_id_header="PayPal-Debug-Id")
    return DecliningClient(door.client_id, door.client_secret, wire)


def reserved(trial: Trial) -> tuple[Order, Payment]:
    """Order so much that the money is only set aside, and approve."""
    order, ready = approved(trial, HELD)
    payment = settled(trial, ready)
    trial.expect("the money is set aside", PaymentState.AUTHORIZED, payment.state)
    return order, payment


def captured(trial: Trial) -> None:
    """A held order is let through."""
    order, payment = reserved(trial)
    approvals.approve(order.id, MARA)
    trial.expect("the order", Outcome.PAID, outcome(order))
    trial.expect("taken", order.total, trial.store.payment(payment.id).captured)


def voided(trial: Trial) -> None:
    """A held order is turned down."""
    order, payment = reserved(trial)
    approvals.reject(order.id, MARA)
    trial.expect("the payment", PaymentState.CANCELLED, trial.store.payment(payment.id).state)
    trial.expect("the order", Outcome.ENDED, outcome(order))


def changed_mind(trial: Trial) -> None:
    """A buyer begins with PayPal and pays by card: the first is called back, one payment is kept."""
    if Provider.STRIPE not in trial.store.context.gateways:
        raise NotTried("this one wants the keys of Stripe as well")
    order = trial.store.order()
    first = payments.start(order.id, PAYPAL, BACKGROUND)
    second = payments.start(order.id, Provider.STRIPE, BACKGROUND)
    trial.note(f"order {order.number}, {first.external_id}, then {second.external_id}")
    trial.expect("the first payment", PaymentState.CANCELLED, trial.store.payment(first.payment_id).state)
    pays(trial, order, second)


FLOWS = (
    Flow("paypal-cancelled", "A buyer comes back without approving", PAYPAL, cancelled),
    Flow("paypal-figures", "PayPal takes a discount, yen, and tax on top", PAYPAL, figures),
    Flow("paypal-then-card", "PayPal is begun, a card pays", PAYPAL, changed_mind),
    Flow("paypal-paid-and-refunded", "PayPal pays; a part goes back, then the rest", PAYPAL, paid, "person"),
    Flow("paypal-declined", "PayPal declines; approved again, it pays", PAYPAL, declined, "person"),
    Flow("paypal-captured-later", "PayPal sets money aside; it is taken", PAYPAL, captured, "person"),
    Flow("paypal-voided", "PayPal sets money aside; it is let go", PAYPAL, voided, "person"),
)
