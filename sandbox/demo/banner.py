"""What a person reads when everything runs."""

from sandbox.demo.environment import DemoEnvironment

CARDS = (
    ("4242 4242 4242 4242", "pays"),
    ("4000 0027 6000 3184", "asks for 3-D Secure every time"),
    ("4000 0025 0000 3155", "asks for 3-D Secure, unless it was saved for later"),
    ("4000 0000 0000 9995", "is declined: not enough money on it"),
    ("4000 0000 0000 0069", "is declined: expired"),
)


def text(env: DemoEnvironment) -> str:
    """Return the banner: addresses, logins, cards worth trying, and how to stop."""
    ports = env.ports
    rows = [("Shop", env.variables["PUBLIC_URL"])]
    if env.stripe_is_sandbox or env.paypal_is_sandbox or env.mail_is_sandbox:
        rows.append(("Sandbox console", f"http://127.0.0.1:{ports.console}"))
    if env.mail_is_sandbox:
        rows.append(("Mailbox", f"http://127.0.0.1:{ports.console}/mailbox/"))
    rows.append(("Stripe", "the sandbox" if env.stripe_is_sandbox else "the real one, with the keys in .env"))
    rows.append(("PayPal", "the sandbox" if env.paypal_is_sandbox else "the real one, with the keys in .env"))
    rows.append(("Customer", "alice@example.com, password tea-and-tide"))
    rows.append(("Merchant", "mara@example.com, password tea-and-tide"))
    rows.append(("Codes", "TIDE10, FIVEOFF (over €30), WELCOME (once), FREEPOST (over €25)"))
    lines = [f"  {name:<16} {value}" for name, value in rows]
    if env.stripe_is_sandbox:
        lines += ["", "  Cards worth trying (any later date, any CVC)"]
        lines += [f"    {number}  {outcome}" for number, outcome in CARDS]
    rule = "─" * 72
    return "\n".join(["", rule, "  Tidewater Tea is open", "", *lines, "", "  Ctrl-C stops all of it", rule, ""])
