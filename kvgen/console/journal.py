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
    """Entries by number, oldest first; each change is published. ``now`` is the clock."""

    def __init__(self, bus: Bus, now: Callable[[], float] = time.time) -> None:
        self._bus, self._now = bus, now
        self._entries: dict[int, Entry] = {}
        self._count = 0

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first."""
        return list(self._entries.values())

    def clear(self) -> None:
        """Forget all entries."""
        self._entries.clear()
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

    def request(self, method: str, target: str, status: int, milliseconds: float) -> None:
        """Add a request that was answered just now, with what has happened since it began."""
        recent = list(self._backwards(self._now() - milliseconds / 1000))
        claimed = [entry for entry in reversed(recent) if entry["type"] in ("call", "log")]
        others = [entry for entry in recent if entry["type"] == "request"]
        for entry in claimed:
            del self._entries[entry["id"]]
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
        for entry in reversed(self._entries.values()):
            if entry["at"] < since * 1000:
                return
            yield entry

    def _add(self, kind: str, **members: Any) -> None:
        self._count += 1
        entry = {"id": self._count, "type": kind, "at": self._now() * 1000, **members}
        self._entries[self._count] = entry
        if len(self._entries) > MOST_ENTRIES:
            del self._entries[next(iter(self._entries))]
        self._bus.publish(type="entry", entry=entry)


def _takes_lines(entry: Entry) -> bool:
    return entry["type"] == "log" or bool(entry["type"] == "request" and entry["status"] >= 500)
