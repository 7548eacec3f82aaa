"""The ways to pay that the approval window offers, and what each does to the next capture."""

from dataclasses import dataclass

PENDING_SECONDS = 180  # simulated; a bank really takes three to six working days


@dataclass(frozen=True)
class Funding:
    """One funding source of the demo buyer.

    `refusal` is the issue that capture and authorize answer until the order is approved with another source; a
    `pending` source makes a capture wait, and `settles_as` is the status it gets `PENDING_SECONDS` later.
    """

    name: str
    label: str
    refusal: str = ""
    pending: bool = False
    settles_as: str = "COMPLETED"


SOURCES = {
    source.name: source
    for source in (
        Funding("balance", "PayPal balance"),
        Funding("card", "Visa ending in 4242"),
        Funding("bank", "Bank account, takes a while", pending=True),
        Funding("bank_fails", "Bank account without money", pending=True, settles_as="DECLINED"),
        Funding("declined", "Card that is declined", refusal="INSTRUMENT_DECLINED"),
        Funding("action", "Card whose bank wants another look", refusal="PAYER_ACTION_REQUIRED"),
    )
}


def source(name: str) -> Funding:
    """Return a funding source by name; raises ValueError for an unknown one."""
    if name not in SOURCES:
        raise ValueError(f"Unknown funding source {name!r}; choose one of {', '.join(SOURCES)}.")
    return SOURCES[name]
