"""Stripe's errors: one exception that carries the status and the body Stripe would answer with.

Fields as in stripe-python's `ErrorObject`; codes as in https://docs.stripe.com/error-codes.
"""

from typing import Any

DOC_URL = "https://stripe.com/docs/error-codes/"


class StripeError(Exception):
    """An answer that is an error.

    `keep` says whether idempotency keeps it: what fails before an endpoint starts to work (a bad key, an unknown
    parameter) is not kept, so the same key may be used again (https://docs.stripe.com/api/idempotent_requests).
    """

    def __init__(
        self, status: int, message: str, *, type: str = "invalid_request_error", keep: bool = True, **fields: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        self.error: dict[str, Any] = {"type": type, "message": message}
        self.error.update({name: value for name, value in fields.items() if value is not None})
        if code := fields.get("code"):
            self.error["doc_url"] = DOC_URL + str(code).replace("_", "-")

    def body(self, request_id: str) -> dict[str, Any]:
        """Return the answer's body."""
        link = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return {"error": {**self.error, "request_log_url": link}}


def missing(name: str) -> StripeError:
    """A required parameter is not there."""
    return StripeError(400, f"Missing required param: {name}.", code="parameter_missing", param=name, keep=False)


def unknown(name: str) -> StripeError:
    """A parameter that this endpoint does not take."""
    return StripeError(400, f"Received unknown parameter: {name}", code="parameter_unknown", param=name, keep=False)


def invalid(message: str, param: str, code: str | None = None) -> StripeError:
    """A parameter whose value cannot be read."""
    return StripeError(400, message, code=code, param=param, keep=False)


def refused(message: str, *, param: str | None = None, code: str | None = None, **fields: Any) -> StripeError:
    """A request that is well-formed but cannot be done."""
    return StripeError(400, message, param=param, code=code, **fields)


def refuse_unsimulated(params: dict[str, Any], names: tuple[str, ...]) -> None:
    """Raise StripeError for a parameter that would move money in a way this sandbox does not simulate.

    Ignoring it would let a test pass that fails against Stripe.
    """
    for name in names:
        if params.get(name):
            raise refused(
                f"This sandbox does not simulate `{name}`. Leave it out, or use a real test account.", param=name
            )


def no_such(noun: str, object_id: str, param: str = "id", status: int = 404) -> StripeError:
    """An id that names nothing; 404 for the object of the address, 400 for one named in a parameter."""
    return StripeError(status, f"No such {noun}: '{object_id}'", code="resource_missing", param=param)


def card_error(message: str, **fields: Any) -> StripeError:
    """The card's bank, or Stripe for it, said no."""
    return StripeError(402, message, type="card_error", **fields)


def unauthenticated(message: str, code: str | None = None) -> StripeError:
    """No key, or one that may not do this."""
    return StripeError(401, message, code=code, keep=False)
