"""Reconciliation: our books against the provider's, on both databases; what was missed is repaired, the rest told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shop.errors import ProviderUnavailable
from shop.gateways.base import RefundState
from shop.gateways.fake import FakeHistory
from shop.gateways.history import Movement, MovementKind
from shop.models import Alarm, Lease, OrderState, Payment, ReconcileFinding, ReconcileRun, Verdict
from shop.services import reconcile, refunds
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import PAYPAL, STRIPE, Shop, by_hand, eur


@pytest.fixture
def history(shop: Shop) -> FakeHistory:
    """Stripe's past as the fake tells it; PayPal's stands beside it as noise."""
    told = FakeHistory(shop.stripe)
    shop.change_context(histories={STRIPE: told, PAYPAL: FakeHistory(shop.paypal)})
    return told


def run(shop: Shop, **how: object) -> ReconcileRun:
    """Reconcile with Stripe and return the run."""
    [report] = reconcile.run(providers=[STRIPE], cause="test", **how)  # type: ignore[arg-type]
    return report.run


def stranger(shop: Shop, **changes: object) -> Movement:
    """Return money at the provider that belongs to nothing here."""
    movement = Movement(
        STRIPE, MovementKind.PAYMENT, "ch_lost", shop.clock.now() - timedelta(hours=5), eur(1250), eur(60),
        payment_external_id="pi_lost", reference="LOST", order_number="",
    )  # fmt: skip
    return replace(movement, **changes)  # type: ignore[arg-type]


def test_books_that_agree_match(shop: Shop, history: FakeHistory) -> None:
    shop.paid()

    found = run(shop)

    assert (found.matched, found.is_clean, found.repaired) == (1, True, 0)
    assert shop.rows(ReconcileFinding) == []


def test_money_that_was_missed_is_applied_and_a_repeat_finds_it_matched(shop: Shop, history: FakeHistory) -> None:
    payment = shop.started()
    shop.approve(payment)

    first, second = run(shop), run(shop)

    assert (first.repaired, first.is_clean) == (1, True)
    assert (second.repaired, second.matched) == (0, 1)
    assert shop.placed(payment.order_id).state is OrderState.PAID
    assert len(shop.owed("mail.receipt")) == 1
    assert shop.alarms() == []


def test_a_dry_run_tells_and_changes_nothing(shop: Shop, history: FakeHistory) -> None:
    payment = shop.started()
    shop.approve(payment)

    found = run(shop, dry_run=True)

    assert (found.missing_here, found.is_dry) == (1, True)
    assert shop.placed(payment.order_id).state is OrderState.PENDING
    assert shop.alarms() == []


def test_a_payment_whose_id_never_reached_us_is_found_by_our_reference(shop: Shop, history: FakeHistory) -> None:
    payment = shop.started()
    shop.approve(payment)
    with unit_of_work(write=True) as session:
        session.get_one(Payment, payment.id).external_id = None

    assert run(shop).repaired == 1
    assert shop.payment(payment.id).external_id == payment.external_id


def test_money_with_our_reference_and_no_payment_is_an_alarm_once(shop: Shop, history: FakeHistory) -> None:
    history.extra = [stranger(shop)]

    found = run(shop)
    run(shop)

    assert (found.missing_here, found.is_clean) == (1, False)
    assert shop.alarms() == ["paid_without_order"]


@pytest.mark.parametrize("changes", [{"reference": None}, {"order_number": "TT-OTHERS-00007"}])
def test_money_of_somebody_else_on_the_account_is_foreign(
    shop: Shop, history: FakeHistory, changes: dict[str, object]
) -> None:
    history.extra = [stranger(shop, **changes)]

    found = run(shop)

    assert (found.foreign, found.is_clean) == (1, True)
    assert shop.alarms() == []


def test_a_refund_made_elsewhere_is_taken_in(shop: Shop, history: FakeHistory) -> None:
    payment = shop.paid()
    shop.stripe.refund(by_hand(shop, payment, 300), "by hand")

    found = run(shop)

    assert (found.repaired, found.matched) == (1, 1)
    [refund] = shop.payment(payment.id).refunds
    assert (refund.amount, refund.state) == (300, RefundState.SUCCEEDED)


def test_what_is_ours_alone_is_asked_for_once_more_before_it_is_called_missing(
    shop: Shop, history: FakeHistory
) -> None:
    payment = shop.paid()
    history.hidden = {payment.captures[0].external_id}
    shop.clock.advance(hours=5)

    assert run(shop).matched == 1

    shop.stripe.books()[-1].captures.clear()
    found = run(shop)

    assert found.missing_there == 1
    assert shop.alarms() == ["missing_there"]
    assert str(eur(payment.amount)) in shop.rows(Alarm)[0].message


def test_what_is_younger_than_the_lists_lag_is_not_missing(shop: Shop, history: FakeHistory) -> None:
    payment = shop.paid()
    history.hidden = {payment.captures[0].external_id}

    found = run(shop)

    assert (found.matched, found.missing_there) == (0, 0)


@pytest.mark.parametrize("what", ["amount", "fee"])
def test_a_figure_that_differs_is_an_alarm_with_both(shop: Shop, history: FakeHistory, what: str) -> None:
    payment = shop.paid()
    capture = payment.captures[0]
    history.hidden = {capture.external_id}
    told = stranger(
        shop, external_id=capture.external_id, payment_external_id=payment.external_id, reference=payment.public_id,
        amount=eur(1) if what == "amount" else eur(capture.amount), fee=eur(9999),
    )  # fmt: skip
    history.extra = [told]

    found = run(shop)

    assert found.differing == 1
    [alarm] = shop.rows(Alarm)
    assert alarm.order_id == payment.order_id
    assert str(eur(1) if what == "amount" else eur(9999)) in alarm.message


def test_a_fee_that_came_late_is_booked(shop: Shop, history: FakeHistory) -> None:
    shop.stripe.books_fees = False
    payment = shop.paid()
    shop.stripe.book_fee(payment.external_id or "")

    assert run(shop).repaired == 1
    assert shop.payment(payment.id).captures[0].settled_at is not None


def test_a_provider_that_does_not_answer_holds_up_nobody(shop: Shop, history: FakeHistory) -> None:
    shop.paid(PAYPAL)
    history.failure = ProviderUnavailable("down")

    broken, whole = reconcile.run(cause="test")

    assert (broken.run.finished_at, broken.run.is_clean) == (None, False)
    assert "ProviderUnavailable" in broken.run.error
    assert (whole.run.provider, whole.run.matched) == (PAYPAL, 1)


def test_only_one_scheduler_reconciles_and_its_success_is_remembered(shop: Shop, history: FakeHistory) -> None:
    shop.paid()
    reconcile.scheduled()

    with unit_of_work() as session:
        assert session.get_one(Lease, "reconcile").done_at is not None
    assert [found.provider for found in shop.rows(ReconcileRun)] == [STRIPE, PAYPAL]


def test_a_form_sent_twice_is_one_refund(shop: Shop, history: FakeHistory) -> None:
    payment = shop.paid()

    made = shop.at_once(lambda _: refunds.request(payment.id, eur(100), "other", "merchant 1", "t" * 20), 4)

    assert len({refund.id for refund in made if not isinstance(refund, Exception)}) == 1
    assert [refund.amount for refund in shop.payment(payment.id).refunds] == [100]


def test_every_verdict_has_its_column() -> None:
    columns = {reconcile.COLUMNS.get(verdict, verdict.value) for verdict in Verdict}

    assert columns <= set(ReconcileRun.__table__.columns.keys())
