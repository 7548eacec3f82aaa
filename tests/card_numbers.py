"""Recognises a card's number in what a server received.

Eight digits of a test card are looked for, in any of the ways they are written: fewer are found by chance, in a port
that the system chose or in a random id.
"""

import re

from sandbox.stripe.cards import BY_NUMBER

_BEGINNINGS = {number[:8] for number in BY_NUMBER}
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:%20|[ +.-])+(?=\d)")
_FIELDS = ("card[number]", "card%5Bnumber%5D")


def carries_card_number(text: str) -> bool:
    """Tell whether a request, address or body, carries the number of one of the sandbox's cards, or a field for it."""
    digits = _BETWEEN_DIGITS.sub("", text)
    return any(found in digits for found in _BEGINNINGS) or any(name in text for name in _FIELDS)
