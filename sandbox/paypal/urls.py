"""The routes of the API, on one page."""

from sandbox.paypal import fields, models
from sandbox.paypal.calls import Route
from sandbox.paypal.responses import authorizations, captures, events, orders, refunds, transactions, webhooks

SIX_HOURS = 6 * 3_600  # how long Orders v2 keeps a PayPal-Request-Id
FORTY_FIVE_DAYS = 45 * 86_400  # and Payments v2

ORDERS = "/v2/checkout/orders"
HELD = "/v2/payments/authorizations"
TAKEN = "/v2/payments/captures"
HOOKS = "/v1/notifications/webhooks"
EVENTS = "/v1/notifications/webhooks-events"
VIEWS = models.VIEWS

ROUTES = (
    Route("POST", ORDERS, "orders.create", orders.create, fields.ORDER, SIX_HOURS, 200, VIEWS),
    Route("GET", f"{ORDERS}/<order_id>", "orders.get", orders.show),
    Route("PATCH", f"{ORDERS}/<order_id>", "orders.patch", orders.update, fields.PATCH),
    Route(
        "POST", f"{ORDERS}/<order_id>/authorize", "orders.authorize", orders.authorize,
        fields.ORDER_PAYMENT, SIX_HOURS, 200, VIEWS,
    ),
    Route(
        "POST", f"{ORDERS}/<order_id>/capture", "orders.capture", orders.capture,
        fields.ORDER_PAYMENT, SIX_HOURS, 200, VIEWS,
    ),
    Route("GET", f"{HELD}/<authorization_id>", "authorizations.get", authorizations.show),
    Route(
        "POST", f"{HELD}/<authorization_id>/capture", "authorizations.capture", authorizations.capture,
        fields.CAPTURE, FORTY_FIVE_DAYS, None, VIEWS,
    ),
    Route(
        "POST", f"{HELD}/<authorization_id>/reauthorize", "authorizations.reauthorize", authorizations.reauthorize,
        fields.REAUTHORIZE, FORTY_FIVE_DAYS, None, VIEWS,
    ),
    Route("POST", f"{HELD}/<authorization_id>/void", "authorizations.void", authorizations.void),
    Route("GET", f"{TAKEN}/<capture_id>", "captures.get", captures.show),
    Route(
        "POST", f"{TAKEN}/<capture_id>/refund", "captures.refund", captures.refund,
        fields.REFUND, FORTY_FIVE_DAYS, None, VIEWS,
    ),
    Route("GET", "/v2/payments/refunds/<refund_id>", "refunds.get", refunds.show),
    Route("GET", transactions.PATH, "transactions.list", transactions.index),
    Route("POST", HOOKS, "webhooks.create", webhooks.create, fields.WEBHOOK),
    Route("GET", HOOKS, "webhooks.list", webhooks.index),
    Route("GET", f"{HOOKS}/<webhook_id>", "webhooks.get", webhooks.show),
    Route("PATCH", f"{HOOKS}/<webhook_id>", "webhooks.patch", webhooks.update, fields.PATCH),
    Route("DELETE", f"{HOOKS}/<webhook_id>", "webhooks.delete", webhooks.delete),
    Route("GET", f"{HOOKS}/<webhook_id>/event-types", "webhooks.types", webhooks.event_types_of),
    Route("GET", "/v1/notifications/webhooks-event-types", "webhooks.all_types", webhooks.event_types),
    Route(
        "POST", "/v1/notifications/verify-webhook-signature", "webhooks.verify", webhooks.verify, fields.VERIFICATION,
    ),
    Route("GET", EVENTS, "events.list", events.index),
    Route("GET", f"{EVENTS}/<event_id>", "events.get", events.show),
    Route("POST", f"{EVENTS}/<event_id>/resend", "events.resend", events.resend, fields.RESEND),
    Route("POST", "/v1/notifications/simulate-event", "events.simulate", events.simulate, fields.SIMULATION),
)  # fmt: skip
