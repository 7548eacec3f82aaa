"""How fast the catalogue's pages are, beside the page floor: `python -m bench.catalogue_pages [--rounds 3]`.

The shop with 240 products and the floor (bench/floor.py) are served alike and measured in turn, on PostgreSQL, with
eight connections. Each page is measured twice: for a visitor with a cart, whose page is rendered afresh, and for a
visitor of whom it shows nothing, who shares a page that is kept for as long as the shelf is. Goals: afresh 0.15 of the
floor, shared 0.40, at most 6 statements for the catalogue and 4 for a product, however many products there are.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from flask import Flask
from sqlalchemy import select

from bench import load, servers, table
from bench.table import Row
from shop import create_app
from shop.config import Settings
from shop.models import Price, Product, Variant
from shop.services.shelf import Shelves
from shop.services.unit_of_work import unit_of_work
from tests import statements
from tests.views.visitor import Visitor

PRODUCTS, CONNECTIONS = 240, 8
COOKIE = "tidewater"
WHY = (
    "the floor's page is 9 kB of one loop over one table; the shop's is 57 kB with twelve drawings, a finder, two "
    "languages and four currencies, and Jinja and the routing of 47 addresses take what time is left"
)


@dataclass
class Measured:
    """One page: how it is reached, what the floor has in its place, and what came of it."""

    what: str
    path: str
    floor: str
    cookie: str = ""
    results: list[load.Result] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 1 when an answer was not the one expected."""
    parser = argparse.ArgumentParser(prog="python -m bench.catalogue_pages", description="Catalogue pages, measured.")
    parser.add_argument("--rounds", type=int, default=3, help="how often floor and shop are measured in turn")
    parser.add_argument("--requests", type=int, default=400, help="how many of each page in a round")
    given = parser.parse_args(arguments)
    rows, wrong = measure(given.rounds, given.requests)
    table.show(rows)
    return 1 if wrong else 0


def measure(rounds: int = 3, requests: int = 400) -> tuple[list[Row], int]:
    """Return what was found, and how many answers were wrong."""
    with servers.database("postgresql") as floor_url, servers.database("postgresql") as shop_url:
        env = servers.shop_environment(shop_url, "redis://127.0.0.1:1/0")
        servers.prepare(env)
        app = create_app(Settings.from_env(env))
        slug = fill(app)
        cookie = a_visitor_with_a_cart(app, slug)
        pages = [
            Measured("catalogue, afresh", "/", "/catalogue", cookie),
            Measured("catalogue, shared", "/", "/catalogue"),
            Measured("product, afresh", f"/teas/{slug}", "/p/product-17", cookie),
            Measured("product, shared", f"/teas/{slug}", "/p/product-17"),
        ]
        counts = {path: count(app, path, cookie) for path in ("/", f"/teas/{slug}")}
        floors: dict[str, list[load.Result]] = {"/catalogue": [], "/p/product-17": []}
        floor = servers.web({**env, "DATABASE_URL": floor_url}, "bench.floor:create_app()")
        with floor as (floor_port, _), servers.web(env) as (shop_port, _):
            for _round in range(rounds):
                for path, results in floors.items():
                    results.append(visit(floor_port, path, requests * 3))
                for page in pages:
                    page.results.append(visit(shop_port, page.path, requests, page.cookie))
    wrong = sum(result.wrong(200) for page in pages for result in page.results)
    return [*_rates(pages, floors), *_counts(counts)], wrong


def _rates(pages: list[Measured], floors: Mapping[str, list[load.Result]]) -> Iterator[Row]:
    least = {"catalogue, afresh": 0.15, "catalogue, shared": 0.40}
    for page in pages:
        rates, beside = ([result.rate for result in results] for results in (page.results, floors[page.floor]))
        ratio = table.median_ratio(rates, beside)
        p99 = statistics.median(result.percentile(0.99) for result in page.results)
        goal = least.get(page.what)
        yield Row(
            f"{page.what}, {CONNECTIONS} connections",
            f"{table.rate(statistics.median(rates))}, p99 {p99:.0f} ms",
            table.rate(statistics.median(beside)),
            ratio,
            f"{goal:.2f} of floor" if goal else "",
            ratio >= goal if goal else None,
            WHY,
        )


def _counts(counts: Mapping[str, int]) -> Iterator[Row]:
    for path, count in counts.items():
        what, most = ("catalogue", 6) if path == "/" else ("product", 4)
        yield Row(
            f"{what}, statements, {PRODUCTS} products", str(count), goal=f"{most} at most", met=count <= most
        )


def fill(app: Flask) -> str:
    """Put as many products on the shelf as the floor has, like those that are there; return the address of one."""
    with app.app_context(), unit_of_work(write=True) as session:
        there = list(session.scalars(select(Product).order_by(Product.position, Product.id)).unique())
        for number in range(len(there), PRODUCTS):
            like = there[number % len(there)]
            sizes = [
                Variant(
                    sku=f"MORE-{number}-{size.sku}"[:40], label=size.label, stock=100, net=size.net,
                    prices=[Price(currency=price.currency, amount=price.amount) for price in size.prices],
                )
                for size in like.variants
            ]  # fmt: skip
            session.add(
                Product(
                    slug=f"{like.slug}-{number}", name=f"{like.name} {number}", category=like.category,
                    summary=like.summary, description=like.description, facts=like.facts, position=1000 + number,
                    variants=sizes,
                )
            )  # fmt: skip
        return next(product.slug for product in there if product.variants[0].stock > 0)


def a_visitor_with_a_cart(app: Flask, slug: str) -> str:
    """Return the cookie of somebody who has put something into their cart."""
    visitor = Visitor(app)
    with app.app_context(), unit_of_work() as session:
        sku = session.scalars(select(Variant.sku).join(Product).where(Product.slug == slug)).first()
    assert visitor.put_in_cart(sku or "").status_code == 303
    visitor.get("/")  # it tells what was put in, once
    cookie = visitor.client.get_cookie(COOKIE)
    assert cookie is not None
    return f"{COOKIE}={cookie.value}"


def count(app: Flask, path: str, cookie: str) -> int:
    """Return how many statements a page takes at the most: rendered afresh, and from a shelf that is read for it."""
    shop = app.extensions["shop"]
    app.extensions["shop"] = replace(shop, shelves=Shelves(shop.shelves.lifetime))  # empty: the process has just begun
    with app.app_context(), statements.collected() as sent:
        app.test_client(use_cookies=False).get(path, headers={"Cookie": cookie})
    return len(sent)


def visit(port: int, path: str, requests: int, cookie: str = "") -> load.Result:
    """Ask for a page so many times."""
    headers = {"Cookie": cookie} if cookie else {}
    return load.fire(port, [load.request("GET", path, headers)] * requests, CONNECTIONS)


if __name__ == "__main__":
    sys.exit(main())
