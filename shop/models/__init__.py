"""What is stored, and what may happen to it; no network. Importing this package registers every table."""

from shop.models.account import AccountEvent, Address
from shop.models.cart import Cart, CartLine
from shop.models.document import Document, DocumentKind, DocumentSeries
from shop.models.inbox import InboxEvent, InboxState
from shop.models.installation import Installation, Lease
from shop.models.ledger import LedgerEntry, LedgerTransaction
from shop.models.order import Order, OrderLine, OrderState, ReviewState, StockState
from shop.models.outbox import OutboxMessage, OutboxState
from shop.models.payment import Attempt, Capture, Payment
from shop.models.product import Price, Product, ProductText, ShippingRate, TaxRate, Variant
from shop.models.promotion import Promotion, PromotionKind, PromotionTerms, Redemption, RedemptionState
from shop.models.reconcile import ReconcileFinding, ReconcileRun, Verdict
from shop.models.record import Alarm, ApiCallRecord, IdempotencyKey, Transition
from shop.models.refund import Refund
from shop.models.till import TillEvent, TillEventKind
from shop.models.user import User
from shop.models.wallet import CardSetup, ProviderCustomer, SavedMethod

__all__ = [
    "AccountEvent",
    "Address",
    "Alarm",
    "ApiCallRecord",
    "Attempt",
    "Capture",
    "CardSetup",
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
    "ProductText",
    "Promotion",
    "PromotionKind",
    "PromotionTerms",
    "ProviderCustomer",
    "ReconcileFinding",
    "ReconcileRun",
    "Redemption",
    "RedemptionState",
    "Refund",
    "ReviewState",
    "SavedMethod",
    "ShippingRate",
    "StockState",
    "TaxRate",
    "TillEvent",
    "TillEventKind",
    "Transition",
    "User",
    "Variant",
    "Verdict",
]
