"""What is counted. A decline by the customer's bank is an outcome of its own, and no fault of ours or the provider's.

What can be read from the database when it is asked for is no counter: see `shop.services.scrape`.
"""

from __future__ import annotations

import os

from prometheus_client import Counter, Histogram

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
# prometheus_client opens its files with the first counter below, and fails where the folder is not there.
if os.environ.get(FOLDER):
    os.makedirs(os.environ[FOLDER], exist_ok=True)

payments = Counter("shop_payments_total", "Payments by provider and outcome", ["provider", "outcome"])
payment_seconds = Histogram(
    "shop_payment_seconds",
    "From the beginning of a payment to the money",
    ["provider"],
    buckets=(1, 2.5, 5, 10, 20, 40, 60, 120, 300, 900, 3600, 86400),
)
webhooks = Counter("shop_webhooks_total", "Webhooks by provider and verdict", ["provider", "verdict"])
webhook_lag = Histogram(
    "shop_webhook_lag_seconds",
    "From the receipt of a webhook to its effect",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600),
)
provider_calls = Counter("shop_provider_calls_total", "HTTP exchanges with providers", ["provider", "verb", "status"])
refunds = Counter("shop_refunds_total", "Refunds by provider and the state they came to", ["provider", "state"])
reconciled = Counter("shop_reconciled_total", "Movements compared, by provider and verdict", ["provider", "verdict"])
alarms = Counter("shop_alarms_total", "Alarms raised, by kind", ["kind"])
card_testing = Counter("shop_card_testing_total", "Tries to pay that were slowed, challenged or refused", ["step"])
mails = Counter("shop_mails_total", "Mails by kind and outcome", ["kind", "outcome"])
breaker_trips = Counter("shop_breaker_trips_total", "How often the circuit to a provider opened", ["provider"])
policy_violations = Counter(
    "shop_policy_violations_total", "Reports of browsers, by kind of page and directive", ["page", "directive"]
)
