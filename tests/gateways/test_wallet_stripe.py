"""Stripe's wallet keeps the contract, against the sandbox's Stripe; and what is Stripe's alone."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
import requests

from sandbox.running import Sandbox
from shop.gateways import stripe
from shop.gateways.base import ApiCall, Mode, NoticeKind
from shop.gateways.stripe.notices import StripeNotices
from tests.gateways.cast import a_key
from tests.gateways.wallet_contract import WalletBackend, WalletContract

DECLINED = "4000000000000002"


class StripeBackend(WalletBackend):
    """Alice's browser confirms with the publishable key, as Stripe.js does."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.calls: list[ApiCall] = []
        self.wallet = stripe.wallet("sk_test_sandbox", sandbox.stripe_api, Mode.TEST, self.calls.append)

    def save(self, customer: str) -> str:
        saved = self._post("/v1/payment_methods/pm_card_visa/attach", customer=customer)["id"]
        self._post(f"/v1/payment_methods/{saved}", allow_redisplay="always")
        return str(saved)

    def confirm(self, setup: str, client_secret: str, *, good: bool) -> None:
        card = {"number": "4242424242424242" if good else DECLINED, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
        data = {f"payment_method_data[card][{name}]": value for name, value in card.items()}
        answer = requests.post(
            f"{self.sandbox.stripe_api}/v1/setup_intents/{setup}/confirm",
            data={
                "key": "pk_test_sandbox",
                "client_secret": client_secret,
                "return_url": "https://shop.example/return",
                "payment_method_data[type]": "card",
                **data,
            },
            timeout=5,
        )
        assert answer.status_code == (200 if good else 402), answer.text

    def email_of(self, customer: str) -> str:
        return str(self.sandbox.world.store.table("stripe.customer")[customer]["email"])

    def lose_next_answer(self) -> None:
        self.sandbox.world.faults.set("stripe", "answer_lost", times=1, path_prefix="/v1/customers", method="POST")

    def _post(self, path: str, **data: str) -> dict[str, str]:
        answer = requests.post(
            self.sandbox.stripe_api + path, data=data, auth=("sk_test_sandbox", ""), timeout=5
        )
        assert answer.ok, answer.text
        found: dict[str, str] = answer.json()
        return found


class TestStripeWallet(WalletContract):
    """The contract, at the sandbox's Stripe."""

    @pytest.fixture
    def backend(self, sandbox: Sandbox) -> StripeBackend:
        """The wallet at an empty sandbox."""
        return StripeBackend(sandbox)

    def test_the_pay_page_can_show_and_save_but_not_remove(self, backend: StripeBackend) -> None:
        backend.wallet.open_session(backend.customer())

        (session,) = backend.sandbox.world.store.table("stripe.customer_session").values()
        features = session["components"]["payment_element"]["features"]
        assert features["payment_method_save"] == features["payment_method_redisplay"] == "enabled"
        assert features["payment_method_remove"] == "disabled"
        assert features["payment_method_allow_redisplay_filters"] == ["always"]

    def test_a_challenge_is_asked_for_in_the_setup(self, backend: StripeBackend) -> None:
        begun = backend.wallet.start_setup(backend.customer(), "setup-1", a_key(), challenge=True)

        intent = backend.sandbox.world.store.table("stripe.setup_intent")[begun.snapshot.external_id]
        assert intent["payment_method_options"]["card"]["request_three_d_secure"] == "any"

    def test_no_secret_stands_in_a_recorded_call(self, backend: StripeBackend) -> None:
        customer = backend.customer()
        secrets = [
            backend.wallet.open_session(customer),
            backend.wallet.start_setup(customer, "setup-1", a_key()).client_secret,
        ]

        recorded = "\n".join(call.request + call.response for call in backend.calls)

        assert backend.calls
        assert not any(secret in recorded for secret in secrets)
        assert "alice@example.com" not in recorded


@pytest.mark.parametrize(
    ("event_type", "about", "before", "owner"),
    [
        ("payment_method.attached", {"id": "pm_1", "customer": "cus_1"}, {}, "cus_1"),
        ("payment_method.detached", {"id": "pm_1", "customer": None}, {"customer": "cus_2"}, "cus_2"),
        ("payment_method.automatically_updated", {"id": "pm_1", "customer": "cus_1"}, {}, "cus_1"),
        ("setup_intent.succeeded", {"id": "seti_1", "customer": "cus_1"}, {}, "cus_1"),
        ("customer.deleted", {"id": "cus_3"}, {}, "cus_3"),
        ("customer.created", {"id": "cus_3"}, {}, None),
        ("payment_method.attached", {"id": "pm_1"}, {}, None),
    ],
)
def test_news_of_saved_cards_point_at_their_customer(
    event_type: str,
    about: dict[str, str],
    before: dict[str, str],
    owner: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reader = StripeNotices(["whsec_test"], Mode.TEST)
    monkeypatch.setattr(reader, "_verify", lambda *_: None)
    body = {
        "id": "evt_1",
        "type": event_type,
        "livemode": False,
        "data": {"object": about, "previous_attributes": before},
    }

    notice = reader.read({}, json.dumps(body).encode(), datetime.now().astimezone())

    assert notice.kind is (NoticeKind.WALLET if owner else NoticeKind.OTHER)
    assert not owner or notice.external_id == owner
