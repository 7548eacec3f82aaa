"""The certificate that PayPal signs its webhooks with: where it may come from, and whether to believe it.

A webhook's header names an address, and anyone can send a header: so the address is judged before anything
is fetched. The rule follows from PAYPAL_API_BASE alone. PayPal's own hosts must show a certificate of the
public web for `messageverificationcerts.paypal.com` (or `.sandbox.`). Any other base is trusted exactly as
far as we trust it with our client secret: its certificate comes from that same origin and stands under an
authority that the same file carries.
"""

from __future__ import annotations

import re
import threading
import warnings
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import certifi
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

from shop.errors import NoticeRejected, ProviderUnavailable
from shop.gateways.transport import open_session

T = TypeVar("T")
# api base -> (hosts that may serve the certificate, the name it must bear)
PAYPAL_HOSTS = {
    "api-m.paypal.com": (
        frozenset({"api.paypal.com", "api-m.paypal.com"}),
        "messageverificationcerts.paypal.com",
    ),
    "api-m.sandbox.paypal.com": (
        frozenset({"api.sandbox.paypal.com", "api-m.sandbox.paypal.com"}),
        "messageverificationcerts.sandbox.paypal.com",
    ),
}
NAME_PREFIX = "messageverificationcerts."
PATH = re.compile(r"/v1/notifications/certs/[A-Za-z0-9_-]{1,128}")
TIMEOUT = (3.0, 5.0)  # seconds to connect, and for each wait
SIZE_LIMIT = 64 * 1024  # bytes; PayPal's chain has about 6 KB
WAITED = 1.0  # second, for the same certificate that another thread is fetching
REMEMBERED = timedelta(minutes=1)  # that there was none
MOST_FAILED = 256  # addresses of which that is remembered
KEPT = 8  # certificates kept in memory; PayPal uses one at a time, two while it changes


@dataclass(frozen=True)
class TrustRule:
    """What follows from the API base: whence a certificate may come, and by what name and roots it is believed.

    `roots` is None where the file's own authority is the root.
    """

    origins: frozenset[str]
    name: str | None
    roots: Store | None

    @classmethod
    def for_base(cls, api_base: str) -> TrustRule:
        """Return the rule of an API base."""
        parts = urlsplit(api_base)
        known = PAYPAL_HOSTS.get(parts.hostname or "")
        if known is None or parts.scheme != "https":
            return cls(frozenset({f"{parts.scheme}://{parts.netloc}"}), None, None)
        hosts, name = known
        return cls(frozenset(f"https://{host}" for host in hosts), name, _public_roots())

    def check_address(self, url: str) -> None:
        """Raise NoticeRejected unless a certificate may be fetched from there; nothing is sent to find out."""
        if not url.isascii() or any(character <= " " or character == "\\" for character in url):
            raise NoticeRejected("the certificate's address is malformed")
        try:
            parts: SplitResult = urlsplit(url)
        except ValueError as exc:
            raise NoticeRejected("the certificate's address is malformed") from exc
        if f"{parts.scheme}://{parts.netloc}" not in self.origins:
            raise NoticeRejected("the certificate's address is not PayPal's")
        if parts.query or parts.fragment or not PATH.fullmatch(parts.path):
            raise NoticeRejected("the certificate's address is not where PayPal keeps certificates")

    def check_chain(self, chain: list[x509.Certificate], now: datetime) -> None:
        """Raise NoticeRejected unless the first certificate bears the name and stands, in date, under a root."""
        leaf, *others = chain
        names = _names(leaf)
        is_named = self.name in names if self.name else any(name.startswith(NAME_PREFIX) for name in names)
        if not is_named:
            raise NoticeRejected("the certificate is not for webhook signatures")
        try:
            store = self.roots if self.roots is not None else Store([_own_authority(others)])
            _builder(store, now).build_client_verifier().verify(leaf, others)
        except (VerificationError, ValueError) as exc:
            raise NoticeRejected(
                "the certificate is out of date or does not stand under an authority that we trust"
            ) from exc


@dataclass(frozen=True)
class _Fetch:
    """One fetch that is under way."""

    url: str
    is_over: threading.Event = field(default_factory=threading.Event)


class Certificates:
    """Fetches signing keys and keeps them; shared by all threads.

    A certificate is fetched once per address and kept until it runs out or is crowded out. Anyone can name an address
    that has none, so that is remembered for a while, and one thread at a time goes out to look: what is forged costs
    PayPal and us as little as can be, and never the threads that everybody else needs.
    """

    def __init__(self, api_base: str) -> None:
        self._rule = TrustRule.for_base(api_base)
        self._kept: dict[str, tuple[rsa.RSAPublicKey, datetime]] = {}
        self._failed: dict[str, tuple[NoticeRejected | ProviderUnavailable, datetime]] = {}
        self._under_way: _Fetch | None = None
        self._lock = threading.Lock()

    def key(self, url: str, now: datetime) -> rsa.RSAPublicKey:
        """Return the public key at an address; NoticeRejected where it is not to be trusted.

        Raises ProviderUnavailable when it could not be fetched, or another is being fetched, so that the webhook is
        sent again.
        """
        self._rule.check_address(url)
        with self._lock:
            known = self._known(url, now)
            other = self._under_way
            if known is None and other is None:
                self._under_way = _Fetch(url)
        if known is not None:
            return known
        if other is None:
            return self._look(url, now)
        if other.url == url and other.is_over.wait(WAITED):
            with self._lock:
                known = self._known(url, now)
        if known is None:
            raise ProviderUnavailable("another certificate is being fetched")
        return known

    def _known(self, url: str, now: datetime) -> rsa.RSAPublicKey | None:
        """Return what is kept of an address, or raise what came of it a moment ago; None where nobody has looked."""
        key, until = self._kept.get(url, (None, now))
        if key is not None and now <= until:
            return key
        failure, since = self._failed.get(url, (None, now))
        if failure is not None and now - since < REMEMBERED:
            raise type(failure)(str(failure))
        return None

    def _look(self, url: str, now: datetime) -> rsa.RSAPublicKey:
        """Fetch and judge what stands at an address, and note what came of it; one thread at a time is here."""
        try:
            key, until = self._judged(url, now)
        except (NoticeRejected, ProviderUnavailable) as exc:
            with self._lock:
                _note(self._failed, url, (type(exc)(str(exc)), now), MOST_FAILED)
            raise
        else:
            with self._lock:
                _note(self._kept, url, (key, until), KEPT)
            return key
        finally:
            with self._lock:
                over, self._under_way = self._under_way, None
            if over is not None:
                over.is_over.set()

    def _judged(self, url: str, now: datetime) -> tuple[rsa.RSAPublicKey, datetime]:
        chain = _parsed(_fetch(url))
        self._rule.check_chain(chain, now)
        key = chain[0].public_key()
        if not isinstance(key, rsa.RSAPublicKey):
            raise NoticeRejected("the certificate's key is not RSA")
        return key, chain[0].not_valid_after_utc


def _note(known: dict[str, T], url: str, found: T, most: int) -> None:
    """Remember something of an address, and forget of the oldest ones what is too much."""
    known.pop(url, None)
    while len(known) >= most:
        del known[next(iter(known))]
    known[url] = found


def _fetch(url: str) -> bytes:
    """Return what stands at a checked address: no redirects, no more than SIZE_LIMIT bytes."""
    try:
        with (
            open_session(url) as session,
            session.get(url, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer,
        ):
            if answer.status_code >= 500 or answer.status_code == 429:
                raise ProviderUnavailable(f"PayPal answered {answer.status_code} when asked for its certificate")
            if answer.status_code != 200:
                raise NoticeRejected(f"there is no certificate at the address named ({answer.status_code})")
            body = answer.raw.read(SIZE_LIMIT + 1, decode_content=True)
    except (requests.RequestException, OSError) as exc:
        raise ProviderUnavailable("PayPal's certificate could not be fetched") from exc
    if len(body) > SIZE_LIMIT:
        raise NoticeRejected("the certificate is too large to be one")
    return bytes(body)


def _parsed(pem: bytes) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(pem)
    except ValueError as exc:
        raise NoticeRejected("what was fetched is not a certificate") from exc


def _names(leaf: x509.Certificate) -> set[str]:
    """Return the certificate's names, lower case: the alternative ones, or the common name where there are none."""
    try:
        alternative = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        return {name.lower() for name in alternative.get_values_for_type(x509.DNSName)}
    except x509.ExtensionNotFound:
        common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return {str(attribute.value).lower() for attribute in common}


def _own_authority(others: list[x509.Certificate]) -> x509.Certificate:
    """Return the self-issued certificate that came along; raise ValueError when there is none."""
    roots = [certificate for certificate in others if certificate.issuer == certificate.subject]
    if not roots:
        raise ValueError("the file carries no authority")
    return roots[-1]


def _public_roots() -> Store:
    """Return the roots of the public web; one of them has the serial number zero, which is only to be warned of."""
    with open(certifi.where(), "rb") as bundle, warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)
        return Store(x509.load_pem_x509_certificates(bundle.read()))


def _builder(store: Store, now: datetime) -> PolicyBuilder:
    """Return the public web's rules for authorities and dates; the leaf signs webhooks and serves no site, so its
    name is checked by us and its other extensions are its own affair."""
    policies = {
        "ca_policy": ExtensionPolicy.webpki_defaults_ca(),
        "ee_policy": ExtensionPolicy.permit_all(),
    }
    return PolicyBuilder().store(store).time(now).extension_policies(**policies)
