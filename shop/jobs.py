"""All background work on one page. Each job takes no arguments or ids, does one thing, and may run twice."""

from __future__ import annotations

from datetime import timedelta

from shop.services import (
    account_mail,
    carts,
    erasure,
    guard,
    leases,
    mail,
    outbox,
    payments,
    refunds,
    tax_records,
    wallets,
    webhooks,
)
from shop.services import sweep as sweeping
from shop.services.providers import context

KEEP_BODIES = timedelta(days=30)
PURGE_SECONDS = 600


def drain_inbox() -> None:
    """Act on the webhooks that are due. The flag goes first: a row committed from now on wakes a worker again."""
    context().queues.awake(webhooks.JOB)
    webhooks.drain()


def drain_outbox() -> None:
    """Do the side effects that are due: mails, and payments' and refunds' own follow-ups."""
    context().queues.awake(outbox.JOB)
    outbox.drain(
        {
            **account_mail.handlers(),
            **mail.handlers(),
            "payment.start": payments.handle_start,
            "payment.settle": payments.handle_settle,
            "payment.stop": payments.handle_stop,
            "payment.take": payments.handle_take,
            "payment.tidy": payments.handle_tidy,
            "payment.void": payments.handle_void,
            "refund.send": refunds.handle_send,
            "setup.stop": wallets.handle_stop,
            "tax.commit": tax_records.handle_commit,
            "tax.reverse": tax_records.handle_reverse,
            "wallet.detach": wallets.handle_detach,
            "wallet.forget": wallets.handle_forget,
            "wallet.sync": wallets.handle_sync,
        }
    )


def sweep() -> None:
    """Find what was left behind; runs every half minute."""
    sweeping.sweep()


def purge() -> None:
    """Forget what is not to be kept: webhooks' bodies, carts nobody came back to, people whose time is up; daily."""
    if leases.take("purge", PURGE_SECONDS):
        webhooks.purge(KEEP_BODIES)
        carts.purge(timedelta(days=context().settings.keep_carts))
        guard.purge()
        erasure.purge()
