"""`python -m sandbox`: run the sandbox until it is told to stop."""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from sandbox.running import Sandbox
from sandbox.world import Settings


def parse(arguments: list[str] | None = None) -> Settings:
    """Turn the command line into settings; a webhook whose path names PayPal is registered there, else at Stripe."""
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Stripe, PayPal and a mailbox on loopback.")
    parser.add_argument("--stripe-port", type=int, default=defaults.stripe_port)
    parser.add_argument("--paypal-port", type=int, default=defaults.paypal_port)
    parser.add_argument("--console-port", type=int, default=defaults.console_port)
    parser.add_argument("--smtp-port", type=int, default=defaults.smtp_port)
    parser.add_argument("--webhook-url", action="append", default=[], metavar="URL", help="repeatable")
    parser.add_argument("--state-file", type=Path, default=None)
    given = parser.parse_args(arguments)
    paypal = tuple(url for url in given.webhook_url if "paypal" in urlsplit(url).path)
    return Settings(
        stripe_port=given.stripe_port,
        paypal_port=given.paypal_port,
        console_port=given.console_port,
        smtp_port=given.smtp_port,
        stripe_webhook_urls=tuple(url for url in given.webhook_url if url not in paypal),
        paypal_webhook_urls=paypal,
        state_file=given.state_file,
    )


def main() -> int:
    """Run until SIGINT or SIGTERM; returns 1 when a port is taken or the state file is broken."""
    logging.basicConfig(level=logging.INFO, format="sandbox: %(message)s", stream=sys.stderr)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    settings = parse()
    try:
        with Sandbox(settings) as sandbox:
            print(
                f"Stripe {sandbox.stripe_api} · PayPal {sandbox.paypal_api} · "
                f"console and mailbox {sandbox.console} · SMTP 127.0.0.1:{sandbox.settings.smtp_port}",
                flush=True,
            )
            stopping.wait()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The sandbox cannot listen: {error}. Free the port or choose another one.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
