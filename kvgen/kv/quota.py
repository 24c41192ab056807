"""The service's rate limit: so many requests a minute, then 429."""

from collections.abc import Callable

from kvgen.kv.problems import Problem


class Quota:
    """Counts requests in windows of a minute. How the service itself counts is undocumented."""

    def __init__(self, limit: int | None, now: Callable[[], float]) -> None:
        self._limit = limit
        self._now = now
        self._window = 0.0
        self._spent = 0

    def spend(self) -> None:
        """Count one request; raises Problem 429 beyond the limit."""
        if self._limit is None:
            return
        window = self._now() // 60
        if window != self._window:
            self._window, self._spent = window, 0
        self._spent += 1
        if self._spent > self._limit:
            # No Retry-After: none is documented, and clients must manage without.
            raise Problem(429, f"The limit is {self._limit} requests a minute.")
