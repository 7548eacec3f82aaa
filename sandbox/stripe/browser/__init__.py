"""What Stripe serves to browsers: stripe.js, the frames it opens, and the bank's 3-D Secure page.

Everything a merchant's page embeds comes from this origin, so card data goes from a frame straight to the API and the
merchant's page never sees it.
"""

from pathlib import Path

from flask import Blueprint, Response, abort, send_from_directory

from sandbox.stripe.browser import challenge, sessions
from sandbox.stripe.browser.bundling import bundle
from sandbox.world import World

HERE = Path(__file__).parent

PAGES = {
    "payment.html": "payment.html",
    "controller.html": "controller.html",
    "three-ds-2-challenge.html": "three-ds-2-challenge.html",
}
SCRIPTS = {
    "payment.js": "frame/payment.js",
    "controller.js": "pages/controller.js",
    "three-ds-2-challenge.js": "pages/three_ds.js",
    "challenge.js": "pages/challenge.js",
}

# The frames run no inline script and style nothing inline. Fonts may come from the merchant (`elements({fonts})`), and
# a stylesheet that names them too; nothing else comes from elsewhere, so no rule of an appearance can call home.
FRAME_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' http: https:; font-src http: https: data:; "
    "img-src 'self' data:; connect-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'"
)


def blueprint(world: World) -> Blueprint:
    """Return the routes that browsers ask for; the scripts are joined once, here."""
    routes = Blueprint("stripe_browser", __name__, template_folder="pages")
    script = bundle(HERE / "scripts", "host/stripe.js")
    frame_scripts = {name: bundle(HERE / "scripts", entry) for name, entry in SCRIPTS.items()}

    @routes.get("/stripe.js")
    @routes.get("/endive/stripe.js")
    @routes.get("/v3/")
    @routes.get("/v3")
    def stripe_js() -> Response:
        """Serve the script under the address of this release, of the old channel, and a plain one."""
        return _javascript(script)

    @routes.get("/elements/<name>")
    def elements(name: str) -> Response:
        """Serve a frame's page, script, stylesheet or image."""
        if name in frame_scripts:
            return _javascript(frame_scripts[name])
        if name in PAGES:
            return _frame_page(PAGES[name])
        if name.endswith(".css"):
            return send_from_directory(HERE / "styles", name, max_age=0)
        if name.endswith(".svg"):
            return send_from_directory(HERE / "images", name, max_age=3600)
        abort(404)

    sessions.add_routes(routes, world)
    challenge.add_routes(routes, world)
    return routes


def _javascript(text: str) -> Response:
    response = Response(text, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _frame_page(name: str) -> Response:
    response = Response((HERE / "pages" / name).read_text(encoding="utf-8"), mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
