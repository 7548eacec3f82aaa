"""An authority of the tests' own, a certificate under it, and an address that serves it."""

from __future__ import annotations

import base64
import threading
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

NAME = "messageverificationcerts.tests.example"
PATH = "/v1/notifications/certs/CERT-360caa42-fca2a594-0"


@cache
def a_key(number: int) -> rsa.RSAPrivateKey:
    """Return one of a few keys; making them takes the time of many tests."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, *, is_ca: bool, days: int = 30
) -> x509.Certificate:
    """Return a certificate; `days` below zero ran out that long ago."""
    now = datetime.now(UTC)
    start = now - timedelta(days=400)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        .add_extension(_usage(is_ca), critical=True)
    )
    if not is_ca:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def chain(name: str = NAME, days: int = 30, signer: int = 1, shown: int = 1) -> bytes:
    """Return a leaf and its authority as PEM; with `shown` other than `signer` the authority did not sign the leaf."""
    leaf = certificate(name, a_key(0), "Test Authority", a_key(signer), is_ca=False, days=days)
    authority = certificate("Test Authority", a_key(shown), "Test Authority", a_key(shown), is_ca=True)
    return leaf.public_bytes(serialization.Encoding.PEM) + authority.public_bytes(serialization.Encoding.PEM)


def sign(body: bytes, webhook_id: str, cert_url: str, at: datetime) -> dict[str, str]:
    """Return the headers of a delivery, signed with the leaf's key."""
    moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = f"transmission-1|{moment}|{webhook_id}|{zlib.crc32(body)}".encode()
    signature = a_key(0).sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        "Paypal-Transmission-Id": "transmission-1",
        "Paypal-Transmission-Time": moment,
        "Paypal-Transmission-Sig": base64.b64encode(signature).decode(),
        "Paypal-Cert-Url": cert_url,
        "Paypal-Auth-Algo": "SHA256withRSA",
    }


@dataclass
class CertificateServer:
    """Serves one body at every path and counts who asked; `status` and `location` make it answer otherwise.

    Nobody is answered while `opened` is not set.
    """

    body: bytes = b""
    status: int = 200
    location: str = ""
    asked: list[str] = field(default_factory=list)
    base: str = ""
    opened: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> CertificateServer:
        self.opened.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.opened.wait(10)
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *args: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _usage(is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
