"""Every flow that is tried, in the order in which they are: what registers webhooks comes before what causes them."""

from e2e.livecheck.flow import Flow
from e2e.livecheck.flows import accounts, cards, paypal, repeats, saved

FLOWS: tuple[Flow, ...] = (
    *accounts.BEFORE,
    *repeats.FLOWS,
    *cards.FLOWS,
    *saved.FLOWS,
    *paypal.FLOWS,
    *accounts.AFTER,
)
