"""The merchant's desk. Nobody else learns that it is there: 404. Who is not signed in is asked to."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from shop.errors import NotFound
from shop.extensions import login_manager
from shop.services import desk
from shop.views.merchant import alarms, holds, orders, reconcile, refunds, timeline_words

blueprint = Blueprint("merchant", __name__, url_prefix="/merchant")
for part in (orders, holds, refunds, alarms, reconcile):
    blueprint.register_blueprint(part.blueprint)


@blueprint.before_request
def only_the_merchant() -> ResponseReturnValue | None:
    """Let the merchant in, ask whoever is not signed in to sign in, and know nothing of a desk for everybody else."""
    if not current_user.is_authenticated:
        answer: ResponseReturnValue = login_manager.unauthorized()
        return answer
    if not current_user.is_merchant:
        raise NotFound(_("There is nothing at this address."))
    return None


@blueprint.context_processor
def values() -> dict[str, Any]:
    """Give every page of the desk how the day goes, and the words of its macros."""
    told = (
        timeline_words.who,
        timeline_words.cause_words,
        timeline_words.fact_words,
        timeline_words.thing_words,
        timeline_words.state_words,
        timeline_words.message_words,
        timeline_words.booking_words,
        timeline_words.account_words,
        timeline_words.alarm_words,
    )
    return {"today": desk.today(), **{words.__name__: words for words in told}}
