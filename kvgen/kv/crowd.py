"""The connections of a server: how many there may be, and which one makes room for another."""

from collections.abc import Iterator
from typing import Generic, Protocol, TypeVar

from kvgen.kv.bounds import most_connections


class Member(Protocol):
    """A connection, as the crowd sees it."""

    @property
    def is_waiting(self) -> bool:
        """Whether it is its client's turn: to ask, to send the rest, to read the response."""

    @property
    def since(self) -> float:
        """When that began, by the event loop's clock."""

    def drop(self) -> None:
        """Close it at once."""


_M = TypeVar("_M", bound=Member)


class Crowd(Generic[_M]):
    """Connections, of which the one that has waited for the longest time may be closed."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most or most_connections()
        self._members: set[_M] = set()

    def __iter__(self) -> Iterator[_M]:
        return iter(list(self._members))

    def admit(self, member: _M) -> bool:
        """Add a connection, and close a waiting one if there are too many; False if none waits."""
        if len(self._members) >= self._most:
            waiting = (other for other in self._members if other.is_waiting)
            oldest = min(waiting, key=lambda other: other.since, default=None)
            if oldest is None:
                return False
            self.leave(oldest)
            oldest.drop()
        self._members.add(member)
        return True

    def leave(self, member: _M) -> None:
        """Forget a connection."""
        self._members.discard(member)
