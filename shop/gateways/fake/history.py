"""The past of the fake provider: what it moved, and what a test says was never delivered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from shop.errors import ShopError
from shop.gateways.base import Notice, RefundState
from shop.gateways.fake.books import Book
from shop.gateways.fake.gateway import FakeGateway
from shop.gateways.history import Movement, MovementKind


class FakeHistory:
    """Implements `shop.gateways.history.History` on the books of a FakeGateway.

    `hidden` are the ids of movements that are missing from the list; `extra` are movements that nobody made here;
    `missed` are the events that were not delivered. `failure`, once set, is raised by the next question.
    """

    def __init__(self, gateway: FakeGateway, lag: timedelta = timedelta(hours=1)) -> None:
        self.provider = gateway.provider
        self.lag = lag
        self.memory = timedelta(days=30)
        self.hidden: set[str] = set()
        self.extra: list[Movement] = []
        self.missed: list[Notice] = []
        self.failure: ShopError | None = None
        self._gateway = gateway

    def movements(self, since: datetime, until: datetime) -> Iterator[Movement]:
        """Yield what was taken and given back of every payment made in that time."""
        self._fail()
        for book in self._gateway.books():
            if since <= book.created <= until:
                yield from (one for one in self._of(book) if one.external_id not in self.hidden)
        yield from (one for one in self.extra if since <= one.at <= until)

    def events(self, since: datetime) -> Iterator[Notice]:
        """Yield what a test says was missed."""
        self._fail()
        yield from (event for event in self.missed if event.occurred_at is None or event.occurred_at >= since)

    def _of(self, book: Book) -> Iterator[Movement]:
        for capture in book.captures:
            yield Movement(
                provider=self.provider,
                kind=MovementKind.PAYMENT,
                external_id=capture.external_id,
                at=book.created,
                amount=capture.amount,
                fee=capture.settlement.fee if capture.settlement else None,
                payment_external_id=book.external_id,
                capture_id=capture.external_id,
                reference=book.request.reference,
                order_number=book.request.order_number,
            )
        for refund in book.refunds:
            if refund.state is RefundState.SUCCEEDED:
                yield Movement(
                    provider=self.provider,
                    kind=MovementKind.REFUND,
                    external_id=refund.external_id,
                    at=book.created,
                    amount=refund.amount,
                    payment_external_id=book.external_id,
                    capture_id=book.captures[0].external_id if book.captures else None,
                    reference=refund.reference,
                    order_number=book.request.order_number,
                )

    def _fail(self) -> None:
        failure, self.failure = self.failure, None
        if failure is not None:
            raise failure
