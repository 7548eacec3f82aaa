"""Amounts: least and greatest charges, fees, and the rates at which the sandbox settles in its account's currency."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.stripe import errors

ACCOUNT_CURRENCY = "eur"
ACCOUNT_COUNTRY = "DE"

ZERO_DECIMAL = frozenset(
    "bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf".split()
)  # https://docs.stripe.com/currencies#zero-decimal
THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
TWO_DECIMAL = frozenset(
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad cdf chf cny cop crc "
    "cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl htg huf idr ils inr isk jmd kes kgs khr "
    "kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk "
    "php pkr pln qar ron rsd rub sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu "
    "uzs wst xcd yer zar zmw".split()
)
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | TWO_DECIMAL

# The least charge in the smallest unit: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
LEAST = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
MOST = 99_999_999
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}

# A unit of the currency in euros. Made up and fixed, so that a test can tell what comes out; Stripe's change daily.
EURO_RATES = {
    "usd": Decimal("0.92"), "gbp": Decimal("1.17"), "chf": Decimal("1.05"), "jpy": Decimal("0.0061"),
    "cad": Decimal("0.67"), "aud": Decimal("0.60"), "sek": Decimal("0.088"), "dkk": Decimal("0.134"),
    "nok": Decimal("0.086"), "pln": Decimal("0.23"), "kwd": Decimal("2.99"),
}  # fmt: skip

CARD_FEE, CARD_FIXED = Decimal("0.015"), 25  # of an account in the euro area, cards of the EEA
FOREIGN_CARD_FEE = Decimal("0.0325")
SEPA_FIXED = 35
EEA = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split())


def exponent(currency: str) -> int:
    """Return how many decimals a currency has."""
    return 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2


def spoken(amount: int, currency: str) -> str:
    """Return an amount as Stripe's messages write it, such as `€0.50 eur`."""
    places = exponent(currency)
    return f"{SYMBOLS.get(currency, '')}{Decimal(amount).scaleb(-places):.{places}f}"


def check_currency(currency: str) -> str:
    """Return the currency in small letters; raise StripeError for one that is none."""
    small = currency.lower()
    if small not in CURRENCIES:
        listed = ", ".join(sorted(CURRENCIES))
        raise errors.refused(
            f"Invalid currency: {currency}. Stripe currently supports these currencies: {listed}", param="currency"
        )
    return small


def check_amount(amount: int, currency: str) -> None:
    """Raise StripeError for an amount that cannot be charged."""
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise errors.refused(message, param="amount", code="parameter_invalid_integer")
    least = LEAST.get(currency, 50)
    if amount < least:
        message = f"Amount must be at least {spoken(least, currency)} {currency}"
        raise errors.refused(message, param="amount", code="amount_too_small")
    if amount > MOST:
        message = f"Amount must be no more than {spoken(MOST, currency)} {currency}"
        raise errors.refused(message, param="amount", code="amount_too_large")


def settle(amount: int, currency: str) -> tuple[int, str, float | None]:
    """Return an amount in the account's currency, that currency, and the rate (None when nothing is exchanged).

    A currency without a rate is settled as it is.
    """
    rate = EURO_RATES.get(currency)
    if currency == ACCOUNT_CURRENCY or rate is None:
        return amount, currency, None
    shift = exponent(ACCOUNT_CURRENCY) - exponent(currency)
    return _whole(Decimal(amount) * rate * Decimal(10) ** shift), ACCOUNT_CURRENCY, float(rate)


def fee(settled: int, method: str, country: str | None) -> int:
    """Return Stripe's fee for a charge, in the currency it settles in."""
    if method == "sepa_debit":
        return min(SEPA_FIXED, settled)
    share = CARD_FEE if country in EEA else FOREIGN_CARD_FEE
    return min(_whole(settled * share) + CARD_FIXED, settled)


def _whole(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
