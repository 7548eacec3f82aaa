"""The mailbox's pages and its JSON, served by the console's app."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from sandbox.mailbox import messages
from sandbox.world import World

# What a mail's HTML may do inside its frame: show itself and pictures. No script, no form, no request elsewhere
# than to loopback, where the shop under test keeps its images.
FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "font-src data:; img-src data: {origin} http://127.0.0.1:* http://localhost:*; frame-ancestors {origin}"
)
SHOWN = 200  # mails on the page; the JSON lists all that are kept
SHOWABLE = ("image/png", "image/jpeg", "image/gif", "image/webp")


def blueprint(world: World) -> Blueprint:
    """Return the routes under `/mailbox/` and `/_sandbox/mailbox`."""
    pages = Blueprint("mailbox", __name__, template_folder="templates")
    _list_routes(pages, world)
    _message_routes(pages, world)
    _json_routes(pages, world)
    return pages


def _list_routes(pages: Blueprint, world: World) -> None:
    @pages.get("/mailbox/")
    def index() -> str:
        return render_template("mailbox/list.html", mails=messages.newest_first(world, limit=SHOWN))

    @pages.get("/mailbox/rows")
    def rows() -> str:
        """The list alone, which the page asks for again and again."""
        return render_template("mailbox/_rows.html", mails=messages.newest_first(world, limit=SHOWN))

    @pages.post("/mailbox/clear")
    def clear() -> ResponseReturnValue:
        messages.clear(world)
        flash("The mailbox is empty.")
        return redirect(url_for("mailbox.index"), 303)


def _message_routes(pages: Blueprint, world: World) -> None:
    @pages.get("/mailbox/<mail_id>")
    def show(mail_id: str) -> str:
        mail = _found(world, mail_id)
        tab = request.args.get("tab", "html" if mail.html else "text")
        return render_template("mailbox/message.html", mail=mail, tab=tab, source=_source(mail))

    @pages.get("/mailbox/<mail_id>/html")
    def html(mail_id: str) -> Response:
        mail = _found(world, mail_id)
        addresses = {
            a.content_id: url_for("mailbox.attachment", mail_id=mail.id, index=a.index)
            for a in mail.attachments
            if a.content_id
        }
        response = Response(messages.html_for_frame(mail, addresses), mimetype="text/html")
        response.headers["Content-Security-Policy"] = FRAME_POLICY.format(origin=request.host_url.rstrip("/"))
        return response

    @pages.get("/mailbox/<mail_id>/source")
    def source(mail_id: str) -> Response:
        return _download(_found(world, mail_id).raw, "message/rfc822", f"{mail_id}.eml")

    @pages.get("/mailbox/<mail_id>/attachments/<int:index>")
    def attachment(mail_id: str, index: int) -> Response:
        found = next((a for a in _found(world, mail_id).attachments if a.index == index), None)
        if found is None:
            abort(404)
        if found.content_type in SHOWABLE and found.content_id:
            return Response(found.body, mimetype=found.content_type)
        return _download(found.body, found.content_type, found.name)


def _json_routes(pages: Blueprint, world: World) -> None:
    @pages.get("/_sandbox/mailbox")
    def listing() -> dict[str, Any]:
        """Every message, newest first; `?to=` keeps those handed in for one address."""
        mails = messages.newest_first(world, to=request.args.get("to", ""))
        return {"messages": [messages.as_json(mail) for mail in mails]}

    @pages.get("/_sandbox/mailbox/<mail_id>")
    def one(mail_id: str) -> dict[str, Any]:
        return messages.as_json(_found(world, mail_id))

    @pages.delete("/_sandbox/mailbox")
    def clear_json() -> dict[str, Any]:
        messages.clear(world)
        return {"messages": []}


def _found(world: World, mail_id: str) -> messages.Mail:
    mail = messages.find(world, mail_id)
    if mail is None:
        abort(404)
    return mail


def _source(mail: messages.Mail) -> str:
    return mail.raw.decode("utf-8", "replace")


def _download(body: bytes, content_type: str, name: str) -> Response:
    """Answer with a file to save; never shown in the console's own origin, whatever its type says."""
    response = Response(body, content_type=content_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
