"""Pages, filters, expansion and metadata: the same for every kind of object."""

from collections.abc import Callable
from typing import Any

import pytest
import stripe


@pytest.fixture
def customers(server: Any) -> list[str]:
    """The ids of twelve customers, newest first."""
    return [server.customers.create({"name": f"Customer {n}"}).id for n in range(12)][::-1]


def test_a_page_holds_ten_newest_first(server: Any, customers: list[str]) -> None:
    page = server.customers.list()

    assert [row.id for row in page.data] == customers[:10]
    assert (page.has_more, page.url) == (True, "/v1/customers")


def test_cursors_go_on_and_back(server: Any, customers: list[str]) -> None:
    after = server.customers.list({"limit": 3, "starting_after": customers[2]})
    before = server.customers.list({"limit": 3, "ending_before": customers[6]})

    assert [row.id for row in after.data] == customers[3:6]
    assert [row.id for row in before.data] == customers[3:6]
    assert (after.has_more, before.has_more) == (True, True)
    assert server.customers.list({"starting_after": customers[-1]}).data == []


def test_all_pages_together_hold_each_once(server: Any, customers: list[str]) -> None:
    found = [row.id for row in server.customers.list({"limit": 5}).auto_paging_iter()]

    assert found == customers


@pytest.mark.parametrize("limit", [0, 101, "x"])
def test_a_page_has_one_to_a_hundred(server: Any, limit: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.customers.list({"limit": limit})

    assert refusal.value.param == "limit"


def test_a_cursor_that_is_nowhere_is_refused(server: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        server.customers.list({"starting_after": "cus_nobody"})

    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "starting_after")


def test_lists_are_narrowed_by_when_things_were_made(server: Any, later: Callable[[float], None]) -> None:
    old = server.customers.create({})
    later(1000)
    new = server.customers.create({})

    def between(**limits: int) -> list[str]:
        return [row.id for row in server.customers.list({"created": limits}).data]

    assert between(gt=old.created) == [new.id]
    assert between(lt=new.created) == [old.id]
    assert between(gte=old.created, lte=new.created) == [new.id, old.id]
    assert [row.id for row in server.customers.list({"created": old.created}).data] == [old.id]


def test_charges_are_listed_by_what_they_belong_to(server: Any, pay: Callable[..., Any]) -> None:
    alice = server.customers.create({})
    wanted = pay(customer=alice.id)
    pay()

    for query in ({"customer": alice.id}, {"payment_intent": wanted.id}):
        assert [charge.id for charge in server.charges.list(query).data] == [wanted.latest_charge]


def test_ids_become_objects_four_levels_deep(server: Any, pay: Callable[..., Any]) -> None:
    alice = server.customers.create({"name": "Alice"})
    intent = pay(customer=alice.id, capture_method="automatic")

    paths = ["customer", "latest_charge.balance_transaction.source.payment_intent"]
    deep = server.payment_intents.retrieve(intent.id, {"expand": paths})

    assert deep.customer.name == "Alice"
    assert deep.latest_charge.balance_transaction.source.payment_intent.id == intent.id
    assert server.payment_intents.retrieve(intent.id).latest_charge == intent.latest_charge


def test_lists_expand_their_rows(server: Any, pay: Callable[..., Any]) -> None:
    pay()

    found = server.payment_intents.list({"expand": ["data.latest_charge.payment_intent"]})

    assert found.data[0].latest_charge.payment_intent.object == "payment_intent"


@pytest.mark.parametrize("path", ["colour", "amount", "latest_charge.colour", "latest_charge.id"])
def test_what_is_no_id_cannot_be_expanded(path: str, server: Any, pay: Callable[..., Any]) -> None:
    intent = pay()

    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        server.payment_intents.retrieve(intent.id, {"expand": [path]})


def test_a_fifth_level_is_refused(server: Any, pay: Callable[..., Any]) -> None:
    path = "latest_charge.payment_intent.latest_charge.payment_intent.latest_charge"

    with pytest.raises(stripe.InvalidRequestError, match="more than 4 levels"):
        server.payment_intents.retrieve(pay().id, {"expand": [path]})


def test_null_stays_null_when_expanded(server: Any) -> None:
    intent = server.payment_intents.create({"amount": 2000, "currency": "eur", "expand": ["customer"]})

    assert intent.customer is None


def test_metadata_is_merged_and_unset(server: Any) -> None:
    alice = server.customers.create({"metadata": {"a": "1", "b": "2"}})

    merged = server.customers.update(alice.id, {"metadata": {"b": "", "c": "3"}})
    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}

    assert server.customers.update(alice.id, {"metadata": ""}).metadata.to_dict() == {}


@pytest.mark.parametrize(
    "metadata",
    [{"k" * 41: "v"}, {"k": "v" * 501}, {f"k{n}": "v" for n in range(51)}, {"k": {"deep": "er"}}],
    ids=["long key", "long value", "many keys", "nested"],
)
def test_metadata_has_limits(server: Any, metadata: dict[str, Any]) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        server.customers.create({"metadata": metadata})


def test_metadata_of_an_intent_is_copied_to_its_charge(pay: Callable[..., Any]) -> None:
    intent = pay(metadata={"order": "A1"}, expand=["latest_charge"])

    assert intent.latest_charge.metadata.to_dict() == {"order": "A1"}


def test_charges_can_be_searched_and_annotated(server: Any, pay: Callable[..., Any]) -> None:
    intent = pay()

    charge = server.charges.update(intent.latest_charge, {"description": "Tea", "metadata": {"a": "1"}})

    assert (charge.description, charge.metadata["a"]) == ("Tea", "1")
    found = server.charges.search({"query": "payment_method_details.card.last4:4242 AND metadata['a']:'1'"})
    assert [row.id for row in found.data] == [charge.id]
