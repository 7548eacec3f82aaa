"""The certificate that webhook deliveries are signed with, made by an authority of the sandbox's own.

PayPal serves the chain of its signing certificate under `/v1/notifications/certs/…` and names the address in a header;
the receiver fetches it once and checks host, chain and name. Here the chain is the leaf and the sandbox's authority, in
one PEM.
"""

import base64
import time
import uuid
import zlib
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from sandbox.world import World

COMMON_NAME = "messageverificationcerts.localhost"
AUTHORITY_NAME = "Sandbox Webhook Authority"
ALGORITHM = "SHA256withRSA"
TABLE = "paypal.certificate"
PATH = "/v1/notifications/certs"
LEAF_DAYS, AUTHORITY_DAYS = 825, 3_650


def seed(world: World) -> None:
    """Make the key and its certificates unless the state file brought them, and put them back after every reset.

    Receivers cache the certificate by address, so a reset must not change what stands there.
    """
    table = world.store.table(TABLE)
    if not table:
        made = make()
        table[made["id"]] = made
    kept = dict(next(iter(table.values())))
    world.store.on_reset(lambda: world.store.table(TABLE).update({kept["id"]: kept}))


def current(world: World) -> dict[str, Any]:
    """Return the record: id, private key, chain, all as text."""
    record: dict[str, Any] = next(iter(world.store.table(TABLE).values()))
    return record


def url(world: World) -> str:
    """Return the address that PAYPAL-CERT-URL names."""
    return f"{world.settings.paypal_api}{PATH}/{current(world)['id']}"


def sign(world: World, webhook_id: str, body: bytes) -> dict[str, str]:
    """Make the headers of a delivery for a raw body.

    The time is wall time, not the simulated one: receivers compare it with their own clock.
    """
    transmission_id = str(uuid.uuid4())
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    text = message(transmission_id, moment, webhook_id, body)
    signature = _loaded(current(world)["key"]).sign(text, padding.PKCS1v15(), hashes.SHA256())
    return {
        "PAYPAL-TRANSMISSION-ID": transmission_id,
        "PAYPAL-TRANSMISSION-TIME": moment,
        "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
        "PAYPAL-CERT-URL": url(world),
        "PAYPAL-AUTH-ALGO": ALGORITHM,
        "PAYPAL-AUTH-VERSION": "v2",
    }


def message(transmission_id: str, moment: str, webhook_id: str, body: bytes) -> bytes:
    """Return the text that is signed: id, time, webhook and the CRC32 of the raw body as a decimal."""
    return f"{transmission_id}|{moment}|{webhook_id}|{zlib.crc32(body)}".encode()


def is_genuine(world: World, text: bytes, signature: str) -> bool:
    """Tell whether this sandbox signed a text."""
    leaf = x509.load_pem_x509_certificate(current(world)["chain"].encode())
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(base64.b64decode(signature, validate=True), text, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def make() -> dict[str, Any]:
    """Make a new authority, a leaf under it, and the record that holds them."""
    authority_key, leaf_key = _new_key(), _new_key()
    authority = _certificate(AUTHORITY_NAME, authority_key, AUTHORITY_NAME, authority_key, AUTHORITY_DAYS, is_ca=True)
    leaf = _certificate(COMMON_NAME, leaf_key, AUTHORITY_NAME, authority_key, LEAF_DAYS, is_ca=False)
    mark = leaf.fingerprint(hashes.SHA256()).hex()
    pem = serialization.Encoding.PEM
    return {
        "id": f"CERT-360caa42-fca2a594-{mark[:8]}",
        "key": leaf_key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode(),
        "chain": (leaf.public_bytes(pem) + authority.public_bytes(pem)).decode(),
    }


@cache
def _loaded(pem: str) -> rsa.RSAPrivateKey:
    """Load a key once: the check that comes with it takes far longer than a signature."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, days: int, *, is_ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=0 if is_ca else None), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(authority, critical=False)
        .add_extension(_usage(is_ca), critical=True)
    )
    if not is_ca:
        names = x509.SubjectAlternativeName([x509.DNSName(name)])
        builder = builder.add_extension(names, critical=False)
        usage = x509.ExtendedKeyUsage([x509.oid.ExtendedKeyUsageOID.SERVER_AUTH])
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
