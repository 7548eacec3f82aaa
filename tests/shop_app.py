"""The shop as tests below the browser see it: the real application on a real database, with the fake providers.

Alice buys, Bob must not see it, Mara is the merchant. Bob's order, with a payment begun, stands in every database
as noise: whatever a test does to Alice's must leave it alone.
"""

import dataclasses
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any, TypeVar

from flask_migrate import upgrade
from sqlalchemy import event, func, select, text, update

from shop import create_app, crypto, recorder
from shop.config import Settings
from shop.extensions import db
from shop.gateways.base import (
    NoticeKind,
    PaymentSnapshot,
    Provider,
    StartRefund,
)
from shop.gateways.fake import FakeGateway, FakeHistory, FakeNotices, FakeWallet, signed
from shop.models import (
    Alarm,
    ApiCallRecord,
    InboxEvent,
    LedgerEntry,
    Order,
    Payment,
    ShippingRate,
    Variant,
)
from shop.money import Money
from shop.queue import Queues
from shop.services import carts, checkout, installation, ledger, outbox, payments, webhooks
from shop.services.breaker import Breaker
from shop.services.providers import Context, Pace
from shop.services.unit_of_work import unit_of_work
from tests.movable import Interruptible, MovableClock
from tests.shelf import stock_the_shelf

T = TypeVar("T")
STRIPE, PAYPAL = Provider.STRIPE, Provider.PAYPAL
BOB = "bob@example.com"
SECRET = "whsec_of_the_tests"
NOWHERE = "127.0.0.1:1"  # nobody listens there: Redis and the mail server are away unless a test brings them
ENVIRONMENT = {
    "REVIEW_ORDERS_PER_HOUR": "100000",  # Alice orders all the time
    "SECRET_KEY": "a secret of the tests, long enough",
    "ENCRYPTION_KEYS": "dGhlIGtleSBvZiB0aGUgdGVzdHMsIDMyIGJ5dGVzLi4=",  # pragma: allowlist secret
    "STRIPE_SECRET_KEY": "sk_test_mara",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_mara",
    "STRIPE_WEBHOOK_SECRETS": SECRET,
    "PAYPAL_CLIENT_ID": "mara",
    "PAYPAL_CLIENT_SECRET": "secret",
    "PAYPAL_WEBHOOK_ID": "8PT",
    "PAYPAL_API_BASE": "http://127.0.0.1:1",
    "REDIS_URL": f"redis://{NOWHERE}/0",
    "SMTP_URL": f"smtp://{NOWHERE}",
    "LOG_LEVEL": "CRITICAL",
    "CATALOGUE_SECONDS": "0",  # a page shows what a test has just changed
}


class Shop:
    """One application and its database, emptied for each test by `reset`; `app_context` is the caller's to hold."""

    def __init__(self, database_url: str, *, empty: bool = True, **environment: str) -> None:
        """Make the application; with `empty` its database is emptied, else it is taken as it is, migrated already."""
        self.settings = Settings.from_env(ENVIRONMENT | {"DATABASE_URL": database_url} | environment)
        self.app = create_app(self.settings)
        if empty:
            with self.app.app_context():
                upgrade()
            self.reset()
        else:
            self.connect_fakes()

    def reset(self) -> None:
        """Empty the database, stock the shelf, and connect fresh fakes; Redis and the mail server are away.

        What a test has set otherwise is as it was: the next one, whichever it is, finds the shop of every test.
        """
        self.change_context(settings=self.settings)
        crypto.init_app(self.app, self.context.settings.encryption_keys)  # a test may have changed them
        with self.app.app_context():
            _empty()
            installation.ensure(self.context.settings)
            stock_the_shelf()
        self.connect_fakes()
        with self.app.app_context():
            self.bobs = self.started(email=BOB, skus=("TIN-1",))
        self.stripe.executed.clear()

    def connect_fakes(self) -> None:
        """Connect fresh fakes in place of everything that is outside; nobody listens at Redis' address."""
        self.events = count(1)
        self.clock = MovableClock()
        self.stripe = Interruptible(STRIPE, recorder=recorder(self.app, self.clock))
        self.paypal = Interruptible(PAYPAL, recorder=recorder(self.app, self.clock))
        self.wallet = FakeWallet(STRIPE)
        fakes = (self.stripe, self.paypal)
        self.change_context(
            clock=self.clock,
            gateways={fake.provider: fake for fake in fakes},
            wallets={STRIPE: self.wallet},
            readers={fake.provider: FakeNotices(SECRET, fake.provider) for fake in fakes},
            histories={fake.provider: FakeHistory(fake) for fake in fakes},
            pace=Pace(1_000_000),
            tax=None,
        )
        self.use_redis(ENVIRONMENT["REDIS_URL"])

    @property
    def context(self) -> Context:
        """What the services work with."""
        found: Context = self.app.extensions["shop"]
        return found

    def change_context(self, **changes: Any) -> None:
        """Replace parts of what the services work with."""
        self.app.extensions["shop"] = dataclasses.replace(self.context, **changes)

    def use_redis(self, url: str) -> None:
        """Connect queues and breakers to a Redis."""
        queues = Queues(url)
        breakers = {provider: Breaker(provider, queues.redis) for provider in (STRIPE, PAYPAL)}
        self.change_context(queues=queues, breakers=breakers)

    def fake(self, provider: Provider) -> FakeGateway:
        """Return the fake provider, to script what its customers and banks do."""
        return self.stripe if provider is STRIPE else self.paypal

    # What people do.

    def cart(self, *skus: str, currency: str = "EUR") -> str:
        """Put one of each into a new cart; return its token."""
        token = None
        for sku in skus or ("SEN-100",):
            token = carts.add(token, sku, 1, currency)
        assert token is not None
        return token

    def order(
        self, skus: Sequence[str] = (), email: str = "alice@example.com", currency: str = "EUR", **filled: str
    ) -> Order:
        """Place an order for one of each (Alice's, unless said otherwise); `filled` is what she fills in otherwise."""
        return checkout.place_order(self.cart(*skus, currency=currency), details(email, **filled), user_id=None)

    def ship_to(self, country: str, currency: str, amount: int) -> None:
        """Let the standard post go to one more country, without tax of ours."""
        with unit_of_work(write=True) as session:
            session.add(
                ShippingRate(
                    code="standard", name="Standard post", zone=country, countries=[country], currency=currency,
                    amount=amount, days_least=6, days_most=14,
                )
            )  # fmt: skip

    def started(self, provider: Provider = STRIPE, **order: Any) -> Payment:
        """Place an order and begin to pay it."""
        return self.payment(payments.start(self.order(**order).id, provider).payment_id)

    def paid(self, provider: Provider = STRIPE, **order: Any) -> Payment:
        """Place an order and pay it, to the end."""
        payment = self.started(provider, **order)
        self.approve(payment)
        return payments.refresh(payment.id, "test")

    def approve(self, payment: Payment) -> None:
        """Let the customer pay at the provider; the shop does not know of it yet."""
        assert payment.external_id is not None
        self.fake(payment.provider).approve(payment.external_id)

    def notice(
        self, payment: Payment, *, kind: NoticeKind = NoticeKind.PAYMENT, refund: str = "", event_id: str = ""
    ) -> tuple[dict[str, str], bytes]:
        """Return headers and body of a genuine webhook about a payment or one of its refunds."""
        return signed(
            SECRET,
            self.clock.now(),
            event_id=event_id or f"evt_{next(self.events)}",
            kind=kind,
            external_id=refund or payment.external_id or "",
            payment_external_id=payment.external_id,
        )

    def deliver(self, payment: Payment, **notice: Any) -> webhooks.Receipt:
        """Deliver a genuine webhook."""
        return webhooks.receive(payment.provider, *self.notice(payment, **notice))

    def claim_as_another_worker(self) -> None:
        """Let a worker claim the webhooks that wait, and be killed."""
        with unit_of_work(write=True) as session:
            session.execute(update(InboxEvent).values(claimed_at=self.clock.now(), claimed_by="another:1"))

    @contextmanager
    def read_only_database(self) -> Iterator[None]:
        """Let the database refuse every write, as a full disk does; SQLite only."""
        with self.app.app_context():
            engine = db.engine

        def refuse(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA query_only=ON")

        engine.dispose()
        event.listen(engine, "connect", refuse)
        try:
            yield
        finally:
            event.remove(engine, "connect", refuse)
            engine.dispose()

    # What is in the database.

    def rows(self, model: type[T], *conditions: Any) -> list[T]:
        """Return the rows of a table that meet the conditions, the oldest first."""
        with unit_of_work() as session:
            query = select(model).where(*conditions).order_by(model.id)  # type: ignore[attr-defined]
            return list(session.scalars(query).unique())

    def orders(self) -> list[Order]:
        """Return all orders but Bob's."""
        return self.rows(Order, Order.email != BOB)

    def payments(self) -> list[Payment]:
        """Return all payments but Bob's."""
        return self.rows(Payment, Payment.id != self.bobs.id)

    def payment(self, payment_id: int) -> Payment:
        """Return a payment as it is now."""
        return self.rows(Payment, Payment.id == payment_id)[0]

    def placed(self, order_id: int) -> Order:
        """Return an order as it is now."""
        return self.rows(Order, Order.id == order_id)[0]

    def stock(self, sku: str) -> int:
        """Return how many are free to sell."""
        return self.rows(Variant, Variant.sku == sku)[0].stock

    def owed(self, kind: str) -> list[outbox.OutboxMessage]:
        """Return the side effects of a kind, owed or done."""
        return self.rows(outbox.OutboxMessage, outbox.OutboxMessage.kind == kind)

    def calls(self, payment: Payment) -> list[ApiCallRecord]:
        """Return the calls to the provider that were made for a payment."""
        return self.rows(ApiCallRecord, ApiCallRecord.subject == f"payment:{payment.id}")

    def bodies(self) -> list[Any]:
        """Return what the webhooks of the inbox said, the oldest first; None for one that is forgotten."""
        with unit_of_work() as session:
            return list(session.scalars(select(InboxEvent.body).order_by(InboxEvent.id)))

    def stored(self, column: str) -> list[Any]:
        """Return a column ("orders.city") as whoever stole the database would read it, the oldest row first."""
        table, _, name = column.partition(".")
        with unit_of_work() as session:
            return list(session.scalars(text(f"SELECT {name} FROM {table} ORDER BY id")))  # noqa: S608 - tests' own

    def alarms(self) -> list[str]:
        """Return the kinds of the alarms that were raised."""
        return [alarm.key.split(":")[0] for alarm in self.rows(Alarm)]

    def balances(self) -> dict[str, int]:
        """Return the balance of every account that is not zero, in euros' cents."""
        with unit_of_work() as session:
            found = ledger.balances(session)
        return {account: amount for (account, currency), amount in found.items() if amount and currency == "EUR"}

    def assert_bob_is_left_alone(self) -> None:
        """Nothing was taken from Bob or given to him, and no mail told him of it."""
        payment = self.payment(self.bobs.id)
        assert (payment.captures, payment.refunds, payment.attempts) == ([], [], [])
        kinds = {row.kind for row in self.rows(outbox.OutboxMessage, outbox.OutboxMessage.order_id == payment.order_id)}
        assert kinds == set()

    def assert_books_balance(self) -> None:
        """Every transaction, and so the whole ledger, sums to zero in every currency."""
        sums = (
            select(LedgerEntry.transaction_id, LedgerEntry.currency, func.sum(LedgerEntry.amount))
            .group_by(LedgerEntry.transaction_id, LedgerEntry.currency)
            .having(func.sum(LedgerEntry.amount) != 0)
        )
        with unit_of_work() as session:
            assert session.execute(sums).all() == []

    # Many at once.

    def at_once(self, work: Callable[[int], T], times: int) -> list[T | Exception]:
        """Run the work in so many threads at once; return what each returned or raised."""

        def run(number: int) -> T | Exception:
            with self.app.app_context():
                try:
                    return work(number)
                except Exception as exc:  # noqa: BLE001 - what was raised is what the test looks at
                    return exc

        with ThreadPoolExecutor(times) as pool:
            return list(pool.map(run, range(times)))

    def close(self) -> None:
        """Close the connections to the database."""
        with self.app.app_context():
            db.engine.dispose()


def details(email: str = "alice@example.com", **changes: str) -> checkout.Details:
    """Return what Alice fills in at the checkout."""
    filled = checkout.Details(
        email=email,
        name="Alice Ashdown",
        line1="Hafenstraße 12",
        line2="",
        city="Hamburg",
        region="",
        postal_code="20457",
        country="DE",
        shipping="standard",
    )
    return dataclasses.replace(filled, **changes)


def eur(cents: int) -> Money:
    """Return cents as euros."""
    return Money(cents, "EUR")


def _empty() -> None:
    names = [table.name for table in reversed(db.metadata.sorted_tables)]
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(names)} RESTART IDENTITY CASCADE"))
        else:
            for name in names:
                connection.execute(text(f"DELETE FROM {name}"))  # noqa: S608 - our own tables' names


def by_hand(shop: Shop, payment: Payment, cents: int) -> StartRefund:
    """Return a refund that Mara makes at the provider's own dashboard."""
    return StartRefund(
        reference="by hand",
        order_number="",
        payment_external_id=payment.external_id or "",
        capture_id=seen(shop, payment).captures[0].external_id,
        amount=eur(cents),
        reason="",
    )


def errors(results: Iterable[object]) -> list[Exception]:
    """Return what was raised among the results of `at_once`."""
    return [result for result in results if isinstance(result, Exception)]


def seen(shop: Shop, payment: Payment) -> PaymentSnapshot:
    """Return what the provider holds to be true of a payment now, as a worker fetches it."""
    assert payment.external_id is not None
    return shop.fake(payment.provider).fetch(payment.external_id)
