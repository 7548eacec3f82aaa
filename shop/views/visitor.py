"""Who stands at the till, as the guard counts them: by the session of their browser and by their address."""

from __future__ import annotations

import secrets

from flask import session
from flask_login import current_user

from shop.extensions import network
from shop.services import guard


def visitor() -> guard.Visitor:
    """Return the visitor of this request; a browser without cookies is a new one each time, its address is not."""
    if "till" not in session:
        session["till"] = secrets.token_urlsafe(12)
    user_id = current_user.id if current_user.is_authenticated else None
    return guard.visitor(network(), session["till"], user_id)
