"""Alarms: what a person must look at, until somebody says that they have."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from shop.services import desk
from shop.views.merchant import forms

blueprint = Blueprint("alarms", __name__, url_prefix="/alarms")


@blueprint.get("")
def index() -> str:
    """Show the alarms that wait, and the newest that somebody has seen to."""
    waiting, settled = desk.alarms(settled=False), desk.alarms(settled=True, limit=20)
    orders = desk.order_ids([alarm.order_id for alarm in waiting + settled if alarm.order_id is not None])
    return render_template("merchant/alarms.html", waiting=waiting, settled=settled, orders=orders)


@blueprint.post("/<int:alarm_id>/acknowledge")
def acknowledge(alarm_id: int) -> ResponseReturnValue:
    """Note that somebody has seen to an alarm."""
    desk.acknowledge(alarm_id, forms.actor())
    flash(_("The alarm is marked as seen to."))
    return _back()


@blueprint.post("/<int:alarm_id>/again")
def again(alarm_id: int) -> ResponseReturnValue:
    """Try a job again that was given up; the alarm comes back if it fails once more."""
    if desk.try_again(alarm_id, forms.actor()):
        flash(_("It is being tried again. If it fails once more, the alarm comes back."))
    else:
        flash(_("There is nothing left to try: it is done, or under way."))
    return _back()


def _back() -> ResponseReturnValue:
    """Return to the order on whose page the alarm was answered, or to the alarms."""
    order = request.form.get("order", "")
    if order:
        return redirect(url_for("merchant.orders.show", public_id=desk.order(order).public_id), 303)
    return redirect(url_for("merchant.alarms.index"), 303)
