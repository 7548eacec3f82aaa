"""Sealing what a webhook carried: encrypted, so that a stolen database tells nothing.

Its client secrets are gone already: `shop.gateways.base.NoticeReader` takes them out.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import Any

from cryptography.fernet import Fernet

from shop.services.providers import context


def seal(payload: object) -> bytes:
    """Return the payload as encrypted JSON."""
    return _box(context().settings.secret_key).encrypt(json.dumps(payload, separators=(",", ":")).encode())


def unseal(sealed: bytes) -> Any:
    """Return what was sealed; raises cryptography's InvalidToken when SECRET_KEY has changed since."""
    return json.loads(_box(context().settings.secret_key).decrypt(sealed))


@cache
def _box(secret_key: str) -> Fernet:
    """Return the cipher of a key; kept, since deriving it costs as much as sealing a webhook."""
    digest = hashlib.sha256(b"inbox:" + secret_key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
