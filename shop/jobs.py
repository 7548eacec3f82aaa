"""All background work on one page. Each job takes no arguments or ids, does one thing, and may run twice."""

from __future__ import annotations

from datetime import timedelta

from shop.services import leases, mail, outbox, payments, refunds, webhooks
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
            **mail.handlers(),
            "payment.start": payments.handle_start,
            "payment.settle": payments.handle_settle,
            "payment.take": payments.handle_take,
            "payment.tidy": payments.handle_tidy,
            "payment.void": payments.handle_void,
            "refund.send": refunds.handle_send,
        }
    )


def sweep() -> None:
    """Find what was left behind; runs every half minute."""
    sweeping.sweep()


def purge() -> None:
    """Forget the bodies of old webhooks; runs once a day."""
    if leases.take("purge", PURGE_SECONDS):
        webhooks.purge(KEEP_BODIES)
