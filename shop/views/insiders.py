"""Who may see the insides: whoever holds METRICS_TOKEN; without one, this machine and its private network."""

from __future__ import annotations

import hmac
from ipaddress import ip_address

from flask import request

from shop.services.providers import context


def is_insider() -> bool:
    """Tell whether this request may read metrics and details of health.

    Behind a proxy that the shop was not told of (TRUSTED_PROXIES) everybody would seem to come from the private
    network, so a request that was forwarded is then a stranger's.
    """
    settings = context().settings
    if settings.metrics_tokens:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        return any(hmac.compare_digest(given, token.encode()) for token in settings.metrics_tokens)
    if not settings.trusted_proxies and "X-Forwarded-For" in request.headers:
        return False
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return address.is_loopback or address.is_private
