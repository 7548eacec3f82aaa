"""What stripe.js refuses, what it returns, and how it behaves on a merchant's page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.sandbox.browser.conftest import DEFERRED, ONLY_CARDS, Open, expect_result, fill_card, pay, payment_frame
from tests.sandbox.browser.merchant import Merchant
from tests.types.packages import installed


def thrown(page: Page, body: str) -> str:
    """Run the body of an async function on the page and return the message of the IntegrationError it ends with."""
    found: dict[str, Any] = page.evaluate(
        "async () => { try { BODY; return {} } catch ({ name, message }) { return { name, message } } }".replace(
            "BODY", body
        )
    )
    assert found.get("name") == "IntegrationError", found
    return str(found["message"])


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("Stripe()", "apiKey should be a string"),
        ("Stripe('sk_test_x')", "should not use your secret key"),
        ("stripe.elements({paymentMethodTypes: ['card'], mode: 'setup'})", "no longer supported"),
        ("stripe.elements({mode: 'setup', clientSecret: 'pi_1_secret_1'})", "not both"),
        ("stripe.elements({clientSecret: 'pi_1'})", "of the form ${id}_secret_${secret}"),
        ("stripe.elements({mode: 'payment', amount: 24.5, currency: 'eur'})", "amount should be a positive integer"),
        ("stripe.elements({mode: 'payment', amount: 2450, currency: 'EUR'})", "currency should be"),
        ("stripe.elements({mode: 'buy'})", "mode should be one of"),
        ("stripe.elements().create('payment')", "you must pass a clientSecret or mode"),
        ("elements.create('payment')", "Can only create one Element of type payment"),
        ("await elements.update({paymentMethodTypes: ['card']})", "no longer supported"),
        ("await elements.fetchUpdates()", "created with a clientSecret"),
        ("element.on('toString', () => {})", "not an event"),
        ("element.on('ready')", "handler should be a function"),
        ("element.unmount(); element.mount('#nowhere')", "applies to no DOM elements"),
        ("element.destroy(); element.mount('#payment')", "already been destroyed"),
        ("element.unmount(); await elements.submit()", "is mounted"),
        ("await stripe.confirmPayment({elements, clientSecret: 'pi_1_secret_1'})", "return_url"),
        (
            "await stripe.confirmPayment({elements, clientSecret: 'pi_1_secret_1', redirect: 'if_required'})",
            "elements.submit() must be called before stripe.confirmPayment()",
        ),
        ("await stripe.confirmPayment({elements, redirect: 'if_required'})", "clientSecret should be"),
        ("await stripe.confirmPayment({elements: {}, redirect: 'if_required'})", "created with stripe.elements()"),
        ("await stripe.confirmPayment({elements, redirect: 'never'})", "'always' or 'if_required'"),
        (
            "await stripe.confirmPayment({elements, clientSecret: 'pi_1_secret_1', confirmParams: {return_url: '/x'}})",
            "absolute URL",
        ),
        ("await stripe.retrievePaymentIntent('pi_1')", "of the form ${id}_secret_${secret}"),
        ("await stripe.createPaymentMethod({elements})", "paymentMethodCreation 'manual'"),
        ("stripe.handleCardPayment('pi_1_secret_1')", "no longer available"),
        ("stripe.confirmPaymentIntent()", "no longer available"),
        ("stripe.createSource()", "no longer available"),
        ("stripe.redirectToCheckout()", "no longer available"),
    ],
)
def test_a_mistake_of_the_shop_is_thrown(open_page: Open, body: str, message: str) -> None:
    page = open_page(options=ONLY_CARDS)
    payment_frame(page).locator("[name=number]").wait_for()

    assert message in thrown(page, body)


def test_billing_details_that_are_not_collected_must_be_passed(open_page: Open) -> None:
    page = open_page(options=ONLY_CARDS, element={"fields": {"billingDetails": {"address": {"country": "never"}}}})

    fill_card(page, "4242 4242 4242 4242")
    pay(page)

    result = expect_result(page, "IntegrationError")
    assert 'You specified "never" for fields.billing_details.address.country' in result["message"]


def test_the_next_action_of_an_intent_without_one_is_refused(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent()
    page = open_page(options=ONLY_CARDS)

    message = thrown(page, f"await stripe.handleNextAction({{clientSecret: '{intent.client_secret}'}})")

    assert message == "handleNextAction: The PaymentIntent supplied is not in the requires_action state."


def test_an_intent_of_another_amount_is_not_confirmed(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent(amount=9900)
    page = open_page(options=ONLY_CARDS, secret=intent.client_secret)

    fill_card(page, "4242 4242 4242 4242")
    pay(page)

    expect(page.locator("#result")).to_contain_text("does not match the amount that was passed to elements (2450)")
    assert merchant.status(intent.id) == "requires_payment_method"


def test_updated_elements_confirm_the_new_amount(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent(amount=9900)
    page = open_page(options=ONLY_CARDS, secret=intent.client_secret)

    fill_card(page, "4242 4242 4242 4242")
    page.evaluate("window.elements.update({ amount: 9900 })")
    pay(page)

    expect_result(page, "succeeded")


def test_another_currency_offers_other_ways_to_pay(open_page: Open) -> None:
    page = open_page(options={**DEFERRED, "currency": "usd"})
    frame = payment_frame(page)
    frame.locator("[name=number]").wait_for()

    page.evaluate("window.elements.update({ currency: 'eur' })")

    expect(frame.get_by_text("SEPA Direct Debit")).to_be_visible()


def test_fetched_updates_show_the_intent_as_it_is_now(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent(currency="usd")
    page = open_page(options={"clientSecret": intent.client_secret})
    payment_frame(page).locator("[name=number]").wait_for()

    merchant.client.v1.payment_intents.cancel(intent.id)
    result = page.evaluate("window.elements.fetchUpdates()")

    assert "canceled" in result["error"]["message"]


def test_a_finished_intent_is_a_load_error(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent(payment_method="pm_card_visa", confirm=True, return_url=merchant.address)

    page = open_page(options={"clientSecret": intent.client_secret})

    assert load_error(page)["code"] == "payment_intent_unexpected_state"


def load_error(page: Page) -> dict[str, Any]:
    """Wait for the `loaderror` event and return its error."""
    page.evaluate(
        """() => new Promise((resolve) => {
          if (window.events.some((event) => event.name === "loaderror")) resolve();
          else window.element.on("loaderror", () => resolve());
        })"""
    )
    error: dict[str, Any] = page.evaluate("window.events.find((event) => event.name === 'loaderror').error")
    return error


def test_an_intent_is_read_with_its_secret(open_page: Open, merchant: Merchant) -> None:
    intent, setup = merchant.intent(metadata={"note": "private"}), merchant.setup()
    page = open_page(options=ONLY_CARDS)

    payment = page.evaluate("secret => stripe.retrievePaymentIntent(secret)", intent.client_secret)
    saved = page.evaluate("secret => stripe.retrieveSetupIntent(secret)", setup.client_secret)

    assert payment["paymentIntent"]["status"] == "requires_payment_method"
    assert "metadata" not in payment["paymentIntent"]
    assert saved["setupIntent"]["id"] == setup.id


def test_a_payment_method_is_made_for_the_server(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options={**ONLY_CARDS, "paymentMethodCreation": "manual"})
    fill_card(page, "4242 4242 4242 4242")

    made = page.evaluate(
        """async () => {
          await elements.submit();
          return stripe.createPaymentMethod({ elements, params: { billing_details: { name: "Alice" } } });
        }"""
    )

    method = merchant.client.v1.payment_methods.retrieve(made["paymentMethod"]["id"])
    assert (method.card.last4, method.billing_details.name) == ("4242", "Alice")  # type: ignore[union-attr]


def test_a_confirmation_token_pays_on_the_server(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4242 4242 4242 4242")

    made = page.evaluate(
        """async () => {
          await elements.submit();
          return stripe.createConfirmationToken({ elements, params: { return_url: location.origin + "/return" } });
        }"""
    )

    intent = merchant.intent(confirm=True, confirmation_token=made["confirmationToken"]["id"])
    assert intent.status == "succeeded"


def test_confirm_card_payment_takes_a_saved_card(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent()
    page = open_page(options=ONLY_CARDS)

    result = page.evaluate(
        "secret => stripe.confirmCardPayment(secret, { payment_method: 'pm_card_visa' })", intent.client_secret
    )

    assert result["paymentIntent"]["status"] == "succeeded"


def test_confirm_card_setup_takes_a_saved_card(open_page: Open, merchant: Merchant) -> None:
    setup = merchant.setup()
    page = open_page(options=ONLY_CARDS)

    result = page.evaluate(
        "secret => stripe.confirmCardSetup(secret, { payment_method: 'pm_card_visa' })", setup.client_secret
    )

    assert result["setupIntent"]["status"] == "succeeded"


def test_a_lost_connection_is_a_connection_error(open_page: Open, merchant: Merchant) -> None:
    intent = merchant.intent()
    page = open_page(options=ONLY_CARDS)
    payment_frame(page).locator("[name=number]").wait_for()

    merchant.expected_complaints.append("net::ERR_FAILED")
    page.context.route("**/v1/payment_intents/**", lambda route: route.abort())
    result = page.evaluate("secret => stripe.retrievePaymentIntent(secret)", intent.client_secret)

    assert result["error"]["type"] == "api_connection_error"


@pytest.mark.parametrize(("path", "version"), [("/endive/stripe.js", "endive"), ("/v3/", 3), ("/stripe.js", "endive")])
def test_every_address_of_the_script_names_its_release(
    page: Page, merchant: Merchant, path: str, version: object
) -> None:
    page.goto(f"{merchant.address}/?bare=1")

    page.evaluate("delete window.Stripe")
    page.add_script_tag(url=merchant.sandbox.stripe_origin + path)

    assert page.evaluate("window.Stripe.version") == version


def test_a_message_from_elsewhere_changes_nothing(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    payment_frame(page).locator("[name=number]").wait_for()

    # The page knows the channel's name, but a message it posts to itself does not come from the frame.
    page.evaluate(
        """() => {
          const channel = new URL(document.querySelector("#payment iframe").src).hash.match(/channel=([^&]+)/)[1];
          window.postMessage({ channel, kind: "event", name: "loaderror", value: {} }, location.origin);
          return new Promise((resolve) => setTimeout(resolve, 0));
        }"""
    )

    assert page.evaluate("window.events.filter((event) => event.name === 'loaderror').length") == 0


def test_a_frame_that_cannot_be_loaded_is_a_load_error(open_page: Open, merchant: Merchant) -> None:
    merchant.sandbox.world.faults.set("stripe", "down", path_prefix="/elements/payment.html")
    merchant.expected_complaints.append("status of 503")

    page = open_page(options=ONLY_CARDS)

    assert load_error(page)["type"] == "api_connection_error"


def test_without_its_controller_stripe_js_cannot_reach_stripe(open_page: Open, merchant: Merchant) -> None:
    merchant.sandbox.world.faults.set("stripe", "refused", path_prefix="/elements/controller.html")

    page = open_page(options=ONLY_CARDS)
    result = page.evaluate("stripe.retrievePaymentIntent('pi_1_secret_1')")

    assert result["error"]["type"] == "api_connection_error"


def test_an_api_that_is_down_is_a_connection_error_and_can_be_tried_again(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4242 4242 4242 4242")
    merchant.sandbox.world.faults.set("stripe", "down", times=1, path_prefix="/v1/payment_intents/", method="POST")
    merchant.expected_complaints.append("status of 503")

    pay(page)
    expect(page.locator("#result")).to_contain_text("issues connecting to our payments provider")
    pay(page)

    expect_result(page, "succeeded")


def test_a_live_key_is_refused(open_page: Open, merchant: Merchant) -> None:
    merchant.expected_complaints.append("status of 401")
    page = open_page(bare="1")

    page.evaluate("options => { window.stripe = Stripe('pk_live_1'); window.open_(options); }", ONLY_CARDS)

    error = load_error(page)
    assert "this is a live key" in error["message"]


def test_an_element_that_goes_while_it_confirms_rejects_the_promise(open_page: Open, merchant: Merchant) -> None:
    page = open_page(options=ONLY_CARDS)
    fill_card(page, "4242 4242 4242 4242")
    merchant.sandbox.world.faults.set("stripe", "slow", seconds=1, path_prefix="/v1/payment_intents/", method="POST")

    with page.expect_request("**/confirm"):
        pay(page)
    page.evaluate("element.destroy()")

    expect(page.locator("#result")).to_have_text("Error")


def test_stripes_own_loader_takes_the_script_for_its_own(page: Page, merchant: Merchant) -> None:
    loader = (installed() / "@stripe" / "stripe-js" / "dist" / "index.mjs").read_text()
    page.route("**/loader.mjs", lambda route: route.fulfill(body=loader, content_type="text/javascript"))
    warnings: list[str] = []
    page.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)
    page.goto(f"{merchant.address}/?bare=1")

    kinds = page.evaluate(
        """async () => {
          const { loadStripe } = await import("/loader.mjs");
          const stripe = await loadStripe("pk_test_sandbox");
          // What Stripe's bindings for React ask of an object before they take it for Stripe's.
          const names = ["elements", "createToken", "createPaymentMethod", "confirmCardPayment"];
          return names.map((name) => typeof stripe[name]);
        }"""
    )

    assert kinds == ["function"] * 4
    assert [text for text in warnings if "@stripe/stripe-js@" in text] == []  # it compares the release it was made for
