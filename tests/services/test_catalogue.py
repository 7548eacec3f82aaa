"""The catalogue's service: two languages, forgiving search, filters and pages, and how often the database is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, update

from shop.errors import NotFound
from shop.extensions import db
from shop.models import Price, Product, ProductText, Variant
from shop.money import Money
from shop.services import catalogue, checkout, search
from shop.services.catalogue import Offer, Wanted
from shop.services.seed import seed
from shop.services.seed_catalogue import ENTRIES, TEXTS
from shop.services.shelf import Shelves, Size
from shop.services.unit_of_work import unit_of_work
from shop.views.illustrations import FORMS
from tests.shelf import SHELF
from tests.shop_app import Shop, details

NAMES = {
    "en": {"black": "Black", "green": "Green", "herbal": "Herbal", "teaware": "Teaware"},
    "de": {"black": "Schwarz", "green": "Grün", "herbal": "Kräuter", "teaware": "Teegeschirr"},
}


@pytest.fixture(scope="module")
def seeded_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop of these tests' own with the demo's goods: nobody changes them, so they are put there once."""
    own = Shop(f"sqlite:///{tmp_path_factory.mktemp('seeded') / 'shop.db'}")
    with own.app.app_context():
        seed()
        with unit_of_work(write=True) as session:
            skus = [sku for sku, *_ in SHELF]
            listed = Product.id.in_(db.select(Variant.product_id).where(Variant.sku.in_(skus)))
            session.execute(update(Product).where(listed).values(is_listed=False))  # noise: nothing may find it
    own.change_context(shelves=Shelves(600))
    yield own
    own.close()


@pytest.fixture
def seeded(seeded_shop: Shop) -> Iterator[Shop]:
    """The shop with the demo's goods, inside its application context."""
    with seeded_shop.app.app_context():
        yield seeded_shop


def slugs(locale: str = "en", currency: str = "EUR", **wishes: Any) -> list[str]:
    """Return what is found, all pages of it."""
    found: list[str] = []
    page = pages = 1
    while page <= pages:
        part = catalogue.browse(Wanted(**wishes, page=page), currency, locale, NAMES[locale])
        found += [listing.product.slug for listing in part.listings]
        page, pages = page + 1, part.pages
    return found


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect what is sent to the database."""
    sent: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def test_the_demo_has_a_shops_worth_of_goods_in_every_currency() -> None:
    assert len(ENTRIES) >= 24
    assert len({entry.category for entry in ENTRIES}) >= 5
    assert {entry.category for entry in ENTRIES} == set(catalogue.CATEGORIES)
    skus = [item.sku for entry in ENTRIES for item in entry.items]
    assert len(skus) == len(set(skus))
    assert all(amount > 0 for entry in ENTRIES for item in entry.items for amount in item.prices.values())
    assert sum(entry.available_from is not None for entry in ENTRIES) == 1


@pytest.mark.parametrize("locale", TEXTS)
def test_every_product_is_told_in_every_language(locale: str) -> None:
    texts = TEXTS[locale]

    assert set(texts) == {entry.slug for entry in ENTRIES}
    for entry in ENTRIES:
        text = texts[entry.slug]
        assert all((text.name, text.summary, text.description)), entry.slug
        assert len(text.name) <= 120, entry.slug
        assert len(text.summary) <= 300, entry.slug
        words = {name for name in ("origin", "taste", "material", "care", "contents") if name in entry.facts}
        assert set(text.facts) == words, entry.slug


def test_every_product_can_be_drawn_and_goes_well_with_what_there_is() -> None:
    known = {entry.slug for entry in ENTRIES}

    for entry in ENTRIES:
        assert entry.facts["form"] in FORMS, entry.slug
        assert set(entry.facts["with"]) <= known - {entry.slug}, entry.slug
        assert entry.facts.get("caffeine", "none") in catalogue.CAFFEINE, entry.slug


def test_seeding_twice_doubles_nothing(seeded: Shop) -> None:
    seed()

    assert len(seeded.rows(ProductText)) == len(ENTRIES) * len(TEXTS)
    assert len(slugs()) == len(ENTRIES)


@pytest.mark.parametrize("locale", ["de", "de_AT", "de-CH"])
def test_a_product_speaks_the_visitors_language(seeded: Shop, locale: str) -> None:
    product = catalogue.listing("silver-needle", "EUR", locale).product

    assert product.name == "Silbernadel"
    assert product.facts["taste"] == "Melone, Heu, Akazienhonig"
    assert product.facts["altitude"] == 750


def test_without_a_text_a_product_speaks_its_own_language(seeded: Shop) -> None:
    assert catalogue.listing("silver-needle", "EUR", "fr").product.name == "Silver Needle"


def test_an_order_keeps_the_name_in_the_language_it_was_placed_in(shop: Shop) -> None:
    sencha = shop.rows(Product, Product.slug == "sen-100")[0]
    with unit_of_work(write=True) as session:
        text = {"name": "Sencha der Gezeiten", "summary": "Tee", "description": "Tee", "facts": {}}
        session.add(ProductText(product_id=sencha.id, locale="de", **text))

    from_germany = shop.placed(_order(shop, "de_DE"))
    from_elsewhere = shop.placed(_order(shop, "en"))

    assert [line.name for line in from_germany.lines] == ["Sencha der Gezeiten", "Cup"]
    assert [line.name for line in from_elsewhere.lines] == ["Sencha", "Cup"]


def _order(shop: Shop, locale: str) -> int:
    token = shop.cart("SEN-100", "CUP-1")
    return checkout.place_order(token, details(locale=locale), user_id=None).id


@pytest.mark.parametrize(
    ("typed", "locale", "expected"),
    [
        ("sencha", "en", "sencha-of-the-tides"),
        ("senhca", "en", "sencha-of-the-tides"),  # two letters changed places
        ("senchaa", "en", "sencha-of-the-tides"),  # one too many
        ("darjeling", "en", "first-flush-darjeeling"),  # one too few
        ("DARJEELING", "en", "first-flush-darjeeling"),
        ("gyokuru", "en", "gyokuro-shade"),
        ("jasmin pear", "en", "jasmine-pearls"),  # a word only begun
        ("lapsang", "de", "smoke-on-the-water"),
        ("bergamott", "en", "elbe-grey"),
        ("drachenbrunen", "de", "dragon-well"),
        ("hafenfruehstueck", "de", "harbour-breakfast"),  # no umlauts on this keyboard
        ("hafenfruhstuck", "de", "harbour-breakfast"),
        ("Hafenfrühstück", "de", "harbour-breakfast"),
        ("schonheit des ostens", "de", "oriental-beauty"),
        ("meknes", "en", "harbour-mint"),
        ("uji matcha", "en", "matcha-first-light"),
    ],
)
def test_search_forgives(seeded: Shop, typed: str, locale: str, expected: str) -> None:
    assert slugs(locale, query=typed)[0] == expected


@pytest.mark.parametrize("typed", ["gruen", "grün", "grun", "GRÜN"])
def test_a_category_is_found_by_its_name_in_any_spelling(seeded: Shop, typed: str) -> None:
    green = {entry.slug for entry in ENTRIES if entry.category == "green"}

    assert green <= set(slugs("de", query=typed))


@pytest.mark.parametrize("typed", ["xyzzyx", "espresso", "' OR 1=1 --", "%", "…", "\u0000"])
def test_nonsense_finds_nothing_but_something_near_is_offered(seeded: Shop, typed: str) -> None:
    found = catalogue.browse(Wanted(query=typed, most=3), "EUR", "en", NAMES["en"])

    assert found.listings == ()
    assert len(found.near) == 3
    assert all(listing.in_stock for listing in found.near)


def test_near_matches_keep_the_words_and_let_the_filters_go(seeded: Shop) -> None:
    found = catalogue.browse(Wanted(query="keemun", caffeine="none"), "EUR", "en", NAMES["en"])

    assert found.listings == ()
    assert found.near[0].product.slug == "keemun-hao-ya"


def test_a_short_word_is_not_taken_for_another() -> None:
    assert search.score(["tea"], search.index([("pea", 1.0)])) == 0
    assert search.score(["mint"], search.index([("mind", 1.0)])) > 0


def test_filters_meet_every_wish(seeded: Shop) -> None:
    assert set(slugs(category="herbal", caffeine="none", country="DE")) == {"dike-chamomile"}
    assert "dragon-well" not in slugs(in_stock=True)
    assert "smoke-on-the-water" in slugs(in_stock=True)  # one of its sizes is there
    assert set(slugs(category="green", most=10)) == {"kitchen-genmaicha"}
    assert slugs(category="green", least=8000, currency="JPY") == ["gyokuro-shade", "matcha-first-light"]


def test_a_size_that_is_sold_out_does_not_answer_for_the_price_of_one_in_stock(seeded: Shop) -> None:
    assert "smoke-on-the-water" in slugs(least=30, most=32)
    assert "smoke-on-the-water" not in slugs(least=30, most=32, in_stock=True)


def test_each_order_is_the_one_it_says(seeded: Shop) -> None:
    prices = [catalogue.listing(slug, "EUR", "en").lowest.amount for slug in slugs(sort="price")]
    names = [catalogue.listing(slug, "EUR", "en").product.name for slug in slugs(sort="name")]

    assert prices == sorted(prices)
    assert slugs(sort="price-down")[0] == "porcelain-pot"
    assert names[:2] == ["A Long Evening", "Assam Second Flush"]
    assert slugs(sort="newest")[0] == ENTRIES[-1].slug
    assert slugs() == [entry.slug for entry in ENTRIES]


def test_pages_hold_twelve_and_one_past_the_last_is_the_last(seeded: Shop) -> None:
    first = catalogue.browse(Wanted(), "EUR", "en", NAMES["en"])
    beyond = catalogue.browse(Wanted(page=99), "EUR", "en", NAMES["en"])

    assert (len(first.listings), first.pages, first.total) == (12, 3, len(ENTRIES))
    assert beyond.page == 3
    assert not {a.product.slug for a in first.listings} & {b.product.slug for b in beyond.listings}


@pytest.mark.parametrize(
    ("amount", "currency", "net", "per_kilogram"),
    [(980, "EUR", 100, 9800), (2150, "EUR", 250, 8600), (1650, "JPY", 100, 16500), (1000, "EUR", 75, 13333)],
)
def test_what_is_sold_by_weight_has_a_price_per_kilogram(
    amount: int, currency: str, net: int, per_kilogram: int
) -> None:
    offer = Offer(Size("X", "x", 1, net, {}), Money(amount, currency))

    assert offer.per_kilogram == Money(per_kilogram, currency)


def test_a_pot_has_no_price_per_kilogram(seeded: Shop) -> None:
    assert all(offer.per_kilogram is None for offer in catalogue.listing("tokoname-pot", "EUR", "en").offers)


def test_what_goes_well_with_it_can_be_bought(seeded: Shop) -> None:
    whisk = catalogue.listing("bamboo-whisk", "EUR", "en")

    found = catalogue.companions(whisk, "EUR", "en")

    assert found[0].product.slug == "matcha-first-light"
    assert "winter-bowl" not in [other.product.slug for other in found]  # it is sold out
    assert len(found) == 3


def test_the_shelf_is_read_with_two_statements_and_then_with_none(shop: Shop) -> None:
    _more(150)
    shelves = Shelves(600)

    with statements() as cold:
        read = shelves.current()
    with statements() as warm:
        shelves.current()

    assert len(read.goods) == 150 + len(SHELF)
    assert len([sent for sent in cold if sent.startswith("SELECT")]) == 2
    assert warm == []


def test_what_changed_is_seen_after_the_lifetime(shop: Shop) -> None:
    aged, shelves, kept = Shelves(1e-9), Shelves(0), Shelves(600)
    assert aged.current().goods
    assert kept.current().goods
    with unit_of_work(write=True) as session:
        session.execute(update(Product).values(is_listed=False))

    assert aged.current().goods == ()
    assert shelves.current().goods == ()
    assert kept.current().goods


def test_many_visitors_at_once_read_the_shelf_once(shop: Shop) -> None:
    shelves = Shelves(600)

    with statements() as sent:
        read = shop.at_once(lambda _: shelves.current(), 8)

    assert len({id(one) for one in read}) == 1
    assert len([one for one in sent if one.startswith("SELECT")]) == 2


def test_what_is_not_listed_or_not_sold_in_the_currency_is_not_found(shop: Shop) -> None:
    for slug, currency in (("nothing", "EUR"), ("sen-100", "GBP")):
        with pytest.raises(NotFound):
            catalogue.listing(slug, currency, "en")


def _more(products: int) -> None:
    words = {"name": "Noise", "summary": "", "description": "", "category": "black", "facts": {}}
    with unit_of_work(write=True) as session:
        for number in range(products):
            variant = Variant(sku=f"N-{number}", label="one", stock=1, prices=[Price(currency="EUR", amount=100)])
            session.add(Product(slug=f"noise-{number}", variants=[variant], **words))
