"""A shop of its own for one check: an empty database, the real gateways, and a web process in a thread."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from flask_migrate import upgrade
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from e2e.livecheck import keys
from e2e.livecheck.exchanges import Exchange, parse
from shop import create_app, jobs, recorder
from shop.gateways import paypal, redaction, stripe
from shop.gateways.base import Mode, NoticeReader, PaymentGateway, Provider, Recorder
from shop.models import ApiCallRecord, Order, OutboxMessage, Payment, User
from shop.services import carts, checkout, installation, payments, seed, staff
from shop.services.providers import Context
from shop.services.unit_of_work import unit_of_work
from tests.smtp_sink import SmtpSink

TEA = "TW-HAB-100"
ALICE, MARA = "alice@example.com", "mara@example.com"
Row = TypeVar("Row")


class _Silent(WSGIRequestHandler):
    """Answers without a line in the log for each file of a page."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


class Store:
    """The shop under check. It is a context manager: within it the application's context is open.

    `delivered` are the payments that a webhook must come about. Mails go to a server of its own, which keeps them
    until the end and sends nothing.
    """

    def __init__(self, name: str, env: dict[str, str], folder: Path, port: int) -> None:
        """Make the shop in a folder; `name` says in the record whose answers these are."""
        self.name = name
        self.port = port
        self._env = {"PUBLIC_URL": f"http://127.0.0.1:{port}", **env}
        self._database = folder / f"{name}.db"
        self._last_call = 0
        self.delivered: dict[Provider, list[str]] = {provider: [] for provider in Provider}

    def __enter__(self) -> Store:
        redaction.LIMIT = 10_000_000  # the API log of this shop keeps bodies whole: their shapes are compared
        self._mails = SmtpSink()
        self._mails.__enter__()
        self.app = create_app(keys.settings({**self._env, "SMTP_URL": self._mails.url}, self._database))
        self._held = self.app.app_context()
        self._held.push()
        upgrade()
        installation.ensure(self.context.settings)
        seed.seed()
        staff.appoint(MARA, is_merchant=False)  # her password is published, and this shop may have a public address
        self._server = make_server("127.0.0.1", self.port, self.app, threaded=True, request_handler=_Silent)
        self._thread = threading.Thread(target=self._server.serve_forever, name=f"web of {self.name}", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._mails.__exit__(None, None, None)
        self._held.pop()

    @property
    def url(self) -> str:
        """Return where this shop's own web process answers on this machine."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def context(self) -> Context:
        """Return what the services work with."""
        found: Context = self.app.extensions["shop"]
        return found

    def can_be_reached_by(self, provider: Provider) -> bool:
        """Tell whether a provider's webhooks can arrive here."""
        settings = self.context.settings
        door = settings.stripe if provider is Provider.STRIPE else settings.paypal
        return door is not None and keys.is_reachable(settings.public_url, door.api_base)

    def believe(self, provider: Provider, proof: str) -> None:
        """Take a webhook's secret (Stripe) or id (PayPal) that was made within this check."""
        settings = self.context.settings
        reader: NoticeReader
        if provider is Provider.STRIPE:
            reader = stripe.reader((proof,), Mode.TEST)
        else:
            assert settings.paypal is not None, "its endpoint was made with its keys"
            reader = paypal.reader((proof,), settings.paypal.api_base, Mode.TEST)
        changed = {**self.context.readers, provider: reader}
        self.app.extensions["shop"] = dataclasses.replace(self.context, readers=changed)

    @property
    def recorder(self) -> Recorder:
        """Return what writes a call to a provider into this shop's API log."""
        return recorder(self.app, self.context.clock)

    @contextmanager
    def through(self, provider: Provider, gateway: PaymentGateway) -> Iterator[None]:
        """Let payments go through another gateway for a while."""
        before = self.context
        self.app.extensions["shop"] = dataclasses.replace(before, gateways={**before.gateways, provider: gateway})
        try:
            yield
        finally:
            self.app.extensions["shop"] = before

    # What customers and workers do.

    def order(
        self, quantity: int = 1, *, user_id: int | None = None, currency: str = "EUR", code: str = "", **filled: Any
    ) -> Order:
        """Place an order of so many tins of tea, to Hamburg unless `filled` says otherwise, with a promotion code."""
        token = carts.add(None, TEA, quantity, currency)
        if code:
            carts.apply_code(token, code)
        alice = checkout.Details(
            email=ALICE, name="Alice Ashdown", line1="Speicherstadt 4", line2="", city="Hamburg", region="",
            postal_code="20457", country="DE", shipping="standard",
        )  # fmt: skip
        return checkout.place_order(token, dataclasses.replace(alice, **filled), user_id)

    def refresh(self, payment: Payment) -> Payment:
        """Ask the provider what is true of a payment, and apply it; PayPal's money is taken where it waits for that."""
        return payments.refresh(payment.id, "live check")

    def act_on_webhooks(self) -> None:
        """Do what the worker of the inbox would do now."""
        jobs.drain_inbox()

    def do_what_is_owed(self) -> None:
        """Do what the worker of the outbox would do now."""
        jobs.drain_outbox()

    def alice(self) -> User:
        """Return the demo's customer, who has an account."""
        return self.rows(User, User.email == ALICE)[0]

    # What is in the database.

    def rows(self, model: type[Row], *conditions: object) -> list[Row]:
        """Return the rows of a table that meet the conditions, the oldest first."""
        with unit_of_work() as session:
            query = select(model).where(*conditions).order_by(model.id)  # type: ignore[arg-type,attr-defined]
            return list(session.scalars(query).unique())

    def payment(self, payment_id: int) -> Payment:
        """Return a payment as it is now."""
        return self.rows(Payment, Payment.id == payment_id)[0]

    def placed(self, order_id: int) -> Order:
        """Return an order as it is now."""
        return self.rows(Order, Order.id == order_id)[0]

    def owed(self, kind: str, order: Order) -> list[OutboxMessage]:
        """Return an order's side effects of a kind, owed or done."""
        return self.rows(OutboxMessage, OutboxMessage.kind == kind, OutboxMessage.order_id == order.id)

    def begin_flow(self) -> None:
        """Count the calls to providers from here on as the next flow's."""
        calls = self.rows(ApiCallRecord)
        self._last_call = calls[-1].id if calls else 0

    def exchanges(self) -> Sequence[Exchange]:
        """Return the calls of this flow, as the shop's own API log has them."""
        return [
            Exchange(
                provider=call.provider,
                who="shop",
                verb=call.verb,
                path=call.path,
                status=call.status,
                request_id=call.request_id,
                milliseconds=call.duration,
                body=parse(call.response),
            )
            for call in self.rows(ApiCallRecord, ApiCallRecord.id > self._last_call)
        ]
