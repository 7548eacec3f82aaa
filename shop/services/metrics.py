"""What /metrics shows. Success is counted apart from declines by the customer's bank, which are no fault of ours."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

payments = Counter("shop_payments_total", "Payments by provider and outcome", ["provider", "outcome"])
webhooks = Counter("shop_webhooks_total", "Webhooks by provider and verdict", ["provider", "verdict"])
webhook_lag = Histogram(
    "shop_webhook_lag_seconds",
    "From the receipt of a webhook to its effect",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600),
)
provider_calls = Counter("shop_provider_calls_total", "HTTP exchanges with providers", ["provider", "verb", "status"])
alarms = Counter("shop_alarms_total", "Alarms raised, by kind", ["kind"])
card_testing = Counter("shop_card_testing_total", "Tries to pay that were slowed, challenged or refused", ["step"])
mails = Counter("shop_mails_total", "Mails by kind and outcome", ["kind", "outcome"])
inbox_depth = Gauge("shop_inbox_waiting", "Webhooks received and not yet processed")
outbox_depth = Gauge("shop_outbox_waiting", "Side effects owed and not yet done")
breaker_open = Gauge("shop_breaker_open", "1 while the circuit to a provider is open", ["provider"])
