"""The door to PayPal: its server SDK with what that leaves out: timeouts, one kept-alive session, typed errors.

paypal-checkout-serversdk 1.0.3 opens a new connection for every call, never uses its timeout, and goes on
with a token that was revoked. Its request classes, environment and encoders are used as they are.
"""

from __future__ import annotations

import copy
import json
import threading
from datetime import UTC, datetime
from typing import Any

from paypalcheckoutsdk.core import AccessToken, AccessTokenRequest, PayPalEnvironment, PayPalHttpClient
from paypalhttp.http_error import HttpError

from shop.errors import OutcomeUnknown
from shop.gateways.base import BACKGROUND, Patience
from shop.gateways.paypal.errors import translate
from shop.gateways.transport import Wire, date_of

Json = dict[str, Any]
KEY_HEADER = "PayPal-Request-Id"


class PayPalClient(PayPalHttpClient):  # type: ignore[misc]  # the SDK carries no types
    """One merchant's account at one address, safe to share among threads.

    `told_at` is when PayPal gave its last answer, by its own clock: what its periods are counted by.
    """

    def __init__(self, client_id: str, client_secret: str, wire: Wire) -> None:
        super().__init__(PayPalEnvironment(client_id, client_secret, wire.base_url, wire.base_url))
        self._wire = wire
        self._token: AccessToken | None = None
        self._token_lock = threading.Lock()
        self.told_at = datetime.now(UTC)

    def call(self, request: Any, patience: Patience, key: str = "", body: Json | None = None) -> Json:
        """Send one of the SDK's requests and return the answer's JSON, empty for a 204.

        A POST asks for the whole object and carries `key` as its PayPal-Request-Id. An answer of 401 costs
        one fresh token and one repeat: nothing was done. Raises our own errors.
        """
        if request.verb == "POST":
            request.headers["Prefer"] = "return=representation"
            request.body = body if body is not None else {}
        if key:
            request.headers[KEY_HEADER] = key
        try:
            return self._with_token(request, patience)
        except HttpError as exc:
            raise translate(exc.status_code, exc.message) from exc

    def execute(self, request: Any, patience: Patience = BACKGROUND) -> Json:
        """Do what the SDK's own `execute` does, on our wire; raises the SDK's HttpError for other than 2xx."""
        sent = copy.deepcopy(request)
        if "Authorization" not in sent.headers:
            sent.headers["Authorization"] = self._valid_token(patience).authorization_string()
        self(sent)  # the SDK's injector: adds the headers it identifies itself with
        sent.headers["User-Agent"] = self.get_user_agent()
        answer = self._wire.send(
            sent.verb,
            self._wire.base_url + sent.path.rstrip("?"),
            sent.headers,
            self._encoded(sent),
            patience,
            sent.headers.get(KEY_HEADER, ""),
        )
        self.told_at = date_of(answer.headers) or datetime.now(UTC)
        if not 200 <= answer.status_code < 300:
            raise HttpError(answer.text, answer.status_code, answer.headers)
        return _json(answer.content)

    def _with_token(self, request: Any, patience: Patience) -> Json:
        used = self._valid_token(patience)
        try:
            return self.execute(request, patience)
        except HttpError as exc:
            if exc.status_code != 401:
                raise
        self._forget(used)
        return self.execute(request, patience)

    def _valid_token(self, patience: Patience) -> AccessToken:
        """Return the token in use, or fetch one; only one thread fetches."""
        with self._token_lock:
            if self._token is None or self._token.is_expired():
                granted = self.execute(AccessTokenRequest(self.environment), patience)
                self._token = AccessToken(granted["access_token"], granted["expires_in"], granted["token_type"])
            return self._token

    def _forget(self, used: AccessToken) -> None:
        """Drop a token that PayPal no longer takes, unless another thread has replaced it."""
        with self._token_lock:
            if self._token is used:
                self._token = None

    def _encoded(self, request: Any) -> str | None:
        """Serialise the body as the SDK does: by content type, which it looks up in lower case."""
        if getattr(request, "body", None) is None:
            return None
        prepared = copy.copy(request)
        prepared.headers = self.format_headers(request.headers)
        return str(self.encoder.serialize_request(prepared))


def _json(content: bytes) -> Json:
    if not content:
        return {}
    try:
        parsed = json.loads(content)
    except ValueError as exc:
        raise OutcomeUnknown("PayPal answered with something that is not JSON") from exc
    return parsed if isinstance(parsed, dict) else {}
