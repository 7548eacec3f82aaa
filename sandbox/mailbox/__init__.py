"""The mailbox: an SMTP server that keeps what it receives, and the pages that show it."""

from sandbox.mailbox.views import blueprint

__all__ = ["blueprint"]
