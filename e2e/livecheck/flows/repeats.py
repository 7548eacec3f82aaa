"""Both providers: what a repeat does, and how an object is found again whose id never reached us."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from e2e.livecheck.flow import Flow, Trial
from shop.errors import KeyReused
from shop.gateways.base import Provider
from shop.money import Money
from tests.gateways.cast import a_key, alices_order


def repeated(provider: Provider) -> Flow:
    """One key makes one object; with other parameters it is refused; by our reference it is found again."""

    def run(trial: Trial) -> None:
        gateway = trial.store.context.gateways[provider]
        request, key = alices_order(), a_key()
        since = trial.store.context.clock.business_now() - timedelta(minutes=5)
        first = gateway.start(request, key).snapshot
        trial.note(first.external_id)
        trial.expect("a repeat makes", first.external_id, gateway.start(request, key).snapshot.external_id)
        more = Money(100, "EUR")
        other = dataclasses.replace(request, amount=request.amount + more, shipping=request.shipping + more)
        try:
            came = gateway.start(other, key).snapshot.external_id
        except KeyReused:
            came = "refused"
        trial.expect("the same key with another amount is", "refused", came)
        found = gateway.find(request.reference, since)
        wanted = first.external_id if provider is Provider.STRIPE else "nothing: PayPal cannot be asked"
        came = found.external_id if found else "nothing: PayPal cannot be asked"
        trial.expect("by our reference is found", wanted, came)
        gateway.cancel(first.external_id, a_key())

    return Flow(f"{provider}-repeats", "A repeat with one key does the work once", provider, run)


FLOWS = tuple(repeated(provider) for provider in Provider)
