"""The variables that the demo gives the shop.

What the machine's environment or `.env` says stands. The sandbox's addresses are filled in only for what they leave
out, provider by provider: real Stripe keys and no PayPal keys means Stripe itself beside the sandbox's PayPal.
"""

import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

STRIPE_KEYS = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRETS")
PAYPAL_KEYS = ("PAYPAL_CLIENT_ID", "PAYPAL_CLIENT_SECRET", "PAYPAL_WEBHOOK_ID")


@dataclass(frozen=True)
class Ports:
    """Where everything listens on loopback; each can be set by the environment variable beside it."""

    shop: int = 8000  # PORT
    stripe: int = 8001  # SANDBOX_STRIPE_PORT
    paypal: int = 8002  # SANDBOX_PAYPAL_PORT
    console: int = 8003  # SANDBOX_CONSOLE_PORT
    smtp: int = 8025  # SANDBOX_SMTP_PORT
    valkey: int = 8026  # VALKEY_PORT

    VARIABLES = {
        "shop": "PORT",
        "stripe": "SANDBOX_STRIPE_PORT",
        "paypal": "SANDBOX_PAYPAL_PORT",
        "console": "SANDBOX_CONSOLE_PORT",
        "smtp": "SANDBOX_SMTP_PORT",
        "valkey": "VALKEY_PORT",
    }

    @classmethod
    def read(cls, env: Mapping[str, str]) -> "Ports":
        """Take the ports that the environment names; raises ValueError with the variable when one is no port."""
        given = {}
        for name, variable in cls.VARIABLES.items():
            if text := env.get(variable, ""):
                if not text.isdecimal() or not 0 < int(text) < 65536:
                    raise ValueError(f"{variable} is {text!r}: a port is a number from 1 to 65535.")
                given[name] = int(text)
        return cls(**given)


@dataclass(frozen=True)
class DemoEnvironment:
    """The whole environment of the shop's processes, and which neighbours have to be started for it.

    `data` is the folder of everything that outlives a run.
    """

    variables: Mapping[str, str]
    ports: Ports
    data: Path
    stripe_is_sandbox: bool
    paypal_is_sandbox: bool
    mail_is_sandbox: bool
    redis_is_ours: bool


def read(root: Path, machine: Mapping[str, str] | None = None) -> DemoEnvironment:
    """Return the demo's environment for this project folder, made from the machine's own and `.env`.

    An empty value counts as absent. Raises ValueError when a port is none.
    """
    given = {name: value for name, value in dotenv_values(root / ".env").items() if value}
    given |= {name: value for name, value in (os.environ if machine is None else machine).items() if value}
    ports, data = Ports.read(given), Path(given.get("DEMO_DATA") or root / "var").absolute()
    stripe = not any(given.get(name) for name in STRIPE_KEYS)
    paypal = not any(given.get(name) for name in PAYPAL_KEYS)
    mail, redis = "SMTP_URL" not in given, "REDIS_URL" not in given
    filled = _defaults(data, ports)
    filled |= _stripe(ports) if stripe else {}
    filled |= _paypal(ports) if paypal else {}
    filled |= {"SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}"} if mail else {}
    filled |= {"REDIS_URL": f"redis://127.0.0.1:{ports.valkey}/0"} if redis else {}
    variables = {**filled, **given, **_interpreter(given)}
    if "SECRET_KEY" not in variables:
        variables["SECRET_KEY"] = _kept(data / "secret_key", 48)
    if "ENCRYPTION_KEYS" not in variables:
        variables["ENCRYPTION_KEYS"] = _kept(data / "encryption_key", 32)
    return DemoEnvironment(variables, ports, data, stripe, paypal, mail, redis)


def _defaults(data: Path, ports: Ports) -> dict[str, str]:
    return {
        "PORT": str(ports.shop),
        "PUBLIC_URL": f"http://127.0.0.1:{ports.shop}",
        "DATABASE_URL": f"sqlite:///{data / 'shop.db'}",
        "PROMETHEUS_MULTIPROC_DIR": str(data / "metrics"),
        "PYTHONUNBUFFERED": "1",
    }


def _stripe(ports: Ports) -> dict[str, str]:
    return {
        "STRIPE_SECRET_KEY": "sk_test_sandbox",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_sandbox",
        "STRIPE_WEBHOOK_SECRETS": "whsec_sandbox",
        "STRIPE_API_BASE": f"http://127.0.0.1:{ports.stripe}",
        "STRIPE_JS_URL": f"http://localhost:{ports.stripe}/stripe.js",
        "TAX_PROVIDER": "stripe",
        "CALLS_PER_SECOND": "100",
    }


def _paypal(ports: Ports) -> dict[str, str]:
    return {
        "PAYPAL_CLIENT_ID": "sandbox-client",
        "PAYPAL_CLIENT_SECRET": "sandbox-secret",
        "PAYPAL_WEBHOOK_ID": "8PT597110X687430LKGECATA",
        "PAYPAL_API_BASE": f"http://127.0.0.1:{ports.paypal}",
        "PAYPAL_SDK_URL": f"http://localhost:{ports.paypal}/web-sdk/v6/core",
    }


def _interpreter(given: Mapping[str, str]) -> dict[str, str]:
    """Let `python`, `flask` and `gunicorn` in the Procfile mean those of the environment that runs the demo."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{given.get('PATH', os.defpath)}"}


def _kept(file: Path, length: int) -> str:
    """Return a key of so many bytes, made on the first call: sessions and the database outlive a restart."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(secrets.token_urlsafe(length))
    return file.read_text().strip()
