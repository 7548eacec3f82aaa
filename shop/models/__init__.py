"""What is stored, and what may happen to it; no network. Importing this package registers every table."""

from shop.models.cart import Cart, CartLine
from shop.models.document import Document, DocumentKind, DocumentSeries
from shop.models.inbox import InboxEvent, InboxState
from shop.models.installation import Installation, Lease
from shop.models.ledger import LedgerEntry, LedgerTransaction
from shop.models.order import Order, OrderLine, OrderState, StockState
from shop.models.outbox import OutboxMessage, OutboxState
from shop.models.payment import Attempt, Capture, Payment
from shop.models.product import Price, Product, ShippingRate, TaxRate, Variant
from shop.models.record import Alarm, ApiCallRecord, IdempotencyKey, Transition
from shop.models.refund import Refund
from shop.models.user import User

__all__ = [
    "Alarm",
    "ApiCallRecord",
    "Attempt",
    "Capture",
    "Cart",
    "CartLine",
    "Document",
    "DocumentKind",
    "DocumentSeries",
    "IdempotencyKey",
    "InboxEvent",
    "InboxState",
    "Installation",
    "Lease",
    "LedgerEntry",
    "LedgerTransaction",
    "Order",
    "OrderLine",
    "OrderState",
    "OutboxMessage",
    "OutboxState",
    "Payment",
    "Price",
    "Product",
    "Refund",
    "ShippingRate",
    "StockState",
    "TaxRate",
    "Transition",
    "User",
    "Variant",
]
