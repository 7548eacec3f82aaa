"""The ledger: every movement balances in every currency, is booked once, and is never changed afterwards."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shop.errors import LedgerUnbalanced
from shop.gateways.base import Capture, PaymentSnapshot, PaymentState, RefundSnapshot, RefundState, Settlement
from shop.models import LedgerTransaction, Payment
from shop.money import Money
from shop.services import ledger, payments
from shop.services.ledger import Entry
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import Shop, eur, seen

moneys = st.builds(Money, st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "USD", "JPY", "KWD"]))
sides = st.lists(st.builds(Entry, st.sampled_from(["sales", "tax", "fees", "stripe.pending"]), moneys), max_size=8)
slow = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@slow
@given(entries=sides)
def test_what_does_not_balance_in_every_currency_is_refused(lasting_shop: Shop, entries: list[Entry]) -> None:
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.money.currency] += entry.money.amount

    with unit_of_work(write=True) as session:
        if any(sums.values()):
            with pytest.raises(LedgerUnbalanced, match="not to zero"):
                ledger.post(session, "test:1", "test", entries)
        else:
            ledger.post(session, "test:1", "test", entries)
        session.rollback()


def test_a_movement_is_booked_once(shop: Shop) -> None:
    entries = [Entry("sales", -eur(5)), Entry("stripe.pending", eur(5))]

    with unit_of_work(write=True) as session:
        booked = [ledger.post(session, "test:1", "test", entries) for _ in range(2)]

    assert booked == [True, False]
    assert shop.balances() == {"sales": -5, "stripe.pending": 5}


def test_money_settled_in_another_currency_goes_through_exchange(shop: Shop) -> None:
    payment = shop.started()
    taken = _taken(shop, payment)
    settled = replace(taken, captures=(replace(taken.captures[0], settlement=_in_dollars("cap", 1900, 85)),))

    for told in (taken, settled, settled):
        payments.apply(payment.id, told, payments.take_ticket(payment.id), "test")

    with unit_of_work() as session:
        balances = {key: amount for key, amount in ledger.balances(session).items() if amount}
    assert balances == {
        ("exchange", "EUR"): 1740,
        ("exchange", "USD"): -1900,
        ("fees", "USD"): 85,
        ("sales", "EUR"): -1168,
        ("shipping", "EUR"): -458,
        ("stripe.balance", "USD"): 1815,
        ("tax", "EUR"): -114,
    }


# One step of a payment's life: what happens, and to how much of it.
steps = st.lists(
    st.tuples(
        st.sampled_from(["settle", "refund", "settle refund", "settle and fail", "pending", "fail", "again"]),
        st.integers(1, 900),
        st.integers(0, 5),
    ),
    max_size=7,
)


@slow
@given(steps=steps, abroad=st.booleans())
@example(steps=[("refund", 100, 0), ("settle refund", 100, 0), ("fail", 100, 0)], abroad=False)
@example(steps=[("refund", 100, 0), ("settle and fail", 100, 0)], abroad=True)
def test_after_every_step_of_any_life_the_books_balance(
    lasting_shop: Shop, steps: list[tuple[str, int, int]], abroad: bool
) -> None:
    payment = lasting_shop.started(skus=["BULK-1"])
    told = _taken(lasting_shop, payment)
    kinds = _apply_all(lasting_shop, payment, told, steps, abroad)

    booked = lasting_shop.rows(LedgerTransaction, LedgerTransaction.payment_id == payment.id)
    assert len({row.key for row in booked}) == len(booked)
    assert [row.kind for row in booked].count("capture") == 1
    assert [row.kind for row in booked].count("refund") == kinds


def _apply_all(
    shop: Shop, payment: Payment, told: PaymentSnapshot, steps: list[tuple[str, int, int]], abroad: bool
) -> int:
    """Let the provider tell of each step, twice, and look at the books each time; return how many refunds it took."""
    for number, step in enumerate([("again", 1, 0), *steps]):
        told = _next(told, number, *step, abroad)
        for _ in range(2):
            payments.apply(payment.id, told, payments.take_ticket(payment.id), "test")
            shop.assert_books_balance()
            assert _of(shop, payment) == _as_told(told)
    return len(told.refunds)


def _next(told: PaymentSnapshot, number: int, step: str, cents: int, which: int, abroad: bool) -> PaymentSnapshot:
    refunds = list(told.refunds)
    if step == "settle":
        booking = f"txn_{told.external_id}"
        at_home = Settlement(booking, told.amount, eur(80), told.amount - eur(80))
        settlement = _in_dollars(booking, 1900, 85) if abroad else at_home
        return replace(told, captures=(replace(told.captures[0], settlement=settlement),))
    if step in ("refund", "pending"):
        state = RefundState.PENDING if step == "pending" else RefundState.SUCCEEDED
        refunds.append(RefundSnapshot(f"{told.external_id}_{number}", None, told.external_id, eur(cents), state))
    elif refunds:
        chosen = refunds[which % len(refunds)]
        booked = replace(chosen, settlement=_in_dollars(f"txn_{chosen.external_id}", -cents, 0))
        if step == "fail":
            refunds[which % len(refunds)] = replace(chosen, state=RefundState.FAILED, failure="sent back")
        elif step == "settle and fail" and chosen.settlement is None:
            refunds[which % len(refunds)] = replace(booked, state=RefundState.FAILED, failure="sent back")
        elif step == "settle refund" and chosen.settlement is None and chosen.state is not RefundState.FAILED:
            refunds[which % len(refunds)] = replace(booked, state=RefundState.SUCCEEDED)
    return replace(told, refunds=tuple(refunds))


def _as_told(told: PaymentSnapshot) -> dict[str, int]:
    """Say what the provider holds for us, and what it has not booked yet, of one payment; in any currency."""
    pending, balance = told.captures[0].amount.amount, 0
    if told.captures[0].settlement is not None:
        pending, balance = 0, told.captures[0].settlement.net.amount
    for refund in told.refunds:
        if refund.state is not RefundState.FAILED:
            pending -= 0 if refund.settlement else refund.amount.amount
            balance += refund.settlement.net.amount if refund.settlement else 0
    return {"stripe.pending": pending, "stripe.balance": balance}


def _of(shop: Shop, payment: Payment) -> dict[str, int]:
    """Return what our books say of the same."""
    sums = dict.fromkeys(("stripe.pending", "stripe.balance"), 0)
    for booked in shop.rows(LedgerTransaction, LedgerTransaction.payment_id == payment.id):
        for entry in booked.entries:
            if entry.account in sums:
                sums[entry.account] += entry.amount
    return sums


def _taken(shop: Shop, payment: Payment) -> PaymentSnapshot:
    """Return the payment as it is when the money has come and its fee is not known."""
    told = seen(shop, payment)
    return replace(told, state=PaymentState.CAPTURED, captures=(Capture(f"cap_{payment.id}", told.amount),))


def _in_dollars(external_id: str, gross: int, fee: int) -> Settlement:
    return Settlement(external_id, Money(gross, "USD"), Money(fee, "USD"), Money(gross - fee, "USD"))
