"""VAT ids: whether one can be real, by its format and check digits.

VIES, the EU's register of who is in business, is not asked: it is often away, and its answer is for the merchant's
books and not for the till. An id that is well formed and made up is found when the recapitulative statement is
filed; a merchant who ships for much should look it up before.
"""

from __future__ import annotations

from flask_babel import gettext as _
from stdnum.ch import vat as swiss
from stdnum.eu import vat as european
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as british
from stdnum.no import mva as norwegian

from shop.config import EU
from shop.errors import InvalidInput

OTHERS = {"CH": swiss, "GB": british, "NO": norwegian}


def check(text: str, country: str) -> str:
    """Return a VAT id in its compact form ("ATU13585627"), or raise InvalidInput with the field "vat_id".

    `country` is where the invoice goes; an id of another country is refused, and so is one of a country whose ids
    we cannot check.
    """
    if country in EU:
        return _european(text, country)
    if country not in OTHERS:
        words = _("We can check VAT ids of the EU, GB, NO and CH only. Please leave it empty.")
        raise InvalidInput(words, "vat_id")
    try:
        return str(OTHERS[country].validate(text))
    except ValidationError as exc:
        raise _wrong() from exc


def _european(text: str, country: str) -> str:
    prefix = "EL" if country == "GR" else country
    compact = "".join(char for char in text.upper() if char.isascii() and char.isalnum())
    if compact[:2].isalpha() and compact[:2] != prefix and european.is_valid(compact):
        raise InvalidInput(_("This VAT id is of another country than the invoice's address."), "vat_id")
    try:
        return str(european.validate(compact if compact.startswith(prefix) else prefix + compact))
    except ValidationError as exc:
        raise _wrong() from exc


def _wrong() -> InvalidInput:
    return InvalidInput(_("This VAT id is not complete or has a wrong digit. Please check it."), "vat_id")
