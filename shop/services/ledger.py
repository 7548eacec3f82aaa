"""The ledger: every movement of money as balanced entries.

| what happened          | debit (+)               | credit (-)              |
| ---------------------- | ----------------------- | ----------------------- |
| capture for the order  | provider.pending        | sales, shipping, tax    |
| capture nobody owed    | provider.pending        | unearned                |
| settlement             | provider.balance, fees  | provider.pending        |
| refund                 | refunds (or unearned)   | provider.pending        |
| refund that settled    | provider.pending        | provider.balance        |
| refund that failed     | provider.pending        | refunds (or unearned)   |
| ... after it settled   | provider.balance        | provider.pending        |

A settlement is known by the capture or refund that it is of, and not by its own id: what Stripe calls a balance
transaction is another object, and a refund that fails looks for what was booked of it.

`provider.pending` is money whose fee is not known yet: Stripe tells it within the hour, PayPal when a
pending capture completes. Settlement in another currency goes through `exchange`, so each currency
balances by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.errors import LedgerUnbalanced
from shop.gateways.base import Settlement
from shop.models import Capture, LedgerEntry, LedgerTransaction, Order, Payment, Refund
from shop.money import Money


@dataclass(frozen=True)
class Entry:
    """One side of a transaction: debit positive, credit negative."""

    account: str
    money: Money


def post(session: Session, key: str, kind: str, entries: Sequence[Entry], payment: Payment | None = None) -> bool:
    """Book a transaction once: False if its key was booked before.

    Raises LedgerUnbalanced unless the entries sum to zero in every currency. Entries of zero are left out.
    """
    sums: dict[str, int] = defaultdict(int)
    for entry in entries:
        sums[entry.money.currency] += entry.money.amount
    if any(sums.values()):
        raise LedgerUnbalanced(f"{key}: the entries sum to {dict(sums)}, not to zero")
    if _is_booked(session, key):
        return False
    rows = [
        LedgerEntry(account=entry.account, amount=entry.money.amount, currency=entry.money.currency)
        for entry in entries
        if entry.money
    ]
    session.add(
        LedgerTransaction(
            key=key,
            kind=kind,
            order_id=payment.order_id if payment else None,
            payment_id=payment.id if payment else None,
            entries=rows,
        )
    )
    return True


def _is_booked(session: Session, key: str) -> bool:
    """Tell whether a key was booked, be it in this very transaction; nothing else is written for the sake of it."""
    if any(isinstance(row, LedgerTransaction) and row.key == key for row in session.new):
        return True
    with session.no_autoflush:
        return session.scalar(select(LedgerTransaction.id).where(LedgerTransaction.key == key)) is not None


def book_capture(session: Session, payment: Payment, capture: Capture, *, earned: bool) -> None:
    """Book money taken: as revenue of the order in its proportions, or as owed back when nobody owed it to us."""
    money = Money(capture.amount, payment.currency)
    credits = _revenue(payment.order, money) if earned else [Entry("unearned", -money)]
    entries = [Entry(f"{payment.provider}.pending", money), *credits]
    post(session, f"capture:{payment.provider}:{capture.external_id}", "capture", entries, payment)


def book_refund(session: Session, payment: Payment, refund: Refund) -> None:
    """Book a refund when the provider has taken it on: it leaves our balance there and then."""
    account = _refund_account(session, payment)
    entries = [Entry(account, refund.money), Entry(f"{payment.provider}.pending", -refund.money)]
    post(session, f"refund:{payment.provider}:{refund.external_id}", "refund", entries, payment)


def book_refund_failure(session: Session, payment: Payment, refund: Refund) -> bool:
    """Book the return of a refund the bank sent back; False, and nothing, if the refund itself was never booked."""
    if not _is_booked(session, f"refund:{payment.provider}:{refund.external_id}"):
        return False
    account = _refund_account(session, payment)
    entries = [Entry(f"{payment.provider}.pending", refund.money), Entry(account, -refund.money)]
    entries += _undone(session, f"settlement:{payment.provider}:{refund.external_id}")
    post(session, f"refund-failed:{payment.provider}:{refund.external_id}", "refund_failed", entries, payment)
    return True


def book_capture_settlement(session: Session, payment: Payment, capture: Capture, settlement: Settlement) -> None:
    """Book what the provider kept of money taken, and that the rest is ours to use."""
    _book_settlement(session, payment, capture.external_id, Money(capture.amount, payment.currency), settlement)


def book_refund_settlement(session: Session, payment: Payment, refund: Refund, settlement: Settlement) -> None:
    """Book that a refund has left the balance; nothing where it never went, or had come back before this was known."""
    went, came_back = (f"{kind}:{payment.provider}:{refund.external_id}" for kind in ("refund", "refund-failed"))
    if _is_booked(session, went) and not _is_booked(session, came_back):
        _book_settlement(session, payment, str(refund.external_id), -refund.money, settlement)


def _book_settlement(session: Session, payment: Payment, of: str, moved: Money, settlement: Settlement) -> None:
    """Book a settlement `of` a capture or refund; `moved` is what was pending, negative for a refund."""
    entries = [
        Entry(f"{payment.provider}.pending", -moved),
        Entry("exchange", moved),
        Entry(f"{payment.provider}.balance", settlement.net),
        Entry("fees", settlement.fee),
        Entry("exchange", -(settlement.net + settlement.fee)),
    ]
    if moved == settlement.net + settlement.fee:
        entries = [entry for entry in entries if entry.account != "exchange"]
    post(session, f"settlement:{payment.provider}:{of}", "settlement", entries, payment)


def balances(session: Session) -> dict[tuple[str, str], int]:
    """Return the balance of every (account, currency) in minor units; per currency they sum to zero."""
    rows = session.execute(
        select(LedgerEntry.account, LedgerEntry.currency, func.sum(LedgerEntry.amount)).group_by(
            LedgerEntry.account, LedgerEntry.currency
        )
    )
    return {(account, currency): int(total) for account, currency, total in rows}


def is_earned(session: Session, payment: Payment) -> bool:
    """Tell whether what a payment took was booked as revenue, and not as money that nobody owed us."""
    return _refund_account(session, payment) != "unearned"


def _undone(session: Session, key: str) -> list[Entry]:
    """Return the entries that take a transaction back; none if it was never booked.

    A refund that was settled had left the balance, fee and exchange included: that is where it comes back to.
    """
    booked = session.scalar(select(LedgerTransaction).where(LedgerTransaction.key == key))
    entries = booked.entries if booked is not None else []
    return [Entry(entry.account, -Money(entry.amount, entry.currency)) for entry in entries]


def _revenue(order: Order, money: Money) -> list[Entry]:
    """Split what was taken over sales, shipping and tax as the order has them; parts of an order in proportion."""
    shipping = order.shipping - (order.shipping_tax if order.prices_include_tax else 0)
    weights = [order.total - order.tax - shipping, shipping, order.tax]
    sales, freight, tax = money.split(weights)
    return [Entry("sales", -sales), Entry("shipping", -freight), Entry("tax", -tax)]


def _refund_account(session: Session, payment: Payment) -> str:
    """Return what a refund of this payment is charged to: `unearned` where its captures were booked there."""
    booked_as = session.scalar(
        select(LedgerEntry.account)
        .join(LedgerTransaction)
        .where(LedgerTransaction.payment_id == payment.id, LedgerEntry.account == "unearned")
        .limit(1)
    )
    return booked_as or "refunds"
