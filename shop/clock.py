"""The two clocks: ours for signatures and leases, and the provider's for what the business times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Clock:
    """Tell the time; one instance is made by `create_app` and passed to whoever needs it."""

    def __init__(self) -> None:
        self._offset = timedelta(0)
        self.is_learnt = False  # whether a provider has told its time yet

    def now(self) -> datetime:
        """Return wall time, aware, in UTC."""
        return datetime.now(UTC)

    def business_now(self) -> datetime:
        """Return wall time moved by the offset learnt from the provider's `Date` header, in UTC."""
        return self.now() + self._offset

    def learn(self, provider_date: datetime) -> None:
        """Remember how far the provider's clock is from ours; below two seconds counts as none."""
        self.is_learnt = True
        offset = provider_date - self.now()
        self._offset = offset if abs(offset) >= timedelta(seconds=2) else timedelta(0)

    @property
    def offset(self) -> timedelta:
        """The provider's time minus ours."""
        return self._offset
