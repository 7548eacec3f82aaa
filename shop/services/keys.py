"""Idempotency keys: derived from installation, operation, object and sequence; stored before they are sent."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from shop.errors import KeyReused
from shop.gateways.base import KEY_LIFETIME, Provider
from shop.models import IdempotencyKey
from shop.services import installation

# A key is not used in the last part of its life: the call itself, and our clock's error, need some of it.
MARGIN = timedelta(minutes=30)
HOURS_OF_OTHERS = 24.0  # the least that a provider keeps a key, for verbs that KeyLifetime does not name


@dataclass(frozen=True)
class Reserved:
    """A key that stands in the database. `is_expired`: the provider may have forgotten it, so it is not sent again."""

    value: str
    is_expired: bool


def reserve(
    session: Session, provider: Provider, operation: str, subject: str, sequence: int, parameters: Any, now: datetime
) -> Reserved:
    """Store a key with the hash of its parameters, or find the one stored before.

    `operation` is one of the verbs of KeyLifetime, or one beside payments ("tax"); `subject` is the object's public
    id. A repeat with the same parameters returns the same key; with others it raises KeyReused before anything is sent.
    Parameters are what our rows say. What is signed with SECRET_KEY does not belong to them: it changes by itself.
    """
    value = f"{installation.code(session)}-{operation}-{subject}-{sequence}"
    digest = parameters_hash(parameters)
    row = session.get(IdempotencyKey, value)
    if row is None:
        row = IdempotencyKey(
            key=value, provider=provider, operation=operation, parameters_hash=digest, created_at=now
        )
        session.add(row)
    if row.parameters_hash != digest:
        raise KeyReused(f"idempotency key {value} was stored with other parameters")
    lifetime = timedelta(hours=getattr(KEY_LIFETIME[provider], operation, HOURS_OF_OTHERS)) - MARGIN
    return Reserved(value, is_expired=now - row.created_at > lifetime)


def was_reserved(session: Session, operation: str, subject: str, sequence: int = 1) -> bool:
    """Tell whether a key was stored: without one nothing has ever been sent."""
    return session.get(IdempotencyKey, f"{installation.code(session)}-{operation}-{subject}-{sequence}") is not None


def parameters_hash(parameters: Any) -> str:
    """Return the SHA-256 of the parameters in canonical JSON; dataclasses are taken apart."""
    plain = dataclasses.asdict(parameters) if dataclasses.is_dataclass(parameters) else parameters  # type: ignore[arg-type]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()
