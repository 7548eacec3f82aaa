"""What a visitor prefers: the language."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session, url_for
from werkzeug.wrappers import Response

from shop.views import languages
from shop.views.forms import local_path, read_choice

blueprint = Blueprint("preferences", __name__)


@blueprint.post("/language")
def language() -> Response:
    """Show everything in another language from now on, and go back to the page it was chosen on."""
    session["language"] = read_choice(request.form.get("language"), languages.codes())
    return redirect(local_path(request.form.get("next"), url_for("catalogue.home")), 303)
