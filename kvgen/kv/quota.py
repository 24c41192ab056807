"""The service's rate limit: so many calls a minute, then 429."""

from collections.abc import Callable

from kvgen.kv.decisions import QUOTA_SECONDS
from kvgen.kv.problems import Problem


class Quota:
    """Counts calls: ``limit`` at once, and as many again in a minute, evenly."""

    def __init__(self, limit: int, now: Callable[[], float]) -> None:
        self._limit = limit
        self._now = now
        self._left = float(limit)
        self._counted = now()

    def spend(self) -> None:
        """Count one call; raises Problem 429 beyond the limit."""
        now = self._now()
        back = max(0.0, now - self._counted) * self._limit / QUOTA_SECONDS
        self._left, self._counted = min(self._limit, self._left + back), now
        if self._left < 1:
            # No Retry-After: none is documented, and clients must manage without.
            raise Problem(429, f"The limit is {self._limit} requests a minute.")
        self._left -= 1
