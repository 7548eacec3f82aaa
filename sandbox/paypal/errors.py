"""PayPal's error answers: one exception, drawn from one table of names.

PayPalError
  by name      refuse("RESOURCE_NOT_FOUND")
  by issue     refuse_issue("orders.capture", "ORDER_NOT_APPROVED")
OAuthError     the two-field bodies of the token endpoint and of a bad token
"""

from dataclasses import dataclass
from typing import Any

from sandbox.paypal import issues

Json = dict[str, Any]

# name -> (HTTP status, message); the messages are fixed by the schemas, except where they say otherwise.
NAMES: dict[str, tuple[int, str]] = {
    "INVALID_REQUEST": (400, "Request is not well-formed, syntactically incorrect, or violates schema."),
    "VALIDATION_ERROR": (400, "Invalid request - see details."),  # Webhooks v1 [K]
    "AUTHENTICATION_FAILURE": (
        401,
        "Authentication failed due to missing authorization header, or invalid authentication credentials.",
    ),
    "NOT_AUTHORIZED": (403, "Authorization failed due to insufficient permissions."),
    "RESOURCE_NOT_FOUND": (404, "The specified resource does not exist."),
    "INVALID_RESOURCE_ID": (404, "The requested resource ID was not found."),  # Webhooks v1 [K]
    "METHOD_NOT_SUPPORTED": (405, "The server does not implement the requested HTTP method."),  # [K]
    "RESOURCE_CONFLICT": (409, "The server has detected a conflict while processing this request."),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The server does not support the request payload's media type."),
    "UNPROCESSABLE_ENTITY": (
        422,
        "The requested action could not be performed, semantically incorrect, or failed business validation.",
    ),
    "RATE_LIMIT_REACHED": (429, "Too many requests. Blocked due to rate limiting."),  # [K]
    "INTERNAL_SERVER_ERROR": (500, "An internal server error occurred."),
    "SERVICE_UNAVAILABLE": (503, "Service Unavailable."),
}
NAME_OF_STATUS = {400: "INVALID_REQUEST", 401: "AUTHENTICATION_FAILURE", 403: "NOT_AUTHORIZED",
                  404: "RESOURCE_NOT_FOUND", 409: "RESOURCE_CONFLICT", 422: "UNPROCESSABLE_ENTITY"}  # fmt: skip
DOCS = "https://developer.paypal.com/docs/api"


@dataclass
class PayPalError(Exception):
    """An answer other than 2xx, with PayPal's body; `links` come on top of the information link."""

    status: int
    name: str
    message: str
    details: list[Json]
    links: list[Json]

    def body(self, debug_id: str, family: str) -> Json:
        """Return the JSON body; `family` ("orders/v2") picks the page the information link leads to."""
        topic = self.details[0]["issue"] if self.details and self.status == 422 else self.name
        link = {"href": f"{DOCS}/{family}/#error-{topic}", "rel": "information_link", "method": "GET"}
        body: Json = {"name": self.name, "message": self.message, "debug_id": debug_id, "links": [link, *self.links]}
        if self.details:
            body["details"] = self.details
        return body


@dataclass
class OAuthError(Exception):
    """The answer `{error, error_description}`."""

    status: int
    error: str
    description: str


def refuse(name: str, *details: Json, links: list[Json] | None = None) -> PayPalError:
    """Make the error of that name, to be raised; raises KeyError for an unknown name."""
    status, message = NAMES[name]
    return PayPalError(status, name, message, list(details), links or [])


def refuse_issue(
    call: str, code: str, field: str = "", value: Any = None, *, links: list[Json] | None = None
) -> PayPalError:
    """Make the error that `call` answers for one issue, to be raised."""
    detail = describe(call, code, field, value)
    issue = issues.find(call, code)
    return refuse(NAME_OF_STATUS[issue.status if issue else 400], *([detail] if issue else []), links=links)


def describe(call: str, code: str, field: str = "", value: Any = None) -> Json:
    """Make one entry of an error's `details`; `field` is a JSON pointer into the body, or a header."""
    issue = issues.find(call, code)
    detail: Json = {"issue": code, "description": issue.description if issue else code}
    if field:
        detail["field"] = field
    if field.startswith("/"):
        detail["location"] = "path" if field == "/id" else "body"
    if value is not None:
        detail["value"] = str(value)
    return detail


def not_found(call: str, value: str) -> PayPalError:
    """Make the 404 for an id that names nothing."""
    detail = describe(call, "INVALID_RESOURCE_ID", "/id", value)
    return refuse("RESOURCE_NOT_FOUND", detail)
