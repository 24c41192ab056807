"""The last requests, with the KV calls and the log lines that belong to each of them.

A function's KV client says nothing of the request that it works for. So a call belongs to the
request during which it was made; where several ran at the same time, the page says so.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

from kvgen.console.bus import Bus
from kvgen.kv.app import Call

MOST_ENTRIES = 500
_MOST_DETAILS = 50  # calls of one request, and log lines
_LONGEST_LINE = 1000  # characters
_LATE_SECONDS = 0.25  # in which a failed request's log lines may follow its response

Entry = dict[str, Any]


class Journal:
    """Entries by number, oldest first; each change is published.

    ``now`` is the clock that tells what happened during what, in seconds. It is never set, which
    the computer's clock, that the page shows, may be at any time.
    """

    def __init__(self, bus: Bus, now: Callable[[], float] = time.perf_counter) -> None:
        self._bus, self._now = bus, now
        self._entries: dict[int, Entry] = {}
        self._times: dict[int, float] = {}
        self._count = 0

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first."""
        return list(self._entries.values())

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()
        self._times.clear()
        self._bus.publish(type="cleared")

    def note(self, text: str, level: str = "info") -> None:
        """Add a remark; ``level`` is ``info``, ``good`` or ``error``."""
        self._add("note", text=text, level=level)

    def call(self, call: Call) -> None:
        """Add a KV call, which belongs to no request yet."""
        self._add(
            "call",
            method=call.method,
            key=call.key,
            status=call.status,
            ms=round(call.milliseconds, 1),
            fault=call.fault,
        )

    def log(self, lines: list[str]) -> None:
        """Add what the function has printed."""
        lines = [line[:_LONGEST_LINE] for line in lines[:_MOST_DETAILS]]
        last = next(self._backwards(self._now() - _LATE_SECONDS), None)
        if last is None or not _takes_lines(last):
            self._add("log", lines=lines)
        elif len(last["lines"]) < _MOST_DETAILS:  # beyond it a flood is not even published
            last["lines"] = [*last["lines"], *lines][:_MOST_DETAILS]
            self._bus.publish(type="entry", entry=last)

    def request(
        self, method: str, target: str, status: int, milliseconds: float, began: float
    ) -> None:
        """Add a request that was answered just now, with what has happened since it began.

        ``began`` is a time of the clock: taken from now, a pause of this process would move it.
        """
        recent = list(self._backwards(began))
        claimed = [entry for entry in reversed(recent) if entry["type"] in ("call", "log")]
        others = [entry for entry in recent if entry["type"] == "request"]
        for entry in claimed:
            self._forget(entry["id"])
        for other in others:
            if not other["concurrent"]:
                other["concurrent"] = True
                self._bus.publish(type="entry", entry=other)
        self._add(
            "request",
            method=method,
            target=target,
            status=status,
            ms=round(milliseconds),
            calls=[entry for entry in claimed if entry["type"] == "call"][:_MOST_DETAILS],
            lines=[line for entry in claimed for line in entry.get("lines", ())][:_MOST_DETAILS],
            concurrent=bool(others),
            claims=[entry["id"] for entry in claimed],
        )

    def _backwards(self, since: float) -> Iterator[Entry]:
        """Yield the entries since a time, newest first."""
        for number in reversed(self._entries):
            if self._times[number] < since:
                return
            yield self._entries[number]

    def _add(self, kind: str, **members: Any) -> None:
        self._count += 1
        entry = {"id": self._count, "type": kind, "at": time.time() * 1000, **members}
        self._entries[self._count], self._times[self._count] = entry, self._now()
        if len(self._entries) > MOST_ENTRIES:
            self._forget(next(iter(self._entries)))
        self._bus.publish(type="entry", entry=entry)

    def _forget(self, number: int) -> None:
        del self._entries[number], self._times[number]


def _takes_lines(entry: Entry) -> bool:
    return entry["type"] == "log" or bool(entry["type"] == "request" and entry["status"] >= 500)
