"""A small, real gateway that lives in memory: for unit tests, and to read before adding a provider."""

from __future__ import annotations

from shop.gateways.fake.gateway import FakeGateway
from shop.gateways.fake.history import FakeHistory
from shop.gateways.fake.notices import FakeNotices, signed
from shop.gateways.fake.tax import FakeTax
from shop.gateways.fake.wallets import FakeWallet

__all__ = ["FakeGateway", "FakeHistory", "FakeNotices", "FakeTax", "FakeWallet", "signed"]
