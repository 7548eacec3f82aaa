"""The official SDK as the tests use it: every answer that passes through is checked against the SDK's own types."""

import json
from collections.abc import Mapping
from typing import Any

import requests
import stripe

from tests.sandbox.stripe import conformance


class CheckedClient(stripe.RequestsClient):
    """The SDK's HTTP client, which also refuses an answer that does not conform."""

    def __init__(self, *, whole: bool = True, headers: dict[str, str] | None = None) -> None:
        self._own_session = requests.Session()
        super().__init__(timeout=10, session=self._own_session)
        self._whole = whole
        self._headers = headers or {}
        self.seen: list[tuple[int, Mapping[str, str]]] = []

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send, then check."""
        content, status, answered = super().request(method, url, {**(headers or {}), **self._headers}, post_data)
        self.seen.append((status, answered))
        body = json.loads(content)
        found = conformance.error_problems(body) if "error" in body else conformance.problems(body)
        if not self._whole:  # a publishable key sees part of an object
            found = [problem for problem in found if "required, but absent" not in problem]
        assert found == [], f"{method} {url}: {found}"
        return content, status, answered

    def close(self) -> None:
        """Close the connections."""
        self._own_session.close()


def make(api: str, key: str = "sk_test_sandbox", **options: Any) -> tuple[stripe.StripeClient, CheckedClient]:
    """Return an SDK client for an API address, and the HTTP client under it."""
    http = CheckedClient(whole=not key.startswith("pk_"), **options)
    client = stripe.StripeClient(key, base_addresses={"api": api}, http_client=http, max_network_retries=0)
    return client, http
