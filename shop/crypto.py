"""Encryption at rest: a ring of keys, of which the first seals and every one opens.

    in a text column      k1:KEYID:base64url(nonce, ciphertext, tag)
    in a binary column    0x01, key id (4 bytes), nonce (12), ciphertext, tag (16)

The cipher is AES-256-GCM (NIST SP 800-38D) with a random nonce for each value: good for 2**32 values under one key.
What is sealed is bound to a label, the name of its column: moved to another column, or changed, it does not open. The
id of the key stands in front, so that a query can count what still needs an old key; it tells nothing about the key.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from shop.errors import Unreadable

KEY_BYTES = 32
NONCE_BYTES = 12
ID_BYTES = 4
TEXT_MARK, BINARY_MARK = "k1:", b"\x01"
TEXT_HEAD = len(TEXT_MARK) + 2 * ID_BYTES + 1  # characters before the sealed part: "k1:0a1b2c3d:"
BINARY_HEAD = len(BINARY_MARK) + ID_BYTES
_EXTENSION = "key_ring"


class KeyRing:
    """The keys of ENCRYPTION_KEYS, in their order: it seals with the first, and opens with whichever is named."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._ciphers = {key_id(raw): AESGCM(raw) for raw in map(read_key, keys)}
        self.ids = tuple(self._ciphers)  # the first is the one that seals; each is eight hexadecimal digits
        self._first = self._ciphers[self.ids[0]]

    def seal(self, text: str, label: str) -> str:
        """Return a text sealed for the column that `label` names ("orders.city"); each call returns another."""
        sealed = base64.urlsafe_b64encode(self._encrypt(text.encode(), label)).decode()
        return f"{text_head(self.ids[0])}{sealed}"

    def open(self, sealed: str, label: str) -> str:
        """Return what was sealed; raise Unreadable for what is not sealed, was changed, or whose key is gone."""
        if not sealed.startswith(TEXT_MARK):
            raise Unreadable(f"{label} holds something that is not sealed; write it through the shop, not in SQL")
        try:
            body = base64.urlsafe_b64decode(sealed[TEXT_HEAD:])
        except ValueError as exc:  # binascii.Error, and letters that no base64 has
            raise Unreadable(f"{label} holds something that was changed since it was sealed") from exc
        return self._decrypt(sealed[len(TEXT_MARK) : TEXT_HEAD - 1], body, label).decode()

    def seal_bytes(self, data: bytes, label: str) -> bytes:
        """Return bytes sealed for a binary column."""
        return binary_head(self.ids[0]) + self._encrypt(data, label)

    def open_bytes(self, sealed: bytes, label: str) -> bytes:
        """Return what was sealed; raises as `open` does."""
        if not sealed.startswith(BINARY_MARK):
            raise Unreadable(f"{label} holds something that is not sealed; write it through the shop, not in SQL")
        return self._decrypt(sealed[len(BINARY_MARK) : BINARY_HEAD].hex(), sealed[BINARY_HEAD:], label)

    def _encrypt(self, data: bytes, label: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._first.encrypt(nonce, data, label.encode())

    def _decrypt(self, key: str, body: bytes, label: str) -> bytes:
        cipher = self._ciphers.get(key)
        if cipher is None:
            raise Unreadable(f"{label} is sealed with the key {key}, which ENCRYPTION_KEYS lacks; add it at the end")
        try:
            return cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], label.encode())
        except (InvalidTag, ValueError) as exc:
            raise Unreadable(f"{label} holds something that was changed since it was sealed") from exc


def read_key(text: str) -> bytes:
    """Return a key's 32 bytes, written as URL-safe base64, with or without padding; raise ValueError for any other."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if len(raw) != KEY_BYTES:
        raise ValueError(f"a key holds {KEY_BYTES} bytes, not {len(raw)}")
    return raw


def key_id(raw: bytes) -> str:
    """Return the name of a key: eight hexadecimal digits, from which the key cannot be found."""
    return hashlib.sha256(b"tidewater: the name of a key:" + raw).hexdigest()[: 2 * ID_BYTES]


def text_head(key: str) -> str:
    """Return what every text begins with that is sealed with this key."""
    return f"{TEXT_MARK}{key}:"


def binary_head(key: str) -> bytes:
    """Return what everything binary begins with that is sealed with this key."""
    return BINARY_MARK + bytes.fromhex(key)


def init_app(app: Flask, keys: Sequence[str]) -> None:
    """Give an application its ring of keys."""
    app.extensions[_EXTENSION] = KeyRing(keys)


def ring() -> KeyRing:
    """Return the ring of the application at work."""
    found: KeyRing = current_app.extensions[_EXTENSION]
    return found
