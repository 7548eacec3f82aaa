"""Who is let to the desk: nobody but whom the command line names, and nobody whose address is not confirmed."""

import pytest

from shop.errors import InvalidInput, NotFound
from shop.models import AccountEvent, User
from shop.services import staff
from shop.services.unit_of_work import unit_of_work
from tests.shop_app import BOB, Shop

MARA = "mara@example.com"


@pytest.fixture
def people(shop: Shop) -> None:
    """Mara and Bob have accounts; Mallory has registered an address and not confirmed it."""
    now = shop.clock.now()
    with unit_of_work(write=True) as session:
        for email, confirmed in ((MARA, now), (BOB, now), ("mallory@example.com", None)):
            session.add(User(email=email, name=email, password_hash="none", email_confirmed_at=confirmed))


def run(shop: Shop, *arguments: str) -> tuple[int, str]:
    result = shop.app.test_cli_runner().invoke(args=["merchants", *arguments])
    return result.exit_code, result.output


@pytest.mark.usefixtures("people")
def test_an_account_is_let_to_the_desk_once_and_it_is_on_record(shop: Shop) -> None:
    staff.appoint(" Mara@Example.com ", is_merchant=True)
    staff.appoint(MARA, is_merchant=True)

    assert [user.email for user in staff.merchants()] == [MARA]
    assert [event.kind for event in shop.rows(AccountEvent)] == ["made_merchant"]


@pytest.mark.usefixtures("people")
def test_who_is_let_to_the_desk_no_longer_stays_a_customer(shop: Shop) -> None:
    staff.appoint(MARA, is_merchant=True)

    staff.appoint(MARA, is_merchant=False)

    assert staff.merchants() == []
    assert len(shop.rows(User, User.email == MARA)) == 1
    assert [event.kind for event in shop.rows(AccountEvent)] == ["made_merchant", "merchant_no_more"]


@pytest.mark.usefixtures("people")
def test_nobody_is_let_in_by_an_address_that_is_not_confirmed(shop: Shop) -> None:
    with pytest.raises(InvalidInput):
        staff.appoint("mallory@example.com", is_merchant=True)
    with pytest.raises(NotFound):
        staff.appoint("nobody@example.com", is_merchant=True)

    assert staff.merchants() == []


@pytest.mark.usefixtures("people")
def test_the_commands_say_what_they_did_or_why_not(shop: Shop) -> None:
    assert run(shop, "add", MARA) == (0, f"{MARA} may work at the desk.\n")
    assert run(shop, "list") == (0, f"{MARA}\n")
    assert run(shop, "remove", MARA) == (0, f"{MARA} works no longer at the desk.\n")
    status, said = run(shop, "add", "mallory@example.com")
    assert status == 1
    assert "not confirmed" in said
