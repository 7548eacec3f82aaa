"""Verification as a stranger writes it from PayPal's page, sharing no line with the sandbox."""

import base64
import zlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def is_signed(body: bytes, headers: dict[str, str], webhook_id: str, leaf: x509.Certificate) -> bool:
    """Tell whether the key of `leaf` signed a delivery for a webhook."""
    parts = (
        headers["PAYPAL-TRANSMISSION-ID"],
        headers["PAYPAL-TRANSMISSION-TIME"],
        webhook_id,
        str(zlib.crc32(body) & 0xFFFFFFFF),
    )
    key = leaf.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    try:
        key.verify(
            base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"]),
            "|".join(parts).encode(),
            padding.PKCS1v15(),
            hashes.SHA256(),
        )
    except InvalidSignature:
        return False
    return True
