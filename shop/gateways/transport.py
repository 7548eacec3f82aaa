"""One exchange with a provider over HTTP: timed, bounded, recorded, and honest about what is not known."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from shop.errors import OutcomeUnknown, ProviderUnavailable, ShopError
from shop.gateways import redaction
from shop.gateways.base import ApiCall, Patience, Provider, Recorder

NAMES = {Provider.STRIPE: "Stripe", Provider.PAYPAL: "PayPal"}
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CONNECTIONS = 32  # kept open per provider and process; more threads than this merely open more


class Wire:
    """A provider's address with one keep-alive session behind it, shared by all threads.

    Nothing is retried here and no redirect is followed: whoever holds the idempotency key decides about both.
    `recorder` is called once for every exchange, answered or not; it must not raise.
    """

    def __init__(self, provider: Provider, base_url: str, recorder: Recorder, request_id_header: str) -> None:
        self.provider = provider
        self.base_url = base_url.rstrip("/")
        self._recorder = recorder
        self._request_id_header = request_id_header
        self._session = open_session(self.base_url)

    def send(
        self,
        verb: str,
        url: str,
        headers: Mapping[str, str],
        body: str | bytes | None,
        patience: Patience,
        key: str = "",
    ) -> requests.Response:
        """Return the answer, whatever its status.

        Raises ProviderUnavailable where the request cannot have arrived, OutcomeUnknown where it may have.
        """
        started = time.perf_counter()
        answer: requests.Response | None = None
        failure: ShopError | None = None
        try:
            answer = self._session.request(
                verb,
                url,
                headers=dict(headers),
                data=body,
                timeout=(patience.connect, patience.read),
                allow_redirects=False,
            )
            return answer
        except (requests.RequestException, HTTPError) as exc:
            failure = _told(self.provider, exc)
            raise failure from exc
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            sent = _body_of(url, headers, body)
            self._recorder(self._call(verb, url, key, sent, answer, failure, milliseconds))

    def _call(
        self,
        verb: str,
        url: str,
        key: str,
        sent: str,
        answer: requests.Response | None,
        failure: ShopError | None,
        milliseconds: float,
    ) -> ApiCall:
        headers: Mapping[str, str] = answer.headers if answer is not None else {}
        return ApiCall(
            provider=self.provider,
            verb=verb,
            path=urlsplit(url).path,
            idempotency_key=key,
            request_id=headers.get(self._request_id_header, ""),
            status=answer.status_code if answer is not None else 0,
            duration=milliseconds,
            request=sent,
            response=redaction.body(answer.content, headers.get("Content-Type", "")) if answer is not None else "",
            error=str(failure) if failure is not None else "",
            provider_date=date_of(headers),
        )


def open_session(base_url: str) -> requests.Session:
    """Return a session that keeps no cookies and reads no .netrc, which would replace our Authorization header.

    A proxy named in the environment is honoured, but never for a loopback address.
    """
    session = requests.Session()
    session.trust_env = False
    if urlsplit(base_url).hostname not in LOOPBACK:
        session.proxies.update(get_environ_proxies(base_url))
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _body_of(url: str, headers: Mapping[str, str], body: str | bytes | None) -> str:
    if body:
        kinds = [value for name, value in headers.items() if name.lower() == "content-type"]
        return redaction.body(body, kinds[0] if kinds else "")
    return redaction.query(urlsplit(url).query)


def _told(provider: Provider, exc: Exception) -> ShopError:
    """Say whether the request can have arrived."""
    name = NAMES[provider]
    if _never_arrived(exc):
        return ProviderUnavailable(f"{name} could not be reached ({type(exc).__name__})")
    return OutcomeUnknown(f"{name} did not answer in full ({type(exc).__name__}); the call may have been carried out")


def _never_arrived(exc: Exception) -> bool:
    """Tell whether the connection itself failed: refused, no such host, no answer to it, a wrong certificate."""
    if isinstance(exc, requests.exceptions.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = exc.args[0] if exc.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else None
    if isinstance(exc, requests.exceptions.SSLError):
        return bool(reason and reason.args and isinstance(reason.args[0], ssl.SSLCertVerificationError))
    return isinstance(reason, NewConnectionError)


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Read when an answer was given; None when it does not tell in a way that can be read."""
    try:
        return parsedate_to_datetime(headers.get("Date", "")).astimezone(UTC)
    except (TypeError, ValueError):
        return None
