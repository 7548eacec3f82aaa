"""A browser without a screen: it keeps cookies, sends the form's CSRF token, and follows what it is told to."""

import re
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

ADDRESS = {
    "email": "alice@example.com",
    "name": "Alice Ashdown",
    "line1": "Am Sandtorkai 12",
    "postal_code": "20457",
    "city": "Hamburg",
    "country": "DE",
    "shipping": "standard",
}


class Visitor:
    """Somebody with a browser of their own."""

    def __init__(self, app: Flask, origin: str = "http://localhost") -> None:
        self.client = app.test_client()
        self.origin = origin

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url=self.origin)

    def post(self, path: str, **form: str) -> TestResponse:
        """Send a form as the page would, with the token that stands in every page."""
        data = {"csrf_token": form_token(self), **form}
        return self.client.post(path, data=data, base_url=self.origin, headers={"Referer": f"{self.origin}/"})

    def put_in_cart(self, sku: str = "SEN-100", quantity: str = "1") -> TestResponse:
        """Press "Add to cart"."""
        return self.post("/cart", sku=sku, quantity=quantity)

    def check_out(self, **changes: str) -> TestResponse:
        """Fill in the checkout and press "Continue"."""
        return self.post("/checkout", **(ADDRESS | {"action": "place"} | changes))

    def order(self, sku: str = "SEN-100") -> str:
        """Buy one of something as far as the pay page; return the address of that page."""
        self.put_in_cart(sku)
        answer = self.check_out()
        assert answer.status_code == 303, answer.text
        return answer.location

    def sign_in(self, email: str, password: str, **form: str) -> TestResponse:
        """Fill in the sign-in form and send it."""
        return self.post("/login", email=email, password=password, **form)


def words(page: TestResponse) -> str:
    """Return what a person reads on a page: no tags, one space between words."""
    main = page.text.split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def form_token(visitor: Visitor, page: str = "/login") -> str:
    """Return the CSRF token of the form on a page that is opened now and sent later."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get(page).text)
    assert found is not None
    return found[1]
