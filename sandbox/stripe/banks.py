"""SEPA accounts for tests and what each does: https://docs.stripe.com/payments/sepa-debit/accept-a-payment#test-integration.

An IBAN that is not here but is well-formed succeeds.
"""

import re
from dataclasses import dataclass

SOON, LATER = 2, 180  # simulated seconds until the bank answers; Stripe says "immediately" and "after three minutes"


@dataclass(frozen=True)
class TestAccount:
    """One account: whether its debits succeed, and how long they are processing."""

    __test__ = False  # for pytest, which collects classes by this name

    iban: str
    does: str
    succeeds: bool = True
    seconds: int = SOON


def _country(good: str, good_late: str, bad: str, bad_late: str, disputed: str) -> tuple[TestAccount, ...]:
    return (
        TestAccount(good, "processing, then succeeds"),
        TestAccount(good_late, "processing, succeeds after three minutes", seconds=LATER),
        TestAccount(bad, "processing, then fails", succeeds=False),
        TestAccount(bad_late, "processing, fails after three minutes", succeeds=False, seconds=LATER),
        TestAccount(disputed, "succeeds; the dispute it stands for is not simulated"),
    )


ROWS = (
    *_country(
        "AT611904300234573201",
        "AT321904300235473204",
        "AT861904300235473202",
        "AT051904300235473205",
        "AT591904300235473203",
    ),
    *_country(
        "DE89370400440532013000",
        "DE08370400440532013003",
        "DE62370400440532013001",
        "DE78370400440532013004",
        "DE35370400440532013002",
    ),
    *_country(
        "FR1420041010050500013M02606",
        "FR3020041010050500013M02609",
        "FR8420041010050500013M02607",
        "FR7920041010050500013M02600",
        "FR5720041010050500013M02608",
    ),
)

BY_IBAN = {account.iban: account for account in ROWS}
# Countries outside the EEA, whose banks want the whole address (API 2026-09-30).
OUTSIDE_EEA = frozenset({"CH", "GB", "GI", "AD", "MC", "SM", "VA"})
LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "VA": 22,
}  # fmt: skip


def clean(iban: str) -> str:
    """Return an IBAN without its spaces, in capitals."""
    return re.sub(r"\s", "", iban).upper()


def is_iban(iban: str) -> bool:
    """Tell whether a cleaned IBAN belongs to a SEPA country and its check digits are right (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]+", iban) or LENGTHS.get(iban[:2]) != len(iban):
        return False
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def account_of(iban: str) -> TestAccount:
    """Return what an account does."""
    return BY_IBAN.get(iban, TestAccount(iban, "processing, then succeeds"))
