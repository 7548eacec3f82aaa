"""The accounts themselves: keys, webhook endpoints, deliveries, and the lists that reconciliation reads."""

from __future__ import annotations

from collections import Counter

from e2e.livecheck.flow import Flow, Trial
from e2e.livecheck.people import NotTried
from shop.gateways.base import Provider
from shop.models import InboxEvent, InboxState
from shop.services import backfill, endpoints, reconcile

NOT_PUBLIC = "PUBLIC_URL is on this machine, so its webhooks cannot arrive; a tunnel to PORT makes it public"


def keys(provider: Provider) -> Flow:
    """The provider takes the keys, and they are for tests."""

    def run(trial: Trial) -> None:
        account = trial.store.context.keepers[provider].account()
        trial.note(f"account {account.external_id or 'not told'}")
        trial.expect("the mode of the account", "test", str(account.mode))

    return Flow(f"{provider}-keys", "The keys are accepted", provider, run)


def endpoint(provider: Provider) -> Flow:
    """The shop's webhook address is registered, or is registered now, and listens to all the shop acts on."""

    def run(trial: Trial) -> None:
        store = trial.store
        if not store.can_be_reached_by(provider):
            raise NotTried(NOT_PUBLIC)
        keeper, url = store.context.keepers[provider], endpoints.address(provider)
        found = endpoints.find(keeper)
        if found is None:
            made = keeper.register(url, key=f"live-check-{url}"[:108])
            proof = made.secret or made.external_id
            store.believe(provider, proof)
            trial.note(f"registered {url} as {made.external_id}; it stays, and what .env needs was shown once")
            print(f">>> Put this into .env; it is shown once:  {endpoints.SETTING[provider]}={proof}", flush=True)
        elif found.misses or not found.is_enabled:
            keeper.adjust(found)
            trial.note(f"{found.external_id} was registered and did not listen to everything; it does now")
        now = endpoints.find(keeper)
        trial.expect("the endpoint is registered", True, now is not None)
        assert now is not None, "just expected"
        trial.expect("events it does not listen to", "none", ", ".join(now.misses) or "none")
        proven = "yes" if provider in store.context.readers else f"no, {endpoints.SETTING[provider]} is empty"
        trial.expect("its notices can be verified", "yes", proven)

    return Flow(f"{provider}-endpoint", "The webhook address is registered", provider, run)


def delivery(provider: Provider) -> Flow:
    """A webhook about a payment of this check has come, was genuine, and was acted on."""

    def run(trial: Trial) -> None:
        store = trial.store
        if not store.can_be_reached_by(provider):
            raise NotTried(NOT_PUBLIC)
        if provider not in store.context.readers:
            raise NotTried(f"{endpoints.SETTING[provider]} is empty, so nothing that comes can be verified")
        if not store.delivered[provider]:
            raise NotTried("no payment went through before, so there is nothing that a webhook could be about")

        def came() -> list[InboxEvent]:
            ours = store.delivered[provider]
            rows = store.rows(InboxEvent, InboxEvent.provider == provider)
            return [row for row in rows if row.external_id in ours or row.payment_external_id in ours]

        trial.wait("a genuine webhook about a payment of this check", came)

        def acted_on() -> bool:
            store.act_on_webhooks()
            return any(row.state is InboxState.PROCESSED for row in came())

        trial.wait("it is acted on", acted_on)
        trial.note("came: " + _counted(row.type for row in came()))

    title = "A webhook is delivered, verified and acted on"
    return Flow(f"{provider}-delivery", title, provider, run, is_compared=False)


def events(provider: Provider) -> Flow:
    """The list of events from which missed webhooks are fetched is answered."""

    def run(trial: Trial) -> None:
        stored = backfill.run(days=1, providers=[provider])[provider]
        trial.expect("the list of events is answered", True, stored is not None)
        trial.note(f"{stored} events were new to this shop")
        trial.store.act_on_webhooks()

    return Flow(f"{provider}-events", "Missed webhooks can be asked for", provider, run, is_compared=False)


def books(provider: Provider) -> Flow:
    """The list of movements that reconciliation reads is answered; nothing is repaired."""

    def run(trial: Trial) -> None:
        (report,) = reconcile.run(days=1, providers=[provider], dry_run=True, cause="live check")
        trial.expect("the list of movements", "answered", report.run.error or "answered")
        trial.note("verdicts: " + (_counted(str(line.verdict) for line in report.lines) or "none"))

    return Flow(f"{provider}-books", "The provider's books can be compared with ours", provider, run)


def _counted(words: object) -> str:
    return ", ".join(f"{count} {word}" for word, count in sorted(Counter(words).items()))  # type: ignore[call-overload]


BEFORE = tuple(make(provider) for provider in Provider for make in (keys, endpoint))
AFTER = tuple(make(provider) for provider in Provider for make in (delivery, events, books))
