"""All background work on one page. Each job takes no arguments or ids, does one thing, and may run twice."""

from __future__ import annotations

from shop.logs import told_of
from shop.services import account_mail, mail, outbox, payments, refunds, retention, tax_records, wallets, webhooks
from shop.services import backfill as backfilling
from shop.services import reconcile as reconciling
from shop.services import sweep as sweeping
from shop.services.providers import context


@told_of
def drain_inbox() -> None:
    """Act on the webhooks that are due. The flag goes first: a row committed from now on wakes a worker again."""
    context().queues.awake(webhooks.JOB)
    webhooks.drain()


@told_of
def drain_outbox() -> None:
    """Do the side effects that are due: mails, and payments' and refunds' own follow-ups."""
    context().queues.awake(outbox.JOB)
    outbox.drain(
        {
            **account_mail.handlers(),
            **mail.handlers(),
            "order.replaced": payments.handle_replaced,
            "payment.start": payments.handle_start,
            "payment.settle": payments.handle_settle,
            "payment.stop": payments.handle_stop,
            "payment.take": payments.handle_take,
            "payment.tidy": payments.handle_tidy,
            "payment.void": payments.handle_void,
            "refund.send": refunds.handle_send,
            "setup.stop": wallets.handle_stop,
            "tax.commit": tax_records.handle_commit,
            "tax.release": tax_records.handle_release,
            "tax.restore": tax_records.handle_restore,
            "tax.reverse": tax_records.handle_reverse,
            "wallet.detach": wallets.handle_detach,
            "wallet.email": wallets.handle_email,
            "wallet.forget": wallets.handle_forget,
            "wallet.sync": wallets.handle_sync,
        }
    )


@told_of
def sweep() -> None:
    """Find what was left behind; runs every half minute."""
    sweeping.sweep()


@told_of
def reconcile() -> None:
    """Compare the last days with both providers' books, and repair what was missed; runs nightly."""
    reconciling.scheduled()


@told_of
def backfill() -> None:
    """Ask both providers for the events that they could not deliver; runs hourly."""
    backfilling.scheduled()


@told_of
def purge() -> None:
    """Forget what is older than its rule in `shop.services.retention`; runs nightly."""
    retention.purge()
