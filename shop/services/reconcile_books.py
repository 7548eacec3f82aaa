"""One side of a reconciliation: what our books say to each movement that a provider lists, and the repair of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.errors import ObjectMissing, ShopError, TryLater
from shop.gateways.base import Mode, Provider, RefundState
from shop.gateways.history import Movement, MovementKind
from shop.models import Capture, Payment, Refund, Verdict
from shop.money import Money
from shop.services import installation, payments, refunds
from shop.services.providers import call, context
from shop.services.unit_of_work import unit_of_work

CAUSE = "reconcile"
CHUNK = 500  # ids in one question to the database


@dataclass(frozen=True)
class Line:
    """What was found of one movement. `alarm` is the kind of alarm it is worth, empty for none."""

    verdict: Verdict
    kind: MovementKind
    external_id: str
    order_id: int | None = None
    order_number: str = ""
    theirs: Money | None = None
    ours: Money | None = None
    note: str = ""
    alarm: str = ""

    def sentence(self, provider: Provider) -> str:
        """Return the alarm's words: what, where, and both figures."""
        order = f", order {self.order_number}" if self.order_number else ""
        return f"{provider} {self.kind} {self.external_id}{order}: {self.note} (there {self.theirs}, here {self.ours})"


class Books:
    """Our captures and refunds at one provider; with `dry_run` nothing is repaired."""

    def __init__(self, provider: Provider, mode: Mode, *, dry_run: bool) -> None:
        self._provider = provider
        self._mode = mode
        self._dry_run = dry_run
        self._captures: dict[str, tuple[Capture, Payment]] = {}
        self._refunds: dict[str, tuple[Refund, Payment]] = {}
        with unit_of_work() as session:
            self._own_numbers = f"TT-{installation.code(session)}-"

    def read(self, external_ids: Sequence[str]) -> None:
        """Read our rows of these captures and refunds, some hundreds at a time."""
        for first in range(0, len(external_ids), CHUNK):
            with unit_of_work() as session:
                self._read(session, external_ids[first : first + CHUNK])

    def _read(self, session: Session, ids: Sequence[str]) -> None:
        here = (Payment.provider == self._provider, Payment.mode == self._mode)
        captures = select(Capture, Payment).join(Payment, Payment.id == Capture.payment_id).where(*here)
        for capture, payment in session.execute(captures.where(Capture.external_id.in_(ids))):
            self._captures[capture.external_id] = (capture, payment)
        given = select(Refund, Payment).join(Payment, Payment.id == Refund.payment_id).where(*here)
        for refund, payment in session.execute(given.where(Refund.external_id.in_(ids))):
            self._refunds[str(refund.external_id)] = (refund, payment)

    # What the provider lists.

    def payment(self, movement: Movement) -> Line:
        """Judge money that was taken."""
        known = self._captures.get(movement.external_id)
        if known is not None:
            return self._capture(movement, *known)
        payment_id = self._payment_of(movement)
        if payment_id is None:
            return self._stranger(movement, "paid_without_order", "money without a payment here")
        return self._repair(movement, payment_id, "captured there and not applied here")

    def _capture(self, movement: Movement, capture: Capture, payment: Payment) -> Line:
        ours = Money(capture.amount, payment.currency)
        if ours != movement.amount:
            return _differs(movement, payment, movement.amount, ours, "the amount differs")
        if movement.fee is None:
            return _matched(movement, payment, ours)
        if capture.fee is None or capture.settlement_currency is None:
            return self._repair(movement, payment.id, "its fee was not known here")
        fee = Money(capture.fee, capture.settlement_currency)
        if fee != movement.fee:
            return _differs(movement, payment, movement.fee, fee, "the fee differs")
        return _matched(movement, payment, ours)

    def refund(self, movement: Movement, *, was_returned: bool) -> Line:
        """Judge money that was given back; `was_returned` says that the bank sent it to us again."""
        known = self._refunds.get(movement.external_id)
        if known is None:
            payment_id = self._payment_of(movement)
            if payment_id is None:
                return self._stranger(movement, "refund_without_order", "a refund without a payment here")
            return self._repair(movement, payment_id, "given back there and not known here")
        refund, payment = known
        if refund.money != movement.amount:
            return _differs(movement, payment, movement.amount, refund.money, "the amount differs")
        if (refund.state is RefundState.FAILED) is was_returned and refund.settled_at is not None:
            return _matched(movement, payment, refund.money)
        if refund.state is RefundState.FAILED and not was_returned:
            return _differs(movement, payment, movement.amount, refund.money, "made there, failed here")
        return self._repair(movement, payment.id, f"the refund was {refund.state} here")

    def _payment_of(self, movement: Movement) -> int | None:
        """Return the id of our payment: by the provider's id of it, by the capture given back, by our reference."""
        query = select(Payment.id).where(Payment.provider == self._provider, Payment.mode == self._mode)
        with unit_of_work() as session:
            if movement.payment_external_id is not None:
                found = payments.locate(session, self._provider, movement.payment_external_id, movement.reference)
                if found is not None:
                    return found
            if movement.capture_id is not None:
                by_capture = query.join(Capture).where(Capture.external_id == movement.capture_id)
                found = session.scalars(by_capture).first()
                if found is not None:
                    return found
            if movement.reference is None:
                return None
            if movement.kind is MovementKind.REFUND:
                return session.scalar(query.join(Refund).where(Refund.public_id == movement.reference))
            return session.scalar(query.where(Payment.public_id == movement.reference))

    def _stranger(self, movement: Movement, alarm: str, note: str) -> Line:
        """Judge a movement that nothing here belongs to: a row of ours was lost, or it is another shop's."""
        number = movement.order_number
        is_ours = movement.reference is not None and (not number or number.startswith(self._own_numbers))
        return Line(
            verdict=Verdict.MISSING_HERE if is_ours else Verdict.FOREIGN,
            kind=movement.kind,
            external_id=movement.external_id,
            order_number=number,
            theirs=movement.amount,
            note=note if is_ours else "it carries no reference of this shop",
            alarm=alarm if is_ours else "",
        )

    def _repair(self, movement: Movement, payment_id: int, note: str) -> Line:
        """Fetch the payment and apply what is true, then look whether that has closed the gap."""
        if self._dry_run:
            return self._still_missing(movement, payment_id, f"{note}; a run that is not dry repairs it", alarm="")
        try:
            self._adopt(payment_id, movement.payment_external_id)
            context().pace.wait()
            payments.refresh(payment_id, CAUSE)
            self._refresh_refund(movement)
        except ShopError as exc:
            alarm = "" if isinstance(exc, TryLater) else "not_repaired"
            return self._still_missing(movement, payment_id, f"{note}; {type(exc).__name__}: {exc}", alarm)
        self.read([movement.external_id])
        known = self._captures if movement.kind is MovementKind.PAYMENT else self._refunds
        if movement.external_id not in known:
            return self._still_missing(movement, payment_id, f"{note}; applying it changed nothing", "not_repaired")
        row, payment = known[movement.external_id]
        ours = Money(row.amount, payment.currency)
        return Line(
            Verdict.REPAIRED, movement.kind, movement.external_id, payment.order_id, payment.order.number,
            movement.amount, ours, note,
        )  # fmt: skip

    def _adopt(self, payment_id: int, external_id: str | None) -> None:
        """Remember the provider's id of a payment whose first answer never reached us."""
        with unit_of_work(write=True) as session:
            payment = session.get_one(Payment, payment_id)
            if payment.external_id is None and external_id is not None:
                payment.external_id = external_id

    def _refresh_refund(self, movement: Movement) -> None:
        """Ask for a refund of ours by itself: a state that moved since is told with it."""
        if movement.kind is MovementKind.REFUND and movement.external_id in self._refunds:
            refunds.refresh(self._refunds[movement.external_id][0].id, CAUSE)

    def _still_missing(self, movement: Movement, payment_id: int, note: str, alarm: str) -> Line:
        with unit_of_work() as session:
            order = session.get_one(Payment, payment_id).order
        return Line(
            Verdict.MISSING_HERE, movement.kind, movement.external_id, order.id, order.number, movement.amount,
            None, note, alarm,
        )  # fmt: skip

    # What only we have.

    def alone(self, listed: AbstractSet[str], since: datetime, until: datetime) -> Iterator[Line]:
        """Yield what was booked here from `since` to `until` and is not in their list, after asking once more."""
        here = (Payment.provider == self._provider, Payment.mode == self._mode)
        captures = select(Capture, Payment).join(Payment, Payment.id == Capture.payment_id).where(*here)
        given = select(Refund, Payment).join(Payment, Payment.id == Refund.payment_id).where(*here)
        with unit_of_work() as session:
            taken = session.execute(captures.where(Capture.at >= since, Capture.at <= until)).all()
            back = session.execute(
                given.where(
                    Refund.created_at >= since, Refund.created_at <= until, Refund.state == RefundState.SUCCEEDED
                )
            ).all()
        for capture, payment in taken:
            if capture.external_id not in listed:
                ours = Money(capture.amount, payment.currency)
                yield self._alone(MovementKind.PAYMENT, capture.external_id, ours, payment)
        for refund, payment in back:
            if refund.external_id not in listed:
                yield self._alone(MovementKind.REFUND, str(refund.external_id), refund.money, payment)

    def _alone(self, kind: MovementKind, external_id: str, ours: Money, payment: Payment) -> Line:
        """Ask the provider for the object itself: a list may begin later, or be longer behind, than it says."""
        order = payment.order
        try:
            theirs = self._amount_there(external_id, payment)
        except ObjectMissing:
            theirs = None
        if theirs == ours:
            return Line(Verdict.MATCHED, kind, external_id, order.id, order.number, theirs, ours)
        note = "booked here, and not there" if theirs is None else "the amount differs"
        verdict = Verdict.MISSING_THERE if theirs is None else Verdict.DIFFERS
        return Line(verdict, kind, external_id, order.id, order.number, theirs, ours, note, str(verdict))

    def _amount_there(self, external_id: str, payment: Payment) -> Money | None:
        context().pace.wait()
        payment_there = payment.external_id or ""
        snapshot = call(self._provider, f"payment:{payment.id}", lambda gw: gw.fetch(payment_there))
        seen = {capture.external_id: capture.amount for capture in snapshot.captures}
        given = (refund for refund in snapshot.refunds if refund.state is not RefundState.FAILED)
        return (seen | {refund.external_id: refund.amount for refund in given}).get(external_id)


def _matched(movement: Movement, payment: Payment, ours: Money) -> Line:
    return Line(
        Verdict.MATCHED, movement.kind, movement.external_id, payment.order_id, payment.order.number,
        movement.amount, ours,
    )  # fmt: skip


def _differs(movement: Movement, payment: Payment, theirs: Money, ours: Money, note: str) -> Line:
    return Line(
        Verdict.DIFFERS, movement.kind, movement.external_id, payment.order_id, payment.order.number,
        theirs, ours, note, "reconcile_differs",
    )  # fmt: skip
