"""The control plane, `/_sandbox/...`: JSON for the console and for tests, apart from the emulated APIs."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.world import World

PROVIDERS = ("stripe", "paypal")  # who sends webhooks


def blueprint(world: World) -> Blueprint:
    """Return the control plane of this world, to be registered on the console's application."""
    control = Blueprint("control", __name__, url_prefix="/_sandbox")

    @control.post("/reset")
    def reset() -> Response:
        """Forget everything and start anew."""
        world.store.reset()
        return jsonify(ok=True)

    @control.get("/clock")
    def read_clock() -> Response:
        """Tell the simulated time."""
        return jsonify(_clock(world))

    @control.post("/clock")
    def advance_clock() -> Response | tuple[Response, int]:
        """Move the clock: `{"seconds": n}` or `{"days": n}`."""
        body = _body()
        try:
            world.clock.advance(timedelta(days=float(body.get("days", 0)), seconds=float(body.get("seconds", 0))))
        except (ValueError, TypeError, OverflowError) as error:
            return jsonify(error=str(error)), 400
        return jsonify(_clock(world))

    _add_faults(control, world)
    _add_knobs(control, world)
    _add_records(control, world)
    _add_objects(control, world)
    return control


def _add_faults(control: Blueprint, world: World) -> None:
    """Routes that make requests go wrong."""

    @control.get("/faults")
    def read_faults() -> Response:
        """List the faults that wait for requests."""
        return jsonify(faults=world.faults.active())

    @control.post("/faults")
    def set_fault() -> Response | tuple[Response, int]:
        """Add a fault: `{provider, kind, times?, seconds?, path_prefix?, method?}`."""
        body = _body()
        times = body.get("times")
        try:
            world.faults.set(
                str(body["provider"]),
                str(body["kind"]),
                times=None if times in (None, "") else int(times),
                seconds=float(body.get("seconds") or 0),
                path_prefix=str(body.get("path_prefix") or ""),
                method=str(body.get("method") or ""),
            )
        except (KeyError, ValueError, TypeError) as error:
            return jsonify(error=str(error)), 400
        return jsonify(faults=world.faults.active())

    @control.delete("/faults")
    def clear_faults() -> Response:
        """Remove all faults, or those of `?provider=`."""
        world.faults.clear(request.args.get("provider"))
        return jsonify(faults=world.faults.active())


def _add_knobs(control: Blueprint, world: World) -> None:
    """Routes that make webhook deliveries go wrong."""

    @control.get("/knobs")
    def read_knobs() -> Response:
        """Tell how each provider's deliveries are spoilt."""
        return jsonify({name: asdict(world.dispatcher.knobs(name)) for name in PROVIDERS})

    @control.post("/knobs")
    def turn_knobs() -> Response | tuple[Response, int]:
        """Turn knobs: `{provider, drop?, delay_seconds?, duplicate?, reorder?, bad_signature?}`."""
        body = _body()
        provider = str(body.pop("provider", "stripe"))
        if provider not in PROVIDERS:
            return jsonify(error=f"Unknown provider {provider!r}; choose one of {', '.join(PROVIDERS)}."), 400
        try:
            return jsonify(asdict(world.dispatcher.turn(provider, **body)))
        except (ValueError, TypeError) as error:
            return jsonify(error=str(error)), 400


def _add_records(control: Blueprint, world: World) -> None:
    """Routes that tell what happened."""

    @control.get("/deliveries")
    def read_deliveries() -> Response:
        """List webhook deliveries, newest first; `?provider=`, `?event_type=`, `?state=` narrow."""
        found = world.dispatcher.deliveries()
        for name in ("provider", "event_type", "state", "event_id"):
            if wanted := request.args.get(name):
                found = [delivery for delivery in found if delivery[name] == wanted]
        return jsonify(deliveries=found)

    @control.post("/deliveries/<delivery_id>/resend")
    def resend(delivery_id: str) -> Response | tuple[Response, int]:
        """Send a delivery again; `{"bad_signature": true}` spoils this one."""
        try:
            world.dispatcher.resend(delivery_id, bad_signature=bool(_body().get("bad_signature")))
        except KeyError:
            return jsonify(error="No such delivery."), 404
        return jsonify(ok=True)

    @control.get("/requests")
    def read_requests() -> Response:
        """List the API requests of `?provider=` (stripe or paypal), newest first; `?path=`, `?method=` narrow."""
        provider = request.args.get("provider", "stripe")
        with world.store.lock:
            found = [dict(row) for row in reversed(world.store.table(f"{provider}.request_log").values())]
        for name in ("path", "method"):
            if wanted := request.args.get(name):
                found = [row for row in found if row[name] == wanted]
        return jsonify(requests=found)


def _add_objects(control: Blueprint, world: World) -> None:
    """Routes that show the store."""

    @control.get("/objects/<table>")
    def read_objects(table: str) -> Response:
        """List a table's objects, newest first, as they are stored."""
        with world.store.lock:
            return jsonify(objects=list(reversed(world.store.table(table).values())))

    @control.get("/objects")
    def read_tables() -> Response:
        """List the tables and how many objects each holds."""
        with world.store.lock:
            return jsonify(tables={name: len(world.store.table(name)) for name in world.store.names()})


def _body() -> dict[str, Any]:
    """Return the JSON body, or the form of a console button, as a dict."""
    if request.is_json:
        body = request.get_json(silent=True)
        return dict(body) if isinstance(body, dict) else {}
    return request.form.to_dict()


def _clock(world: World) -> dict[str, Any]:
    return {
        "now": world.clock.now().isoformat(),
        "unix": world.clock.unix(),
        "offset_seconds": world.clock.offset,
    }
