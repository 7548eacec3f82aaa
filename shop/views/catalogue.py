"""The catalogue's pages: the shelf with its search and filters, one product, and what search engines ask for.

Every wish is in the address, in one order and without what says nothing, so an address can be shared and two that mean
the same are the same. Visitors without a cart or an account share rendered pages for as long as the shelf is fresh; the
token of each visitor's own session, and a nonce where the page has a script, are put in on the way out.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from shop.errors import NotFound
from shop.services import catalogue
from shop.services.catalogue import Wanted
from shop.views.forms import tidy
from shop.views.policy import nonce
from shop.views.presentation import category_names, currency, language
from shop.views.product_page import product_page

blueprint = Blueprint("catalogue", __name__)

LONGEST_QUERY = 80
PRIVATE = ("/account", "/cart", "/checkout", "/login", "/merchant", "/orders", "/pay")
MOST_PRICE = 1_000_000
# What a shared page has in the place of a token, and of a script's nonce; nobody can put them there.
PLACEHOLDER, NONCE_PLACE = secrets.token_urlsafe(18), secrets.token_urlsafe(18)


Page = str | AnyResponse
View = Callable[..., Page]


def shared(view: View) -> View:
    """Render a view's page once for all visitors of whom it would show nothing, for as long as the shelf is fresh.

    Whoever has a cart, an account or a message waiting gets a page of their own.
    """

    @wraps(view)
    def answer(**values: str) -> Page:
        if session.get("cart") or "_flashes" in session or current_user.is_authenticated:
            return view(**values)
        shelf, key = catalogue.shelf(), (currency(), language(), request.host_url, request.full_path)
        page: Page | None = shelf.pages.get(key)
        if page is None:
            g.is_shared_page = True
            page = view(**values)
            if not isinstance(page, str):
                return page
            shelf.keep(key, page)
        assert isinstance(page, str)
        if NONCE_PLACE in page:
            page = page.replace(NONCE_PLACE, nonce())
        return page.replace(PLACEHOLDER, generate_csrf())

    return answer


@blueprint.get("/")
@shared
def home() -> Page:
    """Show the catalogue: everything, or what was looked for; an address that says it badly leads to the good one."""
    wanted = read_wanted(request.args)
    if wanted.category and wanted.category not in catalogue.CATEGORIES:
        raise NotFound(_("We have no such kind of tea."))
    good = arguments(wanted)
    said = {name: request.args.getlist(name) for name in NAMES if name in request.args}
    if said != {name: [value] for name, value in good.items()}:
        return redirect(url_for(".home", **good), 302)
    found = catalogue.browse(wanted, currency(), language(), category_names())
    if found.page != wanted.page:
        return redirect(url_for(".home", **arguments(wanted, page=found.page)), 302)
    return render_template(
        "catalogue/home.html", found=found, wanted=wanted, address=_addresses(wanted), **_token()
    )


@blueprint.get("/teas/<slug>")
@shared
def product(slug: str) -> str:
    """Show one product with its variants and facts."""
    return product_page(catalogue.listing(slug, currency(), language()), **_token())


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List every public page for search engines."""
    addresses = [url_for(".home", _external=True)]
    addresses += [url_for(".home", kind=code, _external=True) for code in catalogue.CATEGORIES]
    addresses += [url_for(".product", slug=goods.slug, _external=True) for goods in catalogue.shelf().goods]
    return Response(render_template("catalogue/sitemap.xml", addresses=addresses), mimetype="application/xml")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Tell search engines what is nobody's business but the customer's."""
    hidden = [f"Disallow: {path}" for path in PRIVATE]
    lines = ["User-agent: *", *hidden, f"Sitemap: {url_for('.sitemap', _external=True)}"]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


# name in the address: what it is in Wanted
NAMES = {
    "q": "query",
    "kind": "category",
    "stock": "in_stock",
    "from": "least",
    "to": "most",
    "origin": "country",
    "caffeine": "caffeine",
    "sort": "sort",
    "page": "page",
}


def read_wanted(args: Mapping[str, str]) -> Wanted:
    """Read what is looked for; what makes no sense is left out, as if it had not been asked for."""
    least, most = _number(args.get("from")), _number(args.get("to"))
    if least is not None and most is not None and least > most:
        least, most = most, least
    country = args.get("origin", "")
    return Wanted(
        query=tidy(args.get("q", ""))[:LONGEST_QUERY].strip(),
        category=args.get("kind", ""),
        in_stock=args.get("stock") == "1",
        least=least,
        most=most,
        country=country if len(country) == 2 and country.isascii() and country.isupper() else "",
        caffeine=args["caffeine"] if args.get("caffeine") in catalogue.CAFFEINE else "",
        sort=args["sort"] if args.get("sort") in catalogue.SORTS else "catalogue",
        page=max(1, _number(args.get("page")) or 1),
    )


def arguments(wanted: Wanted, **changes: object) -> dict[str, Any]:
    """Return the arguments of the address that means this, with changes by their names in the address."""
    values = {name: getattr(wanted, attribute) for name, attribute in NAMES.items()} | changes
    values["stock"] = "1" if values["stock"] else ""
    unsaid = {"sort": "catalogue", "page": 1}
    return {
        name: str(value) for name, value in values.items() if value not in ("", None) and value != unsaid.get(name)
    }


def _number(text: str | None) -> int | None:
    """Return a whole number of an address; None for anything else."""
    if not text or not text.isascii() or not text.isdigit() or len(text) > 7:
        return None
    return min(int(text), MOST_PRICE)


def _addresses(wanted: Wanted) -> Any:
    """Return what templates ask for the address of the same wishes with some of them changed; the page starts anew."""
    here = url_for(".home")  # once: a page asks for some thirty addresses

    def address(**changes: object) -> str:
        asked = urlencode(arguments(wanted, **({"page": 1} | changes)))
        return f"{here}?{asked}" if asked else here

    return address


def _token() -> dict[str, Any]:
    """Return what a page that is shared renders in place of what is one visitor's; nothing for any other page."""
    shared_page = {"csrf_token": lambda: PLACEHOLDER, "csp_nonce": lambda: NONCE_PLACE}
    return shared_page if g.get("is_shared_page") else {}
